/** Where a modem's SIM is: in or out, being loaded, usable; and what the modem says about it. */
import { SimbankError } from '../errors.ts';
import type { Device } from './device.ts';
import { type EmulatedSim, resetSim } from './sim.ts';

export class CardSlot {
  sim: EmulatedSim | null = null;
  readonly #device: Device;
  #loaded: 'nothing' | 'card' | 'stores' = 'stores';
  #loading: NodeJS.Timeout | undefined;
  #overlooked = false;
  #diedLoading = false;
  /** It was put in while the modem ran, which is told otherwise than a boot. */
  #isNew = false;

  constructor(device: Device) {
    this.#device = device;
  }

  /** Why the SIM cannot be used, as the code of +CME ERROR; null when it can. */
  get trouble(): 10 | 11 | 12 | 13 | 14 | null {
    const { sim } = this;
    if (sim === null || this.#overlooked) return 10;
    if (this.#loaded === 'nothing') return 14;
    if (this.#device.faults.deadSim) return 13;
    if (sim.unlocked) return null;
    return sim.pinTries === 0 ? 12 : 11;
  }

  /** The card was put in too late for this modem. */
  get overlooked(): boolean {
    return this.#overlooked;
  }

  get storesLoaded(): boolean {
    return this.#loaded === 'stores';
  }

  powerOn(): void {
    this.#overlooked = false;
    this.#isNew = false;
    this.unload();
    // What is said first does not wait for a card.
    this.#device.urcs(this.#device.persona.boot.first);
    this.load();
  }

  take(): EmulatedSim | null {
    const { sim } = this;
    if (sim === null) return null;
    clearTimeout(this.#loading);
    this.sim = null;
    sim.holder = null;
    this.#overlooked = false;
    this.#device.radio.update();
    this.#device.urcs(this.#device.persona.simRemoved);
    this.#detected(false);
    return sim;
  }

  put(sim: EmulatedSim): void {
    const { index, faults, network, persona, powered } = this.#device;
    if (sim.holder !== null && sim.holder !== index) {
      throw new SimbankError(
        'emulator.sim_in_use',
        `this SIM is in modem ${sim.holder}; remove it there first`,
        { iccid: sim.iccid, modem: sim.holder },
      );
    }
    this.take();
    this.sim = sim;
    sim.holder = index;
    if (faults.deadSim) faults.deadSim = false;
    network.subscribe(sim);
    this.#overlooked = powered && persona.hotSwap !== 'seen';
    this.#isNew = true;
    this.unload();
    if (!powered || this.#overlooked) return;
    this.#detected(true);
    this.load();
  }

  /** Nothing of the card is known any more; a modem without power keeps nobody from putting messages on it. */
  unload(): void {
    clearTimeout(this.#loading);
    this.#diedLoading = false;
    this.#loaded = this.#device.powered ? 'nothing' : 'stores';
    if (this.sim !== null) resetSim(this.sim);
    this.#device.radio.update();
  }

  load(): void {
    if (this.sim === null) return;
    this.#after(this.#device.persona.cardMs, () => {
      this.#loaded = 'card';
      this.usable();
    });
  }

  /** The radio was off and is on again: some look at their card then. */
  radioOn(): void {
    if (!this.#overlooked || this.#device.persona.hotSwap !== 'after-radio') return;
    this.#overlooked = false;
    this.load();
  }

  /** A card that was dead when it was to be loaded lives again. */
  revived(): void {
    if (this.#diedLoading && this.trouble !== 13) this.usable();
  }

  /** After loading or the PIN: the notices of a SIM that became usable. */
  usable(): void {
    this.#diedLoading = this.trouble === 13;
    if (this.trouble !== null) return;
    const { persona, radio } = this.#device;
    const own = this.#isNew ? persona.simInserted : null;
    this.#device.urcs(own ?? persona.boot.card);
    radio.update();
    this.#after(persona.smsMs, () => {
      this.#loaded = 'stores';
      this.#device.urcs(own === null ? persona.boot.sms : []);
    });
  }

  #after(ms: number, action: () => void): void {
    clearTimeout(this.#loading);
    if (ms === 0) action();
    else this.#loading = setTimeout(action, ms);
  }

  #detected(inserted: boolean): void {
    // Quectel: +QSIMSTAT reports only when AT+QSIMSTAT=1 was given.
    if (this.#device.settings.kept.get('+QSIMSTAT') === '1') {
      this.#device.urc(`+QSIMSTAT: 1,${inserted ? 1 : 0}`);
    }
  }
}
