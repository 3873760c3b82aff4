/**
 * Events on their way to the hub: which are published next, which again, and when one is done with.
 *
 * Knows no MQTT: the uplink hands it a way to publish while there is a connection. A PUBACK only says that the next hop
 * has the event; with `confirm: hub` an event is done with when the hub's receipt covers it.
 */
import { failpoint } from '../../failpoint.ts';
import type { Logger } from '../../log.ts';
import type { Ack } from '../../protocol/commands.ts';
import type { Numbering, StoredEvent } from '../store/events.ts';
import type { BankStore } from '../store/store.ts';

export interface OutboxOptions {
  readonly store: BankStore;
  readonly confirm: 'auto' | 'hub' | 'broker';
  readonly numbering: Numbering;
  readonly log: Logger;
}

/** Publishes one event; `done(true)` when the broker has it. */
export type Publish = (event: StoredEvent, done: (taken: boolean) => void) => void;

/** Published and not done with, at the most (contracts: window 1,000): bounds memory and what is sent again. */
const WINDOW = 1_000;
const CHUNK = 100;
const STALL_MS = 30_000;
const MAX_STALL_MS = 600_000;

export class Outbox {
  readonly #options: OutboxOptions;
  epoch: string;
  lastSeq: number;
  ackedSeq: number;
  #hubConfirms: boolean;
  /** The last event that was published on this connection. */
  #cursor: number;
  /** The last event up to which all are at the broker. */
  #handed: number;
  readonly #early = new Set<number>();
  /** Committed and not yet published, by number: saves reading them back. */
  readonly #fresh = new Map<number, StoredEvent>();
  #loaded: StoredEvent[] = [];
  /** Numberings that are over, of which a hub misses something: up to where it is at the broker, and sent. */
  readonly #older = new Map<string, { handed: number; sent: number }>();
  /** The highest number of a numbering that is not ours yet: its first events may be told before it is. */
  readonly #ahead = new Map<string, number>();
  #publish: Publish | null = null;
  #limit = 0;
  #inFlight = 0;
  #connection = 0;
  #pumpDue = false;
  #stall: NodeJS.Timeout | undefined;
  #stallMs = STALL_MS;

  constructor(options: OutboxOptions) {
    const { numbering, confirm } = options;
    this.#options = options;
    this.epoch = numbering.epoch;
    this.lastSeq = numbering.lastSeq;
    this.ackedSeq = numbering.ackedSeq;
    this.#cursor = numbering.ackedSeq;
    this.#handed = numbering.ackedSeq;
    this.#hubConfirms = confirm === 'hub' || (confirm === 'auto' && numbering.hubSeen);
  }

  /** Events that were just committed. Their order between calls does not matter. */
  offer(events: readonly StoredEvent[]): void {
    for (const event of events) {
      if (event.epoch !== this.epoch) {
        this.#ahead.set(event.epoch, Math.max(event.seq, this.#ahead.get(event.epoch) ?? 0));
        continue;
      }
      if (event.seq > this.lastSeq) this.lastSeq = event.seq;
      if (event.seq > this.#cursor && this.#fresh.size < WINDOW) this.#fresh.set(event.seq, event);
    }
    this.#pumpSoon();
  }

  /** There is a connection, with room for `limit` unanswered publications: everything not done with goes out again. */
  connected(publish: Publish, limit: number): void {
    this.#connection += 1;
    this.#publish = publish;
    this.#limit = limit;
    this.#inFlight = 0;
    this.#stallMs = STALL_MS;
    for (const mark of this.#older.values()) mark.sent = mark.handed;
    this.#rewind();
  }

  disconnected(): void {
    this.#publish = null;
    clearTimeout(this.#stall);
  }

  /** Publishes again what lies behind `after`, for a hub that misses it. */
  replay(epoch: string, after: number): void {
    this.#options.log.info(
      { epoch, after, lastSeq: this.lastSeq },
      'publishing again for a hub that misses something',
    );
    if (epoch === this.epoch) this.#cursor = Math.min(this.#cursor, after);
    else {
      const from = Math.min(after, this.#older.get(epoch)?.handed ?? after);
      this.#older.set(epoch, { handed: from, sent: from });
    }
    this.#pumpSoon();
  }

  async acknowledged(ack: Ack): Promise<void> {
    failpoint('before-ack');
    const now = new Date().toISOString();
    const result = await this.#options.store.write.acknowledge({ ...ack, now });
    if (result.outcome === 'other-epoch') return;
    if (this.#options.confirm === 'auto') this.#hubConfirms = true;
    if (result.outcome === 'new-epoch') {
      this.#options.log.error(
        { epoch: result.epoch, upTo: ack.upTo },
        'the hub knows events this database does not: it is an older copy; numbering starts anew',
      );
      this.epoch = result.epoch;
      this.lastSeq = Math.max(result.lastSeq, this.#ahead.get(result.epoch) ?? 0);
      this.#ahead.clear();
      this.ackedSeq = 0;
      this.#fresh.clear();
      this.#rewind();
    } else if (ack.upTo > this.ackedSeq) {
      this.ackedSeq = ack.upTo;
      this.#stallMs = STALL_MS;
      this.#progress();
      this.#pumpSoon();
    }
  }

  #rewind(): void {
    this.#cursor = this.ackedSeq;
    this.#handed = this.ackedSeq;
    this.#early.clear();
    this.#loaded = [];
    clearTimeout(this.#stall);
    this.#pumpSoon();
  }

  /** The wait begins anew, while there is something to wait for. */
  #progress(): void {
    clearTimeout(this.#stall);
    if (this.#cursor > this.ackedSeq) this.#watch();
  }

  /** Without progress of the receipts everything goes out again; each time the wait is doubled. */
  #watch(): void {
    clearTimeout(this.#stall);
    this.#stall = setTimeout(() => {
      if (this.#publish === null) return;
      if (this.#cursor > this.ackedSeq) {
        this.#options.log.warn({ from: this.ackedSeq + 1, to: this.#cursor }, 'no receipt: publishing again');
        this.#stallMs = Math.min(2 * this.#stallMs, MAX_STALL_MS);
        this.#rewind();
      }
    }, this.#stallMs);
    this.#stall.unref();
  }

  /** At the end of this turn: commits that were answered together may be offered in any order. */
  #pumpSoon(): void {
    if (this.#pumpDue) return;
    this.#pumpDue = true;
    queueMicrotask(() => {
      this.#pumpDue = false;
      this.#pump();
    });
  }

  #pump(): void {
    while (
      this.#publish !== null &&
      this.#cursor < this.lastSeq &&
      this.#cursor - this.ackedSeq < WINDOW &&
      this.#inFlight < this.#limit
    ) {
      const event = this.#next();
      if (event === undefined) break;
      // The wait for a receipt begins with the first event that is without one.
      if (this.#cursor <= this.ackedSeq) this.#watch();
      this.#cursor = event.seq;
      this.#send(event);
      failpoint('before-puback');
    }
    for (const [epoch, mark] of this.#older) this.#pumpOlder(epoch, mark);
  }

  #pumpOlder(epoch: string, mark: { handed: number; sent: number }): void {
    while (this.#publish !== null && this.#inFlight < this.#limit) {
      const [event] = this.#options.store.eventsAfter(epoch, mark.sent, 1);
      if (event === undefined) {
        if (mark.handed === mark.sent) this.#older.delete(epoch);
        return;
      }
      mark.sent = event.seq;
      this.#send(event);
    }
  }

  #send(event: StoredEvent): void {
    this.#inFlight += 1;
    const connection = this.#connection;
    this.#publish?.(event, (taken) => {
      if (connection !== this.#connection) return;
      this.#inFlight -= 1;
      if (taken) this.#taken(event);
      this.#pumpSoon();
    });
  }

  #next(): StoredEvent | undefined {
    const seq = this.#cursor + 1;
    const fresh = this.#fresh.get(seq);
    if (fresh !== undefined) {
      this.#fresh.delete(seq);
      return fresh;
    }
    if (this.#loaded[0]?.seq !== seq || this.#loaded[0].epoch !== this.epoch) {
      this.#loaded = this.#options.store.eventsAfter(this.epoch, this.#cursor, CHUNK);
      for (const { seq: read } of this.#loaded) this.#fresh.delete(read);
    }
    return this.#loaded.shift();
  }

  /** The broker has it. Where that is enough, it is done with once all before it are. */
  #taken(event: StoredEvent): void {
    const older = this.#older.get(event.epoch);
    // A broker answers in the order it was told.
    if (older !== undefined) older.handed = Math.max(older.handed, event.seq);
    // What was replayed was handed over before.
    if (this.#hubConfirms || event.epoch !== this.epoch || event.seq <= this.#handed) return;
    this.#early.add(event.seq);
    const before = this.#handed;
    while (this.#early.delete(this.#handed + 1)) this.#handed += 1;
    if (this.#handed === before) return;
    this.ackedSeq = this.#handed;
    this.#progress();
    const { epoch } = this;
    this.#options.store.write.handedOver({ epoch, upTo: this.#handed }).catch((error) => {
      this.#options.log.error(
        { err: error },
        'cannot record what the broker has; it will be published again',
      );
    });
  }
}
