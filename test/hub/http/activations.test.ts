import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../programs.ts';
import { until } from '../gateway.ts';
import { Customer } from './customer.ts';
import { type Account, type Market, now, startMarket } from './market.ts';

describe.skipIf(!needs('mosquitto'))('activations', () => {
  let market: Market;
  let ann: Account;

  beforeAll(async () => {
    market = await startMarket({ sims: 40 });
    ann = await market.account();
  });
  afterAll(() => market?.close());

  const buy = async (account: Account, body: object = { serviceCode: 'tg', countryIso: 'US' }) => {
    const answer = await account.customer.post('/activations', body);
    expect(answer.status).toBe(201);
    return answer.body as { id: string; phoneNumber: string; userCost: string };
  };
  const receive = async (account: Account, id: string, text: string, code: string | null) =>
    await market.gateway.text(await market.attempt(account.id, id), text, code);

  it('B-07 B-08 B-09 B-10 B-11 S-03 S-04: reserving answers with an id and a number at once', async () => {
    const { body } = await ann.customer.post('/activations', { serviceCode: 'wa', countryIso: 'US' });
    expect(body).toMatchObject({
      id: expect.stringMatching(/^act_[0-9A-Z]{26}$/),
      status: 'WAITING',
      serviceCode: 'wa',
      countryIso: 'US',
      phoneNumber: expect.stringMatching(/^1202555\d{4}$/),
      phoneNumberE164: `+${body.phoneNumber}`,
      userCost: '0.10',
      currency: 'USD',
      smsCode: null,
      smsText: null,
    });
    expect(Date.parse(body.expiresAt) - Date.parse(body.createdAt)).toBeGreaterThan(1_190_000);
  });

  it('B-12 B-13 B-14 B-16: the code is there as soon as the status is RECEIVED', async () => {
    const { id } = await buy(ann);
    expect((await ann.customer.get(`/activations/${id}`)).body).toMatchObject({
      status: 'WAITING',
      smsCode: null,
    });
    await receive(ann, id, 'Your code: 417-905', '417905');
    const { body } = await ann.customer.get(`/activations/${id}?wait=10`);
    expect(body).toMatchObject({ status: 'RECEIVED', smsCode: '417905', smsText: 'Your code: 417-905' });
  });

  it('a long poll answers when the code comes, and when its time is over', async () => {
    const { id } = await buy(ann);
    const began = Date.now();
    expect((await ann.customer.get(`/activations/${id}?wait=0.3`)).body.status).toBe('WAITING');
    expect(Date.now() - began).toBeGreaterThanOrEqual(290);
    const waiting = ann.customer.get(`/activations/${id}?wait=20`);
    await receive(ann, id, 'code 1234', '1234');
    expect((await waiting).body).toMatchObject({ status: 'RECEIVED', smsCode: '1234' });
    expect(Date.now() - began).toBeLessThan(15_000);
    expect((await ann.customer.get(`/activations/${id}?wait=61`)).body.code).toBe('INVALID_REQUEST');
  });

  it('B-17 B-05 A-13 A-28 A-29: complete has no body, whatever type the client says it has', async () => {
    const { id } = await buy(ann);
    const headers = { 'content-type': 'application/json' };
    const early = await ann.customer.post(`/activations/${id}/complete`, '', headers);
    expect(early).toMatchObject({ status: 409, body: { code: 'ILLEGAL_STATE' } });
    await receive(ann, id, 'code 1234', '1234');
    await ann.customer.get(`/activations/${id}?wait=10`);
    for (const type of ['application/json', 'application/x-www-form-urlencoded']) {
      const done = await ann.customer.post(`/activations/${id}/complete`, '', { 'content-type': type });
      expect(done).toMatchObject({ status: 200, body: { status: 'COMPLETED', smsCode: '1234' } });
    }
    expect((await ann.customer.ask('GET', `/activations/${id}`, { headers })).status).toBe(200);
  });

  it('B-18 B-15 B-37 G-18 A-30: an unused one is cancelled by DELETE, and its money is back', async () => {
    const bob = await market.account({ funds: '1.00' });
    const { id } = await buy(bob);
    expect((await bob.customer.get('/wallet/balance')).body).toMatchObject({ balance: '0.90', held: '0.10' });
    const gone = await bob.customer.ask('DELETE', `/activations/${id}`, {
      headers: { 'content-type': 'application/json' },
    });
    expect(gone).toMatchObject({ status: 200, body: { status: 'CANCELLED' } });
    await until(
      async () => (await bob.customer.get(`/activations/${id}`)).body.status,
      (status) => status === 'REFUNDED',
    );
    expect((await bob.customer.delete(`/activations/${id}`)).status).toBe(200);
    expect((await bob.customer.get('/wallet/balance')).body).toMatchObject({ balance: '1.00', held: '0.00' });

    const used = await buy(bob);
    await receive(bob, used.id, 'code 1234', '1234');
    await bob.customer.get(`/activations/${used.id}?wait=10`);
    expect(await bob.customer.delete(`/activations/${used.id}`)).toMatchObject({
      status: 409,
      body: { code: 'ILLEGAL_STATE' },
    });
    expect((await bob.customer.get('/wallet/balance')).body).toMatchObject({ balance: '0.90', held: '0.00' });
  });

  it('G-15: whoever waits with a key that is revoked meanwhile is told nothing', async () => {
    const bob = await market.account();
    const { id } = await buy(bob);
    const leaked = new Customer(market.hub.url, await market.key(bob.id));
    const keys = await market.hub.store.reads.keys(bob.id);
    const waiting = leaked.get(`/activations/${id}?wait=20`);
    const used = async () => (await market.hub.store.reads.keys(bob.id)).at(-1)?.lastUsedAt ?? null;
    await until(used, (at) => at !== null);
    await market.hub.store.verbs.revokeKey({ id: keys.at(-1)!.id, now: now() });
    await market.gateway.text(await market.attempt(bob.id, id), 'code 1234', '1234');
    expect(await waiting).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } });
    expect((await bob.customer.get(`/activations/${id}`)).body.smsCode).toBe('1234');
  });

  it('B-35 B-36 B-15 A-27: it expires by itself, and the charge returns', async () => {
    const bob = await market.account({ funds: '0.10' });
    const { id } = await buy(bob);
    const waiting = bob.customer.get(`/activations/${id}?wait=20`);
    await market.gateway.expire(await market.attempt(bob.id, id));
    expect((await waiting).body.status).toBeOneOf(['EXPIRED', 'REFUNDED']);
    await until(
      async () => (await bob.customer.get(`/activations/${id}`)).body.status,
      (status) => status === 'REFUNDED',
    );
    expect((await bob.customer.get('/wallet/balance')).body).toMatchObject({ balance: '0.10', held: '0.00' });
  });

  it('G-20 S-08: one more message can be asked for', async () => {
    const { id } = await buy(ann);
    expect((await ann.customer.post(`/activations/${id}/request-resend`)).status).toBe(409);
    for (let n = 1; n <= 6; n += 1) {
      await receive(ann, id, `code 100${n}`, `100${n}`);
      const read = async () => (await ann.customer.get(`/activations/${id}`)).body;
      await until(read, ({ status, smsCode }) => status === 'RECEIVED' && smsCode === `100${n}`);
      const again = await ann.customer.post(`/activations/${id}/request-resend`);
      if (n <= 5) expect(again.body).toMatchObject({ status: 'WAITING', smsCode: `100${n}` });
      else expect(again).toMatchObject({ status: 409, body: { code: 'RESEND_LIMIT' } });
      // The gateway waits for one more only when it was told.
      const attempt = await market.attempt(ann.id, id);
      if (n <= 5)
        await until(
          () => market.gateway.attempts.get(attempt)?.matched,
          (matched) => matched === false,
        );
    }
    expect((await ann.customer.get(`/activations/${id}/messages`)).body.messages).toHaveLength(6);
  });

  it('B-19 A-14 S-07: the list has pages, the newest first, by status', async () => {
    const bob = await market.account();
    const ids: string[] = [];
    for (let i = 0; i < 5; i += 1) ids.unshift((await buy(bob)).id);
    await bob.customer.delete(`/activations/${ids[0]}`);
    const seen: string[] = [];
    let cursor = '';
    for (;;) {
      const { body } = await bob.customer.get(`/activations?limit=2${cursor}`);
      seen.push(...body.data.map(({ id }: { id: string }) => id));
      expect(body.hasMore).toBe(body.nextCursor !== null);
      if (body.nextCursor === null) break;
      expect(body.nextCursor.length).toBeLessThanOrEqual(64);
      cursor = `&cursor=${body.nextCursor}`;
    }
    expect(seen).toEqual(ids);
    const waiting = await bob.customer.get('/activations?status=waiting,RECEIVED');
    expect(waiting.body.data.map(({ id }: { id: string }) => id)).toEqual(ids.slice(1));
    for (const query of ['limit=0', 'limit=101', 'status=NONE', 'cursor=nonsense']) {
      expect(await bob.customer.get(`/activations?${query}`)).toMatchObject({ status: 400 });
    }
  });

  it('B-20: bought at the same time, each has a number of its own', async () => {
    const bob = await market.account();
    const bought = await Promise.all(Array.from({ length: 8 }, () => buy(bob, { serviceCode: 'ub' })));
    expect(new Set(bought.map(({ phoneNumber }) => phoneNumber)).size).toBe(8);
  });

  it('G-02: the id of an activation is nobody else’s', async () => {
    const bob = await market.account();
    const { id } = await buy(ann);
    for (const answer of [
      await bob.customer.get(`/activations/${id}`),
      await bob.customer.delete(`/activations/${id}`),
      await bob.customer.post(`/activations/${id}/complete`),
      await bob.customer.get('/activations/act_0'),
    ]) {
      expect(answer).toMatchObject({ status: 404, body: { code: 'ACTIVATION_NOT_FOUND' } });
    }
  });

  it('G-25 G-26: a number that served a service is not sold for it again, and may serve another', async () => {
    const bob = await market.account();
    await market.addSims(1, { country: 'MT' });
    const { id, phoneNumber } = await buy(bob, { serviceCode: 'tg', countryIso: 'mt' });
    await receive(bob, id, 'code 1234', '1234');
    await bob.customer.get(`/activations/${id}?wait=10`);
    await bob.customer.post(`/activations/${id}/complete`);
    const again = await bob.customer.post('/activations', { serviceCode: 'tg', countryIso: 'MT' });
    expect(again).toMatchObject({ status: 409, body: { code: 'NO_NUMBERS' } });
    const other = await buy(bob, { serviceCode: 'wa', countryIso: 'MT' });
    expect(other.phoneNumber).toBe(phoneNumber);
  });

  it('G-11: an empty pool is a 409 that says so, and when to try again', async () => {
    const answer = await ann.customer.post('/activations', { serviceCode: 'tg', countryIso: 'LI' });
    expect(answer).toMatchObject({ status: 409, body: { code: 'NO_NUMBERS' } });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('B-29 B-06 A-16: errors have stable codes and say what is wrong', async () => {
    const poor = await market.account({ funds: '0' });
    const order = { serviceCode: 'tg', countryIso: 'US' };
    expect(await poor.customer.post('/activations', order)).toMatchObject({
      status: 402,
      body: { code: 'INSUFFICIENT_FUNDS', message: 'the balance is 0.00, and this costs 0.10' },
    });
    expect(await ann.customer.post('/activations', { ...order, serviceCode: 'nope' })).toMatchObject({
      status: 404,
      body: { code: 'SERVICE_NOT_FOUND' },
    });
    expect(await ann.customer.post('/activations', { ...order, maxPrice: 0.05 })).toMatchObject({
      status: 409,
      body: { code: 'PRICE_TOO_HIGH' },
    });
    expect(await ann.customer.post('/activations', { countryIso: 'USA' })).toMatchObject({
      status: 400,
      body: {
        code: 'INVALID_REQUEST',
        errors: expect.arrayContaining([
          expect.objectContaining({ pointer: '#/body/serviceCode' }),
          expect.objectContaining({ pointer: '#/body/countryIso' }),
        ]),
      },
    });
    await market.hub.store.verbs.changeAccount({ id: poor.id, status: 'suspended' });
    expect(await poor.customer.post('/activations', order)).toMatchObject({
      status: 403,
      body: { code: 'ACCOUNT_NOT_ACTIVE' },
    });
    expect((await poor.customer.get('/activations')).status).toBe(200);
  });

  it('B-04: forms are taken as well as JSON, and other names of the same', async () => {
    const form = new URLSearchParams({
      service: 'Telegram',
      country: 'us',
      operator: 'any',
      maxPrice: '0.10',
    });
    const { status, body } = await ann.customer.post('/activations', form);
    expect([status, body.serviceCode, body.countryIso]).toEqual([201, 'tg', 'US']);
    const broken = { 'content-type': 'application/json' };
    expect((await ann.customer.post('/activations', '{"serviceCode":', broken)).body.code).toBe(
      'INVALID_REQUEST',
    );
    const xml = { 'content-type': 'application/xml' };
    expect((await ann.customer.post('/activations', '<a/>', xml)).body.code).toBe('UNSUPPORTED_MEDIA_TYPE');
  });

  it('the same request with the same Idempotency-Key buys once (H-20 to H-24)', async () => {
    const bob = await market.account({ funds: '0.20' });
    const order = { serviceCode: 'tg', countryIso: 'US' };
    const headers = { 'idempotency-key': '"5d1f"' };
    const answers = await Promise.all([
      bob.customer.post('/activations', order, headers),
      bob.customer.post('/activations', order, { 'idempotency-key': '5d1f' }),
    ]);
    const later = await bob.customer.ask('POST', '/activations', { body: order, headers, prefix: '/api/v1' });
    expect(later.headers.get('idempotent-replayed')).toBe('true');
    expect(later.status).toBe(201);
    for (const { status, body } of answers) {
      if (status === 201) expect(body).toEqual(later.body);
      else expect([status, body.code]).toEqual([409, 'REQUEST_IN_PROGRESS']);
    }
    expect((await bob.customer.get('/wallet/balance')).body.balance).toBe('0.10');
    const other = await bob.customer.post('/activations', { ...order, serviceCode: 'wa' }, headers);
    expect(other).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } });
    const token = { ...order, idempotencyToken: 'once' };
    const [first, second] = [
      await bob.customer.post('/activations', token),
      await bob.customer.post('/activations', token),
    ];
    expect(second.body).toEqual(first.body);
    for (const bad of ['', '""', 'x'.repeat(256)]) {
      expect((await bob.customer.post('/activations', order, { 'idempotency-key': bad })).status).toBe(400);
    }
  });

  it('a purchase that came to nothing may be tried again under the same key', async () => {
    const bob = await market.account();
    const order = { serviceCode: 'tg', countryIso: 'SM' };
    const headers = { 'idempotency-key': 'again' };
    expect((await bob.customer.post('/activations', order, headers)).body.code).toBe('NO_NUMBERS');
    await market.addSims(1, { country: 'SM' });
    expect((await bob.customer.post('/activations', order, headers)).status).toBe(201);
  });
});
