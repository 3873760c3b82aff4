/** What gateways say: their events, the messages in them, and the state of their SIMs and slots. */
import type { Flag } from '../schema.ts';

export interface EventTables {
  gateway: {
    id: string;
    /** The epoch of the last live `online`; null before the first. */
    epoch: string | null;
    online: Flag;
    session: string | null;
    instance: string | null;
    version: string | null;
    started_at: string | null;
    /** `time` of the last status that counted. */
    seen_at: string | null;
    /** Counted up to hold the row's lock while a gateway's events are applied. */
    locks: number;
  };
  /** How far the events of one gateway's epoch are applied. */
  epoch: {
    gateway: string;
    epoch: string;
    /** Every event up to here is applied, or can never come. */
    frontier: number;
    /** The id of event `frontier`; null at 0 and after a truncated replay. */
    frontier_id: string | null;
    /** The highest number known to exist, from events and statuses. */
    last_seq: number;
    /** An older epoch that had its replay: what arrives is applied, whatever is missing before it. */
    passed: Flag;
  };
  /** Raw events as they came; the receipt for them is given once they are here. */
  event: {
    gateway: string;
    epoch: string;
    seq: number;
    id: string;
    type: string;
    /** The payload, untouched: a later version may understand more of it. */
    body: string;
    stored_at: string;
    applied: Flag;
  };
  /** Ids of applied events. One that comes again under another epoch and number is known by it. */
  applied: { id: string; applied_at: string };
  message: {
    id: string;
    iccid: string | null;
    /** 1, 2, 3… in order of arrival at this number (at no number: among those). */
    n: number;
    /** `received_at`, but never before that of an earlier `n`: see `listedAt` in messages.ts. */
    listed_at: string;
    received_at: string;
    gateway: string;
    parts_received: number;
    /** By the hub's clock: a gateway without one may say 1970. */
    stored_at: string;
    updated_at: string | null;
    /** SmsReceived of protocol/events.ts, as JSON. */
    data: string;
  };
  /** One row a number: how many messages it has had, and the last `listed_at`. `iccid` is '' for those of no SIM. */
  inbox: { iccid: string; messages: number; listed_at: string };
  /** What the gateways say of SIMs. A SIM that left keeps its row, so that its messages keep their number. */
  sim: {
    gateway: string;
    iccid: string;
    epoch: string;
    rev: number;
    inserted_at: string;
    gone: Flag;
    /** SimState of protocol/state.ts, as JSON. */
    data: string;
    /** Out of `data`, to count stock by; null until the state comes the next time. */
    country: string | null;
    operator: string | null;
    msisdn: string | null;
    /** Ready, its number known, and kept by nobody: an activation may get it. */
    eligible: Flag;
  };
  slot: { gateway: string; slot: string; epoch: string; rev: number; data: string };
  alarm: { id: string; gateway: string | null; kind: string; detail: string; at: string };
  setting: { name: string; value: string };
}
