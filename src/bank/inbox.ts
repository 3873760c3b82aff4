/**
 * One modem's messages on their way to the disk: read, commit, and only then delete.
 *
 * An announcement is a hint, the sweep is the truth. The card's store is the write-ahead log of the air: a crash
 * between any two steps repeats work and loses nothing.
 */
import { hasCode, messageOf, SimbankError } from '../errors.ts';
import { failpoint } from '../failpoint.ts';
import type { Logger } from '../log.ts';
import type { Trouble } from '../modem/lifecycle.ts';
import type { MessageAccess, StoredMessage } from '../modem/messages.ts';
import type { Modem } from '../modem/modem.ts';
import type { StoredEvent } from './store/events.ts';
import type { BankStore } from './store/store.ts';

export interface InboxOptions {
  readonly slot: string;
  readonly modem: Modem;
  readonly store: BankStore;
  readonly log: Logger;
  /** Committed events, in the order of their numbers. */
  readonly committed: (events: readonly StoredEvent[]) => void;
  /** A message was committed. */
  readonly received: () => void;
  /** `problem` has changed. */
  readonly changed: () => void;
  /** Every store was listed: how full they are now is what could not be taken from them. */
  readonly swept: () => void;
}

/** More announcements than this at once, and one listing is cheaper than reading each. */
const READ_EACH = 3;
const RETRY_MS = [1_000, 2_000, 5_000, 15_000, 60_000];
/** Listings of one store in one sweep: each ends with something deleted, so a full store of 255 never needs as many. */
const MAX_ROUNDS = 300;

export class Inbox {
  readonly #options: InboxOptions;
  readonly #hints = new Map<string, Set<number>>();
  /** Stores of modem memory whose first listing since a card change is still to come. */
  readonly #doubtful = new Set<string>();
  #sweepWanted = false;
  #running = false;
  #stopped = false;
  #failures = 0;
  #retry: NodeJS.Timeout | undefined;
  #problem: Trouble | null = null;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  /** Why messages stay on the card; null while they do not. */
  get problem(): Trouble | null {
    return this.#problem;
  }

  /** The card was read; `unchanged` when it is the one this slot had before. */
  cardRead(unchanged: boolean): void {
    this.#doubtful.clear();
    // Entries of modem memory survive a swap of the card: what the first listing finds may be the old card's.
    if (!unchanged) for (const store of ['ME', 'MT', 'SR']) this.#doubtful.add(store);
  }

  announced(store: string, index: number): void {
    const places = this.#hints.get(store) ?? new Set();
    this.#hints.set(store, places.add(index));
    this.#kick();
  }

  sweep(): void {
    this.#sweepWanted = true;
    this.#kick();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#retry);
  }

  #kick(): void {
    if (this.#running || this.#stopped) return;
    this.#running = true;
    clearTimeout(this.#retry);
    void this.#run().finally(() => {
      this.#running = false;
    });
  }

  async #run(): Promise<void> {
    try {
      for (;;) {
        if (this.#stopped) return;
        if (this.#sweepWanted) await this.#sweepAll();
        else {
          const [store, places] = [...this.#hints][0] ?? [];
          if (store === undefined || places === undefined) break;
          this.#hints.delete(store);
          if (places.size > READ_EACH) await this.#sweepStore(store);
          else
            await this.#readPlaces(
              store,
              [...places].sort((a, b) => a - b),
            );
        }
      }
      this.#failures = 0;
      this.#tell(null);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Whatever went wrong, the messages are still on the card: the next sweep finds them. */
  #failed(error: unknown): void {
    this.#hints.clear();
    this.#sweepWanted = true;
    // Its way back to readiness ends with a sweep.
    if (hasCode(error, 'modem.not_ready') || hasCode(error, 'port.lost')) return;
    const code = error instanceof SimbankError ? error.code : 'internal';
    const pause = RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)]!;
    this.#failures += 1;
    this.#tell({ code, message: messageOf(error) });
    this.#options.log.warn({ slot: this.#options.slot, code, retryMs: pause }, messageOf(error));
    this.#retry = setTimeout(() => this.#kick(), pause);
  }

  #tell(problem: Trouble | null): void {
    if (this.#problem?.message === problem?.message) return;
    this.#problem = problem;
    this.#options.changed();
  }

  async #sweepAll(): Promise<void> {
    this.#sweepWanted = false;
    const stores = this.#options.modem.settings?.stores ?? [];
    const iccid = this.#options.modem.card?.iccid;
    for (const store of stores) await this.#sweepStore(store);
    if (iccid !== undefined && !this.#sweepWanted) {
      await this.#options.store.write.simSwept({ iccid, now: new Date().toISOString() });
    }
    this.#options.swept();
  }

  /** Lists a store until a listing comes back empty: some modems announce nothing more before they were emptied. */
  async #sweepStore(store: string): Promise<void> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const found = await this.#options.modem.messages(async (access, stillValid) => {
        await access.select(store);
        // What is announced from here on may not be in the listing.
        this.#hints.delete(store);
        const entries = (await access.list()).filter(isReceived);
        await this.#keep(access, store, entries, stillValid);
        return entries.length;
      });
      this.#doubtful.delete(store);
      if (found === 0 || this.#sweepWanted) return;
    }
  }

  async #readPlaces(store: string, places: readonly number[]): Promise<void> {
    await this.#options.modem.messages(async (access, stillValid) => {
      if (access.selected !== store) await access.select(store);
      const entries: StoredMessage[] = [];
      for (const place of places) {
        const entry = await access.read(place);
        if (entry === null) this.#sweepWanted = true;
        else if (isReceived(entry)) entries.push(entry);
      }
      await this.#keep(access, store, entries, stillValid);
    });
  }

  /** Commits what was read, then deletes it from the card, if the card and the dialogue are still the same. */
  async #keep(
    access: MessageAccess,
    store: string,
    entries: readonly StoredMessage[],
    stillValid: () => boolean,
  ): Promise<void> {
    if (entries.length === 0) return;
    failpoint('after-read');
    if (!stillValid()) {
      this.#sweepWanted = true;
      return;
    }
    const { slot, modem } = this.#options;
    const common = {
      slot,
      store,
      iccid: modem.card?.iccid ?? null,
      imei: modem.identity?.imei ?? null,
      attribution: this.#doubtful.has(store) ? ('doubtful' as const) : ('certain' as const),
      now: new Date().toISOString(),
    };
    // Sent together, they share one commit.
    const outcomes = await Promise.all(
      entries.map(({ pdu, length }) => this.#options.store.write.receivePart({ ...common, pdu, length })),
    );
    failpoint('after-commit');
    this.#options.committed(outcomes.flatMap(({ events }) => events));
    this.#options.received();

    // 27.005 keeps one memory for reading and deleting, and another program on another port of this modem may have
    // changed it: the read then was from another store, and deleting would hit a message nobody has read.
    if (!stillValid() || !(await access.isSelected(store)) || !stillValid()) {
      this.#sweepWanted = true;
      return;
    }
    for (const { index } of entries) {
      if (!stillValid()) {
        this.#sweepWanted = true;
        return;
      }
      await access.delete(index);
      failpoint('after-delete');
    }
  }
}

/** 2 and 3 are messages of our own in the store, unsent and sent. */
function isReceived(entry: StoredMessage): boolean {
  return entry.state !== 2 && entry.state !== 3;
}
