/** The price book's file: what activations and kept numbers cost, read at every start and put into the store. */
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { hasCode } from '../errors.ts';
import { readYaml } from '../yaml-file.ts';
import { parseAmount } from './money.ts';
import type { PriceRow } from './store/prices.ts';

/** A decimal text; YAML makes a number of one without quotes, which is written the same. */
const Amount = z.union([z.string(), z.number()]).transform((given, context) => {
  try {
    const amount = parseAmount(String(given));
    if (amount >= 0) return amount;
    context.addIssue({ code: 'custom', message: 'a price is not below zero' });
  } catch (error) {
    if (!hasCode(error, 'amount.invalid')) throw error;
    context.addIssue({ code: 'custom', message: error.message });
  }
  return z.NEVER;
});

const Price = z.strictObject({
  product: z.enum(['activation', 'number']).default('activation'),
  account: z.string().min(1).optional(),
  service: z.string().min(1).max(64).optional(),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'a country is two capitals, as US')
    .optional(),
  operator: z.string().min(1).optional(),
  price: Amount,
});

export const PriceBook = z.strictObject({ prices: z.array(Price) }).superRefine(({ prices }, context) => {
  const seen = new Set<string>();
  prices.forEach((price, i) => {
    const { price: _amount, ...place } = rowOf(price);
    const key = JSON.stringify(place);
    if (seen.has(key)) context.addIssue({ code: 'custom', path: ['prices', i], message: 'is there twice' });
    seen.add(key);
  });
});

function rowOf({ account = '', service = '', country = '', operator = '', ...rest }: z.infer<typeof Price>) {
  return { ...rest, account, service, country, operator: operator.toLowerCase() };
}

const SHIPPED = new URL(
  `../../${import.meta.url.endsWith('.ts') ? '' : '../'}config/prices.yaml`,
  import.meta.url,
);

/**
 * The rows of a price book; without a path, of the one that is shipped.
 *
 * @throws SimbankError `config.invalid` with every fault of the file.
 */
export function readPrices(path?: string): PriceRow[] {
  return readYaml(PriceBook, path ?? fileURLToPath(SHIPPED), {}).prices.map((price) => {
    const { price: amount, ...row } = rowOf(price);
    return { ...row, amount };
  });
}
