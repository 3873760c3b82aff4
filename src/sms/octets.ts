/**
 * Octets in and out: hex, a cursor that knows the field it is reading, and the one error of this folder.
 *
 * Octets are counted from 0 at the first octet of the hex that was given, SMSC prefix included, so that
 * octet N stands at hex digit 2N.
 */
import { SimbankError } from '../errors.ts';

/** The place and the fault of something that cannot be read, as `SMS-DELIVER TP-SCTS at octet 12: …`. */
export function malformed(structure: string, field: string, octet: number, fault: string): SimbankError {
  return new SimbankError('sms.malformed', `${structure} ${field} at octet ${octet}: ${fault}`, {
    field,
    octet,
  });
}

export interface Cursor {
  readonly octets: Uint8Array;
  /** The next octet to read. */
  at: number;
  /** One past the last octet that may be read. */
  readonly end: number;
  /** The structure being read, for errors: `PDU`, then `SMS-DELIVER` and so on. */
  structure: string;
}

export function takeOctet(cursor: Cursor, field: string): number {
  if (cursor.at >= cursor.end) throw malformed(cursor.structure, field, cursor.at, 'the data ends here');
  return cursor.octets[cursor.at++] as number;
}

/** `count` octets, without copying them. */
export function takeOctets(cursor: Cursor, count: number, field: string): Uint8Array {
  const left = cursor.end - cursor.at;
  if (left < count) {
    throw malformed(cursor.structure, field, cursor.at, `needs ${count} octets, the data ends after ${left}`);
  }
  const start = cursor.at;
  cursor.at += count;
  return cursor.octets.subarray(start, cursor.at);
}

/** The value of each character code as a hex digit, 255 for anything else. */
const digitOf = new Uint8Array(128).fill(255);
for (let value = 0; value < 16; value++) {
  digitOf[value.toString(16).charCodeAt(0)] = value;
  digitOf['0123456789ABCDEF'.charCodeAt(value)] = value;
}

const hexOf: readonly string[] = Array.from({ length: 256 }, (_, octet) => {
  const digits = '0123456789ABCDEF';
  return digits.charAt(octet >> 4) + digits.charAt(octet & 15);
});

/** The octets of `hex`; `structure` names the thing in errors. */
export function fromHex(hex: string, structure = 'PDU'): Uint8Array {
  const octets = new Uint8Array(hex.length >> 1);
  for (let octet = 0; octet < octets.length; octet++) {
    const high = digitOf[hex.charCodeAt(2 * octet)] ?? 255;
    const low = digitOf[hex.charCodeAt(2 * octet + 1)] ?? 255;
    if ((high | low) > 15) throw malformed(structure, 'hex', octet, 'not two hexadecimal digits');
    octets[octet] = (high << 4) | low;
  }
  if (hex.length % 2 !== 0) throw malformed(structure, 'hex', octets.length, 'half an octet');
  return octets;
}

/** Upper case, as modems write it. */
export function toHex(octets: Uint8Array): string {
  let hex = '';
  for (const octet of octets) hex += hexOf[octet];
  return hex;
}
