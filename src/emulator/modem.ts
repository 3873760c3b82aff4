/** An emulated modem as a test or a person sees it: a tty at a path that stays, and everything that can be done to it. */
import { lstat, readlink, rename, symlink, unlink } from 'node:fs/promises';
import { SimbankError } from '../errors.ts';
import type { Device, SentMessage } from './device.ts';
import type { Faults } from './faults.ts';
import type { SimIdentity } from './identity.ts';
import type { Counters, JournalEntry } from './journal.ts';
import type { Delivered } from './network.ts';
import { Pty } from './pty.ts';
import type { StoreName } from './settings.ts';
import { createSim, type EmulatedSim, isEmulatedSim } from './sim.ts';
import type { TextMessage } from './tpdu.ts';

export interface StoredEntry {
  readonly index: number;
  readonly tpdu: string;
  readonly read: boolean;
}

export class EmulatedModem {
  readonly index: number;
  /** What a gateway configures: a link to the pty of the day. */
  readonly path: string;
  readonly #device: Device;
  #pty: Pty | null = null;
  #boot: { timer: NodeJS.Timeout; done: Promise<void>; end: () => void } | null = null;
  #turn: Promise<void> = Promise.resolve();
  #lastSim: EmulatedSim | null = null;

  constructor(path: string, device: Device) {
    this.index = device.index;
    this.path = path;
    this.#device = device;
    // Later, so that the OK of AT+CFUN=1,1 is out before the power goes.
    device.onReset = () => setImmediate(() => void this.reboot().catch(() => {}));
  }

  /** The first power-on: ready at once, without the notices of a boot. */
  async start(): Promise<void> {
    await this.#plug();
    this.#device.powered = true;
    this.#device.updateRegistration();
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
    return this.#pty !== null;
  }

  /** False while booting and while unplugged. */
  get powered(): boolean {
    return this.#device.powered;
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
      .map(({ index, tpdu, stat }) => ({ index, tpdu, read: stat !== 0 }));
  }

  /** Pulls the USB plug: the path is gone, clients see a hang-up, the modem has no power. */
  unplug(): Promise<void> {
    return this.#inTurn(async () => {
      const pty = this.#pty;
      if (pty === null) return;
      this.#pty = null;
      this.#endBoot();
      this.#device.powerOff();
      this.#device.line.disconnect();
      // Another bank may have been started on the same folder: its link stays.
      const target = await readlink(this.path).catch(() => null);
      if (target === pty.slavePath) await unlink(this.path).catch(() => {});
      await pty.close();
    });
  }

  /** A new pty behind the same path; resolves when the modem has booted. */
  async replug(): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#pty !== null) return;
      await this.#plug();
      this.#bootUp();
    });
    await this.#boot?.done;
  }

  /** Restarts without leaving the bus, as modules on a UART do; resolves when it has booted. */
  async reboot(): Promise<void> {
    if (this.#pty === null) throw new SimbankError('emulator.unplugged', `modem ${this.index} is unplugged`);
    this.#endBoot();
    this.#device.powerOff();
    this.#bootUp();
    await this.#boot?.done;
  }

  /** Takes the SIM out, with its messages. */
  removeSim(): EmulatedSim | null {
    const sim = this.#device.takeSim();
    if (sim !== null) this.#lastSim = sim;
    return sim;
  }

  /** Puts a SIM in: the one last taken out, one of another modem, or a new one of this identity. */
  insertSim(sim?: SimIdentity | EmulatedSim): EmulatedSim {
    const wanted = sim ?? this.#lastSim;
    if (wanted === null)
      throw new SimbankError('emulator.no_sim', `modem ${this.index} had no SIM to put back`);
    const card = isEmulatedSim(wanted) ? wanted : createSim(wanted, this.#device.persona.capacity.SM);
    this.#device.putSim(card);
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

  async #plug(): Promise<void> {
    const pty = new Pty({
      onInput: (text) => {
        if (this.#device.powered) this.#device.line.receive(text);
      },
      onRoom: () => this.#device.line.onRoom(),
    });
    this.#pty = pty;
    this.#device.line.connect(pty);
    try {
      await link(pty.slavePath, this.path);
    } catch (error) {
      this.#pty = null;
      this.#device.line.disconnect();
      await pty.close();
      throw error;
    }
  }

  #bootUp(): void {
    let end = () => {};
    const done = new Promise<void>((resolve) => {
      end = resolve;
    });
    const timer = setTimeout(() => {
      this.#endBoot();
      this.#device.powerOn();
    }, this.#device.persona.bootMs);
    this.#boot = { timer, done, end };
  }

  #endBoot(): void {
    if (this.#boot === null) return;
    clearTimeout(this.#boot.timer);
    this.#boot.end();
    this.#boot = null;
  }

  /** Plugs and unplugs one after the other, however they are called. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => {});
    return mine;
  }
}

/** Makes or moves a link without a moment in which it points nowhere. */
async function link(target: string, path: string): Promise<void> {
  const existing = await lstat(path).catch(() => null);
  if (existing !== null && !existing.isSymbolicLink()) {
    throw new SimbankError(
      'emulator.path_taken',
      `${path} exists and is not a link of an emulator; remove it first`,
    );
  }
  const temporary = `${path}.new`;
  await unlink(temporary).catch(() => {});
  await symlink(target, temporary);
  await rename(temporary, path);
}
