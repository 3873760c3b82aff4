/** What a modem does with what the network sends: stores it and tells of it, or hands it over the line (27.005 §3.4.1). */
import type { Device } from './device.ts';
import { classOf, SMSC_FIELD } from './tpdu.ts';

/** 27.005 §3.4.4: how long a client has to acknowledge; no value is given there, real ones wait some 15 s. */
const ACKNOWLEDGE_MS = 15_000;

export class Reception {
  readonly #device: Device;
  /** Not null from a message that did not fit until a place is free and the store was listed. */
  #full: { roomMade: boolean; listed: boolean } | null = null;
  /** Runs while a message that went over the line is to be acknowledged. */
  #unacknowledged: NodeJS.Timeout | undefined;

  constructor(device: Device) {
    this.#device = device;
  }

  forget(): void {
    this.#full = null;
    clearTimeout(this.#unacknowledged);
    this.#unacknowledged = undefined;
  }

  /** A place became free. */
  madeRoom(): void {
    if (this.#full !== null) this.#full = this.#full.listed ? null : { ...this.#full, roomMade: true };
  }

  listed(): void {
    if (this.#full !== null) this.#full = this.#full.roomMade ? null : { ...this.#full, listed: true };
  }

  /** +CNMA; false when nothing is to be acknowledged. */
  acknowledge(): boolean {
    if (this.#unacknowledged === undefined) return false;
    clearTimeout(this.#unacknowledged);
    this.#unacknowledged = undefined;
    this.#device.line.afterwards(() => this.#device.memoryAvailable());
    return true;
  }

  /** A TPDU from the network; false when it has to keep it. */
  receive(tpdu: string): boolean {
    const { settings, powered } = this.#device;
    // 23.040 §9.2.3.1, TP-MTI: 2 is a status report.
    if ((Number.parseInt(tpdu.slice(0, 2), 16) & 3) === 2) return this.#receiveReport(tpdu);
    const [, mt = 0] = settings.cnmi;
    const messageClass = classOf(tpdu);
    if (messageClass === 0 && mt !== 2) return this.#receiveClassZero(tpdu);
    // mt 2 hands all but the messages for the card's own use over, 3 only those of class 3; both store nothing.
    if (powered && (mt === 2 || (mt === 3 && messageClass === 3))) return this.#handOver('+CMT: ,', tpdu);
    return this.#store(tpdu);
  }

  #receiveClassZero(tpdu: string): boolean {
    const { faults, persona, powered, settings } = this.#device;
    const way = faults.carriesClassZero ? 'line' : persona.classZero;
    if (way === 'store' || !powered || settings.cnmi[1] === 0) return this.#store(tpdu);
    if (way === 'line') return this.#handOver('+CMT: ,', tpdu);
    this.#device.urc('+CMTI: ,-1');
    return true;
  }

  #handOver(head: string, tpdu: string): boolean {
    const { journal, settings } = this.#device;
    if (this.#unacknowledged !== undefined) return false;
    if (settings.csms === 1) {
      this.#unacknowledged = setTimeout(() => this.#giveUp(tpdu), ACKNOWLEDGE_MS);
    }
    journal.add('stored', '', 0, tpdu);
    if (this.#device.urc(`${head}${tpdu.length / 2}\r\n${SMSC_FIELD}${tpdu}`)) {
      journal.add('announced', '', 0, tpdu);
    }
    return true;
  }

  /** 27.005 §3.4.4: nothing is handed over any more; the network sends the message again, and it is stored. */
  #giveUp(tpdu: string): void {
    this.#unacknowledged = undefined;
    const { settings } = this.#device;
    settings.cnmi = settings.cnmi.map((value, i) => (i === 1 || i === 3 ? 0 : value));
    this.#store(tpdu);
    this.#device.memoryAvailable();
  }

  #store(tpdu: string): boolean {
    const { faults, persona, settings } = this.#device;
    const selected = settings.memories[2];
    const name = faults.wrongStore?.stores ?? selected;
    const place = this.#put(name, tpdu);
    if (place === null) {
      this.#isFull(name);
      return false;
    }
    this.#announce(faults.wrongStore?.announces ?? name, place, tpdu);
    const twice = faults.storesTwice ?? persona.storesTwice;
    if (twice !== null) {
      const second = twice === 'same' ? name : name === 'ME' ? 'SM' : 'ME';
      const copy = this.#put(second, tpdu);
      if (copy !== null) this.#announce(second, copy, tpdu);
    }
    return true;
  }

  /** The place, or null when there is none. */
  #put(name: string, tpdu: string): number | null {
    const device = this.#device;
    const message = device.store(name)?.add(tpdu, 0);
    if (!message) return null;
    device.journal.add('stored', name, device.shown(message.index), tpdu);
    return message.index;
  }

  #announce(name: string, place: number, tpdu: string): void {
    const device = this.#device;
    const { faults, persona, settings, journal } = device;
    if (settings.cnmi[1] === 0) return;
    if (this.#full !== null && (faults.fullSilently || persona.silentWhenFull)) return;
    const notice = `+CMTI: "${name}",${device.shown(place)}`;
    if (device.urc(notice)) journal.add('announced', name, device.shown(place), tpdu);
    if (faults.announcesTwice || persona.announcesTwice) device.urc(notice);
  }

  #isFull(name: string): void {
    const { faults, persona } = this.#device;
    if (this.#full !== null) return;
    this.#full = { roomMade: false, listed: false };
    if (persona.fullNotice !== null && !faults.fullSilently) {
      this.#device.urc(persona.fullNotice.replace('%s', name));
    }
  }

  #receiveReport(tpdu: string): boolean {
    const { persona, settings } = this.#device;
    const ds = settings.cnmi[3] ?? 0;
    if (ds === 1) return this.#handOver(persona.reportPrefix, tpdu);
    if (ds !== 2) return true;
    const place = this.#put('SR', tpdu);
    if (place === null) return false;
    this.#device.urc(
      persona.reports === 'mixed-up' ? '+CDSI: "SM",0' : `+CDSI: "SR",${this.#device.shown(place)}`,
    );
    return true;
  }
}
