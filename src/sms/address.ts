/**
 * Addresses: TP-OA, TP-DA, TP-RA and the SMSC. 23.040 clause 9.1.2.5, semi-octets 9.1.2.3.
 */
import { SimbankError } from '../errors.ts';
import { packSeptets, septetsToText, textToSeptets, unpackSeptets } from './gsm7.ts';
import { type Cursor, malformed, takeOctet, takeOctets } from './octets.ts';

export type TypeOfNumber =
  | 'unknown'
  | 'international'
  | 'national'
  | 'network'
  | 'subscriber'
  | 'alphanumeric'
  | 'abbreviated'
  | 'reserved';

export interface Address {
  /** As shown to a user: digits with `* # a b c` for 0xA to 0xE, `+` in front only when international; or the text. */
  readonly value: string;
  readonly type: TypeOfNumber;
  /** The numbering plan identification, 1 for E.164. */
  readonly plan: number;
}

/** Bits 6 to 4 of the type of address. */
export const TYPES_OF_NUMBER: readonly TypeOfNumber[] = [
  'unknown',
  'international',
  'national',
  'network',
  'subscriber',
  'alphanumeric',
  'abbreviated',
  'reserved',
];

/** Semi-octets 0x0 to 0xE; 0xF is the filler. */
const DIGITS = '0123456789*#abc';
const FILLER = 0xf;
const MAX_SEMI_OCTETS = 20;

/** An address whose length octet counts useful semi-octets, without the type of address (9.1.2.5). */
export function takeAddress(cursor: Cursor, field: string): Address {
  const start = cursor.at;
  const length = takeOctet(cursor, field);
  if (length > MAX_SEMI_OCTETS) {
    throw malformed(
      cursor.structure,
      field,
      start,
      `${length} semi-octets, at most ${MAX_SEMI_OCTETS} are allowed`,
    );
  }
  const typeOfAddress = takeOctet(cursor, field);
  return address(cursor, field, typeOfAddress, length);
}

/** The SMSC in front of a TPDU (27.005 clause 3.1, <pdu>): its length counts octets, type of address included. */
export function takeSmsc(cursor: Cursor): Address | null {
  const start = cursor.at;
  const length = takeOctet(cursor, 'SMSC');
  if (length === 0) return null;
  if (length > 1 + MAX_SEMI_OCTETS / 2) {
    throw malformed(
      cursor.structure,
      'SMSC',
      start,
      `${length} octets, at most ${1 + MAX_SEMI_OCTETS / 2} are allowed`,
    );
  }
  const typeOfAddress = takeOctet(cursor, 'SMSC');
  return address(cursor, 'SMSC', typeOfAddress, 2 * (length - 1));
}

function address(cursor: Cursor, field: string, typeOfAddress: number, length: number): Address {
  const type = TYPES_OF_NUMBER[(typeOfAddress >> 4) & 7] as TypeOfNumber;
  const plan = typeOfAddress & 0x0f;
  const start = cursor.at;
  const octets = takeOctets(cursor, (length + 1) >> 1, field);
  if (type === 'alphanumeric') {
    // 9.1.2.5: 7-bit characters; the length is that of the septets, rounded up to semi-octets.
    const count = Math.floor((4 * length) / 7);
    return { value: septetsToText(unpackSeptets(octets, 0, count)), type, plan };
  }
  let digits = '';
  let filled = false;
  for (let index = 0; index < length; index++) {
    const octet = octets[index >> 1] as number;
    const semiOctet = index & 1 ? octet >> 4 : octet & 0x0f;
    if (semiOctet === FILLER) {
      filled = true;
    } else if (filled) {
      throw malformed(cursor.structure, field, start + (index >> 1), 'a digit after the filler');
    } else {
      digits += DIGITS.charAt(semiOctet);
    }
  }
  const value = type === 'international' && digits !== '' ? `+${digits}` : digits;
  return { value, type, plan };
}

/** TP-OA, TP-DA or TP-RA. */
export function addressOctets(address: Address): Uint8Array {
  const { semiOctets, octets } = valueOctets(address);
  return Uint8Array.of(semiOctets, typeOfAddressOf(address), ...octets);
}

/** The SMSC in front of a TPDU. */
export function smscOctets(address: Address | null): Uint8Array {
  if (address === null) return Uint8Array.of(0);
  const { octets } = valueOctets(address);
  return Uint8Array.of(1 + octets.length, typeOfAddressOf(address), ...octets);
}

function typeOfAddressOf(address: Address): number {
  return 0x80 | (TYPES_OF_NUMBER.indexOf(address.type) << 4) | address.plan;
}

function valueOctets(address: Address): { semiOctets: number; octets: Uint8Array } {
  if (address.type === 'alphanumeric') {
    const septets = textToSeptets(address.value)?.flat();
    if (septets === undefined) throw unwritable(address, 'has a character outside the GSM 7-bit alphabet');
    const semiOctets = Math.ceil((7 * septets.length) / 4);
    if (semiOctets > MAX_SEMI_OCTETS) throw unwritable(address, 'is too long');
    const octets = new Uint8Array((semiOctets + 1) >> 1);
    packSeptets(Uint8Array.from(septets), octets, 0);
    return { semiOctets, octets };
  }
  const digits = address.type === 'international' ? address.value.replace(/^\+/, '') : address.value;
  if (digits.length > MAX_SEMI_OCTETS) throw unwritable(address, 'is too long');
  const octets = new Uint8Array((digits.length + 1) >> 1).fill(0xff);
  for (let index = 0; index < digits.length; index++) {
    const semiOctet = DIGITS.indexOf(digits.charAt(index));
    if (semiOctet < 0) throw unwritable(address, 'has a character that is no digit');
    const octet = octets[index >> 1] as number;
    octets[index >> 1] = index & 1 ? (octet & 0x0f) | (semiOctet << 4) : (octet & 0xf0) | semiOctet;
  }
  return { semiOctets: digits.length, octets };
}

function unwritable(address: Address, fault: string): SimbankError {
  return new SimbankError('sms.invalid_address', `the ${address.type} address ${fault}`, {
    type: address.type,
  });
}
