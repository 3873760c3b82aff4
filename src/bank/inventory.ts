/** What the world may know of slots and SIMs: retained state, published when it changes. */
import { VERSION } from '../protocol/events.ts';
import type { SimState, SlotState } from '../protocol/state.ts';
import { mccmncOf } from '../sim/mcc.ts';
import { type Operators, operatorOfCard } from './numbers/operators.ts';
import type { Slot } from './slot.ts';
import type { StoredEvent } from './store/events.ts';
import type { SimFilter } from './store/sims.ts';
import type { BankStore } from './store/store.ts';

/** What has a state to show: a slot, or a device that is left alone. */
type Place = Pick<Slot, 'name' | 'state'>;

export interface InventoryOptions {
  /** Starts of this data directory so far: revisions go on over restarts, this in front and a counter behind. */
  readonly boots: number;
  readonly epoch: () => string;
  readonly slots: () => Iterable<Slot>;
  /** What is there and is no slot. */
  readonly ignored: () => Iterable<Place>;
  readonly store: Pick<BankStore, 'sims' | 'activations' | 'usedServices'>;
  readonly operators: Operators;
  readonly publish: (kind: 'slot' | 'sim', name: string, payload: string) => void;
}

/** Changes come in bursts; published is what they led to. */
const AFTER_MS = 250;
/** Of a burst so many SIMs are published at a time, so that commands and messages get their turn in between. */
const SIMS_AT_A_TIME = 25;
const NEXT_AFTER_MS = 10;

export class Inventory {
  readonly #options: InventoryOptions;
  readonly #dirty = new Set<Place>();
  /** Slots whose SIMs, and SIMs by ICCID, that may show something else. */
  readonly #dirtyCards = new Set<Slot>();
  readonly #dirtySims = new Set<string>();
  /** The card each slot held when it was last looked at. */
  readonly #lastCard = new Map<Slot, string>();
  /** What was last said of each SIM, but for its revision. */
  readonly #said = new Map<string, string>();
  #due: NodeJS.Timeout | undefined;
  #stopped = false;
  #rev: number;

  constructor(options: InventoryOptions) {
    this.#options = options;
    this.#rev = options.boots * 2 ** 32;
  }

  /** What changes from now on is told at the next start. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#due);
  }

  /** A slot, or the SIM in it, shows something else than before. */
  changed(slot: Slot): void {
    this.#dirty.add(slot);
    this.#dirtyCards.add(slot);
    this.#soon();
  }

  /** Only the time of its last message has: worth telling, in no hurry. */
  received(slot: Slot): void {
    this.#dirty.add(slot);
  }

  /** A device that is left alone has come, or another reason for it. */
  ignored(place: Place): void {
    this.#dirty.add(place);
    this.#soon();
  }

  /** An operator has said something else of a SIM. */
  simChanged(iccid: string): void {
    this.#dirtySims.add(iccid);
    this.#soon();
  }

  /** What was committed together: the SIMs of whose activations or numbers it speaks show something else. */
  happened(events: readonly StoredEvent[]): void {
    if (!events.some(({ type }) => /^(activation|alarm)\./.test(type))) return;
    for (const { type, data } of events) {
      if (!/^(activation|alarm|sms)\./.test(type)) continue;
      // A match names its message, which names the SIM.
      const { iccid } = JSON.parse(data) as { iccid?: string | null };
      if (iccid != null) this.#dirtySims.add(iccid);
    }
    this.#soon();
  }

  publishSlots(): void {
    for (const slot of this.#dirty) this.#options.publish('slot', slot.name, JSON.stringify(this.slot(slot)));
    this.#dirty.clear();
  }

  /** Publishes what has changed of SIMs, of all unless some are named. */
  publishSims(filter?: SimFilter): void {
    for (const sim of this.sims(filter)) {
      const { rev: _rev, updatedAt: _at, ...content } = sim;
      const now = JSON.stringify(content);
      if (this.#said.get(sim.iccid) === now) continue;
      this.#said.set(sim.iccid, now);
      this.#options.publish('sim', sim.iccid, JSON.stringify(sim));
    }
  }

  slots(): SlotState[] {
    return [...this.#options.slots(), ...this.#options.ignored()].map((slot) => this.slot(slot));
  }

  slot(slot: Place): SlotState {
    return { ...slot.state(), epoch: this.#options.epoch(), rev: ++this.#rev };
  }

  sims(filter?: SimFilter): SimState[] {
    const { store } = this.#options;
    const holders = new Map<string, Slot>();
    // A locked card tells no number; it is the one that was there before.
    const locked = new Map<string, Slot>();
    for (const slot of this.#options.slots()) {
      if (slot.modem.card !== null) holders.set(slot.modem.card.iccid, slot);
      if (slot.modem.state.phase === 'locked') locked.set(slot.name, slot);
    }
    const rows = store.sims(filter);
    const iccids = filter === undefined ? undefined : rows.map(({ iccid }) => iccid);
    const open = Map.groupBy(store.activations(iccids), ({ iccid }) => iccid);
    const used = store.usedServices(iccids);
    return rows.map((sim): SimState => {
      const slot = holders.get(sim.iccid) ?? locked.get(sim.slot ?? '');
      return {
        v: VERSION,
        epoch: this.#options.epoch(),
        rev: ++this.#rev,
        iccid: sim.iccid,
        imsi: sim.imsi,
        msisdn: sim.msisdn,
        msisdnSource: sim.msisdnSource,
        countryIso: sim.countryIso,
        mccmnc: sim.imsi === null ? null : mccmncOf(sim.imsi),
        operator:
          sim.operator ?? operatorOfCard(this.#options.operators, sim.imsi, slot?.modem.network ?? null),
        eid: null,
        slot: slot?.name ?? null,
        insertedAt: sim.insertedAt,
        state: sim.held ?? stateOf(slot),
        activations: (open.get(sim.iccid) ?? []).map(({ id, service, mode, expiresAt }) => {
          return { activationId: id, service, mode, expiresAt };
        }),
        usedServices: used.get(sim.iccid) ?? [],
        updatedAt: new Date().toISOString(),
      };
    });
  }

  #soon(afterMs = AFTER_MS): void {
    if (this.#stopped) return;
    this.#due ??= setTimeout(() => {
      this.#due = undefined;
      this.publishSlots();
      this.#lookAtCards();
      const iccids = [...this.#dirtySims].slice(0, SIMS_AT_A_TIME);
      for (const iccid of iccids) this.#dirtySims.delete(iccid);
      this.publishSims({ iccids });
      if (this.#dirtySims.size > 0) this.#soon(NEXT_AFTER_MS);
    }, afterMs);
  }

  /** The card that is in a slot, the one that was, and one that is there but tells no number. */
  #lookAtCards(): void {
    const slots = [...this.#dirtyCards].map(({ name }) => name);
    for (const { iccid } of slots.length === 0 ? [] : this.#options.store.sims({ slots })) {
      this.#dirtySims.add(iccid);
    }
    for (const slot of this.#dirtyCards) {
      const before = this.#lastCard.get(slot);
      const now = slot.modem.card?.iccid;
      if (before !== undefined) this.#dirtySims.add(before);
      if (now === undefined) continue;
      this.#dirtySims.add(now);
      this.#lastCard.set(slot, now);
    }
    this.#dirtyCards.clear();
  }
}

function stateOf(slot: Slot | undefined): SimState['state'] {
  const phase = slot?.modem.state.phase;
  if (phase === undefined) return 'absent';
  return phase === 'ready' || phase === 'locked' ? phase : 'registering';
}
