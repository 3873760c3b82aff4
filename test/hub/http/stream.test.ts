import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MOST_STREAMS } from '../../../src/hub/http/limits.ts';
import { needs } from '../../programs.ts';
import { DATABASES } from '../databases.ts';
import { until } from '../gateway.ts';
import { Customer } from './customer.ts';
import { EventClient } from './events.ts';
import { startFront } from './front.ts';
import { type Account, type Market, now, startMarket } from './market.ts';

describe.skipIf(!needs('mosquitto')).each(DATABASES)('the stream on $name', (kind) => {
  let market: Market;
  let ann: Account;
  const clients: EventClient[] = [];

  beforeAll(async () => {
    market = await startMarket({ kind, sims: 60 });
    ann = await market.account();
  });
  afterAll(async () => {
    for (const client of clients) await client.close();
    await market?.close();
  });

  const listen = async (
    account: Account,
    options: { lastId?: string; query?: string } = {},
    url = market.hub.url,
  ) => {
    const client = await EventClient.open(url, account.key, options);
    clients.push(client);
    return client;
  };
  const buy = async (account: Account) =>
    (await account.customer.post('/activations', { serviceCode: 'tg', countryIso: 'US' })).body.id as string;
  const receive = async (account: Account, id: string, text: string) =>
    await market.gateway.text(await market.attempt(account.id, id), text, '1234');

  it('tells what happens to the account as it happens, and to nobody else', async () => {
    const bob = await market.account();
    const [mine, his] = [await listen(ann), await listen(bob)];
    expect(mine.headers.get('content-type')).toBe('text/event-stream');
    const id = await buy(ann);
    await receive(ann, id, 'code 1234');
    await until(
      () => mine.types.length,
      (count) => count >= 3,
    );
    await ann.customer.post(`/activations/${id}/complete`);
    await until(
      () => mine.types,
      (types) => types.includes('activation.completed'),
    );
    expect([...mine.types].sort()).toEqual([
      'activation.completed',
      'activation.received',
      'activation.waiting',
      'sms.received',
    ]);
    const message = mine.told.find(({ type }) => type === 'sms.received')!;
    expect(message.data).toMatchObject({
      id: expect.stringMatching(/^evt_/),
      type: 'sms.received',
      data: { activation: { id, service: 'tg' }, message: { text: 'code 1234', code: '1234' } },
    });
    expect(his.told).toEqual([]);
  });

  it('gives whoever comes back what it missed, once', async () => {
    const bob = await market.account();
    const first = await listen(bob);
    const id = await buy(bob);
    await until(
      () => first.types.length,
      (count) => count === 1,
    );
    await first.close();
    await receive(bob, id, 'while nobody listened');
    await bob.customer.get(`/activations/${id}?wait=10`);
    const second = await listen(bob, { lastId: first.lastId });
    await until(
      () => second.types.length,
      (count) => count === 2,
    );
    await bob.customer.post(`/activations/${id}/complete`);
    await until(
      () => second.types.length,
      (count) => count === 3,
    );
    const ids = [...first.told, ...second.told].map(({ data }) => data.id);
    expect(new Set(ids).size).toBe(4);
    // From the beginning, with the place in the query, for clients that cannot send headers.
    const third = await listen(bob, { query: `?last_event_id=${first.told[0]!.data.id}` });
    await until(
      () => third.types.length,
      (count) => count === 3,
    );
    // A 200 that ends at once would have EventSource come back with the same for ever.
    for (const lastId of ['nonsense', `evt_${'ILOU'.repeat(6)}IL`, `evt_${'9'.repeat(26)}`, 'evt_8ZZZ~1']) {
      await expect(listen(bob, { lastId })).rejects.toThrow('INVALID_REQUEST');
    }
    const latest = await listen(bob, { lastId: `evt_7${'Z'.repeat(25)}` });
    await buy(bob);
    await until(
      () => latest.types.length,
      (count) => count === 1,
    );
  });

  it('sends the last seconds again when something was committed behind the place', async () => {
    const bob = await market.account();
    const first = await listen(bob);
    await buy(bob);
    await buy(bob);
    await until(
      () => first.types.length,
      (count) => count === 2,
    );
    expect(first.lastId).toMatch(/~2$/);
    const behind = await listen(bob, { lastId: first.lastId.replace('~2', '~1') });
    await until(
      () => behind.types.length,
      (count) => count === 2,
    );
    const right = await listen(bob, { lastId: first.lastId });
    await buy(bob);
    await until(
      () => right.types.length,
      (count) => count === 1,
    );
  });

  it('tells only the types that are asked for', async () => {
    const bob = await market.account();
    const client = await listen(bob, { query: '?types=sms.*,activation.cancelled' });
    const [one, two] = [await buy(bob), await buy(bob)];
    await receive(bob, one, 'code 1234');
    await until(
      () => client.types,
      (types) => types.includes('sms.received'),
    );
    await bob.customer.delete(`/activations/${two}`);
    await until(
      () => client.types,
      (types) => types.includes('activation.cancelled'),
    );
    expect(client.types).toEqual(['sms.received', 'activation.cancelled']);
  });

  it('tells all that happens from the moment at which it is open', async () => {
    const bob = await market.account();
    const { reads } = market.hub.store;
    const { eventIds } = reads;
    reads.eventIds = async (arg) => {
      await sleep(300);
      return await eventIds(arg);
    };
    const client = await listen(bob).finally(() => {
      reads.eventIds = eventIds;
    });
    await buy(bob);
    await until(
      () => client.types.length,
      (count) => count === 1,
    );
  });

  describe('ends with its key, and tells nothing more', () => {
    const ends: [string, (account: Account, key: string) => Promise<unknown>][] = [
      ['revoked', (_account, id) => market.hub.store.verbs.revokeKey({ id, now: now() })],
      ['over', ({ id: account }, id) => market.key(account, { replaces: { id, until: now() } })],
      ['of a closed account', ({ id }) => market.hub.store.verbs.changeAccount({ id, status: 'closed' })],
    ];
    const bear = async (account: Account) => {
      const key = await market.key(account.id);
      return { key, id: (await market.hub.store.reads.keys(account.id)).at(-1)!.id };
    };

    it.each(ends)('when that is %s', async (what, finish) => {
      const bob = await market.account();
      const id = await buy(bob);
      const { key, id: keyId } = await bear(bob);
      const client = await listen({ ...bob, key });
      const beside = await listen(bob);
      await finish(bob, keyId);
      await receive(bob, id, 'code 1234');
      await client.ended;
      expect(client.types).not.toContain('sms.received');
      if (what === 'of a closed account') {
        await beside.ended;
        expect(beside.types).not.toContain('sms.received');
      } else {
        await until(
          () => beside.types,
          (types) => types.includes('sms.received'),
        );
      }
    });

    it.each(ends)('when that is %s, though nothing happens', async (_what, finish) => {
      const front = await startFront(market, { heartbeatMs: 100 });
      try {
        const bob = await market.account();
        const { key, id } = await bear(bob);
        const client = await listen({ ...bob, key }, {}, front.url);
        await until(
          () => client.beats,
          (beats) => beats > 1,
        );
        await finish(bob, id);
        await client.ended;
      } finally {
        await front.close();
      }
    });
  });

  it('is open so often for one key, and a place is free again when one is closed', async () => {
    const bob = await market.account();
    const open = await Promise.all(Array.from({ length: MOST_STREAMS }, () => listen(bob)));
    await expect(listen(bob)).rejects.toThrow('TOO_MANY_STREAMS');
    expect(await bob.customer.get('/stream')).toMatchObject({
      status: 429,
      body: { detail: expect.stringContaining(String(MOST_STREAMS)) },
    });
    await listen({ ...bob, key: await market.key(bob.id) });
    await open[0]!.close();
    const again = () => listen(bob).catch(() => null);
    await until(again, (client) => client !== null);
    await expect(listen(bob)).rejects.toThrow('TOO_MANY_STREAMS');
  });

  it('costs one look, however many wait', async () => {
    const bob = await market.account();
    const key = await market.key(bob.id, { scopes: ['read', 'admin'] });
    const watcher = new Customer(market.hub.url, key);
    const id = await buy(bob);
    const polls = Array.from({ length: 200 }, () => watcher.get(`/activations/${id}?wait=30`));
    const streams = await Promise.all(Array.from({ length: 200 }, () => listen({ ...bob, key })));
    let looks = 0;
    const { reads } = market.hub.store;
    const { eventsAfter } = reads;
    reads.eventsAfter = (arg) => {
      looks += 1;
      return eventsAfter(arg);
    };
    await receive(bob, id, 'code 1234');
    const answers = await Promise.all(polls);
    expect(new Set(answers.map(({ body }) => body.smsCode))).toEqual(new Set(['1234']));
    for (const stream of streams) {
      await until(
        () => stream.types,
        (types) => types.includes('activation.received'),
      );
    }
    reads.eventsAfter = eventsAfter;
    expect(looks).toBeLessThan(50);
  });
});

describe.skipIf(!needs('mosquitto') || DATABASES.length < 2)('several hubs', () => {
  it('tell their clients what another one committed', async () => {
    const market = await startMarket({ kind: DATABASES[1]!, sims: 2 });
    try {
      const other = await market.another();
      const bob = await market.account();
      const there = new Customer(other.url, bob.key);
      const clients = await Promise.all(
        [market.hub.url, other.url].map((url) => EventClient.open(url, bob.key)),
      );
      const { id } = (await bob.customer.post('/activations', { serviceCode: 'tg' })).body;
      const waiting = there.get(`/activations/${id}?wait=30`);
      await market.gateway.text(await market.attempt(bob.id, id), 'code 1234', '1234');
      expect((await waiting).body.smsCode).toBe('1234');
      for (const client of clients) {
        await until(
          () => client.types.length,
          (count) => count === 3,
        );
        await client.close();
      }
    } finally {
      await market.close();
    }
  });

  it('let go of those who wait when they stop', async () => {
    const market = await startMarket({ sims: 1 });
    const bob = await market.account();
    const client = await EventClient.open(market.hub.url, bob.key);
    const { id } = (await bob.customer.post('/activations', { serviceCode: 'tg' })).body;
    const waiting = bob.customer.get(`/activations/${id}?wait=60`);
    await until(
      () => client.types.length,
      (count) => count === 1,
    );
    const began = Date.now();
    await market.close();
    await client.ended;
    expect((await waiting).body.status).toBe('WAITING');
    expect(Date.now() - began).toBeLessThan(20_000);
  });
});
