import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Broker, startBroker } from '../../../src/broker.ts';
import { Config } from '../../../src/config.ts';
import type { Order } from '../../../src/hub/activations/flow.ts';
import { type Hub, startHub } from '../../../src/hub/hub.ts';
import { createLog } from '../../../src/log.ts';
import { ulid } from '../../../src/protocol/ulid.ts';
import { startMosquitto } from '../../mosquitto.ts';
import { needs } from '../../programs.ts';
import { DATABASES, POSTGRES, SQLITE, type TestDatabase } from '../databases.ts';
import { until } from '../gateway.ts';
import { SellingGateway, simsOf } from '../selling.ts';

/** aedes speaks 3.1.1: answers come to the plain topic. With mosquitto they come to the hub's own. */
const SETUPS = [
  {
    name: 'SQLite and 3.1.1',
    kind: SQLITE,
    broker: async () => {
      const broker: Broker = await startBroker({ host: '127.0.0.1', port: 0 });
      return { url: broker.url, end: () => broker.stop() };
    },
    version: 4 as const,
  },
  ...(needs('mosquitto') && DATABASES.includes(POSTGRES)
    ? [
        {
          name: 'PostgreSQL and MQTT 5',
          kind: POSTGRES,
          broker: async () => {
            const broker = await startMosquitto();
            return { url: broker.url, end: () => broker.remove() };
          },
          version: 5 as const,
        },
      ]
    : []),
];

describe.each(SETUPS)('with $name', ({ kind, broker: startOne, version }) => {
  let database: TestDatabase;
  let broker: { url: string; end(): Promise<void> };
  let hub: Hub;
  let account: string;
  const gateways: SellingGateway[] = [];

  beforeEach(async () => {
    database = await kind.make();
    broker = await startOne();
    const config = Config.parse({
      mqtt: { url: broker.url },
      hub: { listen: '127.0.0.1:0', database: database.url },
    });
    hub = await startHub({
      config,
      log: createLog('silent'),
      timing: { graceMs: 300, retryMs: 600, retryMaxMs: 2_000, answerMs: 3_000 },
    });
    await until(
      () => hub.consumer.state.connected,
      (connected) => connected,
    );
    account = (await hub.store.reads.account('default'))!.id;
    await hub.store.verbs.topUp({
      account,
      amount: 1_000_000,
      reference: 'first',
      now: new Date().toISOString(),
    });
  });
  afterEach(async () => {
    for (const gateway of gateways.splice(0)) await gateway.vanish();
    await hub.stop();
    await broker.end();
    await database.remove();
  });

  async function gateway(
    id: string,
    first: number,
    count: number,
    more: object = {},
  ): Promise<SellingGateway> {
    const made = new SellingGateway({ url: broker.url, version, id, sims: simsOf(first, count, more) });
    gateways.push(made);
    await made.connect();
    await made.announce();
    const counted = async () => {
      const query = { account, service: 'never', country: null, wish: {} };
      const there = await hub.store.reads.candidates(query);
      return there.find((candidate) => candidate.gateway === id)?.stock ?? 0;
    };
    await until(counted, (there) => there === count);
    return made;
  }

  const order = (more: Partial<Order> = {}): Order => ({
    account,
    apiKey: null,
    facade: 'rest',
    services: ['tg'],
    country: 'US',
    wish: {},
    ...more,
  });

  const stock = (country: string, wanted: (there: number) => boolean, service = 'tg') =>
    until(async () => (await hub.store.reads.stock({ account, service, country }))[0]?.stock ?? 0, wanted);
  const row = async (id: string) => (await hub.store.reads.activation({ account, id }))!;
  const state = (id: string, wanted: string) =>
    until(
      async () => (await row(id)).state,
      (found) => found === wanted,
    );
  const wallet = async () => (await hub.store.reads.wallet(account))!;

  async function buy(more: Partial<Order> = {}) {
    const bought = await hub.flow.buy(order(more));
    if (bought.outcome !== 'bought') throw new Error(`not bought: ${JSON.stringify(bought)}`);
    return bought.activations[0]!;
  }

  test('a number is bought, receives, receives once more, and is completed', async () => {
    const one = await gateway('host-a', 1, 2);
    const bought = await buy();
    expect(bought).toMatchObject({
      state: 'waiting',
      msisdn: '+12025550001',
      gateway: 'host-a',
      cost: 100_000,
    });
    expect(await wallet()).toEqual({ balance: 900_000, held: 100_000 });
    const attempt = bought.attempt!;
    await one.text(attempt, 'Acme: 417905 is your code', '417905');
    await state(bought.id, 'received');
    expect(await row(bought.id)).toMatchObject({
      code: '417905',
      text: 'Acme: 417905 is your code',
      messages: 1,
      money: 'captured',
    });
    expect(await wallet()).toEqual({ balance: 900_000, held: 0 });

    const arg = { account, id: bought.id, now: new Date().toISOString() };
    expect(await hub.store.verbs.cancel(arg)).toMatchObject({ outcome: 'illegal' });
    expect(await hub.store.verbs.rearm({ ...arg, most: 3 })).toMatchObject({ outcome: 'done' });
    await until(
      () => one.attempts.get(attempt)!.matched,
      (matched) => !matched,
    );
    expect(await row(bought.id)).toMatchObject({ state: 'waiting-again', code: '417905' });
    await one.text(attempt, 'Acme: 222333 is your code', '222333');
    await state(bought.id, 'received');
    expect(await row(bought.id)).toMatchObject({ code: '222333', messages: 2 });

    await hub.store.verbs.complete({ account, id: bought.id, now: new Date().toISOString() });
    await until(
      () => one.open().length,
      (open) => open === 0,
    );
    await until(
      async () => (await hub.store.reads.attempts(bought.id))[0]?.state,
      (found) => found === 'closed',
    );
    const entries = await hub.store.reads.transactions({
      account,
      before: null,
      limit: 10,
      reference: bought.id,
    });
    expect(entries.map(({ kind: what, amount, held }) => [what, amount, held])).toEqual([
      ['capture', 0, -100_000],
      ['hold', -100_000, 100_000],
    ]);
    // The number has served its service, and no other.
    await stock('US', (there) => there === 1);
    await stock('US', (there) => there === 2, 'wa');
    const messages = await hub.store.reads.messagesOf({
      account,
      activation: bought.id,
      since: null,
      after: null,
      limit: 9,
    });
    expect(messages.map(({ n, data, late }) => [n, data.code?.value, late])).toEqual([
      [1, '417905', false],
      [2, '222333', false],
    ]);
    const [rate] = await hub.store.reads.rates({ since: new Date(Date.now() - 60_000).toISOString() });
    expect(rate).toMatchObject({ service: 'tg', country: 'US', received: 1, missed: 0 });
  });

  test('one that is cancelled gives its money back and its number away; what comes late is shown and never charged', async () => {
    const one = await gateway('host-a', 1, 1);
    const bought = await buy();
    await one.vanish();
    await until(
      async () => (await hub.store.reads.gateways())[0]!.online,
      (online) => online === 0,
    );
    const now = new Date().toISOString();
    expect(await hub.store.verbs.complete({ account, id: bought.id, now })).toMatchObject({
      outcome: 'illegal',
    });
    expect(await hub.store.verbs.cancel({ account, id: bought.id, now, never: true })).toMatchObject({
      outcome: 'done',
    });
    expect(await wallet()).toEqual({ balance: 1_000_000, held: 0 });
    await state(bought.id, 'refunded');
    // Not free before the gateway has said so.
    expect(await hub.store.reads.attempts(bought.id)).toMatchObject([{ state: 'closing' }]);
    await one.connect();
    await one.text(bought.attempt!, 'too late: 111222', '111222');
    await one.announce();
    await until(
      () => one.open().length,
      (open) => open === 0,
    );
    await until(
      async () => (await row(bought.id)).messages,
      (messages) => messages === 1,
    );
    expect(await row(bought.id)).toMatchObject({ state: 'refunded', code: '111222', money: 'released' });
    expect(await wallet()).toEqual({ balance: 1_000_000, held: 0 });
    expect(await hub.flow.buy(order())).toEqual({ outcome: 'no-numbers' });
    expect((await buy({ services: ['wa'] })).state).toBe('waiting');
  });

  test('one that expires at its gateway gives its money back', async () => {
    const one = await gateway('host-a', 1, 1);
    const bought = await buy();
    await one.expire(bought.attempt!);
    await state(bought.id, 'refunded');
    expect(await row(bought.id)).toMatchObject({ reason: 'expired', money: 'released' });
    expect(await wallet()).toEqual({ balance: 1_000_000, held: 0 });
  });

  test('a refusal goes to the next gateway; with none left there is no number, and nothing is held', async () => {
    const one = await gateway('host-a', 1, 1);
    const two = await gateway('host-b', 51, 1);
    one.onOpen = 'refuse';
    expect(await buy()).toMatchObject({ gateway: 'host-b', msisdn: '+12025550051' });
    two.onOpen = 'refuse';
    expect(await hub.flow.buy(order({ services: ['wa'] }))).toEqual({ outcome: 'no-numbers' });
    expect(await wallet()).toEqual({ balance: 900_000, held: 100_000 });
    const listed = await hub.store.reads.activations({ account, before: null, limit: 10 });
    expect(listed).toHaveLength(1);
  });

  test('one that opens and does not answer is heard by its event; one that is silent is closed and the next one asked', async () => {
    const one = await gateway('host-a', 1, 1);
    one.onOpen = 'open but silent';
    expect(await buy()).toMatchObject({ state: 'waiting', gateway: 'host-a' });
    const two = await gateway('host-b', 51, 1);
    one.onOpen = 'silent';
    two.onOpen = 'silent';
    const failed = hub.flow.buy(order({ services: ['wa'] }));
    expect(await failed).toEqual({ outcome: 'no-numbers' });
    one.onOpen = 'answer';
    // Both were told that what they may have opened is not wanted.
    for (const each of [one, two]) {
      await until(
        () => each.commands.some(({ name }) => name === 'activation.close'),
        (told) => told,
      );
    }
  });

  test('what nobody asked for is closed', async () => {
    const one = await gateway('host-a', 1, 1);
    const activationId = ulid(Date.now());
    one.attempts.set(activationId, {
      sim: one.sims[0]!,
      service: 'tg',
      mode: 'single',
      expiresAt: Date.now() + 60_000,
      state: 'open',
      matched: false,
    });
    const { iccid, msisdn } = one.sims[0]!;
    const times = {
      openedAt: new Date().toISOString(),
      expiresAt: new Date(Date.now() + 60_000).toISOString(),
    };
    await one.say('activation.opened', {
      activationId,
      iccid,
      msisdn,
      service: 'tg',
      mode: 'single',
      ...times,
    });
    await until(
      () => one.open().length,
      (open) => open === 0,
    );
  });

  test('a gateway that goes away takes its stock along', async () => {
    const one = await gateway('host-a', 1, 3);
    await one.vanish();
    await stock('US', (there) => there === 0);
    expect(await hub.flow.buy(order())).toEqual({ outcome: 'no-numbers' });
  });

  test('several services get one number, or none', async () => {
    await gateway('host-a', 1, 1);
    const bought = await hub.flow.buy(order({ services: ['tg', 'wa', 'go'] }));
    expect(bought).toMatchObject({ outcome: 'bought' });
    if (bought.outcome !== 'bought') return;
    expect(bought.activations.map(({ service, msisdn }) => [service, msisdn])).toEqual([
      ['tg', '+12025550001'],
      ['wa', '+12025550001'],
      ['go', '+12025550001'],
    ]);
    expect(await wallet()).toEqual({ balance: 700_000, held: 300_000 });
    expect(await hub.flow.buy(order({ services: ['vk', 'go'] }))).toEqual({ outcome: 'no-numbers' });
    // Nor is it one that somebody could keep.
    const kept = { account, apiKey: null, facade: 'meisim', country: 'US', wish: {}, endpoint: null };
    expect(await hub.flow.provision(kept)).toEqual({ outcome: 'no-numbers' });
  });

  test('the same request again is the same purchase, and another under its key is refused', async () => {
    await gateway('host-a', 1, 3);
    const idempotency = { key: 'k1', route: 'POST /activations', hash: 'h1' };
    const all = await Promise.all([1, 2, 3].map(() => hub.flow.buy(order({ idempotency }))));
    expect(all.map(({ outcome }) => outcome).toSorted()).toEqual(['bought', 'replay', 'replay']);
    await hub.store.verbs.keepAnswer({ account, key: 'k1', status: 201, body: '{}' });
    expect(await hub.flow.buy(order({ idempotency }))).toMatchObject({
      outcome: 'replay',
      status: 201,
      body: '{}',
    });
    expect(await hub.flow.buy(order({ idempotency: { ...idempotency, hash: 'h2' } }))).toEqual({
      outcome: 'mismatch',
    });
    expect(await wallet()).toEqual({ balance: 900_000, held: 100_000 });
  });

  test('no more is sold than there is money for, however much is asked at once', async () => {
    await gateway('host-a', 1, 20);
    const all = await Promise.all(Array.from({ length: 14 }, () => hub.flow.buy(order())));
    const outcomes = all.map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'bought')).toHaveLength(10);
    expect(outcomes.filter((outcome) => outcome === 'no-funds')).toHaveLength(4);
    expect(await wallet()).toEqual({ balance: 0, held: 1_000_000 });
    const numbers = new Set(
      all.flatMap((bought) => (bought.outcome === 'bought' ? [bought.activations[0]!.msisdn] : [])),
    );
    expect(numbers.size).toBe(10);
  });

  test('prices, and what an account may not buy', async () => {
    await gateway('host-a', 1, 3);
    expect(await hub.flow.buy(order({ maxCost: 99_999 }))).toEqual({
      outcome: 'too-expensive',
      cost: 100_000,
    });
    expect(await buy({ services: ['lf'], maxCost: 20_000 })).toMatchObject({ cost: 20_000 });
    const now = new Date().toISOString();
    await hub.store.verbs.setPrice({
      product: 'activation',
      account: 'default',
      service: 'tg',
      country: '',
      operator: '',
      amount: 10_000,
      now,
    });
    expect(await buy()).toMatchObject({ cost: 10_000 });
    await hub.store.verbs.changeAccount({ id: account, status: 'suspended' });
    expect(await hub.flow.buy(order())).toEqual({ outcome: 'not-active' });
  });

  test('a number is kept with all that it gets, is away with its SIM, comes back with it, and is given back', async () => {
    const one = await gateway('host-a', 1, 1);
    const provisioned = await hub.flow.provision({
      account,
      apiKey: null,
      facade: 'meisim',
      country: 'US',
      wish: {},
      endpoint: null,
    });
    if (provisioned.outcome !== 'bought') throw new Error(provisioned.outcome);
    const { number, activation } = provisioned;
    expect(number).toMatchObject({
      id: expect.stringMatching(/^num_[0-9A-Z]{26}$/),
      state: 'active',
      msisdn: '+12025550001',
    });
    expect(await wallet()).toEqual({ balance: 0, held: 0 });
    await one.text(activation.attempt!, 'one', null);
    await one.text(activation.attempt!, 'two 123456', '123456');
    const texts = async () =>
      (
        await hub.store.reads.messagesOf({
          account,
          activation: activation.id,
          since: null,
          after: null,
          limit: 9,
        })
      ).map(({ data }) => data.text);
    await until(texts, (all) => all.length === 2);
    expect(await hub.flow.buy(order())).toEqual({ outcome: 'no-numbers' });

    const numberState = (wanted: string) =>
      until(
        async () => (await hub.store.reads.keptNumber({ account, id: number.id }))!.state,
        (found) => found === wanted,
      );
    await one.expire(activation.attempt!, 'sim-lost');
    await numberState('suspended');
    const wish = { iccid: number.iccid! };
    await until(
      () => hub.store.reads.candidates({ account, service: null, country: null, wish }),
      (there) => there.length > 0,
    );
    // The scheduler tries every half minute; the test does not wait that long.
    await hub.flow.reopen(await row(activation.id));
    await numberState('active');
    const again = await row(activation.id);
    expect(again.attempt).not.toBe(activation.attempt);
    await one.text(again.attempt!, 'three', null);
    await until(texts, (all) => all.length === 3);
    expect(await texts()).toEqual(['one', 'two 123456', 'three']);

    await hub.store.verbs.cancel({ account, id: activation.id, now: new Date().toISOString() });
    await numberState('released');
    await until(
      () => one.open().length,
      (open) => open === 0,
    );
    expect(await wallet()).toEqual({ balance: 0, held: 0 });
  });

  test('a priority request waits for a number, the highest offer first', async () => {
    const one = await gateway('host-a', 1, 1);
    const first = await buy();
    const queued = [];
    for (const markup of [10, 50, 50]) {
      const bought = await hub.flow.buy(order({ markup }));
      expect(bought).toMatchObject({ outcome: 'queued', activations: [{ state: 'queued', markup }] });
      if (bought.outcome === 'queued') queued.push(bought.activations[0]!);
    }
    expect(queued.map(({ cost }) => cost)).toEqual([110_000, 150_000, 150_000]);
    await hub.store.verbs.cancel({ account, id: first.id, now: new Date().toISOString() });
    await state(queued[1]!.id, 'waiting');
    expect((await row(queued[1]!.id)).msisdn).toBe('+12025550001');
    expect((await row(queued[2]!.id)).state).toBe('queued');
    await one.expire((await row(queued[1]!.id)).attempt!);
    await state(queued[2]!.id, 'waiting');
    const cancelled = await hub.store.verbs.cancel({
      account,
      id: queued[0]!.id,
      now: new Date().toISOString(),
    });
    expect(cancelled).toMatchObject({ outcome: 'done', activation: { state: 'cancelled' } });
    // A number that only seems to be free is none, either.
    await gateway('host-b', 51, 1);
    for (const each of gateways) each.onOpen = 'refuse';
    expect(await hub.flow.buy(order({ services: ['wa'] }))).toEqual({ outcome: 'no-numbers' });
    const waiting = await hub.flow.buy(order({ services: ['wa'], markup: 20 }));
    expect(waiting).toMatchObject({ outcome: 'queued', activations: [{ state: 'queued', cost: 120_000 }] });
  });

  test('a number may be asked for by name by who had it; to others it is used up for its service', async () => {
    const now = new Date().toISOString();
    const secret = { id: 'whs_other', value: 'whsec_b3RoZXI=' };
    await hub.store.verbs.createAccount({ id: 'acc_other', name: 'other', secret, now });
    await hub.store.verbs.topUp({ account: 'acc_other', amount: 1_000_000, reference: 'its first', now });
    const other = (more: Partial<Order>) => hub.flow.buy(order({ account: 'acc_other', ...more }));
    const one = await gateway('host-a', 1, 2);

    const bought = await buy();
    const { msisdn } = bought;
    await one.text(bought.attempt!, 'Acme: 417905 is your code', '417905');
    await state(bought.id, 'received');
    await hub.store.verbs.complete({ account, id: bought.id, now: new Date().toISOString() });
    const isClosed = (state?: string) => state === 'closed';
    await until(async () => (await hub.store.reads.attempts(bought.id))[0]?.state, isClosed);
    expect(await other({ wish: { msisdn: msisdn! } })).toEqual({ outcome: 'no-numbers' });
    expect(await other({ wish: { msisdn: msisdn! }, services: ['wa'] })).toMatchObject({ outcome: 'bought' });
    expect(await buy({ wish: { msisdn: msisdn! } })).toMatchObject({ msisdn, state: 'waiting' });

    await hub.store.verbs.topUp({ account, amount: 1_000_000, reference: 'second', now });
    const kept = await hub.flow.provision({ ...order(), endpoint: null });
    if (kept.outcome !== 'bought') throw new Error(`not kept: ${JSON.stringify(kept)}`);
    const id = kept.activation.id;
    await hub.store.verbs.cancel({ account, id, now: new Date().toISOString() });
    const wish = { msisdn: kept.number.msisdn! };
    await until(
      () => hub.store.reads.candidates({ account, service: 'ub', country: null, wish }),
      (there) => there.length > 0,
    );
    expect(await other({ services: ['ub'], wish })).toEqual({ outcome: 'no-numbers' });
    expect(await buy({ services: ['ub'], wish })).toMatchObject({ msisdn: kept.number.msisdn });
  });

  test('without a country the cheapest that has numbers is bought, for what it costs there', async () => {
    const now = new Date().toISOString();
    const price = (country: string, amount: number, operator = '') =>
      hub.store.verbs.setPrice({
        product: 'activation',
        account: '',
        service: '',
        country,
        operator,
        amount,
        now,
      });
    await price('US', 120_000);
    await price('US', 130_000, 'example mobile');
    await price('MT', 50_000);
    await gateway('host-a', 1, 1);
    expect(await buy({ country: null })).toMatchObject({ country: 'US', cost: 120_000 });
    await gateway('host-b', 51, 2, { country: 'MT' });
    expect(await buy({ country: null, services: ['wa'] })).toMatchObject({ country: 'MT', cost: 50_000 });
    // By its number, and by an operator that is named twice, or beside one that nobody has: always what it costs.
    expect(await buy({ country: null, services: ['ub'], wish: { msisdn: '+12025550001' } })).toMatchObject({
      country: 'US',
      cost: 120_000,
    });
    for (const [service, operators] of [
      ['fb', ['Example Mobile', 'example mobile']],
      ['ig', ['Example Mobile', 'Nobody']],
    ] as const) {
      const named = await buy({ services: [service], wish: { operators } });
      expect(named).toMatchObject({ country: 'US', cost: 130_000 });
    }
    expect(await hub.flow.buy(order({ country: null, maxCost: 40_000 }))).toMatchObject({
      outcome: 'too-expensive',
      cost: 50_000,
    });
  });
});
