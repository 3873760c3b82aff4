import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { alphabetOf, readSeptets, textToSeptets } from '../../src/sms/gsm7.ts';
import { DEFAULT_ALPHABET } from '../../src/sms/gsm7-tables.ts';
import { LOCKING_TABLES, SINGLE_TABLES } from '../../src/sms/national-tables.ts';

/**
 * 23.038 Annex A in full, eight rows of sixteen code points a table, `----` where the annex has nothing. Checked by
 * hand against two independent transcriptions of the annex (of releases 9 and 18); where these two, or the annex and
 * its own pattern, differ, national-tables.ts says so.
 */
interface Printed {
  language: number;
  name: string;
  single: string[];
  locking: string[] | null;
}

const printed = JSON.parse(
  readFileSync(new URL('../vectors/national-tables.json', import.meta.url), 'utf8'),
) as Printed[];

function tableOf(rows: string[]): string {
  const codes: Record<string, string> = { '----': '\u0000', ESC: '\u001b' };
  return rows
    .flatMap((row) => row.trim().split(/\s+/))
    .map((code) => codes[code] ?? String.fromCharCode(Number.parseInt(code, 16)))
    .join('');
}

const INDIAN = [4, 5, 6, 7, 8, 9, 10, 11, 12];

describe.each(printed)('$name', ({ language, single, locking }) => {
  test('the tables are those of the annex', () => {
    expect(SINGLE_TABLES[language]).toBe(tableOf(single));
    expect(LOCKING_TABLES[language]).toBe(locking === null ? undefined : tableOf(locking));
  });

  test('the tables have 128 places, and control codes where every table has them', () => {
    const shift = SINGLE_TABLES[language] ?? '';
    expect(shift).toHaveLength(128);
    expect([shift[0x0a], shift[0x0d], shift[0x1b]]).toEqual(['\f', '\u0000', '\u0000']);
    // Every single shift table keeps the extension's brackets, the circumflex, the bar and the euro.
    expect(
      [0x14, 0x28, 0x29, 0x2f, 0x3c, 0x3d, 0x3e, 0x40, 0x65].map((septet) => shift[septet]).join(''),
    ).toBe('^{}\\[~]|€');
    const basic = LOCKING_TABLES[language];
    if (basic === undefined) return;
    expect(basic).toHaveLength(128);
    expect([basic[0x0a], basic[0x0d], basic[0x1b], basic[0x20]]).toEqual(['\n', '\r', '\u001b', ' ']);
    expect(basic.slice(0x30, 0x3a)).toBe('0123456789');
    expect(basic.slice(0x61, 0x7b)).toBe('abcdefghijklmnopqrstuvwxyz');
  });

  test('no character stands twice in a table', () => {
    const counted = (table: string): string[] =>
      [...table].filter((character, index) => character !== '\u0000' && table.indexOf(character) !== index);
    expect(counted(LOCKING_TABLES[language] ?? '')).toEqual([]);
    // The annex has the inverted exclamation mark and the asterisk twice.
    const twice = language >= 4 ? ['¡', '*'] : [];
    expect(counted(SINGLE_TABLES[language] ?? '')).toEqual(twice);
  });

  test('the letters are of the language', () => {
    const letters = `${LOCKING_TABLES[language] ?? ''}${SINGLE_TABLES[language]}`.replace(
      /[\u0000-\u02ff]/g,
      '',
    );
    const blocks: Record<number, RegExp> = {
      4: /^[\u0980-\u09ff€]*$/,
      5: /^[\u0a80-\u0aff\u0964\u0965€]*$/,
      6: /^[\u0900-\u097f€]*$/,
      7: /^[\u0c80-\u0cff\u0964\u0965€]*$/,
      8: /^[\u0d00-\u0d7f\u0964\u0965€]*$/,
      9: /^[\u0b00-\u0b7f\u0964\u0965€]*$/,
      10: /^[\u0a00-\u0a7f\u0964\u0965€]*$/,
      11: /^[\u0b80-\u0bff\u0964\u0965€]*$/,
      12: /^[\u0c00-\u0c7f€]*$/,
      13: /^[\u0600-\u06ff€]*$/,
    };
    expect(letters).toMatch(blocks[language] ?? /^[Α-Ωα-ω€∞]*$/);
    // All are characters that Unicode had when the annex was written, none is unassigned.
    expect(letters).not.toMatch(/\p{Cn}/u);
  });

  test('what the tables can say is read as it was written', () => {
    const tables = alphabetOf(language, language);
    const characters = [...new Set([...tables.basic, ...tables.shifted])].filter(
      (character) => character !== '\u001b',
    );
    const septets = textToSeptets(characters.join(''), tables);
    expect(septets).not.toBeNull();
    expect(readSeptets(Uint8Array.from((septets ?? []).flat()), tables).text).toBe(characters.join(''));
  });
});

test('the nine Indian locking tables put one offset of their blocks at one septet', () => {
  for (let septet = 0; septet < 0x60; septet++) {
    const codes = INDIAN.map((language) => LOCKING_TABLES[language]?.charCodeAt(septet) ?? 0).filter(
      (code) => code !== 0,
    );
    const offsets = new Set(codes.map((code) => (code < 0x80 ? code : 0x80 + (code & 0x7f))));
    expect(offsets.size, `septet 0x${septet.toString(16)}`).toBe(1);
  }
});

test('the letters that a script lacks in its locking table are those that Unicode lacks there', () => {
  const blocks: Record<number, number> = {
    4: 0x980,
    5: 0xa80,
    6: 0x900,
    7: 0xc80,
    9: 0xb00,
    10: 0xa00,
    11: 0xb80,
  };
  const hindi = LOCKING_TABLES[6] ?? '';
  for (const [language, block] of Object.entries(blocks)) {
    const table = LOCKING_TABLES[Number(language)] ?? '';
    for (let septet = 0; septet < 0x60; septet++) {
      const offset = hindi.charCodeAt(septet) - 0x900;
      if (offset < 0) continue;
      const character = String.fromCharCode(block + offset);
      if (table[septet] === '\u0000' && /[^\p{Cn}]/u.test(character)) {
        // Assigned after 2009, when the annex was made, and so not in it.
        expect(['\u0c80', '\u0c81', '\u0b55']).toContain(character);
      }
    }
  }
});

test('languages that are not defined read as the default alphabet', () => {
  for (const language of [0, 2, 14, 127, 255]) {
    expect(alphabetOf(language, 0).basic.join('')).toBe(DEFAULT_ALPHABET);
  }
  expect(alphabetOf(0, 200).shifted).toEqual(alphabetOf(0, 0).shifted);
});
