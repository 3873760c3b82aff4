/** Which gateways may have a number, in the order in which to ask them. */
import type { Reads } from '../store/reads.ts';
import { drawOrder } from './choice.ts';
import type { Wish } from './wish.ts';

/** The window of the success rate. */
export const WINDOW_MS = 6 * 3_600_000;

export interface Wanted {
  readonly account: string;
  readonly country: string | null;
  readonly wish: Wish;
  /** All on one number. */
  readonly services: readonly (string | null)[];
  /** Nothing else may be open on it. */
  readonly idle?: boolean;
}

export async function gatewaysFor(reads: Reads, wanted: Wanted, now: Date): Promise<string[]> {
  const { account, country, wish, services, idle = false } = wanted;
  const stocks = await Promise.all(
    services.map((service) => reads.candidates({ account, country, wish, idle, service })),
  );
  const since = new Date(now.getTime() - WINDOW_MS).toISOString();
  const rates = await reads.gatewayRates({ since, service: services[0] ?? null, country });
  const chances = [...fewest(stocks, ({ gateway }) => gateway)].map(([gateway, stock]) => {
    const { received = 0, missed = 0, refused = 0 } = rates.find((rate) => rate.gateway === gateway) ?? {};
    return { gateway, stock, received, missed, refused };
  });
  return drawOrder(chances, Math.random);
}

/**
 * How many numbers suit all services, by gateway or country: they are among the fewest that suit one. Without those that have none.
 *
 * @param lists - one for each service.
 */
export function fewest<T extends { readonly stock: number }>(
  [first = [], ...others]: readonly (readonly T[])[],
  nameOf: (one: T) => string,
): Map<string, number> {
  const found = new Map<string, number>();
  for (const one of first) {
    const name = nameOf(one);
    const each = others.map((list) => list.find((other) => nameOf(other) === name)?.stock ?? 0);
    const least = Math.min(one.stock, ...each);
    if (least > 0) found.set(name, least);
  }
  return found;
}
