/** The GSM 7-bit default alphabet and its packing (23.038 clause 6), and UCS-2: the emulator's own, for both ways. */

// 23.038 §6.2.1, in code order; 0x1B is the escape to the extension table.
const DEFAULT =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
  '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const ESCAPE = 0x1b;

// 23.038 §6.2.1.1
const EXTENSION: ReadonlyMap<string, number> = new Map([
  ['\f', 0x0a],
  ['^', 0x14],
  ['{', 0x28],
  ['}', 0x29],
  ['\\', 0x2f],
  ['[', 0x3c],
  ['~', 0x3d],
  [']', 0x3e],
  ['|', 0x40],
  ['€', 0x65],
]);

const toSeptet = new Map([...DEFAULT].map((character, code) => [character, code]));
toSeptet.delete('\u001b');
const fromExtension = new Map([...EXTENSION].map(([character, code]) => [code, character]));

/** The septets of each character (one, or two with the escape); null when the alphabet lacks one. */
export function toSeptets(text: string): number[][] | null {
  const groups: number[][] = [];
  for (const character of text) {
    const code = toSeptet.get(character);
    if (code !== undefined) {
      groups.push([code]);
      continue;
    }
    const extended = EXTENSION.get(character);
    if (extended === undefined) return null;
    groups.push([ESCAPE, extended]);
  }
  return groups;
}

export function fromSeptets(septets: readonly number[]): string {
  let text = '';
  for (let i = 0; i < septets.length; i += 1) {
    const code = septets[i] ?? 0;
    if (code !== ESCAPE) {
      text += DEFAULT[code] ?? '';
      continue;
    }
    i += 1;
    // An unknown extension is shown as the character of the default table (23.038 §6.2.1.1).
    const next = septets[i];
    if (next !== undefined) text += fromExtension.get(next) ?? DEFAULT[next] ?? '';
  }
  return text;
}

/** Packs septets into octets after `fillBits` zero bits (23.038 §6.1.2.1, 23.040 §9.2.3.24). */
export function pack(septets: readonly number[], fillBits = 0): number[] {
  const octets: number[] = [];
  let held = 0;
  let bits = fillBits;
  for (const septet of septets) {
    held |= septet << bits;
    bits += 7;
    while (bits >= 8) {
      octets.push(held & 0xff);
      held >>>= 8;
      bits -= 8;
    }
  }
  if (bits > 0) octets.push(held & 0xff);
  return octets;
}

export function unpack(octets: Uint8Array, count: number, fillBits = 0): number[] {
  const septets: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const bit = fillBits + 7 * i;
    const low = octets[bit >> 3];
    if (low === undefined) break;
    const both = low | ((octets[(bit >> 3) + 1] ?? 0) << 8);
    septets.push((both >> (bit & 7)) & 0x7f);
  }
  return septets;
}

/** UCS-2 as hex, surrogates as they are in UTF-16. */
export function toUcs2Hex(text: string): string {
  return Buffer.from(text, 'utf16le').swap16().toString('hex').toUpperCase();
}

export function fromUcs2Hex(hex: string): string {
  const octets = Buffer.from(hex, 'hex');
  return octets
    .subarray(0, octets.length & ~1)
    .swap16()
    .toString('utf16le');
}
