import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAllowed, networkOf } from '../../../src/hub/http/access.ts';
import { QUOTAS } from '../../../src/hub/http/limits.ts';
import { needs } from '../../programs.ts';
import { until } from '../gateway.ts';
import { Customer } from './customer.ts';
import { startFront } from './front.ts';
import { type Account, type Market, now, startMarket } from './market.ts';

describe.skipIf(!needs('mosquitto'))('keys', () => {
  let market: Market;
  let ann: Account;

  beforeAll(async () => {
    market = await startMarket();
    ann = await market.account();
  });
  afterAll(() => market?.close());

  const bearing = (key: string, headers: Record<string, string> = {}) =>
    new Customer(market.hub.url, key, headers);

  it('B-01 B-02 S-01 G-10: are taken from X-API-Key and as a bearer token, under both paths', async () => {
    for (const headers of [
      { 'X-API-KEY': ann.key },
      { 'x-api-key': ann.key },
      { authorization: `Bearer ${ann.key}` },
      { authorization: `bearer ${ann.key}` },
    ]) {
      const customer = new Customer(market.hub.url, null, headers);
      for (const prefix of ['/v1', '/api/v1']) {
        expect((await customer.ask('GET', '/wallet/balance', { prefix })).status).toBe(200);
      }
    }
    expect((await new Customer(market.hub.url, null).get('/wallet/balance')).status).toBe(401);
  });

  it('have scopes: read, buy, admin', async () => {
    const reading = bearing(await market.key(ann.id, { scopes: ['read'] }));
    expect((await reading.get('/wallet/balance')).status).toBe(200);
    for (const answer of [
      await reading.post('/activations', { serviceCode: 'tg' }),
      await reading.post('/numbers/provision', {}),
      await reading.delete('/activations/act_1'),
      await reading.post('/keys', {}),
    ]) {
      expect(answer).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    }
    const buying = bearing(await market.key(ann.id, { scopes: ['buy'] }));
    expect((await buying.get('/wallet/balance')).status).toBe(403);
    expect((await buying.post('/activations', { serviceCode: 'tg' })).body.code).toBe('NO_NUMBERS');
  });

  it('G-14 G-15: have lists of the addresses that may use them', async () => {
    const here = await market.key(ann.id, { allow: ['127.0.0.0/8', '::1/128'] });
    expect((await bearing(here).get('/wallet/balance')).status).toBe(200);
    // What stands before the hub on its host says who asked.
    expect(await bearing(here, { 'x-forwarded-for': '203.0.113.9' }).get('/wallet/balance')).toMatchObject({
      status: 403,
      body: { code: 'ADDRESS_NOT_ALLOWED' },
    });
    const there = await market.key(ann.id, { allow: ['203.0.113.0/24'] });
    expect((await bearing(there).get('/wallet/balance')).status).toBe(403);
    const { status } = await bearing(there, { 'x-forwarded-for': '203.0.113.9' }).get('/wallet/balance');
    expect(status).toBe(200);
  });

  it('G-15: end, are replaced and revoked, and show when they were last used', async () => {
    const past = new Date(Date.now() - 1_000).toISOString();
    const over = bearing(await market.key(ann.id, { expiresAt: past }));
    expect(await over.get('/wallet/balance')).toMatchObject({
      status: 401,
      body: { code: 'UNAUTHENTICATED' },
    });

    const operator = market.operator;
    const made = await operator.post('/keys', { label: 'one', scopes: ['read'], allow: ['127.0.0.1'] });
    expect(made).toMatchObject({
      status: 201,
      body: { key: expect.stringMatching(/^sbk_/), label: 'one', last_used_at: null },
    });
    const { id, key } = made.body;
    const shown = async () =>
      (await operator.get('/keys')).body.keys.find((one: { id: string }) => one.id === id);
    expect(await shown()).not.toHaveProperty('key');
    const began = now();
    expect((await bearing(key).get('/wallet/balance')).status).toBe(200);
    const used = await until(shown, ({ last_used_at }) => last_used_at !== null);
    expect(used.last_used_at >= began).toBe(true);

    const rotated = await operator.post(`/keys/${id}/rotate`, { overlap_seconds: 3_600 });
    expect(rotated.body).toMatchObject({
      replaces: id,
      label: 'one',
      scopes: ['read'],
      allow: ['127.0.0.1'],
    });
    for (const one of [key, rotated.body.key]) {
      expect((await bearing(one).get('/wallet/balance')).status).toBe(200);
    }
    const again = await operator.post(`/keys/${id}/rotate`);
    expect(again).toMatchObject({ status: 201, body: { replaces: id, expires_at: null } });
    expect((await shown()).expires_at).toBe(
      new Date(Date.parse(rotated.body.created_at) + 3_600_000).toISOString(),
    );
    expect((await operator.delete(`/keys/${id}`)).body.revoked_at).not.toBeNull();
    expect(await operator.post(`/keys/${id}/rotate`)).toMatchObject({
      status: 409,
      body: { code: 'ILLEGAL_STATE' },
    });
    expect((await bearing(key).get('/wallet/balance')).status).toBe(401);
    expect((await bearing(rotated.body.key).get('/wallet/balance')).status).toBe(200);
    expect((await operator.delete('/keys/nope')).body.code).toBe('KEY_NOT_FOUND');
    expect((await operator.post('/keys', { allow: ['nonsense'] })).status).toBe(400);
  });

  it('that are guessed slow their address down, and lock out nobody who has the right one', async () => {
    const from = { 'x-forwarded-for': '198.51.100.7' };
    const answers: number[] = [];
    for (let n = 0; n < 12; n += 1) {
      answers.push((await bearing(`sbk_${n}`, from).get('/wallet/balance')).status);
    }
    expect(answers.slice(0, 10)).toEqual(Array(10).fill(401));
    const late = await bearing('sbk_x', from).get('/wallet/balance');
    expect(late).toMatchObject({ status: 429, body: { code: 'TOO_MANY_ATTEMPTS' } });
    expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(0);
    // Whoever shares the address with them and has a right one, was it never seen there before.
    expect((await bearing(ann.key, from).get('/wallet/balance')).status).toBe(200);
    expect((await bearing('sbk_y', from).get('/wallet/balance')).status).toBe(429);
    // What is right elsewhere is as wrong as any.
    const bound = await market.key(ann.id, { allow: ['203.0.113.0/24'] });
    expect((await bearing(bound, from).get('/wallet/balance')).status).toBe(429);
    const elsewhere = { 'x-forwarded-for': '198.51.100.8' };
    expect((await bearing('sbk_x', elsewhere).get('/wallet/balance')).status).toBe(401);
  });

  it('B-28 G-12 G-40 H-10 H-11 A-15: have quotas, told in headers, and a 429 says when to come again', async () => {
    const bob = await market.account();
    const first = await bob.customer.get('/wallet/balance');
    expect(first.headers.get('ratelimit-policy')).toBe('"read";q=300;w=60');
    expect(first.headers.get('ratelimit')).toMatch(/^"read";r=299;t=\d+$/);
    expect(first.headers.get('ratelimit-limit')).toBe('300');
    expect(first.headers.get('ratelimit-remaining')).toBe('299');
    expect(Number(first.headers.get('ratelimit-reset'))).toBeLessThanOrEqual(60);
    for (let n = 1; n <= 60; n += 1) {
      expect((await bob.customer.post('/activations/act_1/complete')).status).toBe(404);
    }
    // Counted together, whatever the path, and apart from reads.
    const over = await bob.customer.ask('POST', '/activations', {
      body: { serviceCode: 'tg' },
      prefix: '/api/v1',
    });
    expect(over).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } });
    expect(over.headers.get('ratelimit')).toMatch(/^"write";r=0;t=\d+$/);
    expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await bob.customer.get('/wallet/balance')).status).toBe(200);
    expect((await ann.customer.post('/activations/act_1/complete')).status).toBe(404);
    const visitor = await new Customer(market.hub.url, null, { 'x-forwarded-for': '198.51.100.9' }).get(
      '/countries',
    );
    expect(visitor.headers.get('ratelimit-policy')).toBe('"public";q=120;w=60');
  });

  it('are counted for what they may not do as for what they may', async () => {
    const reading = bearing(await market.key(ann.id, { scopes: ['read'] }));
    for (let n = 1; n <= 60; n += 1) {
      expect((await reading.post('/activations', { serviceCode: 'tg' })).body.code).toBe('FORBIDDEN');
    }
    expect((await reading.post('/activations', { serviceCode: 'tg' })).body.code).toBe('RATE_LIMITED');
    expect((await reading.get('/wallet/balance')).status).toBe(200);
  });

  it('M-39 H-13: poll each number by itself, and all of them together up to a limit', async () => {
    const front = await startFront(market, { quotas: { ...QUOTAS, poll: 3, polls: 10 } });
    try {
      const bob = await market.account();
      const polling = new Customer(front.url, bob.key);
      const policies: (string | null)[] = [];
      for (let n = 1; n <= 9; n += 1) {
        const answer = await polling.get(`/activations/act_${n}`);
        expect(answer.body.code).toBe('ACTIVATION_NOT_FOUND');
        policies.push(answer.headers.get('ratelimit-policy'));
      }
      expect(new Set(policies)).toEqual(new Set(['"poll";q=3;w=60']));
      expect((await polling.get('/numbers/num_1')).status).toBe(404);
      const over = await polling.get('/activations/act_11');
      expect(over).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } });
      expect(over.headers.get('ratelimit-policy')).toBe('"polls";q=10;w=60');
      expect((await polling.get('/wallet/balance')).status).toBe(200);

      const watching = new Customer(front.url, (await market.account()).key);
      for (let n = 1; n <= 3; n += 1) expect((await watching.get('/numbers/num_1')).status).toBe(404);
      const often = await watching.get('/numbers/num_1');
      expect(often.status).toBe(429);
      expect(often.headers.get('ratelimit-policy')).toBe('"poll";q=3;w=60');
      expect((await watching.get('/numbers/num_2')).status).toBe(404);
    } finally {
      await front.close();
    }
  });
});

describe('addresses', () => {
  it.each([
    ['192.0.2.7', ['192.0.2.0/24'], true],
    ['192.0.3.7', ['192.0.2.0/24'], false],
    ['::ffff:192.0.2.7', ['192.0.2.0/24'], true],
    ['192.0.2.7', ['192.0.2.7'], true],
    ['2001:db8::1', ['192.0.2.0/24', '2001:db8::/32'], true],
    ['2001:db9::1', ['2001:db8::/32'], false],
    ['192.0.2.7', ['nonsense', '10'], false],
    ['192.0.2.7', ['::ffff:192.0.2.0/120'], true],
    ['::ffff:192.0.2.7', ['::ffff:c000:200/120'], true],
    ['192.0.3.7', ['::ffff:192.0.2.0/120'], false],
    ['192.0.2.7', ['::ffff:192.0.2.7'], true],
    ['192.0.2.7', ['::ffff:192.0.2.7/128'], true],
    ['192.0.2.7', ['::ffff:0:0/96'], true],
    ['2001:db8::1', ['::ffff:0:0/96'], false],
    ['127.0.0.1', ['::ffff:127.0.0.0/104'], true],
    ['2001:db8::1', ['::/0'], true],
    ['192.0.2.7', ['::/0'], false],
    ['192.0.2.7', ['::/0', '0.0.0.0/0'], true],
  ])('%s is in %j: %s', (ip, networks, wanted) => {
    expect(isAllowed(ip, networks)).toBe(wanted);
  });

  it('of one IPv6 network count as one', () => {
    expect(networkOf('2001:db8:0:1::1')).toBe(networkOf('2001:db8:0:1:ffff::2'));
    expect(networkOf('2001:db8:0:1::1')).not.toBe(networkOf('2001:db8:0:2::1'));
    expect(networkOf('::ffff:192.0.2.7')).toBe('192.0.2.7');
  });
});
