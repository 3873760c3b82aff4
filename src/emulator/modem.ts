/** An emulated modem as a test or a person sees it: a tty at a path, and everything that can be done to it. */
import { SimbankError } from '../errors.ts';
import { IncomingCall } from './calls.ts';
import type { Device } from './device.ts';
import type { Faults } from './faults.ts';
import type { SimIdentity } from './identity.ts';
import type { Counters, JournalEntry } from './journal.ts';
import type { Delivered } from './network.ts';
import { Plug } from './plug.ts';
import type { SentMessage } from './sending.ts';
import type { StoreName } from './settings.ts';
import { createSim, type EmulatedSim, isEmulatedSim } from './sim.ts';
import type { TextMessage } from './tpdu.ts';

export interface StoredEntry {
  /** As the modem counts. */
  readonly index: number;
  readonly tpdu: string;
  readonly read: boolean;
}

export class EmulatedModem {
  readonly index: number;
  readonly #device: Device;
  readonly #plug: Plug;
  #lastSim: EmulatedSim | null = null;

  /** `vanishMs` is how long a restart by the vendor's command takes it off the bus. */
  constructor(path: string, device: Device, vanishMs: number) {
    this.index = device.index;
    this.#device = device;
    this.#plug = new Plug(path, device, vanishMs);
  }

  /** The first power-on: ready at once, without the notices of a boot. */
  start(): Promise<void> {
    return this.#plug.start();
  }

  /** What a gateway configures: a link to the pty of the day. It stays, unless the fault `renameOnReplug` is on. */
  get path(): string {
    return this.#plug.path;
  }

  get imei(): string {
    return this.#device.imei;
  }

  get persona(): string {
    return this.#device.persona.name;
  }

  get sim(): EmulatedSim | null {
    return this.#device.sim;
  }

  get plugged(): boolean {
    return this.#plug.plugged;
  }

  /** False while booting and while unplugged. */
  get powered(): boolean {
    return this.#device.powered;
  }

  /** It has power and takes commands, its card and its stores can be used, and it is on the network. */
  get reachable(): boolean {
    const { powered, line, smsReady, radio } = this.#device;
    return powered && !line.answersLater && smsReady && radio.registered;
  }

  /** A card was put in that it does not see: its radio has to be off and on, or it has to be restarted. */
  get overlooksCard(): boolean {
    return this.#device.slot.overlooked;
  }

  get faults(): Faults {
    return this.#device.faults;
  }

  get log(): readonly JournalEntry[] {
    return this.#device.journal.entries();
  }

  /** What the client sent last, oldest first. */
  get sent(): readonly SentMessage[] {
    return this.#device.sent;
  }

  /** Calls that came in, oldest first: whether somebody answered, and how they ended. */
  get calls(): readonly IncomingCall[] {
    return this.#device.calls;
  }

  counters(): Counters {
    return { ...this.#device.journal.counters };
  }

  /** Sends a text to the SIM that is here; long texts become several TPDUs. */
  deliverText(message: TextMessage): Delivered {
    return this.#count(this.#device.network.deliverText(this.#subscriber(), message));
  }

  /** Sends one TPDU as it is, hex without an SMSC field. */
  deliverTpdu(tpduHex: string): Delivered {
    return this.#count(this.#device.network.deliverTpdu(this.#subscriber(), tpduHex));
  }

  /** TPDUs that the network still holds for the SIM that is here. */
  pending(): number {
    return this.sim === null ? 0 : this.#device.network.pending(this.sim.iccid);
  }

  /** What is in one memory, or in SM and then ME. */
  stored(store?: StoreName): StoredEntry[] {
    const names: StoreName[] = store === undefined ? ['SM', 'ME'] : [store];
    return names
      .flatMap((name) => this.#device.store(name)?.list() ?? [])
      .map(({ index, tpdu, stat }) => ({ index: this.#device.shown(index), tpdu, read: stat !== 0 }));
  }

  /** Calls the SIM that is here; it rings every second until somebody ends it. */
  ring(from: string): IncomingCall {
    this.#subscriber();
    const call = new IncomingCall(this.#device, from);
    this.#device.calls.push(call);
    return call;
  }

  /** Pulls the USB plug: the path is gone, clients see a hang-up, the modem has no power. */
  unplug(): Promise<void> {
    return this.#plug.unplug();
  }

  /** A new pty behind the same path; resolves when the modem has booted. */
  replug(): Promise<void> {
    return this.#plug.replug();
  }

  /** Restarts without leaving the bus, as modules on a UART do; resolves when it has booted. */
  async reboot(): Promise<void> {
    if (!this.plugged) throw new SimbankError('emulator.unplugged', `modem ${this.index} is unplugged`);
    await this.#plug.reboot();
  }

  /** The tty that notices go to while they go elsewhere, made when it is first asked for; its path. */
  urcTty(): Promise<string> {
    return this.#plug.urcTty();
  }

  /** Takes the SIM out, with its messages. */
  removeSim(): EmulatedSim | null {
    const sim = this.#device.slot.take();
    if (sim !== null) this.#lastSim = sim;
    return sim;
  }

  /** Puts a SIM in: the one last taken out, one of another modem, or a new one of this identity. */
  insertSim(sim?: SimIdentity | EmulatedSim): EmulatedSim {
    const wanted = sim ?? this.#lastSim;
    if (wanted === null)
      throw new SimbankError('emulator.no_sim', `modem ${this.index} had no SIM to put back`);
    const card = isEmulatedSim(wanted) ? wanted : createSim(wanted, this.#device.persona.capacity.SM);
    this.#device.slot.put(card);
    return card;
  }

  /** Octets that appear on the line between or within answers, as from a bad cable. */
  noise(octets: Uint8Array): void {
    this.#device.line.noise(Buffer.from(octets).toString('latin1'));
  }

  /** Sends any unsolicited line. */
  announce(urc: string): boolean {
    return this.#device.urc(urc);
  }

  #subscriber(): string {
    const { sim } = this.#device;
    if (sim === null) {
      throw new SimbankError(
        'emulator.no_sim',
        `modem ${this.index} has no SIM: the network knows no subscriber there`,
      );
    }
    return sim.iccid;
  }

  #count(delivered: Delivered): Delivered {
    this.#device.journal.counters.delivered += delivered.tpdus.length;
    return delivered;
  }
}
