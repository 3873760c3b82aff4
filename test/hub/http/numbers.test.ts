import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../programs.ts';
import { until } from '../gateway.ts';
import { Customer } from './customer.ts';
import { type Account, type Market, startMarket } from './market.ts';

describe.skipIf(!needs('mosquitto'))('kept numbers', () => {
  let market: Market;
  let ann: Account;

  beforeAll(async () => {
    market = await startMarket({ sims: 20 });
    ann = await market.account({ funds: '50.00' });
  });
  afterAll(() => market?.close());

  const provision = async (account = ann, body: object = {}) => {
    const answer = await account.customer.post('/numbers/provision', body);
    expect(answer.status).toBe(201);
    return answer.body as { id: string; phone: string; activation_id: string };
  };
  const receive = async (number: { activation_id: string }, text: string, code: string | null = null) =>
    await market.gateway.text(await market.attempt(ann.id, number.activation_id), text, code);

  it('M-01 M-02 M-05 M-06 M-07 M-08 M-09 M-11 A-01 A-02: provisioning answers with a number that receives', async () => {
    const bearer = new Customer(market.hub.url, null, { authorization: `Bearer ${ann.key}` });
    const url = `${market.receiver.url}/hooks`;
    for (const name of ['webhook_url', 'webhookUrl', 'webhook']) {
      const { status, body } = await bearer.post('/numbers/provision', { [name]: url });
      expect(status).toBe(201);
      expect(body).toMatchObject({
        id: expect.stringMatching(/^num_[0-9A-Z]{26}$/),
        number_id: body.id,
        phone: expect.stringMatching(/^\+1\d{10}$/),
        status: 'active',
        webhook_url: url,
        iccid: expect.stringMatching(/^\d{19}$/),
        lpa: null,
        esim_qr: null,
        esim: { iccid: body.iccid, lpa: null, qr: null },
      });
    }
  });

  it('M-03: the key is taken as a bearer token, and nothing goes without', async () => {
    const number = await provision();
    const bearer = new Customer(market.hub.url, null, { authorization: `Bearer ${ann.key}` });
    expect((await bearer.get(`/numbers/${number.id}/messages`)).status).toBe(200);
    const nobody = new Customer(market.hub.url, null);
    expect((await nobody.post('/numbers/provision', {})).status).toBe(401);
  });

  it('M-34 M-35 M-36 M-37 M-18 A-33: messages are listed since a moment, and wait for the next', async () => {
    const number = await provision();
    const path = `/numbers/${number.id}/messages`;
    expect((await ann.customer.get(path)).body).toEqual({ messages: [], next_cursor: null, cursor: null });
    const waiting = ann.customer.get(`${path}?wait=20`);
    await receive(number, 'Acme: 604118 is your code', '604118');
    const { messages } = (await waiting).body;
    expect(messages).toMatchObject([
      {
        from: '729-41',
        text: 'Acme: 604118 is your code',
        received_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        code: '604118',
        sequence: 1,
      },
    ]);
    const since = messages[0].received_at;
    expect((await ann.customer.get(`${path}?since=${since}`)).body.messages).toHaveLength(1);
    const later = new Date(Date.parse(since) + 1_000).toISOString();
    expect((await ann.customer.get(`${path}?since=${later}`)).body.messages).toHaveLength(0);
    for (let n = 2; n <= 5; n += 1) await receive(number, `message ${n}`);
    await until(
      async () => (await ann.customer.get(path)).body.messages.length,
      (count) => count === 5,
    );
    const first = (await ann.customer.get(`${path}?limit=3`)).body;
    const rest = (await ann.customer.get(`${path}?after=${first.next_cursor}`)).body;
    const sequences = [...first.messages, ...rest.messages].map(({ sequence }) => sequence);
    expect([sequences, rest.next_cursor]).toEqual([[1, 2, 3, 4, 5], null]);
  });

  it('M-39 G-21 B-33: one number may be polled as often as its clients do, however many there are', async () => {
    const numbers = await Promise.all([provision(), provision()]);
    for (const { id } of numbers) {
      for (let n = 1; n <= 60; n += 1) {
        const { status } = await ann.customer.get(`/numbers/${id}/messages`);
        expect([n, status]).toEqual([n, 200]);
      }
      const over = await ann.customer.get(`/numbers/${id}/messages`);
      expect(over).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } });
      expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(0);
    }
  });

  it('M-13 M-30 M-31 A-08: a short code’s message comes to the webhook, which can be changed', async () => {
    const number = await provision(ann, { webhook: `${market.receiver.url}/before` });
    const hooks = (path: string) => market.receiver.received.filter((one) => one.path === path);
    await receive(number, 'one');
    await until(
      () => hooks('/before').length,
      (count) => count === 1,
    );
    const change = { webhook_url: `${market.receiver.url}/after` };
    const { body } = await ann.customer.ask('PATCH', `/numbers/${number.id}`, { body: change });
    expect(body.webhook_url).toBe(change.webhook_url);
    await receive(number, 'two');
    await until(
      () => hooks('/after').length,
      (count) => count === 1,
    );
    expect(JSON.parse(hooks('/after')[0]!.body)).toMatchObject({
      number_id: number.id,
      from: '729-41',
      text: 'two',
    });
    const endpoints = (await ann.customer.get('/webhooks')).body.webhooks;
    expect(endpoints.filter(({ number_id }: { number_id: string }) => number_id === number.id)).toHaveLength(
      1,
    );
    const none = await ann.customer.ask('PATCH', `/numbers/${number.id}`, { body: { webhook_url: null } });
    expect(none.body.webhook_url).toBeNull();
    const again = await ann.customer.ask('PATCH', `/numbers/${number.id}`, { body: change });
    expect(again.body.webhook_url).toBe(change.webhook_url);
  });

  it('a webhook where it must not go is refused before anything is bought', async () => {
    const before = (await ann.customer.get('/wallet/balance')).body;
    for (const url of ['ftp://a.example/', 'http://169.254.169.254/latest', 'nonsense']) {
      expect(await ann.customer.post('/numbers/provision', { webhook_url: url })).toMatchObject({
        status: 422,
        body: { code: 'WEBHOOK_URL_REFUSED' },
      });
    }
    expect((await ann.customer.get('/wallet/balance')).body).toEqual(before);
  });

  it('B-43: a number is kept, listed, read and given back, and its history stays', async () => {
    const bob = await market.account();
    const number = await provision(bob);
    const listed = (await bob.customer.get('/numbers')).body;
    expect(listed.numbers.map(({ id }: { id: string }) => id)).toEqual([number.id]);
    expect((await bob.customer.get(`/numbers/${number.id}`)).body).toEqual(listed.numbers[0]);
    expect((await bob.customer.get('/wallet/balance')).body.balance).toBe('9.00');
    const released = await bob.customer.post(`/numbers/${number.id}/release`);
    expect(released.body).toMatchObject({ status: 'released', phone: number.phone });
    expect((await bob.customer.delete(`/numbers/${number.id}`)).status).toBe(200);
    expect((await bob.customer.get(`/numbers/${number.id}/messages`)).status).toBe(200);
    expect(
      await bob.customer.ask('PATCH', `/numbers/${number.id}`, { body: { webhook: null } }),
    ).toMatchObject({
      status: 409,
      body: { code: 'ILLEGAL_STATE' },
    });
  });

  it('nobody sees another’s numbers, nor any SIM; the operator sees the SIMs', async () => {
    const number = await provision();
    const bob = await market.account();
    const { iccid } = (await ann.customer.get(`/numbers/${number.id}`)).body;
    for (const id of [number.id, iccid, 'num_0', '1']) {
      for (const path of [`/numbers/${id}`, `/numbers/${id}/messages`]) {
        expect(await bob.customer.get(path)).toMatchObject({
          status: 404,
          body: { code: 'NUMBER_NOT_FOUND' },
        });
      }
    }
    expect((await bob.customer.get('/numbers')).body.numbers).toEqual([]);
    expect((await market.operator.get(`/numbers/${iccid}`)).body).toMatchObject({
      id: iccid,
      state: 'ready',
    });
    expect((await market.operator.get('/numbers')).body.numbers).toHaveLength(20);
    expect((await market.operator.get(`/numbers/${iccid}/messages`)).body.messages).toEqual([]);
  });

  it('the operator’s own numbers come before the SIMs, page by page', async () => {
    await market.hub.store.verbs.topUp({
      account: (await market.hub.store.reads.account('default'))!.id,
      amount: 5_000_000,
      reference: 'first',
      now: new Date().toISOString(),
    });
    const kept = [
      await market.operator.post('/numbers/provision', {}),
      await market.operator.post('/numbers/provision', {}),
    ];
    const seen: string[] = [];
    for (let after = ''; ; ) {
      const { body } = await market.operator.get(`/numbers?limit=2${after}`);
      seen.push(...body.numbers.map(({ id }: { id: string }) => id));
      if (body.next_cursor === null) break;
      after = `&after=${body.next_cursor}`;
    }
    expect(seen.slice(0, 2)).toEqual(kept.map(({ body }) => body.id));
    expect([seen.length, new Set(seen).size]).toEqual([22, 22]);
  });

  it('the same provisioning twice under one key buys one number', async () => {
    const headers = { 'idempotency-key': 'provision-1' };
    const first = await ann.customer.post('/numbers/provision', {}, headers);
    const again = await ann.customer.post('/numbers/provision', {}, headers);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
  });
});
