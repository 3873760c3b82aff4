/**
 * One emulated modem's inside: SIM, memories, radio, settings, and what happens to them.
 *
 * It answers no command itself (commands.ts does) and does not know what it is plugged into (modem.ts does).
 */
import { frame } from './answer.ts';
import type { IncomingCall } from './calls.ts';
import { CardSlot } from './cardslot.ts';
import { inCharset } from './charset.ts';
import { execute } from './commands.ts';
import type { Faults } from './faults.ts';
import { Journal } from './journal.ts';
import { Line, type LineOwner } from './line.ts';
import type { Network } from './network.ts';
import type { Persona } from './persona.ts';
import { Radio } from './radio.ts';
import { Reception } from './reception.ts';
import { cme, cms, type Refusal, type Reply } from './reply.ts';
import type { SentMessage } from './sending.ts';
import { defaultSettings, messageDefaults, type Settings } from './settings.ts';
import type { EmulatedSim } from './sim.ts';
import { MessageStore, type StoredMessage } from './store.ts';
import type { Call } from './syntax.ts';
import { NETWORK_SMSC } from './tpdu.ts';

export class Device implements LineOwner {
  readonly index: number;
  readonly persona: Persona;
  readonly imei: string;
  readonly faults: Faults;
  readonly network: Network;
  readonly journal = new Journal();
  readonly line: Line;
  readonly slot: CardSlot;
  readonly radio: Radio;
  readonly reception: Reception;
  /** What the client sent last, oldest first. */
  readonly sent: SentMessage[] = [];
  readonly calls: IncomingCall[] = [];
  /** A USSD menu is open: what the next answer is given to. */
  ussdMenu: string | null = null;
  settings: Settings;
  /** Values that outlive a restart. */
  readonly nonvolatile = new Map<string, string>();
  /** <fun> of +CFUN: 1 is full, all else is off the air. */
  functionality = 1;
  /** False while off or booting: deaf and mute, though the network still reaches the SIM. */
  powered = false;
  /** Its chatter was switched off. */
  quieted = false;
  /** The modem around this device restarts it: as the vendor's command does, or by itself. */
  restart: (how: 'reset' | 'crash') => void = () => {};
  /** The other tty that notices can go to, when there is one. */
  otherTty: ((text: string) => boolean) | null = null;
  /** The modem's own memories, and that of reports; BM is for broadcasts, of which there are none. */
  readonly #stores: Readonly<Record<'ME' | 'SR' | 'BM', MessageStore>>;

  constructor(index: number, persona: Persona, imei: string, network: Network, faults: Faults) {
    this.index = index;
    this.persona = persona;
    this.imei = imei;
    this.network = network;
    this.faults = faults;
    const { ME, SR } = persona.capacity;
    this.#stores = { ME: new MessageStore(ME), SR: new MessageStore(SR), BM: new MessageStore(5) };
    this.settings = defaultSettings(persona, NETWORK_SMSC);
    this.line = new Line(this);
    this.slot = new CardSlot(this);
    this.radio = new Radio(this);
    this.reception = new Reception(this);
  }

  execute(call: Call): Reply {
    return execute(this, call);
  }

  onCommandLine(): void {
    this.journal.counters.commands += 1;
  }

  get mute(): boolean {
    return this.faults.mute || (this.persona.muteOffAir && this.functionality !== 1);
  }

  get obeys(): boolean {
    return this.faults.obeys;
  }

  get prompt(): string {
    return this.faults.prompt ?? this.persona.prompt;
  }

  get echoEnd(): string {
    return this.persona.echoEnd;
  }

  get sim(): EmulatedSim | null {
    return this.slot.sim;
  }

  /** Why the SIM cannot be used, as the code of +CME ERROR; null when it can. */
  get simTrouble(): CardSlot['trouble'] {
    return this.slot.trouble;
  }

  /** The refusal of a 27.007 command that needs the SIM. */
  refuseSim(): Refusal | null {
    return this.simTrouble === null ? null : cme(this.simTrouble);
  }

  /** The same of one that needs a card, and no PIN. */
  refuseCard(): Refusal | null {
    const trouble = this.simTrouble;
    return trouble === null || trouble === 11 || trouble === 12 ? null : cme(trouble);
  }

  /** The same of a 27.005 command: +CMS ERROR 310 to 316; and while the stores are not loaded. */
  refuseMessages(): Refusal | null {
    const trouble = this.simTrouble;
    if (trouble === null) return this.slot.storesLoaded ? null : this.persona.loading;
    // 27.005 §3.2.5 has the same troubles 300 further, but for the PUK.
    return cms(trouble === 12 ? 316 : 300 + trouble);
  }

  /** The stores can be used. */
  get smsReady(): boolean {
    return this.refuseMessages() === null;
  }

  /** A memory by any name of +CPMS: MT and the like mean the modem's own. */
  store(name: string): MessageStore | null {
    if (name === 'SM' || name === 'SM_P') return this.sim?.store ?? null;
    return name === 'SR' || name === 'BM' ? this.#stores[name] : this.#stores.ME;
  }

  /** A place's number as this modem counts, and back. */
  shown(place: number): number {
    return place - 1 + (this.faults.firstIndex ?? this.persona.firstIndex);
  }

  placeOf(shown: number): number {
    return shown + 1 - (this.faults.firstIndex ?? this.persona.firstIndex);
  }

  /** What waits in the network may fit now. */
  memoryAvailable(): void {
    this.radio.memoryAvailable();
  }

  markRead(store: string, message: StoredMessage): void {
    this.journal.add('read', store, this.shown(message.index), message.tpdu);
    if (message.stat === 0) message.stat = 1;
  }

  deleteMessage(name: string, place: number): void {
    const message = this.store(name)?.delete(place);
    if (!message) return;
    this.journal.add('deleted', name, this.shown(place), message.tpdu);
    this.reception.madeRoom();
  }

  /** A line that nobody asked for; false when it is lost. */
  urc(text: string): boolean {
    const { faults } = this;
    if (!this.powered) return false;
    if (faults.dropUrcs > 0 && !this.mute) {
      faults.dropUrcs -= 1;
      return false;
    }
    // A vendor's setting counts more than how the modem came.
    const chosen = this.settings.kept.get('urcport') ?? this.nonvolatile.get('urcport');
    if (chosen === undefined ? faults.urcElsewhere : chosen !== 'usbat' && chosen !== 'all')
      return !this.mute && (this.otherTty?.(frame(text)) ?? false);
    return this.line.urc(text);
  }

  urcs(lines: readonly string[]): void {
    for (const line of lines) this.urc(line);
  }

  /** Text as +CSCS has it go over the line, and back. */
  write(text: string): string {
    return inCharset.write(this, text);
  }

  read(text: string): string {
    return inCharset.read(this, text);
  }

  setFunctionality(value: number): void {
    const before = this.functionality;
    if (value === before) return;
    this.functionality = value;
    if (this.faults.forgetsAfterCfun) Object.assign(this.settings, messageDefaults(this.persona));
    this.line.afterwards(() => {
      if (this.persona.dropsCard && value === 0) {
        this.slot.unload();
        this.urcs(this.persona.simRemoved);
      } else if (this.persona.dropsCard && before === 0) {
        this.slot.load();
      }
      if (value === 1) {
        this.slot.radioOn();
        this.faults.cure('cfun');
      }
      this.radio.update();
    });
  }

  /** Ready at once, without the notices of a boot. */
  start(): void {
    this.powered = true;
    this.radio.update();
  }

  /** Power goes: settings are forgotten, memories are not. */
  powerOff(): void {
    this.powered = false;
    this.quieted = false;
    this.ussdMenu = null;
    for (const call of this.calls) call.end('lost');
    this.line.reset();
    this.settings = defaultSettings(this.persona, NETWORK_SMSC);
    this.functionality = 1;
    this.slot.unload();
    this.reception.forget();
    this.radio.powerOff();
  }

  powerOn(): void {
    this.powered = true;
    this.radio.powerOn();
    this.slot.powerOn();
  }
}
