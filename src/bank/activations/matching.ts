/** Which activation a message belongs to. */
import type { Activation, Policy } from './activation.ts';
import { isWhole, isWithin } from './pattern.ts';

/** When a message came, as far as that can be known. Unix milliseconds. */
export interface Arrival {
  /** It counts as having come at this moment. */
  readonly atMs: number;
  /** Activations that were opened later had nothing to do with it. */
  readonly openedByMs: number;
}

export interface Observation {
  /** When it was announced, or read where nothing announced it. */
  readonly receivedMs: number;
  /** It was announced, on a SIM that had been ready for five minutes: the network held nothing back for it. */
  readonly live: boolean;
  /** The service centre's time stamp; null where that is impossible. */
  readonly sentMs: number | null;
  /** The last sweep that listed every store before this; null before the first. */
  readonly sweptMs: number | null;
}

/** Service centres' clocks differ from ours by no more than this, or they stamp a wrong zone. */
const STAMP_TOLERANCE_MS = 120_000;

/**
 * A live one came when it was announced, whatever the service centre stamped: wrong zones are common. Any other came
 * between its stamp and now, yet not before the last sweep, which would have found it. Without a stamp all that is
 * certain is that it came after that sweep.
 */
export function arrivalOf({ receivedMs, live, sentMs, sweptMs }: Observation): Arrival {
  if (live) return { atMs: receivedMs, openedByMs: receivedMs };
  const earliest = Math.min(sweptMs ?? Number.NEGATIVE_INFINITY, receivedMs);
  if (sentMs === null) return { atMs: Math.max(earliest, 0), openedByMs: Math.max(earliest, 0) };
  return {
    atMs: Math.min(Math.max(sentMs, earliest), receivedMs),
    openedByMs: Math.min(sentMs + STAMP_TOLERANCE_MS, receivedMs),
  };
}

export interface Incoming {
  readonly from: string;
  /** Null where it holds none, or could not be read. */
  readonly text: string | null;
  readonly hasCode: boolean;
  /** Codes of the catalogue's services it may be of, by its sender or its text. */
  readonly services: readonly string[];
  readonly arrival: Arrival;
}

export interface Match {
  /** Activations the message is attributed to. */
  readonly activations: readonly string[];
  /** Those of them that waited for it. */
  readonly first: readonly string[];
}

const NONE: Match = { activations: [], first: [] };

/** Whether an activation was open when the message came. */
export function wasOpen({ openedMs, expiresMs }: Activation, arrival: Arrival): boolean {
  return openedMs <= arrival.openedByMs && arrival.atMs < expiresMs;
}

export function refusesSender(policy: Policy, from: string): boolean {
  return policy.senders.some((pattern) => isWhole(pattern, from));
}

/**
 * Chooses among the open activations of the SIM to which a message came for certain.
 *
 * First those whose service, or whose own patterns, it fits: the oldest that waits, else the oldest. Then a continuous one,
 * which gets everything. Then the only one that is open, where it is for any service, or where the text holds a code and
 * is of no other service of the catalogue. What the policy refuses belongs to nobody.
 */
export function matchMessage(message: Incoming, activations: readonly Activation[], policy: Policy): Match {
  const { from, text, arrival, hasCode, services } = message;
  const open = activations.filter((activation) => wasOpen(activation, arrival)).sort(byAge);
  if (open.length === 0 || refusesSender(policy, from)) return NONE;

  const fitting = open.filter(
    ({ service, match }) => (service !== null && services.includes(service)) || fitsOwn(match, from, text),
  );
  const fits = fitting.find(({ matched }) => !matched) ?? fitting[0];
  if (fits !== undefined) return of(fits);

  if (services.some((service) => policy.services.includes(service))) return NONE;
  const continuous = open.find(({ mode }) => mode === 'continuous');
  if (continuous !== undefined) return of(continuous);
  const [only, another] = open;
  if (only === undefined || another !== undefined || text === null) return NONE;
  // Whoever says what he waits for, for whatever service, waits for nothing else.
  if (only.service === null) return only.match === null ? of(only) : NONE;
  return hasCode && services.length === 0 ? of(only) : NONE;
}

function of({ id, matched }: Activation): Match {
  return { activations: [id], first: matched ? [] : [id] };
}

function fitsOwn(match: Activation['match'], from: string, text: string | null): boolean {
  if (match === null) return false;
  const { senders = [], textPattern } = match;
  return (
    senders.some((sender) => isWhole(sender, from)) ||
    (textPattern !== undefined && text !== null && isWithin(textPattern, text))
  );
}

function byAge(a: Activation, b: Activation): number {
  return a.openedMs - b.openedMs || (a.id < b.id ? -1 : 1);
}
