/** ICCID, IMSI, IMEI and number of each emulated modem: a function of the bank's seed and the modem's index, and of nothing else. */
import { createHash } from 'node:crypto';

export interface SimIdentity {
  readonly iccid: string;
  readonly imsi: string;
  readonly msisdn: string | null;
  /** Asked for after power-on (`+CPIN: SIM PIN`) when it is not null. */
  readonly pin: string | null;
}

/** The digit that makes the Luhn sum a multiple of ten (ITU-T E.118 for the ICCID, 23.003 §6.2 for the IMEI). */
export function luhnDigit(digits: string): string {
  let sum = 0;
  for (let i = 0; i < digits.length; i += 1) {
    const digit = Number(digits[digits.length - 1 - i]);
    const doubled = i % 2 === 0 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return String((10 - (sum % 10)) % 10);
}

/** Decimal digits that depend on the seed only. */
function seedDigits(seed: string, purpose: string, count: number): string {
  const octets = createHash('sha256').update(`${purpose}:${seed}`).digest();
  return [...octets.subarray(0, count)].map((octet) => octet % 10).join('');
}

/**
 * Nineteen digits, so that EF-ICCID has its filler F and normalising is exercised: 8999 (no country has 999),
 * ten of the seed, four of the index, the check digit.
 */
function iccidOf(seed: string, index: number): string {
  const payload = `8999${seedDigits(seed, 'iccid', 10)}${String(index).padStart(4, '0')}`;
  return payload + luhnDigit(payload);
}

/** A test IMEI: reporting body 00 (GSMA TS.06), check digit included. */
export function imeiOf(seed: string, index: number): string {
  const payload = `00${seedDigits(seed, 'imei', 8)}${String(index).padStart(4, '0')}`;
  return payload + luhnDigit(payload);
}

const AREA_CODES = [
  202, 212, 213, 214, 215, 303, 305, 312, 313, 314, 404, 415, 503, 512, 602, 612, 617, 702, 713, 718,
];

/** Numbers of 555-0100 to 555-0199, which are kept for fiction; beyond these the unassigned country code 999. */
function msisdnOf(seed: string, index: number): string {
  if (index >= AREA_CODES.length * 100)
    return `+999${seedDigits(seed, 'msisdn', 4)}${String(index).padStart(4, '0')}`;
  const shift = Number(seedDigits(seed, 'msisdn', 2));
  const area = AREA_CODES[(Math.floor(index / 100) + shift) % AREA_CODES.length];
  return `+1${area}55501${String(index % 100).padStart(2, '0')}`;
}

/** The SIM that modem `index` of this bank starts with; the IMSI is of the test network 001/01 (23.003 §2.2). */
export function simIdentityOf(seed: string, index: number): SimIdentity {
  return {
    iccid: iccidOf(seed, index),
    imsi: `00101${seedDigits(seed, 'imsi', 6)}${String(index).padStart(4, '0')}`,
    msisdn: msisdnOf(seed, index),
    pin: null,
  };
}
