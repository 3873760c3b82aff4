/**
 * The national language tables of 23.038 Annex A: single shift A.2, locking shift A.3, by language identifier
 * (clause 6.2.1.2.4). The form of a table is that of gsm7-tables.ts.
 *
 * The nine tables of the Indian scripts are given by what they have in common, as the annex built them: Unicode lays
 * the blocks of these scripts out alike, and one offset into the block has one septet in all nine locking tables.
 *
 * Where the printed annex misses its own pattern the pattern is followed, as handsets do: A.3.7 prints 0CAA (PA) for
 * septet 0x24, though PA is at 0x3D and DDA (0CA1) nowhere; A.2.11 prints 0BEF (digit nine) for 0x24 as well as 0x25.
 */
import { DEFAULT_ALPHABET, EXTENSION_SYMBOLS, NOTHING, shiftTable } from './gsm7-tables.ts';

type Symbols = Readonly<Record<number, string>>;

/** A table with some of its symbols replaced. */
function changed(table: string, symbols: Symbols): string {
  return Array.from(table, (symbol, septet) => symbols[septet] ?? symbol).join('');
}

/** The characters from `first` to `last`. */
function range(first: number, last: number): string {
  let characters = '';
  for (let code = first; code <= last; code++) characters += String.fromCharCode(code);
  return characters;
}

// A.3.1 Turkish
const turkishLocking = changed(DEFAULT_ALPHABET, {
  4: '€',
  7: 'ı',
  11: 'Ğ',
  12: 'ğ',
  28: 'Ş',
  29: 'ş',
  64: 'İ',
  96: 'ç',
});

// A.3.3 Portuguese
const portugueseLocking =
  '@£$¥êéúíóç\nÔô\rÁá' +
  'Δ_ªÇÀ∞^\\€Ó|\u001bÂâÊÉ' +
  ' !"#º%&\'()*+,-./' +
  '0123456789:;<=>?' +
  'ÍABCDEFGHIJKLMNO' +
  'PQRSTUVWXYZÃÕÚÜ§' +
  '~abcdefghijklmno' +
  'pqrstuvwxyzãõ`üà';

// A.3.13 Urdu
const urduLocking =
  '\u0627\u0622\u0628\u067b\u0680\u067e\u06a6\u062a\u06c2\u067f\n\u0679\u067d\r\u067a\u067c' +
  '\u062b\u062c\u0681\u0684\u0683\u0685\u0686\u0687\u062d\u062e\u062f\u001b\u068c\u0688\u0689\u068a' +
  ' !\u068f\u068d\u0630\u0631\u0691\u0693)(\u0699\u0632,\u0696.\u0698' +
  '0123456789:;\u069a\u0633\u0634?' +
  '\u0635\u0636\u0637\u0638\u0639\u0641\u0642\u06a9\u06aa\u06ab\u06af\u06b3\u06b1\u0644\u0645\u0646' +
  '\u06ba\u06bb\u06bc\u0648\u06c4\u06d5\u06c1\u06be\u0621\u06cc\u06d0\u06d2\u064d\u0650\u064f\u0657' +
  '\u0654abcdefghijklmno' +
  'pqrstuvwxyz\u0655\u0651\u0653\u0656\u0670';

/**
 * Septets 0x00 to 0x5F of the Indian locking tables: offsets into the script's block, or the character itself (digits
 * behind an apostrophe).
 */
const INDIAN_LAYOUT =
  '01 02 03 05 06 07 08 09 0a 0b LF 0c 0d CR 0e 0f ' +
  '10 11 12 13 14 15 16 17 18 19 1a ESC 1b 1c 1d 1e ' +
  'SP ! 1f 20 21 22 23 24 ) ( 25 26 , 27 . 28 ' +
  "'0 '1 '2 '3 '4 '5 '6 '7 '8 '9 : ; 29 2a 2b ? " +
  '2c 2d 2e 2f 30 31 32 33 34 35 36 37 38 39 3c 3d ' +
  '3e 3f 40 41 42 43 44 45 46 47 48 49 4a 4b 4c 4d';

const NAMED: Readonly<Record<string, string>> = { LF: '\n', CR: '\r', ESC: '\u001b', SP: ' ' };

/**
 * A locking table of an Indian script: its block, the offsets of the layout that are no letters of it, the symbol of
 * septet 0x60 and those of 0x7B to 0x7F, as offsets too.
 */
function indianLocking(block: number, absent: string, symbol60: number, last: readonly number[]): string {
  const missing = new Set(absent.split(' '));
  const letters = INDIAN_LAYOUT.split(' ').map((entry) => {
    if (/^[0-9a-f]{2}$/.test(entry)) {
      return missing.has(entry) ? NOTHING : String.fromCharCode(block + Number.parseInt(entry, 16));
    }
    return NAMED[entry] ?? entry.slice(-1);
  });
  const ends = last.map((offset) => String.fromCharCode(block + offset));
  return `${letters.join('')}${String.fromCharCode(block + symbol60)}${range(0x61, 0x7a)}${ends.join('')}`;
}

/** What the single shift tables of the Indian scripts and of Urdu share (A.2.4 to A.2.13). */
const ASIAN_SYMBOLS: Symbols = {
  ...symbolsFrom(0x00, '@£$¥¿"¤%&\'\f*+'),
  ...symbolsFrom(0x0e, '-/<=>¡^¡_#*'),
  ...EXTENSION_SYMBOLS,
  ...symbolsFrom(0x41, range(0x41, 0x5a)),
};

function symbolsFrom(first: number, characters: string): Symbols {
  return Object.fromEntries(Array.from(characters, (character, index) => [first + index, character]));
}

/** The shared symbols, and the script's own in the free places from 0x19 on. NOTHING leaves a place free. */
function asianSingle(own: string): string {
  const symbols: Record<number, string> = { ...ASIAN_SYMBOLS };
  let septet = 0x19;
  for (const character of own) {
    while (symbols[septet] !== undefined || septet === 0x1b) septet++;
    symbols[septet] = character;
    septet++;
  }
  return shiftTable(symbols);
}

const DANDAS = '\u0964\u0965';
const OFFSETS_E0 = [0x60, 0x61, 0x62, 0x63];

/** Locking shift tables by language identifier. Spanish (2) has none. */
export const LOCKING_TABLES: Readonly<Record<number, string>> = {
  1: turkishLocking,
  3: portugueseLocking,
  // A.3.4 Bengali and Assamese
  4: indianLocking(0x0980, '0d 0e 11 12 29 31 33 34 35 45 46 49 4a', 0x4e, [0x57, 0x5c, 0x5d, 0x70, 0x71]),
  // A.3.5 Gujarati
  5: indianLocking(0x0a80, '0e 12 29 31 34 46 4a', 0x50, [...OFFSETS_E0, 0x71]),
  // A.3.6 Hindi
  6: indianLocking(0x0900, '', 0x50, [0x72, 0x7b, 0x7c, 0x7e, 0x7f]),
  // A.3.7 Kannada
  7: indianLocking(0x0c80, '01 0d 11 29 34 45 49', 0x55, [0x56, ...OFFSETS_E0]),
  // A.3.8 Malayalam
  8: indianLocking(0x0d00, '01 0d 11 29 3c 45 49', 0x57, [...OFFSETS_E0, 0x79]),
  // A.3.9 Oriya
  9: indianLocking(0x0b00, '0d 0e 11 12 29 31 34 45 46 49 4a', 0x56, [0x57, ...OFFSETS_E0]),
  // A.3.10 Punjabi
  10: indianLocking(
    0x0a00,
    '0b 0c 0d 0e 11 12 29 31 34 37 3d 43 44 45 46 49 4a',
    0x51,
    [0x70, 0x71, 0x72, 0x73, 0x74],
  ),
  // A.3.11 Tamil
  11: indianLocking(
    0x0b80,
    '01 0b 0c 0d 11 16 17 18 1b 1d 20 21 22 25 26 27 2b 2c 2d 3c 3d 43 44 45 49',
    0x50,
    [0x57, 0x70, 0x71, 0x72, 0x79],
  ),
  // A.3.12 Telugu
  12: indianLocking(0x0c00, '0d 11 29 34 3c 45 49', 0x55, [0x56, ...OFFSETS_E0]),
  13: urduLocking,
};

/** Single shift tables by language identifier. */
export const SINGLE_TABLES: Readonly<Record<number, string>> = {
  // A.2.1 Turkish
  1: shiftTable({
    ...EXTENSION_SYMBOLS,
    71: 'Ğ',
    73: 'İ',
    83: 'Ş',
    99: 'ç',
    103: 'ğ',
    105: 'ı',
    115: 'ş',
  }),
  // A.2.2 Spanish
  2: shiftTable({
    ...EXTENSION_SYMBOLS,
    9: 'ç',
    65: 'Á',
    73: 'Í',
    79: 'Ó',
    85: 'Ú',
    97: 'á',
    105: 'í',
    111: 'ó',
    117: 'ú',
  }),
  // A.2.3 Portuguese
  3: shiftTable({
    ...EXTENSION_SYMBOLS,
    5: 'ê',
    9: 'ç',
    11: 'Ô',
    12: 'ô',
    14: 'Á',
    15: 'á',
    18: 'Φ',
    19: 'Γ',
    ...symbolsFrom(0x15, 'ΩΠΨΣΘ'),
    31: 'Ê',
    65: 'À',
    73: 'Í',
    79: 'Ó',
    85: 'Ú',
    91: 'Ã',
    92: 'Õ',
    97: 'Â',
    105: 'í',
    111: 'ó',
    117: 'ú',
    123: 'ã',
    124: 'õ',
    127: 'â',
  }),
  // A.2.4 Bengali and Assamese: digits first, no dandas
  4: asianSingle(`${range(0x09e6, 0x09ef)}\u09df${range(0x09e0, 0x09e3)}${range(0x09f2, 0x09fa)}`),
  // A.2.5 Gujarati
  5: asianSingle(`${DANDAS}${range(0x0ae6, 0x0aef)}`),
  // A.2.6 Hindi
  6: asianSingle(
    `${DANDAS}${range(0x0966, 0x096f)}${range(0x0951, 0x0954)}${range(0x0958, 0x0963)}\u0970\u0971`,
  ),
  // A.2.7 Kannada
  7: asianSingle(`${DANDAS}${range(0x0ce6, 0x0cef)}\u0cde\u0cf1\u0cf2`),
  // A.2.8 Malayalam
  8: asianSingle(`${DANDAS}${range(0x0d66, 0x0d75)}${range(0x0d7a, 0x0d7f)}`),
  // A.2.9 Oriya
  9: asianSingle(`${DANDAS}${range(0x0b66, 0x0b6f)}\u0b5c\u0b5d\u0b5f\u0b70\u0b71`),
  // A.2.10 Punjabi
  10: asianSingle(`${DANDAS}${range(0x0a66, 0x0a6f)}${range(0x0a59, 0x0a5c)}\u0a5e\u0a75`),
  // A.2.11 Tamil
  11: asianSingle(`${DANDAS}${range(0x0be6, 0x0bef)}${range(0x0bf3, 0x0bf8)}\u0bfa`),
  // A.2.12 Telugu: no dandas, their places are free
  12: asianSingle(`${NOTHING}${NOTHING}${range(0x0c66, 0x0c6f)}\u0c58\u0c59${range(0x0c78, 0x0c7f)}`),
  // A.2.13 Urdu; 0x3F is its full stop
  13: asianSingle(
    `\u0600\u0601${range(0x06f0, 0x06f9)}${range(0x060c, 0x0614)}\u061b\u061f\u0640\u0652\u0658\u066b\u066c` +
      '\u0672\u0673\u06cd\u06d4',
  ),
};
