/** A SIM card: who it is, its PIN, and the message memory that moves with it from modem to modem. */
import type { SimIdentity } from './identity.ts';
import { MessageStore } from './store.ts';

/** Tries before the PIN, and before the PUK is blocked (11.11 §9.3). */
const PIN_TRIES = 3;
const PUK_TRIES = 10;

export interface EmulatedSim extends SimIdentity {
  readonly store: MessageStore;
  /** What the card itself holds as its number (+CNUM); most real ones hold none. The network always knows `msisdn`. */
  ownNumber: string | null;
  pinTries: number;
  readonly pukTries: number;
  /** The PIN was given since power-on, or none is asked for. */
  unlocked: boolean;
  /** Index of the modem that holds it. */
  holder: number | null;
}

export function createSim(identity: SimIdentity, capacity: number): EmulatedSim {
  return {
    ...identity,
    store: new MessageStore(capacity),
    ownNumber: identity.msisdn,
    pinTries: PIN_TRIES,
    pukTries: PUK_TRIES,
    unlocked: identity.pin === null,
    holder: null,
  };
}

export function isEmulatedSim(sim: SimIdentity | EmulatedSim): sim is EmulatedSim {
  return 'store' in sim;
}

/** What power-on does: the PIN is asked for again. */
export function resetSim(sim: EmulatedSim): void {
  sim.unlocked = sim.pin === null;
}

export type PinResult = 'ok' | 'wrong' | 'blocked';

export function verifyPin(sim: EmulatedSim, pin: string): PinResult {
  if (sim.pinTries === 0) return 'blocked';
  if (pin === sim.pin) {
    sim.pinTries = PIN_TRIES;
    sim.unlocked = true;
    return 'ok';
  }
  sim.pinTries -= 1;
  return sim.pinTries === 0 ? 'blocked' : 'wrong';
}

/** EF-ICCID as CRSM shows it (51.011 §10.1.1): ten octets, nibbles swapped, F to fill. */
export function efIccid(iccid: string): string {
  const padded = iccid.padEnd(20, 'F');
  return padded.replace(/(.)(.)/g, '$2$1');
}

/** Octets of a name in EF-MSISDN, and behind it: length, type, ten of digits, capability, extension (131.102 §4.2.26). */
const NAME = 14;
export const MSISDN_RECORD = NAME + 14;

/** The first record of EF-MSISDN; one that was never written is all ones. */
export function efMsisdn(ownNumber: string | null): string {
  if (ownNumber === null) return 'FF'.repeat(MSISDN_RECORD);
  const digits = ownNumber.replace(/^\+/, '');
  const octets = (digits.length % 2 === 1 ? `${digits}F` : digits).replace(/(.)(.)/g, '$2$1');
  const length = (1 + octets.length / 2).toString(16).padStart(2, '0');
  const type = ownNumber.startsWith('+') ? '91' : '81';
  return `${'FF'.repeat(NAME)}${length}${type}${octets.padEnd(20, 'F')}FFFF`.toUpperCase();
}
