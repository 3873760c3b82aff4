/**
 * The number a card says it has: +CNUM of 27.007 §7.1, and EF-MSISDN of ETSI TS 131 102 §4.2.26, which is what +CNUM reads.
 *
 * Pure. Most cards say nothing, and what they say was written by an operator once: a hint, not a proof.
 */
import { fields } from '../at/urc.ts';

export interface CardNumber {
  /** Digits as they stand on the card, without `+`. */
  readonly digits: string;
  /** Type of number 1: the digits begin with the country code. */
  readonly international: boolean;
}

/** Shorter ones are services, longer ones are not telephone numbers (E.164 allows fifteen digits). */
const DIGITS = /^\+?\d{6,15}$/;

/** The first number in the lines of +CNUM; families put it in the second or a later field, or leave the name before it out. */
export function parseOwnNumber(lines: readonly string[]): CardNumber | null {
  for (const line of lines) {
    if (!line.startsWith('+CNUM:')) continue;
    const parts = fields(line.slice(6));
    const at = parts.findIndex((part) => DIGITS.test(part));
    if (at < 0) continue;
    const written = parts[at]!;
    // 145: international (27.007 §7.1 <type>, the octet of 24.008 §10.5.4.7).
    const international = written.startsWith('+') || parts[at + 1] === '145';
    return { digits: written.replace('+', ''), international };
  }
  return null;
}

/** Octets behind the name: length, type of number, ten of digits, two identifiers. */
const TAIL = 14;
const FILLER = 0xf;

/** The number in one record of EF-MSISDN, as hex; null where the record is empty or damaged. */
export function parseMsisdnRecord(hex: string): CardNumber | null {
  if (!/^([0-9A-Fa-f]{2})+$/.test(hex) || hex.length < 2 * TAIL) return null;
  const tail = hex.slice(-2 * TAIL);
  const length = Number.parseInt(tail.slice(0, 2), 16);
  // It counts the type's octet, too; FF is an empty record.
  if (length < 2 || length > 11) return null;
  const type = Number.parseInt(tail.slice(2, 4), 16);
  const swapped = tail.slice(4, 4 + 2 * (length - 1)).replace(/(.)(.)/g, '$2$1');
  const digits = swapped.slice(
    0,
    [...swapped].findIndex((digit) => Number.parseInt(digit, 16) === FILLER) >>> 0,
  );
  return DIGITS.test(digits) ? { digits, international: ((type >> 4) & 7) === 1 } : null;
}
