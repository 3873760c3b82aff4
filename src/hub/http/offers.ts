/**
 * What is sold now: stock, price and speed of every service in every country, as one picture for all routes and façades. Pure
 * over four reads.
 */
import type { Catalogue, Service } from '../../catalogue.ts';
import { successRate } from '../activations/choice.ts';
import { WINDOW_MS } from '../activations/flow.ts';
import type { HubStore } from '../store/store.ts';

export interface Offer {
  readonly country: string;
  /** Micro-units. */
  readonly price: number;
  /** Numbers that are free. */
  readonly stock: number;
  /** From the purchase to the message, lately; null when nothing came lately. */
  readonly avgArrivalSeconds: number | null;
  /** 0 to 1: of what was bought lately, how much got its message; one half before anything is known. */
  readonly successRate: number;
}

export class Offers {
  readonly #prices = new Map<string, Map<string, number>>();
  readonly #stock: Map<string, number>;
  readonly #used = new Map<string, number>();
  readonly #rates = new Map<string, { received: number; missed: number; averageArrivalMs: number | null }>();

  private constructor(picture: Awaited<ReturnType<typeof readPicture>>) {
    const { prices, matrix, rates } = picture;
    for (const { service, country, amount } of prices) {
      const countries = this.#prices.get(service) ?? new Map<string, number>();
      this.#prices.set(service, countries.set(country, amount));
    }
    this.#stock = new Map(matrix.countries.map(({ country, stock }) => [country, stock]));
    for (const { service, country, used } of matrix.used) this.#used.set(`${service} ${country}`, used);
    for (const rate of rates) this.#rates.set(`${rate.service} ${rate.country}`, rate);
  }

  /** @param account - whose prices, and whose rejected numbers are left out; '' for those of everybody. */
  static async read(store: HubStore, account: string): Promise<Offers> {
    return new Offers(await readPicture(store, account));
  }

  /** Where a service can be bought: countries with a price and a free number, the cheapest first. */
  of(service: string): Offer[] {
    return [...this.#stock.keys()]
      .map((country) => this.in(service, country))
      .filter((offer) => offer !== null)
      .sort((a, b) => a.price - b.price || b.stock - a.stock || (a.country < b.country ? -1 : 1));
  }

  /** One service in one country; null when it is not sold, or there is no number. */
  in(service: string, country: string): Offer | null {
    const price = this.#priceOf(service, country);
    const stock = (this.#stock.get(country) ?? 0) - (this.#used.get(`${service} ${country}`) ?? 0);
    if (price === null || stock <= 0) return null;
    const rate = this.#rates.get(`${service} ${country}`);
    const average = rate?.averageArrivalMs ?? null;
    return {
      country,
      price,
      stock,
      avgArrivalSeconds: average === null ? null : Math.round(average / 1_000),
      successRate: Math.round(successRate(rate ?? { received: 0, missed: 0 }) * 1_000) / 1_000,
    };
  }

  /** Countries that have numbers at all. */
  get countries(): readonly string[] {
    return [...this.#stock.keys()];
  }

  stockIn(country: string): number {
    return this.#stock.get(country) ?? 0;
  }

  /** The services that can be bought in a country. */
  sold(catalogue: Catalogue, country: string): { service: Service; offer: Offer }[] {
    return catalogue.services.flatMap((service) => {
      const offer = this.in(service.code, country);
      return offer === null ? [] : [{ service, offer }];
    });
  }

  /** The price list says what it names, and under an empty name what holds for all others. */
  #priceOf(service: string, country: string): number | null {
    const ofService = this.#prices.get(service) ?? this.#prices.get('');
    return ofService?.get(country) ?? ofService?.get('') ?? null;
  }
}

async function readPicture({ reads }: HubStore, account: string) {
  const since = new Date(Date.now() - WINDOW_MS).toISOString();
  const [prices, matrix, rates] = await Promise.all([
    reads.priceList({ account, product: 'activation' }),
    reads.stockMatrix({ account }),
    reads.rates({ since }),
  ]);
  return { prices, matrix, rates };
}

/** How long a picture is shown: live for a person, and no load however many ask. */
const FRESH_MS = 1_000;
const MOST = 1_000;

/** Pictures that were just read, by account. */
export class RecentOffers {
  readonly #store: HubStore;
  readonly #pictures = new Map<string, { at: number; offers: Promise<Offers> }>();

  constructor(store: HubStore) {
    this.#store = store;
  }

  of(account: string): Promise<Offers> {
    const there = this.#pictures.get(account);
    if (there !== undefined && Date.now() - there.at < FRESH_MS) return there.offers;
    const offers = Offers.read(this.#store, account);
    this.#pictures.delete(account);
    this.#pictures.set(account, { at: Date.now(), offers });
    if (this.#pictures.size > MOST) this.#pictures.delete(this.#pictures.keys().next().value!);
    offers.catch(() => this.#pictures.delete(account));
    return offers;
  }
}
