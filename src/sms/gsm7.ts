/**
 * GSM 7-bit text: septets in octets, and septets as characters with the national language tables.
 * 23.038 clause 6.1.2 (packing) and 6.2.1 (alphabet, extension, single and locking shift).
 */
import { DEFAULT_ALPHABET, DEFAULT_EXTENSION, NOTHING } from './gsm7-tables.ts';
import { LOCKING_TABLES, SINGLE_TABLES } from './national-tables.ts';

const ESCAPE = 0x1b;

/** The two tables a text is read with: what stands alone, and what stands after an escape. */
export interface Alphabet {
  readonly basic: readonly string[];
  readonly shifted: readonly string[];
  /** The septets of each character, for writing; made when first needed. */
  septets?: ReadonlyMap<string, readonly number[]>;
}

function alphabet(basicTable: string, shiftTable: string): Alphabet {
  // Places without a symbol in a locking table are shown as a space.
  const basic = Array.from(basicTable, (symbol) => (symbol === NOTHING ? ' ' : symbol));
  // 23.038 clause 6.2.1.1: a code without a symbol in the shift table shows the character of the main table or of the
  // locking shift table; escape followed by escape is a space until another table is defined.
  const shifted = Array.from(shiftTable, (symbol, septet) =>
    symbol === NOTHING ? (basic[septet] as string) : symbol,
  );
  shifted[ESCAPE] = ' ';
  return { basic, shifted };
}

const defaultAlphabet = alphabet(DEFAULT_ALPHABET, DEFAULT_EXTENSION);
const alphabets = new Map<number, Alphabet>([[0, defaultAlphabet]]);

/**
 * The tables for a locking and a single shift language (clause 6.2.1.2.4), 0 for none. A language that is not defined,
 * or has no such table, is as good as none.
 */
export function alphabetOf(locking: number, single: number): Alphabet {
  const key = 256 * locking + single;
  let tables = alphabets.get(key);
  if (tables === undefined) {
    tables = alphabet(
      LOCKING_TABLES[locking] ?? DEFAULT_ALPHABET,
      SINGLE_TABLES[single] ?? DEFAULT_EXTENSION,
    );
    alphabets.set(key, tables);
  }
  return tables;
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

/** Septets into `octets`, from bit `7 * skip` on; the octets there must be 0. */
export function packSeptets(septets: Uint8Array, octets: Uint8Array, skip: number): void {
  let bit = 7 * skip;
  for (const septet of septets) {
    const octet = bit >> 3;
    const pair = septet << (bit & 7);
    octets[octet] = (octets[octet] as number) | (pair & 0xff);
    if (pair > 0xff) octets[octet + 1] = (octets[octet + 1] as number) | (pair >> 8);
    bit += 7;
  }
}

/** How a stretch of septets reads: `escaped` when its last escape still waits for the septet it shifts. */
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

/** The septets of each character of `text`, or null when a character is in neither table. */
export function textToSeptets(
  text: string,
  tables: Alphabet = defaultAlphabet,
): readonly (readonly number[])[] | null {
  tables.septets ??= septetsByCharacter(tables);
  const characters: (readonly number[])[] = [];
  for (const character of text) {
    const septets = tables.septets.get(character);
    if (septets === undefined) return null;
    characters.push(septets);
  }
  return characters;
}

function septetsByCharacter(tables: Alphabet): ReadonlyMap<string, readonly number[]> {
  const septets = new Map<string, readonly number[]>();
  // The plain form is the shorter one and wins, and of two places the first. A space is written as 0x20 only: other
  // places show one because they are empty.
  tables.basic.forEach((character, septet) => {
    if (septet !== ESCAPE && (character !== ' ' || septet === 0x20) && !septets.has(character)) {
      septets.set(character, [septet]);
    }
  });
  tables.shifted.forEach((character, septet) => {
    if (septet !== ESCAPE && !septets.has(character)) septets.set(character, [ESCAPE, septet]);
  });
  return septets;
}
