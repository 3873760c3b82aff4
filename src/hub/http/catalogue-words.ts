/** Services, countries and amounts as customers write and read them. */
import { z } from 'zod';
import type { Catalogue, Service } from '../../catalogue.ts';
import { hasCode } from '../../errors.ts';
import { parseAmount } from '../money.ts';
import { ProblemError } from './problem.ts';

/** A code in any case, or a slug, with or without the ending that search engines are fed (S-06). */
export function serviceOf(catalogue: Catalogue, text: string): Service | undefined {
  const word = text.toLowerCase();
  return (
    catalogue.byCode(word) ?? catalogue.bySlug(word) ?? catalogue.bySlug(word.replace(/-verification$/, ''))
  );
}

export function unknownService(text: string): ProblemError {
  return new ProblemError('SERVICE_NOT_FOUND', `there is no service ${text.slice(0, 64)}: see /services`);
}

const NAMES = new Intl.DisplayNames('en', { type: 'region', fallback: 'code' });

/** `United States` for US. */
export function countryName(iso: string): string {
  return /^[A-Z]{2}$/.test(iso) ? (NAMES.of(iso) ?? iso) : iso;
}

/** An amount as a decimal text, or as a number of JSON; micro-units. */
export const Amount = z.union([z.string(), z.number()]).transform((given, context) => {
  try {
    const amount = parseAmount(String(given));
    if (amount >= 0) return amount;
  } catch (error) {
    if (!hasCode(error, 'amount.invalid')) throw error;
  }
  context.addIssue({ code: 'custom', message: 'must be an amount such as "0.50"' });
  return z.NEVER;
});
