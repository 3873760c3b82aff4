/** Whether a number is an amount: a currency or a unit stands beside it. */

import { CURRENCY_CODES } from './currencies.ts';
import { NAME, type Scene, type View } from './scene.ts';
import { KIND } from './terms.ts';

export function isAmount({ text }: Scene, { candidate, before, after }: View): boolean {
  const { folded, plain } = text;
  const [left] = before;
  if (
    left !== undefined &&
    (left.kinds & KIND.money) !== 0 &&
    /^[ .]?$/.test(folded.slice(left.end, candidate.rawStart))
  ) {
    // «1,500.00 บาท 482915»: the currency of the amount before.
    if (!/\d ?$/.test(folded.slice(Math.max(0, left.start - 2), left.start))) return true;
  }
  const [right] = after;
  if (right !== undefined && (right.kinds & (KIND.money | KIND.unit)) !== 0 && (right.kinds & NAME) === 0) {
    const belongsToNext = /^[ .]?[\d$€£¥₹]/.test(folded.slice(right.end, right.end + 2));
    if (/^[ -]?$/.test(folded.slice(candidate.end, right.start)) && !belongsToNext) return true;
  }
  return (
    CURRENCY_AT_END.test(plain.slice(Math.max(0, candidate.rawStart - 5), candidate.rawStart)) ||
    /^ ?[-~] ?\d/.test(plain.slice(candidate.end, candidate.end + 4)) ||
    CURRENCY_AT_START.test(plain.slice(candidate.end, candidate.end + 6))
  );
}

const CURRENCY_AT_END = new RegExp(`(?<![A-Z])(?:${CURRENCY_CODES})[ .]?$`);
const CURRENCY_AT_START = new RegExp(`^ ?(?:${CURRENCY_CODES})(?![A-Za-z]| \\d)`);
