/** `/services` and `/countries`: what can be bought now, where, and for how much (customer-apis B-21 to B-26). Open to all. */
import { z } from 'zod';
import type { Service } from '../../catalogue.ts';
import { formatAmount } from '../money.ts';
import type { Api, Routes } from './api.ts';
import { countryName, serviceOf, unknownService } from './catalogue-words.ts';
import { type Offer, type Offers, RecentOffers } from './offers.ts';
import { ProblemError } from './problem.ts';

const tags = ['Catalogue'];
const open = { config: { need: 'none' }, security: [] } as const;
/** Prices without a key: those for everybody, in this currency. */
const CURRENCY = 'USD';

const Arrival = z
  .number()
  .int()
  .nullable()
  .describe('seconds from the purchase to the message, on average of the last 6 hours; null when none came');

const ServiceEntry = z
  .object({
    code: z.string(),
    slug: z.string(),
    name: z.string(),
    price: z.string().nullable().describe('from: the lowest of all countries; null when nothing is in stock'),
    currency: z.string(),
    stock: z.number().int(),
    countries: z.number().int().describe('in how many countries it is in stock'),
    avgArrivalSeconds: Arrival,
  })
  .meta({ id: 'Service' });

const ServiceCountry = z
  .object({
    isoCode: z.string(),
    name: z.string(),
    price: z.string(),
    currency: z.string(),
    stock: z.number().int(),
    avgArrivalSeconds: Arrival,
    speedTier: z
      .enum(['fast', 'normal', 'slow'])
      .nullable()
      .describe('fast: within 15 s, normal: within 60 s'),
    successRate: z.number().describe('0 to 1, of the last 6 hours'),
  })
  .meta({ id: 'ServiceCountry' });

const Country = z
  .object({
    isoCode: z.string(),
    name: z.string(),
    stock: z.number().int().describe('numbers that are free, whatever for'),
    services: z.number().int().describe('how many services can be bought there'),
    price: z.string().nullable().describe('from'),
    currency: z.string(),
    avgArrivalSeconds: Arrival,
    operators: z.array(z.object({ name: z.string(), stock: z.number().int() })),
  })
  .meta({ id: 'Country' });

export function catalogueRoutes(routes: Routes, { store, catalogue }: Api): void {
  const recent = new RecentOffers(store);

  routes.get(
    '/services',
    {
      config: open.config,
      schema: {
        tags,
        security: open.security,
        operationId: 'listServices',
        summary: 'All services, with what is in stock',
        response: { 200: z.array(ServiceEntry) },
      },
    },
    async (request) => {
      const { account = '', currency = CURRENCY } = request.owner ?? {};
      const offers = await recent.of(account);
      return catalogue.services.map((service) => entryOf(service, offers, currency));
    },
  );

  routes.get(
    '/services/:slug',
    {
      config: open.config,
      schema: {
        tags,
        security: open.security,
        operationId: 'getService',
        summary: 'One service',
        params: z.object({ slug: z.string().describe('a slug or a code') }),
        response: { 200: ServiceEntry },
      },
    },
    async (request) => {
      const { account = '', currency = CURRENCY } = request.owner ?? {};
      const service = serviceOf(catalogue, request.params.slug);
      if (service === undefined) throw unknownService(request.params.slug);
      return entryOf(service, await recent.of(account), currency);
    },
  );

  routes.get(
    '/services/:slug/countries',
    {
      config: open.config,
      schema: {
        tags,
        security: open.security,
        operationId: 'listServiceCountries',
        summary: 'Where a service is in stock, the cheapest country first',
        params: z.object({ slug: z.string().describe('a slug or a code') }),
        response: { 200: z.array(ServiceCountry) },
      },
    },
    async (request) => {
      const { account = '', currency = CURRENCY } = request.owner ?? {};
      const service = serviceOf(catalogue, request.params.slug);
      if (service === undefined) throw unknownService(request.params.slug);
      const offers = await recent.of(account);
      return offers.of(service.code).map((offer) => ({
        isoCode: offer.country,
        name: countryName(offer.country),
        price: formatAmount(offer.price),
        currency,
        stock: offer.stock,
        avgArrivalSeconds: offer.avgArrivalSeconds,
        speedTier: tierOf(offer.avgArrivalSeconds),
        successRate: offer.successRate,
      }));
    },
  );

  const countriesOf = async (offers: Offers, currency: string, only?: string) => {
    const operators = await store.reads.operators({ country: only ?? null });
    const isos = only === undefined ? offers.countries : offers.countries.filter((iso) => iso === only);
    return isos.map((iso) => {
      const sold = offers.sold(catalogue, iso).map(({ offer }) => offer);
      return {
        isoCode: iso,
        name: countryName(iso),
        stock: offers.stockIn(iso),
        services: sold.length,
        price: cheapest(sold),
        currency,
        avgArrivalSeconds: average(sold),
        operators: operators
          .filter(({ country }) => country === iso)
          .map(({ operator, stock }) => ({ name: operator, stock })),
      };
    });
  };

  routes.get(
    '/countries',
    {
      config: open.config,
      schema: {
        tags,
        security: open.security,
        operationId: 'listCountries',
        summary: 'Countries with numbers in stock',
        response: { 200: z.array(Country) },
      },
    },
    async (request) => {
      const { account = '', currency = CURRENCY } = request.owner ?? {};
      return await countriesOf(await recent.of(account), currency);
    },
  );

  routes.get(
    '/countries/:iso',
    {
      config: open.config,
      schema: {
        tags,
        security: open.security,
        operationId: 'getCountry',
        summary: 'One country',
        params: z.object({ iso: z.string() }),
        response: { 200: Country },
      },
    },
    async (request) => {
      const { account = '', currency = CURRENCY } = request.owner ?? {};
      const iso = request.params.iso.toUpperCase();
      const [found] = await countriesOf(await recent.of(account), currency, iso);
      if (found === undefined)
        throw new ProblemError('NOT_FOUND', `there are no numbers in ${iso.slice(0, 8)} now: see /countries`);
      return found;
    },
  );
}

function entryOf(
  { code, slug, name }: Service,
  offers: Offers,
  currency: string,
): z.infer<typeof ServiceEntry> {
  const sold = offers.of(code);
  return {
    code,
    slug,
    name,
    price: cheapest(sold),
    currency,
    stock: sold.reduce((sum, { stock }) => sum + stock, 0),
    countries: sold.length,
    avgArrivalSeconds: average(sold),
  };
}

function cheapest(offers: readonly Offer[]): string | null {
  return offers.length === 0 ? null : formatAmount(Math.min(...offers.map(({ price }) => price)));
}

function average(offers: readonly Offer[]): number | null {
  const known = offers
    .map(({ avgArrivalSeconds }) => avgArrivalSeconds)
    .filter((seconds) => seconds !== null);
  return known.length === 0
    ? null
    : Math.round(known.reduce((sum, seconds) => sum + seconds, 0) / known.length);
}

function tierOf(seconds: number | null): 'fast' | 'normal' | 'slow' | null {
  if (seconds === null) return null;
  return seconds <= 15 ? 'fast' : seconds <= 60 ? 'normal' : 'slow';
}
