/**
 * TP-DCS, the data coding scheme: 23.038 clause 4.
 */

export type Encoding = 'gsm7' | '8bit' | 'ucs2';
export type MessageClass = 0 | 1 | 2 | 3;

/** A waiting indication: from a coding group of TP-DCS, or from an element of the header (then with a count). */
export interface MessageWaiting {
  readonly type: 'voicemail' | 'fax' | 'email' | 'other';
  readonly active: boolean;
  /** Whether the message itself is to be kept. */
  readonly store: boolean;
  readonly count: number | null;
}

export interface Dcs {
  /** The octet as it came. */
  readonly value: number;
  readonly encoding: Encoding;
  readonly compressed: boolean;
  readonly class: MessageClass | null;
  /** Group 01xx: the message may be deleted once it was read. */
  readonly autoDelete: boolean;
  readonly waiting: MessageWaiting | null;
}

export const WAITING_TYPES = ['voicemail', 'fax', 'email', 'other'] as const;

export function readDcs(value: number): Dcs {
  return schemes[value & 0xff] as Dcs;
}

function scheme(value: number): Dcs {
  const group = value >> 4;
  const plain = { value, compressed: false, class: null, autoDelete: false, waiting: null };
  if (group < 8) {
    // 00xx general, 01xx the same with automatic deletion.
    return {
      value,
      encoding: alphabetOfBits((value >> 2) & 3),
      compressed: (value & 0x20) !== 0,
      class: value & 0x10 ? classOf(value) : null,
      autoDelete: group >= 4,
      waiting: null,
    };
  }
  if (group === 0xf) {
    // Data coding and message class; bit 3 is reserved and says nothing.
    return { ...plain, encoding: value & 4 ? '8bit' : 'gsm7', class: classOf(value) };
  }
  if (group >= 0xc) {
    const type = WAITING_TYPES[value & 3] as MessageWaiting['type'];
    const waiting = { type, active: (value & 8) !== 0, store: group !== 0xc, count: null };
    return { ...plain, encoding: group === 0xe ? 'ucs2' : 'gsm7', waiting };
  }
  // 1000 to 1011: «any reserved codings shall be assumed to be the GSM 7 bit default alphabet».
  return { ...plain, encoding: 'gsm7' };
}

function classOf(value: number): MessageClass {
  return (value & 3) as MessageClass;
}

function alphabetOfBits(bits: number): Encoding {
  if (bits === 1) return '8bit';
  return bits === 2 ? 'ucs2' : 'gsm7';
}

/** There are 256 of them and they never change. */
const schemes: readonly Dcs[] = Array.from({ length: 256 }, (_, value) => Object.freeze(scheme(value)));
