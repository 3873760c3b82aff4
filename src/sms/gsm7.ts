/**
 * GSM 7-bit text: septets in octets, and septets as characters with the national language tables.
 * 23.038 clause 6.1.2 (packing) and 6.2.1 (alphabet, extension, single and locking shift).
 */
import { DEFAULT_ALPHABET, DEFAULT_EXTENSION } from './gsm7-tables.ts';

const ESCAPE = 0x1b;

/** The two tables a text is read with: what stands alone, and what stands after an escape. */
export interface Alphabet {
  readonly basic: readonly string[];
  readonly shifted: readonly string[];
}

function alphabet(basic: string, shift: string): Alphabet {
  const main = Array.from(basic);
  // 23.038 clause 6.2.1.1: a code without a symbol in the shift table shows the character of the main table (or of
  // the locking shift table); escape followed by escape is a space until another table is defined.
  const shifted = Array.from(shift, (symbol, septet) =>
    symbol === '\u0000' ? (main[septet] ?? ' ') : symbol,
  );
  shifted[ESCAPE] = ' ';
  return { basic: main, shifted };
}

const defaultAlphabet = alphabet(DEFAULT_ALPHABET, DEFAULT_EXTENSION);

/** The tables for a locking and a single shift language (23.038 clause 6.2.1.2.4). Unknown languages are the default's. */
export function alphabetOf(_locking: number, _single: number): Alphabet {
  return defaultAlphabet;
}

/** `count` septets, packed least significant bit first, from bit `7 * skip` of `octets` on. */
export function unpackSeptets(octets: Uint8Array, skip: number, count: number): Uint8Array {
  const septets = new Uint8Array(count);
  let bit = 7 * skip;
  for (let index = 0; index < count; index++) {
    const octet = bit >> 3;
    const pair = (octets[octet] as number) | ((octets[octet + 1] ?? 0) << 8);
    septets[index] = (pair >> (bit & 7)) & 0x7f;
    bit += 7;
  }
  return septets;
}

/** How a stretch of septets begins and ends: true when an escape waits for its second septet. */
export interface Gsm7Text {
  readonly text: string;
  readonly escaped: boolean;
}

/** The characters of `septets`; `escaped` says that the stretch before ended with an escape. */
export function readSeptets(
  septets: Uint8Array,
  tables: Alphabet = defaultAlphabet,
  escaped = false,
): Gsm7Text {
  let text = '';
  let table = escaped ? tables.shifted : tables.basic;
  for (let index = 0; index < septets.length; index++) {
    const septet = septets[index] as number;
    if (septet === ESCAPE && table === tables.basic) {
      table = tables.shifted;
    } else {
      text += table[septet];
      table = tables.basic;
    }
  }
  return { text, escaped: table === tables.shifted };
}

/** The text of septets that nothing follows. An escape at the very end is shown as a space (clause 6.2.1, note 1). */
export function septetsToText(septets: Uint8Array, tables: Alphabet = defaultAlphabet): string {
  const { text, escaped } = readSeptets(septets, tables);
  return escaped ? `${text} ` : text;
}
