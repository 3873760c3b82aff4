/** What the world may know of slots and SIMs: retained state, published when it changes. */
import { VERSION } from '../protocol/events.ts';
import type { SimState, SlotState } from '../protocol/state.ts';
import type { Slot } from './slot.ts';
import type { SimRow } from './store/sims.ts';

export interface InventoryOptions {
  /** Starts of this data directory so far: revisions go on over restarts, this in front and a counter behind. */
  readonly boots: number;
  readonly epoch: () => string;
  readonly slots: () => Iterable<Slot>;
  readonly sims: () => readonly SimRow[];
  readonly publish: (kind: 'slot' | 'sim', name: string, payload: string) => void;
}

/** Changes come in bursts; published is what they led to. */
const AFTER_MS = 250;

export class Inventory {
  readonly #options: InventoryOptions;
  readonly #dirty = new Set<Slot>();
  /** What was last said of each SIM, but for its revision. */
  readonly #said = new Map<string, string>();
  #due: NodeJS.Timeout | undefined;
  #rev: number;

  constructor(options: InventoryOptions) {
    this.#options = options;
    this.#rev = options.boots * 2 ** 32;
  }

  stop(): void {
    clearTimeout(this.#due);
  }

  /** A slot, or the SIM in it, shows something else than before. */
  changed(slot: Slot): void {
    this.#dirty.add(slot);
    this.#due ??= setTimeout(() => {
      this.#due = undefined;
      this.publishSlots();
      this.publishSims();
    }, AFTER_MS);
  }

  /** Only the time of its last message has: worth telling, in no hurry. */
  received(slot: Slot): void {
    this.#dirty.add(slot);
  }

  publishSlots(): void {
    for (const slot of this.#dirty) this.#options.publish('slot', slot.name, JSON.stringify(this.slot(slot)));
    this.#dirty.clear();
  }

  publishSims(): void {
    for (const sim of this.sims()) {
      const { rev: _rev, updatedAt: _at, ...content } = sim;
      const now = JSON.stringify(content);
      if (this.#said.get(sim.iccid) === now) continue;
      this.#said.set(sim.iccid, now);
      this.#options.publish('sim', sim.iccid, JSON.stringify(sim));
    }
  }

  slots(): SlotState[] {
    return [...this.#options.slots()].map((slot) => this.slot(slot));
  }

  slot(slot: Slot): SlotState {
    return { ...slot.state(), epoch: this.#options.epoch(), rev: ++this.#rev };
  }

  sims(): SimState[] {
    const holders = new Map<string, Slot>();
    for (const slot of this.#options.slots()) {
      if (slot.modem.card !== null) holders.set(slot.modem.card.iccid, slot);
    }
    // A locked card tells no number; it is the one that was there before.
    const locked = new Map<string, Slot>();
    for (const slot of this.#options.slots())
      if (slot.modem.state.phase === 'locked') locked.set(slot.name, slot);
    return this.#options.sims().map((sim): SimState => {
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
        mccmnc: sim.imsi?.slice(0, 5) ?? null,
        operator: sim.operator ?? slot?.modem.network?.operator ?? null,
        eid: null,
        slot: slot?.name ?? null,
        insertedAt: sim.insertedAt,
        state: stateOf(slot),
        activations: [],
        usedServices: [],
        updatedAt: new Date().toISOString(),
      };
    });
  }
}

function stateOf(slot: Slot | undefined): SimState['state'] {
  const phase = slot?.modem.state.phase;
  if (phase === undefined) return 'absent';
  return phase === 'ready' || phase === 'locked' ? phase : 'registering';
}
