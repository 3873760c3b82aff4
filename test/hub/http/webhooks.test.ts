import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../programs.ts';
import { until } from '../gateway.ts';
import { type Account, type Market, startMarket } from './market.ts';

describe.skipIf(!needs('mosquitto'))('webhooks', () => {
  let market: Market;
  let ann: Account;

  beforeAll(async () => {
    market = await startMarket({ sims: 5 });
    ann = await market.account();
  });
  afterAll(() => market?.close());

  const at = (path: string) => market.receiver.received.filter((one) => one.path === path);

  it('are made with a secret that is shown once, and told of everything, signed', async () => {
    const made = await ann.customer.post('/webhooks', { url: `${market.receiver.url}/all` });
    expect(made).toMatchObject({
      status: 201,
      body: { rendering: 'standard', events: null, state: 'active' },
    });
    const { id, secret } = made.body;
    expect(secret).toMatch(/^whsec_/);
    expect((await ann.customer.get(`/webhooks/${id}`)).body).not.toHaveProperty('secret');

    const activation = (await ann.customer.post('/activations', { serviceCode: 'tg' })).body;
    await market.gateway.text(await market.attempt(ann.id, activation.id), 'code 1234', '1234');
    const types = () => at('/all').map(({ body }) => JSON.parse(body).type);
    await until(types, (there) => there.includes('sms.received') && there.includes('activation.received'));
    expect(types()[0]).toBe('activation.waiting');
    for (const { headers, body } of at('/all')) {
      expect(() => new Webhook(secret).verify(body, headers as Record<string, string>)).not.toThrow();
    }
  });

  it('G-31: can be tried, their deliveries be looked at and sent again', async () => {
    const { id } = (await ann.customer.post('/webhooks', { url: `${market.receiver.url}/try` })).body;
    const tried = await ann.customer.post(`/webhooks/${id}/test`);
    expect(tried.status).toBe(202);
    await until(
      () => at('/try').length,
      (count) => count === 1,
    );
    const path = `/deliveries/${tried.body.delivery_id}`;
    const read = async () => (await ann.customer.get(path)).body;
    const delivery = await until(read, ({ state }) => state === 'delivered');
    expect(delivery).toMatchObject({
      webhook_id: id,
      event_id: tried.body.event_id,
      type: 'endpoint.test',
      body: at('/try')[0]!.body,
      log: [{ n: 1, status: 200, error: null }],
    });
    const again = await ann.customer.post(`${path}/replay`);
    await until(
      () => at('/try').length,
      (count) => count === 2,
    );
    expect(at('/try')[1]!.headers['webhook-id']).toBe(at('/try')[0]!.headers['webhook-id']);
    const listed = (await ann.customer.get(`/webhooks/${id}/deliveries`)).body;
    expect(listed.deliveries.map((one: { id: string }) => one.id)).toEqual([
      again.body.delivery_id,
      tried.body.delivery_id,
    ]);
    const page = (await ann.customer.get(`/webhooks/${id}/deliveries?limit=1`)).body;
    const rest = (await ann.customer.get(`/webhooks/${id}/deliveries?cursor=${page.next_cursor}`)).body;
    expect(rest.deliveries).toHaveLength(1);
  });

  it('are changed, turned off and on, and taken away', async () => {
    const { id } = (
      await ann.customer.post('/webhooks', {
        url: `${market.receiver.url}/x`,
        events: ['activation.expired'],
      })
    ).body;
    const change = async (body: object) =>
      (await ann.customer.ask('PATCH', `/webhooks/${id}`, { body })).body;
    expect(
      await change({ url: `${market.receiver.url}/y`, description: 'mine', active: false }),
    ).toMatchObject({
      url: `${market.receiver.url}/y`,
      description: 'mine',
      events: ['activation.expired'],
      state: 'disabled',
      disabled_reason: 'customer',
    });
    expect((await ann.customer.post(`/webhooks/${id}/test`)).body.code).toBe('WEBHOOK_OFF');
    expect((await change({ active: true })).state).toBe('active');
    const rotated = await ann.customer.post(`/webhooks/${id}/rotate-secret`);
    expect(rotated.body.secret).toMatch(/^whsec_/);
    expect((await ann.customer.delete(`/webhooks/${id}`)).body).toEqual({ id, deleted: true });
    expect((await ann.customer.get(`/webhooks/${id}`)).body.code).toBe('WEBHOOK_NOT_FOUND');
  });

  it('are nobody else’s, and go nowhere they must not', async () => {
    const { id } = (await ann.customer.post('/webhooks', { url: `${market.receiver.url}/x` })).body;
    const bob = await market.account();
    for (const answer of [
      await bob.customer.get(`/webhooks/${id}`),
      await bob.customer.get(`/webhooks/${id}/deliveries`),
      await bob.customer.post(`/webhooks/${id}/test`),
      await bob.customer.delete(`/webhooks/${id}`),
    ]) {
      expect(answer).toMatchObject({ status: 404, body: { code: 'WEBHOOK_NOT_FOUND' } });
    }
    expect((await bob.customer.get('/deliveries/del_1')).body.code).toBe('DELIVERY_NOT_FOUND');
    expect((await bob.customer.post('/webhooks', { url: 'http://169.254.169.254/' })).body.code).toBe(
      'WEBHOOK_URL_REFUSED',
    );
    expect((await bob.customer.post('/webhooks', { url: 'x', rendering: 'none' })).status).toBe(400);
  });

  it('M-04: the account has one secret for its numbers, which can be replaced', async () => {
    const bob = await market.account();
    const { secret, previous_valid_until } = (await bob.customer.post('/webhooks/rotate-account-secret'))
      .body;
    expect(secret).toMatch(/^whsec_/);
    expect(Date.parse(previous_valid_until)).toBeGreaterThan(Date.now() + 80_000_000);
  });
});
