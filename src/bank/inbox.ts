/**
 * One modem's messages on their way to the disk: read, commit, and only then delete.
 *
 * An announcement is a hint, the sweep is the truth. The card's store is the write-ahead log of the air: a crash
 * between any two steps repeats work and loses nothing.
 */
import { hasCode, messageOf, SimbankError } from '../errors.ts';
import type { StoredMessage } from '../modem/messages.ts';
import type { Trouble } from '../modem/state.ts';
import { Announcements } from './announcements.ts';
import { isLive, isReceived, type Keeper, type KeepJob, type KeepResult, keep } from './keep.ts';
import { Rounds } from './leftovers.ts';

export interface InboxOptions extends Keeper {
  /** `problem` has changed. */
  readonly changed: () => void;
  /** Every store was listed: how full they are now is what could not be taken from them. */
  readonly swept: () => void;
  /** All that was in them is on disk. The sweep began at `from`, in this generation of the modem's readiness. */
  readonly complete: (from: Date, generation: number) => void;
  /** The modem answered and its messages could not be read, so many times in a row. */
  readonly failing: (problem: Trouble, times: number) => void;
}

/** More announcements than this at once, and one listing is cheaper than reading each. */
const READ_EACH = 3;
const RETRY_MS = [1_000, 2_000, 5_000, 8_000];
/** Listings of one store in one sweep: each but the last deletes something, so a full store of 255 never needs as many. */
const MAX_ROUNDS = 300;
/** Messages that came on the line itself and wait for a disk that takes nothing: more would not be bounded. */
const MAX_CARRIED = 1_000;

export class Inbox {
  readonly #options: InboxOptions;
  readonly #announcements = new Announcements();
  /** Stores of modem memory whose first listing since a card change is still to come. */
  #doubtful = new Set<string>();
  /** By store: how many entries the last listing left in it, drafts and what cannot be read. */
  readonly #left = new Map<string, number>();
  /** By store: why the last sweep of it left messages there. No trouble of the modem's, and nothing to treat it for. */
  readonly #stays = new Map<string, Trouble>();
  #carried: { pdu: string; length: number; iccid: string | null; receivedAt: string; live: boolean }[] = [];
  #sweepWanted = false;
  #lookWanted = false;
  #running = false;
  #stopped = false;
  #failures = 0;
  /** How often was looked again at what stays. */
  #looks = 0;
  #retry: NodeJS.Timeout | undefined;
  #problem: Trouble | null = null;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  /** Why messages stay on the card; null while they do not. */
  get problem(): Trouble | null {
    return this.#problem ?? [...this.#stays.values()][0] ?? null;
  }

  /** The card was read. Of `doubtful` stores the first listing may find what was another card's. */
  cardRead(doubtful: readonly string[]): void {
    this.#doubtful = new Set(doubtful);
    this.#announcements.forget();
    this.#left.clear();
    this.#stays.clear();
    this.#looks = 0;
  }

  announced(store: string, index: number): void {
    this.#announcements.add(store, index);
    this.#kick();
  }

  /** A message on the line itself: committed at once, for it is nowhere else. */
  carried(pdu: string, length: number): void {
    if (this.#carried.length >= MAX_CARRIED) {
      this.#options.log.error(
        { slot: this.#options.slot },
        'too many messages wait for the disk: one was dropped',
      );
      return;
    }
    const iccid = this.#options.modem.card?.iccid ?? null;
    const receivedAt = new Date().toISOString();
    this.#carried.push({ pdu, length, iccid, receivedAt, live: isLive(this.#options, receivedAt) });
    this.#kick();
  }

  sweep(): void {
    this.#sweepWanted = true;
    this.#kick();
  }

  /** Asks how full the stores in use are: what nobody announced is found by that, and a modem that hangs. */
  look(): void {
    // Whoever is at work, or will try again, asks more than this.
    if (this.#running || this.#failures > 0) return;
    this.#lookWanted = true;
    this.#kick();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#retry);
  }

  get #idle(): boolean {
    const isWanted = this.#sweepWanted || this.#lookWanted;
    return !isWanted && this.#announcements.none && this.#carried.length === 0;
  }

  #kick(): void {
    if (this.#running || this.#stopped) return;
    this.#running = true;
    clearTimeout(this.#retry);
    void this.#run()
      .then(
        () => {
          this.#failures = 0;
          this.#tell(null);
          this.#lookAgain();
          return true;
        },
        (error) => this.#failed(error),
      )
      .then((goOn) => {
        this.#running = false;
        // What came in the moment between the last look and here.
        if (goOn && !this.#idle) this.#kick();
      });
  }

  async #run(): Promise<void> {
    while (!this.#stopped && !this.#idle) {
      if (this.#carried.length > 0) await this.#keepCarried();
      else if (this.#sweepWanted) await this.#sweepAll();
      else {
        const hint = this.#announcements.take();
        if (hint === null) await this.#look();
        else if (hint.places.size > READ_EACH) await this.#sweepStore(hint.store);
        else await this.#readPlaces(hint.store, hint.places);
      }
    }
  }

  /** Whatever went wrong, the messages are still on the card: the next sweep finds them. */
  #failed(error: unknown): false {
    this.#announcements.dropHints();
    this.#sweepWanted = true;
    this.#lookWanted = false;
    // Its way back to readiness ends with a sweep.
    if (hasCode(error, 'modem.not_ready') || hasCode(error, 'port.lost')) {
      if (this.#carried.length === 0) return false;
    } else {
      const code = error instanceof SimbankError ? error.code : 'internal';
      const message = messageOf(error);
      // Once, not at every try.
      if (this.#problem?.message !== message)
        this.#options.log.warn({ slot: this.#options.slot, code }, message);
      this.#tell({ code, message });
      if (/^(at|modem)\./.test(code)) this.#options.failing(this.#problem!, this.#failures + 1);
    }
    const pause = RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)]!;
    this.#failures += 1;
    this.#retry = setTimeout(() => this.#kick(), pause);
    return false;
  }

  /** What stays may be for a trouble that passes: soon and a few times, and then with every sweep. */
  #lookAgain(): void {
    if (this.#stays.size === 0) this.#looks = 0;
    else if (this.#looks < RETRY_MS.length && !this.#stopped) {
      this.#retry = setTimeout(() => this.sweep(), RETRY_MS[this.#looks]);
    }
  }

  #tell(problem: Trouble | null): void {
    if (this.#problem?.message === problem?.message) return;
    this.#problem = problem;
    this.#options.changed();
  }

  async #keepCarried(): Promise<void> {
    const { slot, modem, store } = this.#options;
    const common = {
      slot,
      store: 'line',
      imei: modem.identity?.imei ?? null,
      attribution: 'certain' as const,
    };
    for (let next = this.#carried[0]; next !== undefined; next = this.#carried[0]) {
      const now = new Date().toISOString();
      const { events } = await store.write.receivePart({ ...common, ...next, now });
      this.#carried.shift();
      this.#options.committed(events);
      this.#options.received();
    }
  }

  async #sweepAll(): Promise<void> {
    this.#sweepWanted = false;
    if (this.#stays.size > 0) this.#looks += 1;
    const { modem, store } = this.#options;
    const { settings, card, state } = modem;
    const from = new Date();
    if (settings === null || card === null) throw new SimbankError('modem.not_ready', 'no card is ready');
    // One store that fails must not keep the others from being emptied.
    let failure: unknown = null;
    for (const name of settings.stores) {
      await this.#sweepStore(name).catch((error) => {
        failure ??= error;
      });
    }
    this.#options.swept();
    if (failure !== null) throw failure;
    if (this.#sweepWanted) return;
    await store.write.simSwept({ iccid: card.iccid, from: from.toISOString() });
    this.#options.complete(from, state.generation);
  }

  /** Lists a store until a listing leaves nothing to do: some modems announce nothing more before they were emptied. */
  async #sweepStore(store: string): Promise<void> {
    const rounds = new Rounds(store);
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const left = await this.#options.modem.messages(async (access, stillValid, iccid) => {
        await access.select(store);
        // What is announced from here on may not be in the listing.
        this.#announcements.dropHints(store);
        const asked = new Date().toISOString();
        const listed = await access.list();
        this.#announcements.listed(store, asked, new Set(listed.map(({ index }) => index)));
        const entries = listed.filter(isReceived);
        const result = await this.#keep({ access, store, entries, stillValid, iccid });
        if (this.#doubtful.has(store) && stillValid()) {
          await this.#options.store.write.storeListed({ slot: this.#options.slot, store });
          this.#doubtful.delete(store);
        }
        return rounds.after(entries, result);
      });
      if (left !== null) {
        this.#stay(store, left.why);
        this.#left.set(store, this.#used(store) + left.miscounted);
      }
      if (left !== null || this.#sweepWanted) return;
    }
  }

  #stay(store: string, why: Trouble | null): void {
    if (this.#stays.get(store)?.message === why?.message) return;
    if (why === null) this.#stays.delete(store);
    else this.#stays.set(store, why);
    this.#options.changed();
  }

  async #keep(job: Omit<KeepJob, 'isCertain' | 'announced'>): Promise<KeepResult> {
    const { store } = job;
    const announced = this.#announcements.timesIn(store);
    // What was announced since the card was read is its own, whatever else the store holds.
    const isCertain = (index: number): boolean => announced.has(index) || !this.#doubtful.has(store);
    const result = await keep(this.#options, { ...job, announced, isCertain });
    if (result.again) this.#sweepWanted = true;
    return result;
  }

  async #readPlaces(store: string, places: ReadonlySet<number>): Promise<void> {
    await this.#options.modem.messages(async (access, stillValid, iccid) => {
      if (access.selected !== store) await access.select(store);
      const entries: StoredMessage[] = [];
      for (const place of [...places].sort((a, b) => a - b)) {
        const entry = await access.read(place);
        if (entry === null || entry.pdu === null) this.#sweepWanted = true;
        else if (isReceived(entry)) entries.push(entry);
      }
      await this.#keep({ access, store, entries, stillValid, iccid });
    });
    await this.#lookCloser(store);
  }

  async #look(): Promise<void> {
    this.#lookWanted = false;
    const { modem } = this.#options;
    const { settings } = modem;
    if (settings === null) return;
    await modem.messages(async (access) => void (await access.isSelected(settings.receiveStore)));
    for (const store of settings.stores) await this.#lookCloser(store);
  }

  /** There is more in a store than was announced and not read yet, beyond what always is: an announcement was lost. */
  async #lookCloser(store: string): Promise<void> {
    const announced = this.#announcements.count(store);
    if (this.#used(store) > (this.#left.get(store) ?? 0) + announced) await this.#sweepStore(store);
  }

  /** Entries in a store by the modem's last word, less what was deleted since. */
  #used(store: string): number {
    return this.#options.modem.storage.find(({ name }) => name === store)?.used ?? 0;
  }
}
