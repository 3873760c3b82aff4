/**
 * The GSM 7-bit default alphabet and its extension: 23.038 clauses 6.2.1 and 6.2.1.1.
 *
 * A table is a string of 128 characters, septet 0x00 first. Septet 0x1B is the escape and is never looked up in a
 * basic table. U+0000 means «no symbol here»; 0x1B stays empty in all shift tables.
 */

/** Clause 6.2.1. Rows of sixteen. */
export const DEFAULT_ALPHABET =
  '@£$¥èéùìòÇ\nØø\rÅå' +
  'Δ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ' +
  ' !"#¤%&\'()*+,-./' +
  '0123456789:;<=>?' +
  '¡ABCDEFGHIJKLMNO' +
  'PQRSTUVWXYZÄÖÑÜ§' +
  '¿abcdefghijklmno' +
  'pqrstuvwxyzäöñüà';

/** «No symbol here». */
export const NOTHING = '\u0000';

/** A shift table from its symbols: `{0x65: '€'}`. */
export function shiftTable(symbols: Readonly<Record<number, string>>): string {
  let table = '';
  for (let septet = 0; septet < 128; septet++) table += symbols[septet] ?? NOTHING;
  return table;
}

/** Clause 6.2.1.1. 0x0A is the page break; 0x0D and 0x1B are control codes that no symbol may take. */
export const EXTENSION_SYMBOLS: Readonly<Record<number, string>> = {
  10: '\f',
  20: '^',
  40: '{',
  41: '}',
  47: '\\',
  60: '[',
  61: '~',
  62: ']',
  64: '|',
  101: '€',
};

export const DEFAULT_EXTENSION = shiftTable(EXTENSION_SYMBOLS);
