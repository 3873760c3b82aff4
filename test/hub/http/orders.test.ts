/** Orders that come again under one idempotency key (api-conventions H-20 to H-24). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../programs.ts';
import { DATABASES } from '../databases.ts';
import { until } from '../gateway.ts';
import { type Market, startMarket } from './market.ts';

describe.skipIf(!needs('mosquitto')).each(DATABASES)('orders, on $name', (kind) => {
  let market: Market;

  beforeAll(async () => {
    market = await startMarket({ kind });
    await market.addSims(2);
    await market.addSims(2, { country: 'SM' });
  });
  afterAll(() => market?.close());

  it.each([
    ['/activations', { serviceCode: 'tg', countryIso: 'US' }],
    // In whatever country: it is not looked for in the next one.
    ['/activations', { serviceCode: 'tg' }],
    ['/numbers/provision', { country: 'US' }],
  ])('H-24: an order to %s that was cancelled before it had a number stays that', async (path, order) => {
    const { customer } = await market.account();
    const funds = (await customer.get('/wallet/balance')).body;
    const headers = { 'idempotency-key': 'k1' };
    market.gateway.onOpen = 'silent';
    const first = customer.post(path, order, headers);
    const list = path === '/activations' ? path : '/numbers';
    const listed = async () => {
      const { body } = await customer.get(list);
      return (body.data ?? body.numbers) as { id: string }[];
    };
    const [open] = await until(listed, (rows) => rows.length === 1);
    expect((await customer.post(path, order, headers)).body.code).toBe('REQUEST_IN_PROGRESS');
    expect((await customer.delete(`${list}/${open!.id}`)).status).toBe(200);
    const refusal = { status: 409, body: { code: 'ILLEGAL_STATE' } };
    const told = await first;
    expect(told).toMatchObject(refusal);
    expect(told.body.detail).toContain('cancelled before it had a number');
    market.gateway.onOpen = 'answer';
    for (const _ of ['again', 'and again']) {
      const again = await customer.post(path, order, headers);
      expect(again).toMatchObject(refusal);
      expect(again.body.detail).toBe(told.body.detail);
      expect(again.headers.get('idempotent-replayed')).toBe('true');
    }
    expect(await listed()).toHaveLength(1);
    expect((await customer.get('/wallet/balance')).body).toEqual(funds);
    // It is another order under another key.
    expect((await customer.post(path, order, { 'idempotency-key': 'k2' })).status).toBe(201);
  });

  it('that are cancelled while a gateway is asked are looked for in no other country, also without a key', async () => {
    const { customer } = await market.account();
    market.gateway.onOpen = 'silent';
    const told = customer.post('/activations', { serviceCode: 'wa' });
    const listed = async () => (await customer.get('/activations')).body.data as { id: string }[];
    const [open] = await until(listed, (rows) => rows.length === 1);
    market.gateway.onOpen = 'answer';
    expect((await customer.delete(`/activations/${open!.id}`)).status).toBe(200);
    expect(await told).toMatchObject({ status: 409, body: { code: 'ILLEGAL_STATE' } });
    expect(await listed()).toHaveLength(1);
  });
});
