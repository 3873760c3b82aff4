/** In which countries an order may be served, when it names none: each has a price of its own, and one price is held. */
import type { Product } from '../store/prices.ts';
import type { Reads } from '../store/reads.ts';
import { fewest, type Wanted } from './gateways.ts';
import { pricedOperators } from './wish.ts';

type Priced = Wanted & { readonly product: Product };

/**
 * The countries to try one after another, the cheapest first and of equals the one with most numbers; those without a price
 * only where none has one. Null where no SIM that is there says its country.
 */
export async function countriesFor(reads: Reads, wanted: Priced): Promise<(string | null)[]> {
  if (wanted.country !== null) return [wanted.country];
  const free = await stockOf(reads, wanted);
  // What has no number now may wait for one where there are SIMs.
  const there = free.size > 0 ? free : await stockOf(reads, { ...wanted, services: [null], wish: {} });
  const offers = await Promise.all(
    [...there].map(async ([country, stock]) => ({
      country,
      stock,
      price: await priceIn(reads, wanted, country),
    })),
  );
  const sold = offers.filter(({ price }) => price !== null);
  const countries = (sold.length > 0 ? sold : offers)
    .toSorted((a, b) => a.price! - b.price! || b.stock - a.stock || (a.country < b.country ? -1 : 1))
    .map(({ country }) => country);
  if (countries.length === 0) return [null];
  return free.size > 0 ? countries : countries.slice(0, 1);
}

async function stockOf(reads: Reads, { account, wish, services, idle = false }: Wanted) {
  const stocks = await Promise.all(
    services.map((service) => reads.stock({ account, wish, idle, service, country: null })),
  );
  return fewest(stocks, ({ country }) => country);
}

async function priceIn(
  reads: Reads,
  { account, product, services, wish }: Priced,
  country: string,
): Promise<number | null> {
  const operators = pricedOperators(wish);
  const prices = await Promise.all(
    services.map((service) => reads.price({ account, product, service, country, operators })),
  );
  return prices.reduce<number | null>(
    (sum, price) => (sum === null || price === null ? null : sum + price),
    0,
  );
}
