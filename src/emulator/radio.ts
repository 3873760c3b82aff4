/** Whether a modem is on the network, in which domain, and what it says when that changes (27.007 clauses 7.2 and 10.1). */
import type { Device } from './device.ts';
import type { RegistrationFault } from './faults.ts';

/** <stat> of +CREG and of +CEREG, and whether messages come. */
interface Standing {
  readonly circuit: number;
  readonly packet: number;
  readonly messages: boolean;
}

const OFF: Standing = { circuit: 0, packet: 0, messages: false };
const HOME: Standing = { circuit: 1, packet: 1, messages: true };

const BY_FAULT: Readonly<Record<RegistrationFault, Standing>> = {
  lost: OFF,
  searching: { circuit: 2, packet: 2, messages: false },
  denied: { circuit: 3, packet: 3, messages: false },
  roaming: { circuit: 5, packet: 5, messages: true },
  psOnly: { circuit: 0, packet: 1, messages: true },
  csDenied: { circuit: 3, packet: 1, messages: true },
  psOnlyNoSms: { circuit: 0, packet: 1, messages: false },
};

/** The names of +CREG and its like. */
const DOMAINS = ['+CREG', '+CGREG', '+CEREG'] as const;

export class Radio {
  /** +COPS=2 was given. */
  deregistered = false;
  readonly #device: Device;
  #attachedTo: string | null = null;
  #standing: Standing = OFF;
  /** SMS over IMS, as it was set when the modem started. */
  #ims = false;

  constructor(device: Device) {
    this.#device = device;
  }

  get registered(): boolean {
    const { circuit, packet } = this.#now();
    return [1, 5].includes(circuit) || [1, 5].includes(packet);
  }

  /** <stat> of a domain by the name of its command. */
  stat(name: string): number {
    return statOf(this.#now(), name);
  }

  powerOff(): void {
    this.deregistered = false;
    this.update();
  }

  powerOn(): void {
    this.#ims = this.#device.nonvolatile.get('ims') === '1';
  }

  memoryAvailable(): void {
    if (this.#attachedTo !== null) this.#device.network.memoryAvailable(this.#attachedTo);
  }

  /** Tells the network and the client whether this SIM is on the air, after anything that may change it. */
  update(): void {
    const device = this.#device;
    const { sim, settings, network, faults } = device;
    const now = this.#now();
    const before = this.#standing;
    this.#standing = now;
    for (const name of DOMAINS) {
      const n = settings.registration.get(name) ?? 0;
      if (n > 0 && statOf(now, name) !== statOf(before, name)) device.urc(`${name}: ${statOf(now, name)}`);
    }
    const reachable = now.messages && faults.registeredButDeaf === null;
    const iccid = reachable && sim !== null ? sim.iccid : null;
    if (iccid === this.#attachedTo) return;
    if (this.#attachedTo !== null) network.detach(this.#attachedTo);
    this.#attachedTo = iccid;
    if (iccid !== null) network.attach(iccid, (tpdu) => device.reception.receive(tpdu));
  }

  #now(): Standing {
    const { simTrouble, functionality, faults } = this.#device;
    if (simTrouble !== null || functionality !== 1 || this.deregistered) return OFF;
    if (faults.registration === null) return HOME;
    const standing = BY_FAULT[faults.registration];
    return faults.registration === 'psOnlyNoSms' && this.#ims ? { ...standing, messages: true } : standing;
  }
}

function statOf({ circuit, packet }: Standing, name: string): number {
  return name === '+CREG' ? circuit : packet;
}
