/** Every data coding scheme: 23.038 clause 4, as its tables have them, one pattern a line. */
import { delivered, type Vector } from './vector.ts';
import { ascii } from './writer.ts';

/** Bits 7 to 0: `x` is any, `c` the class, `t` the type of waiting indication, `s` its sense. */
const PATTERNS: [pattern: string, encoding: 'gsm7' | '8bit' | 'ucs2', extra?: { compressed?: true; store?: boolean }][] = [
  // General data coding indication, and the same marked for automatic deletion.
  ['0x0000xx', 'gsm7'],
  ['0x0100cc', 'gsm7'],
  ['0x0001xx', '8bit'],
  ['0x0101cc', '8bit'],
  ['0x0010xx', 'ucs2'],
  ['0x0110cc', 'ucs2'],
  ['0x0011xx', 'gsm7'],
  ['0x0111cc', 'gsm7'],
  ['0x1000xx', 'gsm7', { compressed: true }],
  ['0x1100cc', 'gsm7', { compressed: true }],
  ['0x1001xx', '8bit', { compressed: true }],
  ['0x1101cc', '8bit', { compressed: true }],
  ['0x1010xx', 'ucs2', { compressed: true }],
  ['0x1110cc', 'ucs2', { compressed: true }],
  ['0x1011xx', 'gsm7', { compressed: true }],
  ['0x1111cc', 'gsm7', { compressed: true }],
  // Reserved coding groups.
  ['10xxxxxx', 'gsm7'],
  // Message waiting indication: discard, store, store in UCS-2.
  ['1100sxtt', 'gsm7', { store: false }],
  ['1101sxtt', 'gsm7', { store: true }],
  ['1110sxtt', 'ucs2', { store: true }],
  // Data coding and message class.
  ['1111x0cc', 'gsm7'],
  ['1111x1cc', '8bit'],
];

export function dcsVectors(): Vector[] {
  return Array.from({ length: 256 }, (_, dcs) => {
    const bits = dcs.toString(2).padStart(8, '0');
    const fitting = PATTERNS.filter(([pattern]) =>
      [...pattern].every((symbol, index) => (symbol === '0' || symbol === '1' ? symbol === bits[index] : true)),
    );
    const found = fitting[0];
    if (found === undefined || fitting.length !== 1) throw new Error(`${fitting.length} patterns for ${bits}`);
    const [pattern, encoding, extra] = found;
    const picked = (symbol: string): number =>
      Number.parseInt([...pattern].map((place, index) => (place === symbol ? bits[index] : '')).join(''), 2);
    const compressed = extra?.compressed ?? false;
    const mwi = pattern.includes('t')
      ? {
          type: ['voicemail', 'fax', 'email', 'other'][picked('t')],
          active: picked('s') === 1,
          store: extra?.store,
          count: null,
        }
      : null;
    const body = encoding === 'gsm7' && !compressed ? { septets: ascii('Code 12') } : { octets: [0, 0x43, 0, 0x31] };
    const content =
      encoding === '8bit' || compressed
        ? { data_hex: '00430031' }
        : { text: encoding === 'ucs2' ? 'C1' : 'Code 12' };
    return delivered(
      `TP-DCS ${bits}`,
      '23.038 4',
      { dcs, ...body },
      { dcs, encoding, compressed, class: pattern.includes('c') ? picked('c') : null, mwi, ...content },
    );
  });
}
