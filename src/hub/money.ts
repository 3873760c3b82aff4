/** Amounts: integer micro-units inside, decimal texts outside. Never a fraction of a float. */
import { SimbankError } from '../errors.ts';

/** Of one unit of a currency. */
export const MICRO = 1_000_000;
/** Enough for every wallet, and far from where integers stop being exact. */
export const MAX_AMOUNT = 1_000_000_000 * MICRO;

/**
 * `12`, `0.50` or `-3.000001` as micro-units.
 *
 * @throws SimbankError `amount.invalid`
 */
export function parseAmount(text: string): number {
  const match = /^(-?)(\d{1,10})(?:\.(\d{1,6}))?$/.exec(text.trim());
  const amount = match === null ? NaN : Number(match[2]) * MICRO + Number((match[3] ?? '').padEnd(6, '0'));
  if (!(amount <= MAX_AMOUNT)) {
    throw new SimbankError(
      'amount.invalid',
      `${JSON.stringify(text)} is not an amount such as 0.50: at most 6 decimals, at most ${MAX_AMOUNT / MICRO}`,
    );
  }
  // Not -0.
  return match![1] === '-' ? 0 - amount : amount;
}

/** Micro-units as a decimal text: two decimals, and more only where they are there. */
export function formatAmount(amount: number): string {
  const digits = String(Math.abs(amount)).padStart(7, '0');
  const decimals = digits.slice(-6).replace(/0{1,4}$/, '');
  return `${amount < 0 ? '-' : ''}${digits.slice(0, -6)}.${decimals}`;
}

/** A price with a markup in percent, half up to whole cents (customer-apis A-20). */
export function withMarkup(amount: number, percent: number): number {
  if (percent === 0) return amount;
  const cent = MICRO / 100;
  return Math.floor((amount * (100 + percent)) / 100 / cent + 0.5) * cent;
}
