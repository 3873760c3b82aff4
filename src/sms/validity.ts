/**
 * TP-VP, the validity period of an SMS-SUBMIT, in its three formats: 23.040 clause 9.2.3.12.
 */
import { type Cursor, takeOctet, takeOctets } from './octets.ts';
import { readTimestamp, type Scts, TIMESTAMP_OCTETS } from './timestamp.ts';

export type Validity =
  | { readonly format: 'relative'; readonly value: number; readonly minutes: number }
  | { readonly format: 'absolute'; readonly until: Scts | null }
  | {
      readonly format: 'enhanced';
      readonly octets: Uint8Array;
      /** Null when no period is given, or a reserved one. */
      readonly seconds: number | null;
      /** The service centre is to try once only. */
      readonly singleShot: boolean;
    };

const ENHANCED_OCTETS = 7;

/** `format` is TP-VPF. */
export function takeValidity(cursor: Cursor, format: number): Validity | null {
  switch (format) {
    case 1:
      return enhanced(takeOctets(cursor, ENHANCED_OCTETS, 'TP-VP').slice());
    case 2: {
      const value = takeOctet(cursor, 'TP-VP');
      return { format: 'relative', value, minutes: relativeMinutes(value) };
    }
    case 3:
      return { format: 'absolute', until: readTimestamp(takeOctets(cursor, TIMESTAMP_OCTETS, 'TP-VP')) };
    default:
      return null;
  }
}

/** 9.2.3.12.1: steps of 5 minutes, then of 30, then days, then weeks. */
export function relativeMinutes(value: number): number {
  if (value <= 143) return (value + 1) * 5;
  if (value <= 167) return 12 * 60 + (value - 143) * 30;
  if (value <= 196) return (value - 166) * 24 * 60;
  return (value - 192) * 7 * 24 * 60;
}

/** The shortest relative period of at least `minutes`; the longest there is when that is not enough. */
export function relativeValidity(minutes: number): Validity {
  let value = 0;
  while (value < 255 && relativeMinutes(value) < minutes) value++;
  return { format: 'relative', value, minutes: relativeMinutes(value) };
}

/** 9.2.3.12.3: the first octet says how the others are read. */
function enhanced(octets: Uint8Array): Validity {
  const indicator = octets[0] as number;
  const first = octets[1] as number;
  let seconds: number | null = null;
  if ((indicator & 7) === 1) seconds = 60 * relativeMinutes(first);
  // A period of 0 seconds is reserved.
  if ((indicator & 7) === 2 && first > 0) seconds = first;
  if ((indicator & 7) === 3) seconds = clock(octets);
  return { format: 'enhanced', octets, seconds, singleShot: (indicator & 0x40) !== 0 };
}

/** Hours, minutes and seconds in swapped semi-octets. */
function clock(octets: Uint8Array): number | null {
  let seconds = 0;
  for (let index = 1; index <= 3; index++) {
    const octet = octets[index] as number;
    const tens = octet & 0x0f;
    const units = octet >> 4;
    if (tens > 9 || units > 9) return null;
    seconds = 60 * seconds + 10 * tens + units;
  }
  return seconds;
}
