/** What follows from an attempt: taken, tried again and when, given up, the endpoint paused or off. Pure. */
import type { Rendering } from './renderings.ts';

/**
 * Why there was no answer. `blocked`: the URL leads where webhooks may not go; `refused`: no connection; `closed`: it ended
 * early; `protocol`: what came is not HTTP.
 */
export type Failure = 'blocked' | 'dns' | 'refused' | 'tls' | 'timeout' | 'closed' | 'protocol';

/** What came of an attempt. */
export type Outcome =
  | { readonly status: number; readonly retryAfterMs: number | null }
  | { readonly failure: Failure };

export interface Verdict {
  readonly state: 'delivered' | 'failed' | 'pending';
  /** When `pending`: how long until the next attempt. */
  readonly pauseMs: number;
  /** For so long nothing at all is sent to the endpoint; 0 for no such pause. */
  readonly holdMs: number;
  /** The endpoint wants nothing more. */
  readonly gone: boolean;
}

/** How long a whole endpoint rests that says it is busy and not for how long. */
const HOLD_MS = 30_000;
/** The longest time that an endpoint may make its other deliveries wait by `Retry-After`. */
const HOLD_MAX_MS = 3_600_000;

/**
 * @param failures - how many failures this run of attempts has had before this one.
 * @param random - a number from 0 to 1, for the jitter.
 */
export function verdictOf(rendering: Rendering, outcome: Outcome, failures: number, random: number): Verdict {
  const status = 'status' in outcome ? outcome.status : null;
  if (status !== null && rendering.acknowledges(status)) {
    return { state: 'delivered', pauseMs: 0, holdMs: 0, gone: false };
  }
  const gone = status !== null && rendering.gone.includes(status);
  const holdMs = status !== null && rendering.busy.includes(status) ? holdOf(outcome) : 0;
  const planned = rendering.pausesMs[failures];
  if (gone || planned === undefined) return { state: 'failed', pauseMs: 0, holdMs, gone };
  const pauseMs = Math.round(planned * (1 + rendering.jitter * (2 * random - 1)));
  return { state: 'pending', pauseMs: Math.max(pauseMs, holdMs), holdMs, gone };
}

function holdOf(outcome: Outcome): number {
  const asked = 'status' in outcome ? outcome.retryAfterMs : null;
  return Math.min(asked ?? HOLD_MS, HOLD_MAX_MS);
}

/** `Retry-After` in either of its forms (RFC 9110 §10.2.3) as ms from now; null when it says nothing usable. */
export function retryAfterMs(value: string | undefined, now: number): number | null {
  if (value === undefined) return null;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1_000;
  // Date.parse takes nearly anything for a date, «-5» among them.
  const at = / GMT$/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
