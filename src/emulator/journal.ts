/** What happened at one modem, for tests to ask: the last events, and counts of all of them. */

export type JournalKind = 'read' | 'deleted' | 'stored' | 'sent' | 'announced';

export interface JournalEntry {
  readonly at: number;
  readonly kind: JournalKind;
  readonly tpdu?: string;
  readonly index?: number;
  readonly store?: string;
}

export interface Counters {
  /** TPDUs given to the network for the SIM here. */
  delivered: number;
  /** TPDUs that arrived in a memory, or went straight to the client (+CMT). */
  stored: number;
  read: number;
  deleted: number;
  /** Command lines. */
  commands: number;
  sent: number;
}

const KEPT = 256;

export class Journal {
  readonly counters: Counters = { delivered: 0, stored: 0, read: 0, deleted: 0, commands: 0, sent: 0 };
  readonly #ring: JournalEntry[] = [];
  #next = 0;

  add(kind: JournalKind, store: string, index: number, tpdu: string): void {
    if (kind !== 'announced') this.counters[kind] += 1;
    const entry: JournalEntry = { at: Date.now(), kind, tpdu, index, store };
    if (this.#ring.length < KEPT) this.#ring.push(entry);
    else this.#ring[this.#next] = entry;
    this.#next = (this.#next + 1) % KEPT;
  }

  /** Oldest first. */
  entries(): readonly JournalEntry[] {
    return this.#ring.length < KEPT
      ? [...this.#ring]
      : [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)];
  }
}
