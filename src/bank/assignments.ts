/**
 * Activations while the daemon runs: what the store must be told of modems to assign their SIMs, and when it must look
 * whether one has come to its end.
 *
 * Decides nothing: that is bank/activations, in the store's transactions.
 */
import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { OnAir } from './activations/eligibility.ts';
import { endOf } from './activations/ends.ts';
import type { Slot } from './slot.ts';
import type { SimSituation } from './store/activations.ts';
import type { StoredEvent } from './store/events.ts';
import type { BankStore } from './store/store.ts';

export interface AssignmentOptions {
  readonly store: Pick<BankStore, 'write' | 'openSims'>;
  readonly slots: () => Iterable<Slot>;
  readonly log: Logger;
  readonly committed: (events: readonly StoredEvent[]) => void;
  /** Resolves when the slots are known. */
  readonly discovered: () => Promise<void>;
}

/** A look at what is open, at least so often; at the next expiry in any case. */
const LOOK_MS = 1_000;
const SOONEST_MS = 10;
/** A modem that does not say what it holds for so long will not keep the others waiting. */
const TRIED_AFTER_MS = 60_000;
/** A sweep that was asked for and did not come to its end is asked for again. */
const SWEEP_AGAIN_MS = 10_000;

export class Assignments {
  readonly #options: AssignmentOptions;
  readonly #startedMs = Date.now();
  #discovered = false;
  #watchingSinceMs: number | null = null;
  /** By ICCID: since when no modem holds it. */
  readonly #absent = new Map<string, number>();
  /** By ICCID: when a sweep was asked for, because something on it is due. */
  readonly #asked = new Map<string, number>();
  /** By ICCID: what the store was told. */
  #told: ReadonlyMap<string, OnAir> = new Map();
  #timer: NodeJS.Timeout | undefined;
  #trouble = '';
  #stopped = false;

  constructor(options: AssignmentOptions) {
    this.#options = options;
  }

  start(): void {
    void this.#options.discovered().then(() => {
      this.#discovered = true;
    });
    void this.#look();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Tells the store what modems say of their SIMs, where that is not what they said before: ahead of an assignment. */
  tellAir(): void {
    // It is asked before each assignment, and nearly always there is nothing new.
    let known = 0;
    let isSame = true;
    for (const slot of this.#options.slots()) {
      if (slot.claimed === null) continue;
      isSame &&= this.#told.get(slot.claimed) === slot.onAir();
      known += 1;
    }
    if (isSame && known === this.#told.size) return;
    const sims = new Map<string, OnAir>();
    for (const slot of this.#options.slots()) if (slot.claimed !== null) sims.set(slot.claimed, slot.onAir());
    this.#told = sims;
    this.#options.store.write.onAir({ sims }).catch(() => {
      this.#told = new Map();
    });
  }

  /** A card was swept: what waited for that can be decided. */
  swept(slot: Slot): void {
    if (slot.claimed !== null && this.#asked.has(slot.claimed)) this.#lookIn(0);
  }

  #lookIn(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#look(), ms);
  }

  async #look(): Promise<void> {
    let next = LOOK_MS;
    try {
      const nowMs = Date.now();
      this.#watch(nowMs);
      const open = this.#options.store.openSims();
      const holders = new Map<string, Slot>();
      for (const slot of this.#options.slots()) if (slot.claimed !== null) holders.set(slot.claimed, slot);
      const ending = open.flatMap(({ iccid, expiresAt }): SimSituation[] => {
        const expiresMs = Date.parse(expiresAt);
        if (expiresMs > nowMs) next = Math.min(next, expiresMs - nowMs);
        const situation = this.#situation(iccid, holders.get(iccid), nowMs);
        if (nowMs >= expiresMs) this.#askFor(holders.get(iccid), iccid, expiresMs, nowMs);
        // Whether parts are waited for is known where it is decided.
        return endOf({ expiresMs }, situation, null) === null ? [] : [situation];
      });
      this.#forget(new Set(open.map(({ iccid }) => iccid)));
      if (ending.length > 0) {
        const now = new Date(nowMs).toISOString();
        const { events } = await this.#options.store.write.endDue({ sims: ending, now });
        this.#options.committed(events);
      }
      this.#trouble = '';
    } catch (error) {
      // Tried again soon, and told once.
      if (messageOf(error) !== this.#trouble)
        this.#options.log.warn(`activations cannot be ended: ${messageOf(error)}`);
      this.#trouble = messageOf(error);
    }
    this.#lookIn(Math.max(next, SOONEST_MS));
  }

  /** Before every slot has been tried, no SIM counts as gone. */
  #watch(nowMs: number): void {
    if (this.#watchingSinceMs !== null) return;
    const isTried = this.#discovered && [...this.#options.slots()].every(({ tried }) => tried);
    if (isTried || nowMs - this.#startedMs >= TRIED_AFTER_MS) this.#watchingSinceMs = nowMs;
  }

  #situation(iccid: string, holder: Slot | undefined, nowMs: number): SimSituation {
    const watchingSinceMs = this.#watchingSinceMs;
    if (holder !== undefined || watchingSinceMs === null) this.#absent.delete(iccid);
    else if (!this.#absent.has(iccid)) this.#absent.set(iccid, nowMs);
    return {
      iccid,
      nowMs,
      watchingSinceMs,
      sweptFromMs: holder?.sweptFrom?.getTime() ?? null,
      absentSinceMs: this.#absent.get(iccid) ?? null,
    };
  }

  #askFor(holder: Slot | undefined, iccid: string, expiresMs: number, nowMs: number): void {
    const sweptFromMs = holder?.sweptFrom?.getTime() ?? 0;
    if (holder === undefined || sweptFromMs >= expiresMs) return;
    const askedMs = this.#asked.get(iccid) ?? 0;
    if (askedMs >= expiresMs && nowMs - askedMs < SWEEP_AGAIN_MS) return;
    this.#asked.set(iccid, nowMs);
    holder.sweep();
  }

  /** Of SIMs on which nothing is open any more nothing need be known. */
  #forget(open: ReadonlySet<string>): void {
    for (const known of [this.#absent, this.#asked]) {
      for (const iccid of known.keys()) if (!open.has(iccid)) known.delete(iccid);
    }
  }
}
