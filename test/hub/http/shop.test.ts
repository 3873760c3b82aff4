import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../programs.ts';
import { Customer } from './customer.ts';
import { type Account, type Market, now, startMarket } from './market.ts';

describe.skipIf(!needs('mosquitto'))('the catalogue and the wallet', () => {
  let market: Market;
  let ann: Account;
  let visitor: Customer;

  beforeAll(async () => {
    market = await startMarket({ sims: 3 });
    await market.addSims(2, { country: 'GB', operator: 'Another Mobile' });
    ann = await market.account();
    visitor = new Customer(market.hub.url, null);
  });
  afterAll(() => market?.close());

  it('B-24 B-25: services are listed without a key', async () => {
    const { body } = await visitor.get('/services');
    expect(body.length).toBeGreaterThan(100);
    const telegram = body.find(({ code }: { code: string }) => code === 'tg');
    expect(telegram).toEqual({
      code: 'tg',
      slug: 'telegram',
      name: 'Telegram',
      price: '0.10',
      currency: 'USD',
      stock: 5,
      countries: 2,
      avgArrivalSeconds: null,
    });
    for (const name of ['telegram', 'tg', 'TG', 'telegram-verification']) {
      expect((await visitor.get(`/services/${name}`)).body).toEqual(telegram);
    }
    expect((await visitor.get('/services/nope')).body.code).toBe('SERVICE_NOT_FOUND');
  });

  it('B-22 B-23 A-32 S-06 G-17 G-19 G-27: a service’s countries have live stock, price and speed, the cheapest first', async () => {
    const { id, countryIso } = (
      await ann.customer.post('/activations', { serviceCode: 'wa', countryIso: 'US' })
    ).body;
    expect(countryIso).toBe('US');
    const sold = async () => (await visitor.get('/services/whatsapp/countries')).body;
    const price = { product: 'activation', account: '', service: 'wa', country: 'GB', operator: '' } as const;
    await market.hub.store.verbs.setPrice({ ...price, amount: 50_000, now: now() });
    await expect.poll(sold, { timeout: 5_000 }).toMatchObject([
      {
        isoCode: 'GB',
        name: 'United Kingdom',
        price: '0.05',
        currency: 'USD',
        stock: 2,
        avgArrivalSeconds: null,
      },
      { isoCode: 'US', name: 'United States', price: '0.10', stock: 2 },
    ]);
    const attempt = await market.attempt(ann.id, id);
    await market.gateway.text(attempt, 'code 1234', '1234');
    await ann.customer.get(`/activations/${id}?wait=10`);
    await expect
      .poll(async () => (await sold())[1], { timeout: 5_000 })
      .toMatchObject({ avgArrivalSeconds: expect.any(Number), speedTier: 'fast', stock: 2 });
  });

  it('G-17 B-39: whoever names no country pays what the number’s own costs, and no network goes by its code', async () => {
    const price = { product: 'activation', account: '', service: 'ub', operator: '' } as const;
    await market.hub.store.verbs.setPrice({ ...price, country: 'US', amount: 300_000, now: now() });
    await market.hub.store.verbs.setPrice({ ...price, country: 'GB', amount: 20_000, now: now() });
    const order = async (more: object) =>
      (await ann.customer.post('/activations', { serviceCode: 'ub', ...more })).body;
    expect(await order({})).toMatchObject({ countryIso: 'GB', userCost: '0.02' });
    expect(await order({ operator: 'Example Mobile' })).toMatchObject({ countryIso: 'US', userCost: '0.30' });
    for (const operator of ['310260', 'Example Mobile, 310260', ' 310260 ']) {
      expect(await order({ operator })).toMatchObject({ code: 'INVALID_REQUEST' });
    }
    for (const country of ['US', 'GB']) {
      await market.hub.store.verbs.setPrice({ ...price, country, amount: null, now: now() });
    }
  });

  it('G-29 G-38: the success rate of a country goes down with what waited in vain', async () => {
    const rate = async () =>
      (await visitor.get('/services/ds/countries')).body.find(
        ({ isoCode }: { isoCode: string }) => isoCode === 'US',
      ).successRate;
    const before = await rate();
    const { id } = (await ann.customer.post('/activations', { serviceCode: 'ds', countryIso: 'US' })).body;
    await market.gateway.expire(await market.attempt(ann.id, id));
    await expect.poll(rate, { timeout: 5_000 }).toBeLessThan(before);
  });

  it('B-21 B-45: countries are those with numbers now', async () => {
    const { body } = await visitor.get('/countries');
    expect(body).toMatchObject([
      { isoCode: 'GB', name: 'United Kingdom', operators: [{ name: 'Another Mobile' }] },
      { isoCode: 'US', name: 'United States', operators: [{ name: 'Example Mobile' }] },
    ]);
    expect((await visitor.get('/countries/gb')).body.isoCode).toBe('GB');
    expect((await visitor.get('/countries/FR')).body.code).toBe('NOT_FOUND');
  });

  it('B-39: prices are those of the book, each account’s own where it has one', async () => {
    expect((await visitor.get('/services/lf')).body.price).toBe('0.02');
    expect((await visitor.get('/services/kt')).body.price).toBe('0.10');
    const rich = await market.account();
    const price = {
      product: 'activation',
      account: rich.id,
      service: 'lf',
      country: '',
      operator: '',
    } as const;
    await market.hub.store.verbs.setPrice({ ...price, amount: 15_000, now: now() });
    expect((await rich.customer.get('/services/lf')).body.price).toBe('0.015');
    expect((await visitor.get('/services/lf')).body.price).toBe('0.02');
    expect((await rich.customer.post('/activations', { serviceCode: 'lf' })).body.userCost).toBe('0.015');
  });

  it('G-16 S-02 B-40: the balance is what can be spent', async () => {
    const bob = await market.account({ funds: '12.50' });
    expect((await bob.customer.get('/wallet/balance')).body).toEqual({
      balance: '12.50',
      held: '0.00',
      currency: 'USD',
    });
  });

  it('B-27 B-38 G-37 S-10: each activation’s cost is found in the transactions, and each step of it once', async () => {
    const bob = await market.account({ funds: '1.00' });
    const used = (await bob.customer.post('/activations', { serviceCode: 'ub', countryIso: 'US' })).body;
    await market.gateway.text(await market.attempt(bob.id, used.id), 'code 1234', '1234');
    await bob.customer.get(`/activations/${used.id}?wait=10`);
    const unused = (await bob.customer.post('/activations', { serviceCode: 'ub', countryIso: 'US' })).body;
    await bob.customer.delete(`/activations/${unused.id}`);
    const of = async (query: string) =>
      (await bob.customer.get(`/wallet/transactions${query}`)).body.data.map(
        ({ type, amount, held, activationId, balanceAfter }: Record<string, unknown>) => [
          type,
          amount,
          held,
          activationId,
          balanceAfter,
        ],
      );
    const all = [
      ['REFUND', '0.10', '-0.10', unused.id, '0.90'],
      ['CHARGE', '-0.10', '0.10', unused.id, '0.80'],
      ['CAPTURE', '0.00', '-0.10', used.id, '0.90'],
      ['CHARGE', '-0.10', '0.10', used.id, '0.90'],
      ['TOP_UP', '1.00', '0.00', null, '1.00'],
    ];
    expect(await of('')).toEqual(all);
    expect(await of(`?activationId=${used.id}`)).toEqual(all.slice(2, 4));
    const first = (await bob.customer.get('/wallet/transactions?limit=3')).body;
    expect([first.hasMore, first.data.length]).toEqual([true, 3]);
    const rest = (await bob.customer.get(`/wallet/transactions?cursor=${first.nextCursor}`)).body;
    expect([rest.hasMore, rest.nextCursor, rest.data.length]).toEqual([false, null, 2]);
  });

  it('B-41 G-32: one balance pays activations and kept numbers alike', async () => {
    const bob = await market.account({ funds: '1.05' });
    expect((await bob.customer.post('/numbers/provision', { country: 'gb' })).status).toBe(201);
    expect((await bob.customer.get('/wallet/balance')).body.balance).toBe('0.05');
    const order = { serviceCode: 'tg', countryIso: 'US' };
    expect((await bob.customer.post('/activations', order)).body.code).toBe('INSUFFICIENT_FUNDS');
  });
});
