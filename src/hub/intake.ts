/** From an MQTT message to what it means, without doing anything about it. What cannot be read is told apart and counted. */
import { z } from 'zod';
import { faultsOf, parsePayload, Reply } from '../protocol/commands.ts';
import { Event, Iccid } from '../protocol/events.ts';
import { GatewayStatus, SimState, SlotState } from '../protocol/state.ts';
import { parseTopic, SLOT_NAME } from '../protocol/topics.ts';
import type { RawEvent } from './store/events.ts';

export type Arrival =
  | { readonly kind: 'event'; readonly event: RawEvent; readonly fault: Fault | null }
  | { readonly kind: 'status'; readonly status: GatewayStatus; readonly live: boolean }
  | {
      readonly kind: 'sim';
      readonly gateway: string;
      readonly iccid: string;
      readonly state: SimState | null;
    }
  | {
      readonly kind: 'slot';
      readonly gateway: string;
      readonly slot: string;
      readonly state: SlotState | null;
    }
  | { readonly kind: 'reply'; readonly gateway: string; readonly reply: Reply }
  | { readonly kind: 'fault'; readonly fault: Fault };

export interface Fault {
  /** `too-large`, `unreadable` (not JSON, or not of its schema) or `foreign` (speaks for another than its topic). */
  readonly reason: 'too-large' | 'unreadable' | 'foreign';
  readonly gateway: string;
  /** `events`, `status`, `sims`, `slots` or `replies`. */
  readonly topic: string;
  /** All faults in one line; never a value of the payload. */
  readonly detail: string;
}

/** An SMS of 255 parts with its PDUs is a third of this. */
export const MAX_PAYLOAD = 1024 * 1024;

/** What an event needs to have a place. */
const Position = Event.pick({ id: true, epoch: true, seq: true, gateway: true });

/** Reads one message; null when it is none of ours. Never throws. `retained`: it came from the broker's memory. */
export function readArrival(
  root: string,
  topic: string,
  payload: Uint8Array,
  retained: boolean,
): Arrival | null {
  const place = parseTopic(root, topic);
  if (place === null) return null;
  const { gateway, kind, rest } = place;
  const fault = (reason: Fault['reason'], detail: string): Arrival => ({
    kind: 'fault',
    fault: { reason, gateway, topic: kind, detail },
  });
  const own = (named: string): boolean => named === gateway;

  if (payload.length > MAX_PAYLOAD) return fault('too-large', `more than ${MAX_PAYLOAD} octets`);
  switch (kind) {
    case 'events':
      return readEvent(gateway, payload, fault);
    case 'status': {
      if (payload.length === 0) return null;
      const read = parsePayload(GatewayStatus, payload);
      if (!read.ok) return fault('unreadable', read.faults);
      if (!own(read.value.gateway)) return fault('foreign', 'gateway: is not that of the topic');
      return { kind: 'status', status: read.value, live: !retained };
    }
    case 'sims': {
      if (!Iccid.safeParse(rest).success) return fault('unreadable', '(topic): not an ICCID');
      if (payload.length === 0) return { kind: 'sim', gateway, iccid: rest, state: null };
      const read = parsePayload(SimState, payload);
      if (!read.ok) return fault('unreadable', read.faults);
      if (read.value.iccid !== rest) return fault('foreign', 'iccid: is not that of the topic');
      return { kind: 'sim', gateway, iccid: rest, state: read.value };
    }
    case 'slots': {
      if (!SLOT_NAME.test(rest)) return fault('unreadable', '(topic): not a slot');
      if (payload.length === 0) return { kind: 'slot', gateway, slot: rest, state: null };
      const read = parsePayload(SlotState, payload);
      if (!read.ok) return fault('unreadable', read.faults);
      if (read.value.slot !== rest) return fault('foreign', 'slot: is not that of the topic');
      return { kind: 'slot', gateway, slot: rest, state: read.value };
    }
    case 'replies': {
      const read = parsePayload(Reply, payload);
      return read.ok ? { kind: 'reply', gateway, reply: read.value } : fault('unreadable', read.faults);
    }
    default:
      return null;
  }
}

/**
 * An event counts when it has a place, whatever else is wrong with it: left out, it would be a gap that no replay ever
 * fills, and everything after it would wait for ever.
 */
function readEvent(
  gateway: string,
  payload: Uint8Array,
  fault: (reason: Fault['reason'], detail: string) => Arrival,
): Arrival {
  const body = new TextDecoder().decode(payload);
  const read = parsePayload(z.unknown(), body);
  if (!read.ok) return fault('unreadable', read.faults);
  const event = Event.safeParse(read.value);
  const position = event.success ? event : Position.safeParse(read.value);
  if (!position.success) return fault('unreadable', faultsOf(event.error ?? position.error));
  const { id, epoch, seq } = position.data;
  if (position.data.gateway !== gateway) return fault('foreign', 'gateway: is not that of the topic');
  return {
    kind: 'event',
    event: { gateway, epoch, seq, id, type: event.success ? event.data.type : '(unreadable)', body },
    fault: event.success
      ? null
      : { reason: 'unreadable', gateway, topic: 'events', detail: faultsOf(event.error) },
  };
}
