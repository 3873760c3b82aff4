/**
 * The number of a card: EF-ICCID of ETSI TS 102 221 §13.2, E.118.
 *
 * Pure. Knows no modem: what commands give it is a driver's matter.
 */
declare const iccidBrand: unique symbol;
/** Straight digits order, no filler, upper case: 18 to 20 characters. Made only by `parseIccid`. */
export type Iccid = string & { readonly [iccidBrand]: true };

/**
 * The ICCID in a modem's answer, whatever its shape: `+QCCID: 8986…F`, `ICCID: 89…`, `^SCID: 89…`, `"89…"`, or bare,
 * straight or with swapped nibbles; null when there is none.
 *
 * Letters A to F are legal from the seventh character on (China Mobile writes them).
 */
export function parseIccid(line: string): Iccid | null {
  const bare = line
    .replace(/^[^:]*[CS]CID:?/i, '')
    .replace(/["\s]/g, '')
    .toUpperCase();
  const match = /^(89|98)[0-9A-F]{16,18}F?/.exec(bare);
  if (match === null || match[0].length !== bare.length) return null;
  // 98… is 89… with swapped nibbles; safe to say only of the full ten octets (ModemManager draws the same line).
  const straight = bare.startsWith('98') && bare.length === 20 ? swapNibbles(bare) : bare;
  // Filler ends a number of odd length.
  const digits = straight.replace(/F$/, '');
  return /^89\d{4}[0-9A-F]{12,14}$/.test(digits) ? (digits as Iccid) : null;
}

/** The ICCID in an answer of several lines, a vendor's or that of `+CRSM` (27.007 §8.18: the file as it is on the card). */
export function parseIccidAnswer(lines: readonly string[]): Iccid | null {
  for (const line of lines) {
    const file = /^\+CRSM: ?\d+,\d+,"?([0-9A-Fa-f]{20})"?/.exec(line)?.[1];
    const iccid = file === undefined ? parseIccid(line) : iccidFromFile(file);
    if (iccid !== null) return iccid;
  }
  return null;
}

/** The ICCID in the ten octets of EF-ICCID, as `+CRSM` returns them. */
export function iccidFromFile(hex: string): Iccid | null {
  return /^[0-9A-Fa-f]{20}$/.test(hex) ? parseIccid(swapNibbles(hex.toUpperCase())) : null;
}

function swapNibbles(hex: string): string {
  return hex.replace(/(.)(.)/g, '$2$1');
}
