/** One place of the bank: a port, the modem on it, its messages, and what the world may know of them. */
import { messageOf } from '../errors.ts';
import { Modem } from '../modem/modem.ts';
import type { ModemOptions } from '../modem/owner.ts';
import type { Card, Network } from '../modem/probe.ts';
import type { Trouble } from '../modem/state.ts';
import { VERSION } from '../protocol/events.ts';
import type { SlotState } from '../protocol/state.ts';
import type { OnAir } from './activations/eligibility.ts';
import { Inbox } from './inbox.ts';
import { type Operators, operatorOfCard } from './numbers/operators.ts';
import type { AlarmChange } from './store/alarms.ts';
import type { StoredEvent } from './store/events.ts';
import type { BankStore } from './store/store.ts';

export interface SlotOptions extends ModemOptions {
  readonly name: string;
  readonly store: BankStore;
  readonly operators: Operators;
  readonly sweepSeconds: number;
  readonly committed: (events: readonly StoredEvent[]) => void;
  /** What the slot or its SIM shows has changed. */
  readonly changed: (slot: Slot) => void;
  /** Only the time of its last message has. */
  readonly received: (slot: Slot) => void;
  /** All that its card held when the sweep began is on disk. */
  readonly swept: (slot: Slot) => void;
  readonly alarm: (alarm: Omit<AlarmChange, 'now'>) => void;
  /** What discovery knows of a problem with the port, as a sentence; null for nothing more. */
  readonly explain: (problem: Trouble) => Promise<string | null>;
  /** The slot that has claimed a card. */
  readonly holder: (iccid: string) => Slot | null;
}

/** How often a modem is asked whether there is something that it did not announce; one short command. */
const LOOK_MS = 8_000;
/** Failures to read messages in a row, seconds apart, before the modem is treated for it. */
const MAX_FAILURES = 2;
/** Sweeps that leave a store full, before the modem is treated for it: nothing more can arrive. */
const MAX_FULL_SWEEPS = 2;
/** A store this full after a sweep is not being emptied: reception will stop. Cleared well below, so that it does not flutter. */
const FULL_AT = 0.8;
const CLEAR_AT = 0.5;

export class Slot {
  readonly name: string;
  readonly modem: Modem;
  /** The ICCID of the card that is this slot's, from when it was read until it is forgotten. */
  claimed: string | null = null;
  readonly #options: SlotOptions;
  readonly #inbox: Inbox;
  #lastReceivedAt: string | null = null;
  /** Whether a store's alarm is raised; nothing is known of it before the first sweep. */
  readonly #filling = new Map<string, boolean>();
  #fullSweeps = 0;
  #problemSince = '';
  #problemCode: string | null = null;
  #explanation: string | null = null;
  #turns: NodeJS.Timeout | undefined;
  #readySince: Date | null = null;
  #lastSweep: { readonly from: Date; readonly generation: number } | null = null;
  #tried = false;
  #onAir: { readonly card: Card | null; readonly network: Network | null; readonly air: OnAir } | null = null;

  constructor(options: SlotOptions) {
    const { name, log, store, committed } = options;
    this.name = name;
    this.#options = options;
    this.modem = new Modem(options, {
      changed: () => this.#changed(),
      card: (card) => this.#cardRead(card),
      cardForgotten: () => {
        this.claimed = null;
        this.#changed();
      },
      cardAbsent: () => this.#cardTaken(),
      called: (from) => this.#called(from),
      carried: (pdu, length) => this.#inbox.carried(pdu, length),
      announced: (memory, index) => this.#inbox.announced(memory, index),
      sweep: () => this.#inbox.sweep(),
    });
    this.#inbox = new Inbox({
      slot: name,
      modem: this.modem,
      store,
      log,
      committed,
      received: () => {
        this.#lastReceivedAt = new Date().toISOString();
        options.received(this);
      },
      readySince: () => this.#readySince,
      changed: () => this.#changed(),
      swept: () => this.#lookAtStores(),
      complete: (from, generation) => {
        this.#lastSweep = { from, generation };
        if (this.#fullSweeps === 0) this.modem.tell({ type: 'healthy' });
        options.swept(this);
      },
      failing: (problem, times) => {
        if (times % MAX_FAILURES === 0)
          this.modem.tell({ type: 'unhealthy', complaint: 'unhealthy', problem });
      },
    });
  }

  start(): void {
    if (this.#options.store.isDisabled(this.name)) this.disable();
    else this.modem.start();
    const sweepMs = this.#options.sweepSeconds * 1_000;
    const everyMs = Math.min(sweepMs, LOOK_MS);
    // Not all at once: five hundred listings in one moment would be felt.
    let sweepAt = performance.now() + sweepMs * (0.5 + Math.random() / 2);
    const turn = (): void => {
      const isTime = performance.now() >= sweepAt;
      if (isTime) sweepAt = performance.now() + sweepMs;
      if (this.modem.settings === null) return;
      if (isTime) this.#inbox.sweep();
      else this.#inbox.look();
    };
    this.#turns = setTimeout(() => {
      this.#turns = setInterval(turn, everyMs);
    }, everyMs * Math.random());
  }

  async stop(): Promise<void> {
    clearTimeout(this.#turns);
    clearInterval(this.#turns);
    this.#inbox.stop();
    await this.modem.stop();
  }

  /** Lists every store. */
  sweep(): void {
    if (this.modem.settings !== null) this.#inbox.sweep();
  }

  /** Opens its port anew, and the modem with it. */
  restart(): void {
    this.modem.tell({ type: 'restart' });
  }

  /** Lets go of its port until it is enabled again. */
  disable(): void {
    const message = 'switched off by an operator: "slot.enable" brings it back';
    this.modem.tell({ type: 'disable', problem: { code: 'slot.disabled', message } });
  }

  enable(): void {
    this.modem.tell({ type: 'enable' });
  }

  /** When the last sweep began that left nothing unread, in the present readiness of its card; null before it. */
  get sweptFrom(): Date | null {
    return this.#lastSweep?.generation === this.modem.state.generation ? this.#lastSweep.from : null;
  }

  /** What is in it, or that nothing is, has been found out since it was started. */
  get tried(): boolean {
    this.#tried ||= this.claimed !== null || !['opening', 'probing'].includes(this.modem.state.phase);
    return this.#tried;
  }

  /** What an assignment needs to know of the card; the same object for as long as it is the same. */
  onAir(): OnAir {
    const { state, card, network } = this.modem;
    const ready = state.phase === 'ready';
    const swept = this.sweptFrom !== null;
    const last = this.#onAir;
    const isSame = last?.air.ready === ready && last.air.swept === swept;
    if (isSame && last.network === network && last.card === card) return last.air;
    const signalDbm = network?.signalDbm ?? null;
    const operator = operatorOfCard(this.#options.operators, card?.imsi ?? null, network);
    this.#onAir = { card, network, air: { ready, swept, signalDbm, operator } };
    return this.#onAir.air;
  }

  #lookAtStores(): void {
    let isFull = false;
    for (const { name, used, total } of this.modem.storage) {
      const share = total === 0 ? 0 : used / total;
      isFull ||= share >= 1 && name === this.modem.settings?.receiveStore;
      if (share < FULL_AT && share > CLEAR_AT) continue;
      const detail = `${name} of ${this.name} holds ${used} of ${total} messages after a sweep`;
      const active = share >= FULL_AT;
      if (active === this.#filling.get(name)) continue;
      this.#filling.set(name, active);
      this.#options.alarm({ alarm: `store-full.${name}`, slot: this.name, detail, active });
    }
    this.#fullSweeps = isFull ? this.#fullSweeps + 1 : 0;
    if (isFull && this.#fullSweeps % MAX_FULL_SWEEPS === 0) {
      const message = 'the store that receives stays full: nothing more can arrive';
      this.modem.tell({ type: 'unhealthy', complaint: 'clogged', problem: { code: 'store.full', message } });
    }
  }

  #changed(): void {
    this.#readySince = this.modem.state.phase === 'ready' ? (this.#readySince ?? new Date()) : null;
    const problem = this.#problem();
    if (problem?.code !== this.#problemCode) {
      this.#problemCode = problem?.code ?? null;
      this.#problemSince = new Date().toISOString();
      if (problem !== null) {
        const { name: slot, modem } = this;
        this.#options.log.warn({ slot, path: modem.path, code: problem.code }, problem.message);
      }
      this.#explanation = null;
    }
    if (problem !== null) void this.#explain(problem);
    this.#options.changed(this);
  }

  /** Who holds a port, or what is plugged in at its place instead: takes a moment to find out, and may change. */
  async #explain(problem: Trouble): Promise<void> {
    const explanation = await this.#options.explain(problem).catch(() => null);
    if (explanation === this.#explanation || this.#problemCode !== problem.code) return;
    this.#explanation = explanation;
    if (explanation !== null) this.#options.log.warn({ slot: this.name, code: problem.code }, explanation);
    this.#options.changed(this);
  }

  /** Two ports of one modem show one card twice, and both would read and delete its messages: the first one keeps it. */
  async #cardRead({ iccid, imsi }: Card): Promise<Trouble | null> {
    const holder = this.#options.holder(iccid);
    if (holder !== null && holder !== this) {
      const message = `the card ${iccid} is held by the slot ${holder.name}: two ports of one modem? Name only one of them`;
      return { code: 'slot.same_card', message };
    }
    // At once, before anything is waited for: another port may be reading the same card at this moment.
    this.claimed = iccid;
    const now = new Date().toISOString();
    const { doubtful, events } = await this.#options.store.write.simPresent({
      slot: this.name,
      iccid,
      imsi,
      now,
    });
    this.#options.committed(events);
    this.#inbox.cardRead(doubtful);
    return null;
  }

  /** What keeps the modem from being ready comes first; then what keeps messages on its card. */
  #problem(): Trouble | null {
    return this.modem.state.problem ?? this.#inbox.problem;
  }

  /** The only copy of a call is its notice: it is written down at once. */
  #called(from: string | null): void {
    if (this.claimed === null) return;
    const { store, committed, log } = this.#options;
    store.write
      .callReceived({ iccid: this.claimed, from, at: new Date().toISOString() })
      .then(({ events }) => committed(events))
      .catch((error) => log.error({ slot: this.name }, `a call was lost: ${messageOf(error)}`));
  }

  #cardTaken(): void {
    const now = new Date().toISOString();
    this.#options.store.write
      .simAbsent({ slot: this.name, now })
      .then(({ events }) => this.#options.committed(events))
      .catch((error) =>
        this.#options.log.error({ slot: this.name, err: error }, 'cannot record that a SIM is gone'),
      );
  }

  /** The retained state, but for what numbers its revisions. */
  state(): Omit<SlotState, 'epoch' | 'rev'> {
    const { modem } = this;
    const { phase, restarts, recoveries } = modem.state;
    const problem = this.#problem();
    return {
      v: VERSION,
      slot: this.name,
      port: modem.path,
      phase,
      driver: modem.driver?.name ?? null,
      manufacturer: modem.identity?.manufacturer || null,
      model: modem.identity?.model || null,
      firmware: modem.identity?.firmware || null,
      imei: modem.identity?.imei ?? null,
      iccid: modem.card?.iccid ?? null,
      operator: modem.network?.operator ?? null,
      rat: modem.network?.rat ?? null,
      registration: modem.network?.registration ?? 'unknown',
      signalDbm: modem.network?.signalDbm ?? null,
      storage: modem.storage,
      lastReceivedAt: this.#lastReceivedAt,
      restarts,
      recoveries,
      ...modem.heard,
      problem:
        problem === null
          ? null
          : { ...problem, message: this.#explanation ?? problem.message, since: this.#problemSince },
      updatedAt: new Date().toISOString(),
    };
  }
}
