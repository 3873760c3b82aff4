/**
 * One emulated modem's inside: SIM, memories, radio, settings, and what happens to them.
 *
 * It answers no command itself (commands.ts does) and does not know what it is plugged into (modem.ts does).
 */
import { SimbankError } from '../errors.ts';
import { execute } from './commands.ts';
import type { Faults } from './faults.ts';
import { Journal } from './journal.ts';
import { Line, type LineOwner } from './line.ts';
import type { Network } from './network.ts';
import type { Persona } from './personas.ts';
import { cme, cms, type Refusal, type Reply } from './reply.ts';
import { defaultSettings, type Settings, type StoreName } from './settings.ts';
import { type EmulatedSim, resetSim } from './sim.ts';
import { MessageStore, type StoredMessage } from './store.ts';
import type { Call } from './syntax.ts';
import { NETWORK_SMSC, readTpdu, SMSC_FIELD } from './tpdu.ts';

const SENT_KEPT = 64;

export interface SentMessage {
  readonly to: string;
  /** Null for 8-bit data. */
  readonly text: string | null;
  readonly reference: number;
  readonly report: boolean;
  /** Null when it was given in text mode. */
  readonly tpdu: string | null;
}

export class Device implements LineOwner {
  readonly index: number;
  readonly persona: Persona;
  readonly imei: string;
  readonly faults: Faults;
  readonly network: Network;
  readonly journal = new Journal();
  readonly line: Line;
  readonly memory: MessageStore;
  readonly sent: SentMessage[] = [];
  settings: Settings;
  sim: EmulatedSim | null = null;
  /** <fun> of +CFUN: 1 is full, 0 and 4 are off the air. */
  functionality = 1;
  /** +COPS=2 was given. */
  deregistered = false;
  /** False while off or booting: deaf and mute, though the network still reaches the SIM. */
  powered = false;
  /** What AT+CFUN=1,1 asks for; the modem around this device carries it out. */
  onReset: () => void = () => {};
  #attachedTo: string | null = null;
  #reference = 0;

  constructor(index: number, persona: Persona, imei: string, network: Network, faults: Faults) {
    this.index = index;
    this.persona = persona;
    this.imei = imei;
    this.network = network;
    this.faults = faults;
    this.memory = new MessageStore(persona.capacity.ME);
    this.settings = defaultSettings(persona, NETWORK_SMSC);
    this.line = new Line(this);
  }

  execute(call: Call): Reply {
    return execute(this, call);
  }

  onCommandLine(): void {
    this.journal.counters.commands += 1;
  }

  /** Why the SIM cannot be used, as the code of +CME ERROR; null when it can. */
  get simTrouble(): 10 | 11 | 12 | null {
    if (this.sim === null) return 10;
    if (this.sim.unlocked) return null;
    return this.sim.pinTries === 0 ? 12 : 11;
  }

  /** The refusal of a 27.007 command that needs the SIM. */
  refuseSim(): Refusal | null {
    return this.simTrouble === null ? null : cme(this.simTrouble);
  }

  /** The same of a 27.005 command: +CMS ERROR 310, 311, 316. */
  refuseMessages(): Refusal | null {
    switch (this.simTrouble) {
      case null:
        return null;
      case 10:
        return cms(310);
      case 11:
        return cms(311);
      case 12:
        return cms(316);
    }
  }

  get registered(): boolean {
    return this.simTrouble === null && this.functionality === 1 && !this.deregistered;
  }

  store(name: StoreName): MessageStore | null {
    return name === 'ME' ? this.memory : (this.sim?.store ?? null);
  }

  /** Tells the network and the client whether this SIM is on the air, after anything that may change it. */
  updateRegistration(): void {
    const iccid = this.registered && this.sim !== null ? this.sim.iccid : null;
    if (iccid === this.#attachedTo) return;
    if (this.#attachedTo !== null) this.network.detach(this.#attachedTo);
    this.#attachedTo = iccid;
    for (const [name, n] of this.settings.registration) {
      if (n > 0) this.urc(`${name}: ${this.registered ? 1 : 0}`);
    }
    if (iccid !== null) this.network.attach(iccid, (tpdu) => this.#receive(tpdu));
  }

  /** What waits in the network may fit now. */
  memoryAvailable(): void {
    if (this.#attachedTo !== null) this.network.memoryAvailable(this.#attachedTo);
  }

  markRead(store: StoreName, message: StoredMessage): void {
    this.journal.add('read', store, message.index, message.tpdu);
    if (message.stat === 0) message.stat = 1;
  }

  deleteMessage(name: StoreName, index: number): void {
    const message = this.store(name)?.delete(index);
    if (message) this.journal.add('deleted', name, index, message.tpdu);
  }

  /** Gives a SUBMIT to the network; its reference (23.040 §9.2.3.6). */
  sendTpdu(tpdu: string): number {
    const read = readTpdu(tpdu);
    return this.#sent(read?.address ?? '', read?.text ?? null, read?.report ?? false, tpdu);
  }

  /** The same from text mode, where the modem would write the TPDU. */
  sendText(to: string, text: string): number {
    return this.#sent(to, text, false, null);
  }

  #sent(to: string, text: string | null, report: boolean, tpdu: string | null): number {
    const reference = this.#reference;
    this.#reference = (reference + 1) & 0xff;
    this.journal.add('sent', '', reference, tpdu ?? '');
    this.sent.push({ to, text, reference, report, tpdu });
    if (this.sent.length > SENT_KEPT) this.sent.shift();
    return reference;
  }

  urc(text: string): boolean {
    return this.powered && this.line.urc(text);
  }

  /** Power goes: settings are forgotten, memories are not. */
  powerOff(): void {
    this.powered = false;
    this.line.reset();
    this.settings = defaultSettings(this.persona, NETWORK_SMSC);
    this.functionality = 1;
    this.deregistered = false;
    if (this.sim !== null) resetSim(this.sim);
    this.updateRegistration();
  }

  powerOn(): void {
    this.powered = true;
    for (const line of this.persona.boot) this.urc(line);
    if (this.simTrouble === null) for (const line of this.persona.bootWithSim) this.urc(line);
    this.updateRegistration();
  }

  takeSim(): EmulatedSim | null {
    const sim = this.sim;
    if (sim === null) return null;
    this.sim = null;
    sim.holder = null;
    this.updateRegistration();
    for (const line of this.persona.simRemoved) this.urc(line);
    this.#simDetected(false);
    return sim;
  }

  putSim(sim: EmulatedSim): void {
    if (sim.holder !== null && sim.holder !== this.index) {
      throw new SimbankError(
        'emulator.sim_in_use',
        `this SIM is in modem ${sim.holder}; remove it there first`,
        {
          iccid: sim.iccid,
          modem: sim.holder,
        },
      );
    }
    this.takeSim();
    this.sim = sim;
    sim.holder = this.index;
    resetSim(sim);
    this.#simDetected(true);
    this.simUsable();
  }

  /** After insertion or PIN: the notices of a SIM that became usable. */
  simUsable(): void {
    if (this.simTrouble !== null) return;
    for (const line of this.persona.simInserted) this.urc(line);
    this.updateRegistration();
  }

  #simDetected(inserted: boolean): void {
    // Quectel: +QSIMSTAT reports only when AT+QSIMSTAT=1 was given.
    if (this.settings.kept.get('+QSIMSTAT') === '1') this.urc(`+QSIMSTAT: 1,${inserted ? 1 : 0}`);
  }

  /** A TPDU from the network; false when it has to keep it. */
  #receive(tpdu: string): boolean {
    const name = this.settings.memories[2];
    const mt = this.settings.cnmi[1] ?? 0;
    if (mt >= 2 && this.powered) {
      // 27.005 §3.4.1, mt=2: straight to the client, stored nowhere.
      this.journal.add('stored', '', 0, tpdu);
      if (this.urc(`+CMT: ,${tpdu.length / 2}\r\n${SMSC_FIELD}${tpdu}`)) {
        this.journal.add('announced', '', 0, tpdu);
      }
      return true;
    }
    const message = this.store(name)?.add(tpdu, 0);
    if (!message) return false;
    this.journal.add('stored', name, message.index, tpdu);
    if (mt === 1 && this.urc(`+CMTI: "${name}",${message.index}`)) {
      this.journal.add('announced', name, message.index, tpdu);
    }
    return true;
  }
}
