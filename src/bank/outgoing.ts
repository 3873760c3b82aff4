/**
 * Messages on their way out: one at a time on each SIM, each part marked on disk before the modem gets it.
 *
 * What a failure says about whether a part went is modem/sending's; what is done about it is the store's.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, SimbankError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { holdsCard } from '../modem/probe.ts';
import { failureOfSending, submitPart } from '../modem/sending.ts';
import type { Slot } from './slot.ts';
import type { StoredEvent } from './store/events.ts';
import type { OutgoingPart, PartResult, Settlement } from './store/outgoing.ts';
import type { BankStore } from './store/store.ts';

export interface OutgoingOptions {
  readonly store: Pick<BankStore, 'write' | 'outgoing'>;
  readonly slots: () => Iterable<Slot>;
  readonly log: Logger;
  readonly committed: (events: readonly StoredEvent[]) => void;
}

/** Pauses before a part goes again that certainly did not go: the network was congested, the SIM busy. */
const AGAIN_MS = [15_000, 60_000, 300_000];
const LOOK_MS = 15_000;
/** Pauses before what became of a part is written again, where the disk did not take it. */
const FIRST_PAUSE_MS = 1_000;
const LAST_PAUSE_MS = 15_000;

export class Outgoing {
  readonly #options: OutgoingOptions;
  /** SIMs that are sending now. */
  readonly #busy = new Set<string>();
  /** Settings that are being changed for reports. */
  readonly #asked = new WeakSet<object>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: OutgoingOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { store, committed } = this.#options;
    const { events } = await store.write.settleInterrupted({ now: new Date().toISOString() });
    committed(events);
    this.look();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Sends what waits, wherever it can go: after a command, when a SIM got ready, and every so often. */
  look(): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    const free = new Map<string, Slot>();
    for (const slot of this.#options.slots()) {
      const { claimed, modem } = slot;
      if (claimed !== null && modem.state.phase === 'ready' && !this.#busy.has(claimed))
        free.set(claimed, slot);
    }
    const now = new Date().toISOString();
    const waiting = this.#options.store.outgoing([...free.keys()], now);
    // What waits for its time goes at its time.
    const dueMs = waiting.map(({ notBefore }) => (notBefore === '' ? 0 : Date.parse(notBefore) - Date.now()));
    const soonestMs = Math.min(LOOK_MS, ...dueMs.filter((ms) => ms > 0));
    this.#timer = setTimeout(() => this.look(), soonestMs + 1);
    for (const part of waiting) {
      const slot = free.get(part.iccid)!;
      if (part.notBefore > now) continue;
      if (part.report === 1 && !this.#takesReports(slot)) continue;
      this.#busy.add(part.iccid);
      void this.#send(slot, part)
        .catch((error) => {
          this.#options.log.error({ slot: slot.name }, messageOf(error));
          return false;
        })
        .then((isSettled) => {
          this.#busy.delete(part.iccid);
          // The next part, or the next message of this SIM; what could not be tried waits for the next look.
          if (isSettled) setImmediate(() => this.look());
        });
    }
  }

  /** A modem is set up anew for reports, once; one that refuses them sends all the same. */
  #takesReports({ modem }: Slot): boolean {
    const { settings } = modem;
    if (settings === null || settings.reports !== null) return settings !== null;
    if (!this.#asked.has(settings)) modem.tell({ type: 'settings-lost' });
    this.#asked.add(settings);
    return false;
  }

  /** @returns whether the part was given to the modem, and what became of it is on disk. */
  async #send(slot: Slot, part: OutgoingPart): Promise<boolean> {
    const { store, committed, log } = this.#options;
    const { commandId, number, pdu, length } = part;
    let marked = false;
    let result: PartResult;
    try {
      const reference = await slot.modem.use(async (at) => {
        const { card } = slot.modem;
        // Another card would pay for it, and be seen as its sender.
        if (card?.iccid !== part.iccid || !(await holdsCard(at, card))) {
          if (card?.iccid === part.iccid) slot.modem.tell({ type: 'sim-event' });
          throw new SimbankError('modem.not_ready', 'the SIM is not in its slot any more');
        }
        marked = await store.write.markSending({ commandId, number });
        return marked ? submitPart(at, pdu, length) : null;
      });
      if (reference === null) return false;
      result = { kind: 'sent', reference };
    } catch (error) {
      if (!marked) return false;
      result = this.#resultOf(part, error);
      log.warn(
        { slot: slot.name, commandId, outcome: result.kind },
        `a message did not go: ${messageOf(error)}`,
      );
    }
    const events = await this.#settle({ commandId, number, result, now: new Date().toISOString() });
    committed(events ?? []);
    return events !== null;
  }

  /**
   * The modem says it once, so it is written again until the disk takes it, and nothing else goes from that SIM meanwhile.
   *
   * @returns null where the gateway stops first: then the next start says that the part is in doubt.
   */
  async #settle(settlement: Settlement): Promise<readonly StoredEvent[] | null> {
    const { store, log } = this.#options;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LAST_PAUSE_MS)) {
      try {
        const { events } = await store.write.settlePart(settlement);
        return events;
      } catch (error) {
        if (this.#stopped) return null;
        if (pauseMs === FIRST_PAUSE_MS) {
          const { commandId, result } = settlement;
          const fault = `what became of a message is not on disk yet, and is written again: ${messageOf(error)}`;
          log.error({ commandId, outcome: result.kind }, fault);
        }
      }
      await sleep(pauseMs, undefined, { ref: false });
    }
  }

  #resultOf({ attempts, number }: OutgoingPart, error: unknown): PartResult {
    const failure = failureOfSending(error);
    const status = messageOf(error);
    if (failure === 'later' && attempts < AGAIN_MS.length) {
      const notBefore = new Date(Date.now() + AGAIN_MS[attempts]!).toISOString();
      return { kind: 'later', status, notBefore };
    }
    const part = number > 1 ? `part ${number}: ` : '';
    if (failure !== 'doubt') return { kind: 'refused', status: `${part}${status}` };
    return { kind: 'doubt', status: `in doubt: ${part}${status}; it is not sent again by itself` };
  }
}
