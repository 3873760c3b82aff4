/** From an event in the database to a customer's server and back into the log, on both databases, with real receivers. */
import { sql } from 'kysely';
import { Webhook } from 'standardwebhooks';
import Stripe from 'stripe';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hasCode } from '../../../src/errors.ts';
import { newWebhookSecret } from '../../../src/hub/secrets.ts';
import type { Settlement } from '../../../src/hub/store/settlement.ts';
import { ulid } from '../../../src/protocol/ulid.ts';
import { DATABASES } from '../databases.ts';
import { until } from '../gateway.ts';
import { type Received, type Receiver, startReceiver } from './receiver.ts';
import { ACCOUNT, type Rig, START, startRig } from './rig.ts';

const DAY = 86_400_000;

describe.each(DATABASES)('deliveries on $name', (kind) => {
  let receiver: Receiver;
  let other: Receiver;
  let rig: Rig;

  beforeEach(async () => {
    [receiver, other] = [await startReceiver(), await startReceiver()];
    rig = await startRig(kind, [receiver, other]);
  });
  afterEach(async () => {
    await rig.close();
    await receiver.close();
    await other.close();
  });

  const now = () => new Date(rig.clock.at).toISOString();
  const list = (more: object = {}) =>
    rig.store.reads.deliveries({ account: ACCOUNT, before: null, limit: 100, ...more });
  const log = async () => {
    const rows = await list();
    const all = await Promise.all(
      rows.map(({ id }) => rig.store.reads.delivery({ account: ACCOUNT, id }).then((row) => row!.log)),
    );
    return all.flat();
  };
  const arrived = (count: number, at = receiver) =>
    until(
      () => at.received.length,
      (length) => length >= count,
    );
  /** Waits until the database says so, not only the receiver. */
  const settled = (count: number) => until(log, (rows) => rows.length >= count);
  /** What an attempt of some claim came to: it was taken, unless `more` says otherwise. */
  const settlement = (delivery: string, claim: string, more: Partial<Settlement> = {}): Settlement => {
    const isTaken = (more.state ?? 'delivered') === 'delivered';
    const said = isTaken ? { status: 200, error: null } : { status: 500, error: 'status' };
    return {
      delivery,
      claim,
      attempt: { id: `att_${ulid(rig.clock.at)}`, at: now(), ms: 1, answer: null, ...said },
      state: 'delivered',
      nextAt: null,
      wasFailing: false,
      gone: false,
      patience: { since: now(), failures: 20 },
      now: now(),
      ...more,
    };
  };
  const endpointRow = async (id: string) =>
    (await rig.store.reads.webhookEndpoint({ account: ACCOUNT, id }))!;

  describe('an event', () => {
    test('reaches each endpoint in its own form, with a signature that others verify', async () => {
      const own = newWebhookSecret();
      await rig.endpoint(`${receiver.url}/meisim`, {
        rendering: 'meisim',
        secret: { id: 'whs_2', value: own },
      });
      await rig.endpoint(`${other.url}/standard`);
      await rig.deliverer();
      await rig.say('Acme: 604118 is your code');
      rig.pass(0);
      await Promise.all([arrived(1), arrived(1, other)]);
      const [meisim, standard] = [receiver.received[0]!, other.received[0]!];

      expect(meisim.body).toBe(
        '{"event":"sms.received","number_id":"num_01JD8Z6Q3V4N5R7T9W0X2Y4ZAB","phone":"+12025550143",' +
          '"from":"729-41","text":"Acme: 604118 is your code","received_at":"2026-11-21T06:30:00Z"}',
      );
      expect([meisim.path, meisim.headers['content-type']]).toEqual(['/meisim', 'application/json']);
      expect(stripeTakes(meisim, own)).toBe(true);
      expect(stripeTakes(meisim, rig.secret)).toBe(false);

      expect(JSON.parse(standard.body)).toMatchObject({
        type: 'sms.received',
        timestamp: '2026-11-21T06:30:00.000Z',
        data: { message: { from: '72941', from_type: 'abbreviated', sequence: 1 } },
      });
      expect(standardTakes(standard, rig.secret)).toBe(true);
      expect(standardTakes(standard, own)).toBe(false);
      // One event, one id, whatever the form (W-04).
      expect(meisim.headers['webhook-id']).toBe(standard.headers['webhook-id']);
      await settled(2);
      expect((await list()).map(({ state, attempts }) => [state, attempts])).toEqual([
        ['delivered', 1],
        ['delivered', 1],
      ]);
    });

    test('does not reach an endpoint that does not want it, or that has no words for it', async () => {
      await rig.endpoint(`${receiver.url}/closed`, { events: ['activation.completed'] });
      const meisim = await rig.endpoint(`${receiver.url}/meisim`, { rendering: 'meisim' });
      expect((await endpointRow(meisim)).events).toBe('sms.received');
      await rig.store.verbs.updateEndpoint({
        id: meisim,
        account: ACCOUNT,
        events: ['activation.completed', 'endpoint.disabled'],
        now: now(),
      });
      await rig.endpoint(`${other.url}/all`);
      await rig.deliverer();
      await rig.say('one');
      rig.pass(0);
      await arrived(1, other);
      await settled(1);
      expect(receiver.received).toEqual([]);
    });

    test('that was written while nobody was there is sent at the next start', async () => {
      await rig.endpoint(receiver.url);
      await rig.say('one');
      await rig.deliverer();
      await arrived(1);
    });
  });

  describe('a failure', () => {
    test('is followed by attempts at 15, 75 and 375 s (meisim), the same octets under a new signature', async () => {
      receiver.answer = (_request, response) => void response.writeHead(500).end('busy');
      await rig.endpoint(receiver.url, { rendering: 'meisim' });
      await rig.deliverer();
      await rig.say('one');
      const moments: number[] = [];
      for (const [attempt, wait] of [0, 15_000, 60_000, 300_000].entries()) {
        if (wait > 0) {
          rig.pass(wait - 1);
          // Had it been due, it would have been claimed by a look that sees it.
          expect((await list())[0]!.nextAt! > now()).toBe(true);
          rig.pass(1);
        } else rig.pass(0);
        await settled(attempt + 1);
        moments.push(timeOf(receiver.received[attempt]!) * 1_000 - START);
      }
      expect(moments).toEqual([0, 15_000, 75_000, 375_000]);
      rig.pass(DAY);
      expect(receiver.received).toHaveLength(4);
      expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
      expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
      expect(new Set(receiver.received.map(({ headers }) => headers['x-meisim-signature'])).size).toBe(4);
      expect(await list()).toMatchObject([{ state: 'failed', attempts: 4, nextAt: null }]);
      expect(await log()).toMatchObject(
        [1, 2, 3, 4].map((n) => ({ n, status: 500, error: 'status', answer: 'busy' })),
      );
    });

    test('and then a success ends it', async () => {
      receiver.answer = (_request, response) =>
        void response.writeHead(receiver.received.length < 3 ? 503 : 204).end();
      const id = await rig.endpoint(receiver.url, { rendering: 'meisim' });
      await rig.deliverer();
      await rig.say('one');
      rig.pass(0);
      await settled(1);
      expect((await endpointRow(id)).failing_since).toBe(now());
      rig.pass(15_000);
      await settled(2);
      rig.pass(60_000);
      await settled(3);
      expect(await list()).toMatchObject([{ state: 'delivered', attempts: 3 }]);
      expect((await endpointRow(id)).failing_since).toBeNull();
    });

    test('410 turns the endpoint off; what waits for it ends, and the account is told elsewhere', async () => {
      receiver.answer = (_request, response) => void response.writeHead(410).end();
      const gone = await rig.endpoint(`${receiver.url}/gone`);
      await rig.endpoint(other.url, { events: ['endpoint.disabled'] });
      for (let i = 0; i < 5; i += 1) await rig.say(`message ${i}`);
      const deliverer = await rig.deliverer();
      await arrived(1, other);
      expect(JSON.parse(other.received[0]!.body)).toMatchObject({
        type: 'endpoint.disabled',
        data: { endpoint: { id: gone, url: `${receiver.url}/gone`, reason: 'gone', failing_since: now() } },
      });
      expect(await endpointRow(gone)).toMatchObject({ state: 'disabled', disabled_reason: 'gone' });
      await until(
        () => list({ endpoint: gone, state: 'pending' }),
        (rows) => rows.length === 0,
      );
      expect(receiver.received).toHaveLength(1);
      expect(deliverer.counts.disabled).toBe(1);
      await rig.say('after');
      rig.pass(0);
      expect(await list({ endpoint: gone })).toHaveLength(5);
    });

    test('429 with Retry-After holds everything that waits for that endpoint, and nothing else', async () => {
      let busy = true;
      receiver.answer = (_request, response) =>
        void response.writeHead(busy ? 429 : 200, { 'retry-after': '120' }).end();
      await rig.endpoint(`${receiver.url}/busy`);
      await rig.endpoint(other.url);
      await rig.deliverer();
      await rig.say('first');
      rig.pass(0);
      await settled(2);
      busy = false;
      await rig.say('second');
      rig.pass(119_000);
      await arrived(2, other);
      await settled(3);
      expect(receiver.received).toHaveLength(1);
      rig.pass(1_000);
      await arrived(3);
    });

    test('for five days, over twenty attempts, turns the endpoint off; four days or a success do not', async () => {
      let well = false;
      receiver.answer = (_request, response) => void response.writeHead(well ? 200 : 500).end();
      const id = await rig.endpoint(receiver.url, { rendering: 'meisim' });
      await rig.deliverer();
      let attempts = 0;
      const oneDay = async () => {
        await rig.say('daily');
        for (const wait of [0, 15_000, 60_000, 300_000]) {
          rig.pass(wait);
          attempts += 1;
          await settled(attempts);
          if (well) break;
        }
        rig.pass(DAY);
        return (await endpointRow(id)).state;
      };
      for (let day = 0; day < 4; day += 1) expect(await oneDay()).toBe('active');
      well = true;
      expect(await oneDay()).toBe('active');
      well = false;
      for (let day = 0; day < 5; day += 1) expect(await oneDay()).toBe('active');
      await rig.say('last');
      rig.pass(0);
      await settled(attempts + 1);
      expect(await endpointRow(id)).toMatchObject({ state: 'disabled', disabled_reason: 'failing' });
      await rig.store.verbs.updateEndpoint({ id, account: ACCOUNT, active: true, now: now() });
      expect(await endpointRow(id)).toMatchObject({ state: 'active', failing_since: null });
    });

    test('to connect where webhooks may not go is noted, and reaches nothing', async () => {
      await rig.endpoint(receiver.url);
      await rig.say('one');
      await rig.deliverer({ policy: { allowHttp: true, allowPrivate: false, ports: [receiver.port] } });
      await settled(1);
      expect(await log()).toMatchObject([{ status: null, error: 'blocked', answer: null }]);
      expect(receiver.connections).toBe(0);
    });
  });

  describe('endpoints side by side', () => {
    test('one that never answers holds up nobody, and is asked one thing at a time', async () => {
      receiver.answer = () => {};
      await rig.endpoint(`${receiver.url}/dead`);
      await rig.endpoint(`${other.url}/well`);
      await rig.deliverer();
      for (let i = 0; i < 60; i += 1) await rig.say(`message ${i}`);
      rig.pass(0);
      await arrived(60, other);
      expect(receiver.received).toHaveLength(1);
      expect(new Set(other.received.map(({ body }) => body)).size).toBe(60);
    });

    test('one that answers well is asked up to four things at once', async () => {
      const waiting: (() => void)[] = [];
      let most = 0;
      receiver.answer = (_request, response) => {
        waiting.push(() => void response.end());
        most = Math.max(most, waiting.length);
        if (receiver.received.length < 2) waiting.shift()!();
      };
      await rig.endpoint(receiver.url);
      for (let i = 0; i < 20; i += 1) await rig.say(`message ${i}`);
      await rig.deliverer();
      await arrived(5);
      for (let answered = 1; answered < 20; answered += 1) {
        await until(
          () => waiting.length,
          (length) => length > 0,
        );
        waiting.shift()!();
      }
      await settled(20);
      expect(most).toBe(4);
    });
  });

  test('hundreds of endpoints with something to say at once are all served, in many claims', async () => {
    const count = 400;
    const deliverer = await rig.deliverer();
    const ids = await Promise.all(
      Array.from({ length: count }, async (_, i) => {
        const endpoint = await rig.endpoint(`${receiver.url}/${i}`, { number: `num_${i}` });
        const test = { event: `evt_${i}`, delivery: `del_${i}`, now: now() };
        await rig.store.verbs.testEndpoint({ endpoint, account: ACCOUNT, ...test });
        return endpoint;
      }),
    );
    deliverer.wake(ids);
    await until(
      () => deliverer.counts.delivered,
      (delivered) => delivered === count,
    );
    expect(new Set(receiver.received.map(({ path }) => path)).size).toBe(count);
  });

  test('an endpoint of a form that only a later version knows is left to that one', async () => {
    const later = await rig.endpoint(receiver.url);
    await rig.store.db.updateTable('webhook_endpoint').set({ rendering: 'cloudevents' }).execute();
    await rig.endpoint(other.url);
    await rig.say('one');
    await rig.deliverer();
    await arrived(1, other);
    await settled(1);
    expect(await list({ endpoint: later })).toMatchObject([{ state: 'pending', attempts: 0 }]);
    expect(receiver.received).toEqual([]);
  });

  describe('attempts that are noted together', () => {
    const claimed = async (id: string, claim: string) => {
      const until = new Date(rig.clock.at + 30_000).toISOString();
      const endpoints = [{ id, room: 10 }];
      const answer = await rig.store.verbs.claimDeliveries({ endpoints, claim, now: now(), until });
      return answer.deliveries.map((delivery) => delivery.id);
    };
    const states = async () => (await list()).map(({ state, attempts }) => [state, attempts]).toReversed();

    test('each as if it were alone: taken, failed, noted before, and of a claim that was lost', async () => {
      const id = await rig.endpoint(receiver.url);
      for (let i = 0; i < 5; i += 1) await rig.say(`message ${i}`);
      const lost = await claimed(id, 'lost');
      rig.pass(30_000);
      const [a, b, c, d, e] = await claimed(id, 'mine');
      expect(lost).toEqual([a, b, c, d, e]);
      const before = settlement(a!, 'mine');
      await rig.store.verbs.settleDeliveries({ settlements: [before] });
      const settlements = [
        before,
        settlement(b!, 'mine'),
        settlement(b!, 'lost'),
        settlement(c!, 'mine', { state: 'pending', nextAt: now() }),
        settlement(d!, 'lost'),
        settlement(e!, 'lost', { state: 'failed' }),
        settlement(d!, 'mine', { state: 'failed', gone: true }),
      ];
      const answers = await rig.store.verbs.settleDeliveries({ settlements });
      expect(answers).toEqual([null, null, null, null, null, null, 'gone']);
      expect(await states()).toEqual([
        ['delivered', 1],
        ['delivered', 2],
        ['pending', 1],
        ['delivered', 2],
        ['pending', 1],
      ]);
      expect((await log()).map(({ n }) => n).toSorted()).toEqual([1, 1, 1, 1, 1, 2, 2]);
    });

    test('one that the store cannot take does not take along the others', async () => {
      await rig.endpoint(receiver.url);
      await rig.endpoint(other.url);
      await rig.deliverer();
      receiver.answer = (_request, response) => void response.end('taken');
      // Both answer at once. What the first one says cannot be kept.
      await rig.store.db.schema
        .createIndex('no_such_answer')
        .unique()
        .on('delivery_attempt')
        .expression(sql`(case when answer = 'taken' then 'once' end)`)
        .execute();
      for (let i = 0; i < 4; i += 1) await rig.say(`message ${i}`);
      rig.pass(0);
      await until(log, (rows) => rows.length === 5, 20_000);
      expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(4);
      expect(other.received).toHaveLength(4);
    });
  });

  describe('several hubs on one database', () => {
    test('share the work: everything arrives once', async () => {
      await rig.endpoint(`${receiver.url}/a`);
      await rig.endpoint(`${receiver.url}/b`);
      await rig.endpoint(`${other.url}/c`);
      for (let i = 0; i < 50; i += 1) await rig.say(`message ${i}`);
      await Promise.all([rig.deliverer(), rig.deliverer(), rig.deliverer()]);
      await Promise.all([arrived(100), arrived(50, other)]);
      await until(
        () => list({ state: 'pending' }),
        (rows) => rows.length === 0,
      );
      for (let i = 0; i < 3; i += 1) rig.pass(60_000);
      const seen = [...receiver.received, ...other.received].map(
        ({ path, headers }) => `${path} ${headers['webhook-id']}`,
      );
      expect(new Set(seen).size).toBe(150);
      expect(seen).toHaveLength(150);
    });

    test('the claim of one that is gone goes to another when it ends, and not before', async () => {
      const id = await rig.endpoint(receiver.url);
      await rig.say('one');
      const lost = await rig.store.verbs.claimDeliveries({
        endpoints: [{ id, room: 4 }],
        claim: 'lost',
        now: now(),
        until: new Date(rig.clock.at + 30_000).toISOString(),
      });
      expect(lost.deliveries).toHaveLength(1);
      await rig.deliverer();
      rig.pass(29_999);
      expect(await rig.store.reads.dueDeliveries({ after: '', limit: 10 })).toEqual([
        { endpoint: id, at: new Date(START + 30_000).toISOString() },
      ]);
      expect(receiver.received).toEqual([]);
      rig.pass(1);
      await arrived(1);
      await settled(1);
      expect(receiver.received[0]!.body).toBe(lost.deliveries[0]!.body);
      expect(receiver.received[0]!.headers['webhook-id']).toBe(lost.deliveries[0]!.event);
      // What the lost one says now is logged, and changes nothing.
      const late = settlement(lost.deliveries[0]!.id, 'lost', { state: 'pending', nextAt: now() });
      await rig.store.verbs.settleDeliveries({ settlements: [late] });
      expect(await list()).toMatchObject([{ state: 'delivered' }]);
    });

    test('a stop gives back what has no answer yet: the next one sends it without waiting', async () => {
      receiver.answer = () => {};
      await rig.endpoint(receiver.url);
      await rig.say('one');
      const first = await rig.deliverer();
      await arrived(1);
      await first.stop();
      expect(await log()).toEqual([]);
      receiver.answer = (_request, response) => void response.end();
      await rig.deliverer();
      await arrived(2);
      expect(receiver.received[1]!.headers['webhook-id']).toBe(receiver.received[0]!.headers['webhook-id']);
    });
  });

  describe('what its owner asks for', () => {
    test('a new secret for the account signs beside the old one for as long as was said', async () => {
      await rig.endpoint(`${receiver.url}/meisim`, { rendering: 'meisim' });
      await rig.endpoint(`${other.url}/standard`);
      await rig.deliverer();
      const next = newWebhookSecret();
      await rig.store.verbs.newWebhookSecret({
        id: 'whs_2',
        account: ACCOUNT,
        endpoint: null,
        value: next,
        now: now(),
        overlapUntil: new Date(rig.clock.at + DAY).toISOString(),
      });
      for (const [n, takesOld] of [true, false].entries()) {
        await rig.say('one');
        rig.pass(0);
        await Promise.all([arrived(n + 1), arrived(n + 1, other)]);
        const [meisim, standard] = [receiver.received[n]!, other.received[n]!];
        expect([rig.secret, next].map((one) => stripeTakes(meisim, one))).toEqual([takesOld, true]);
        expect([rig.secret, next].map((one) => standardTakes(standard, one))).toEqual([takesOld, true]);
        rig.pass(DAY);
      }
    });

    test('a secret of its own for one endpoint: the account’s signs there until then, and elsewhere after', async () => {
      const id = await rig.endpoint(receiver.url);
      await rig.endpoint(other.url);
      await rig.deliverer();
      const secrets = [rig.secret];
      const rotate = async () => {
        secrets.push(newWebhookSecret());
        await rig.store.verbs.rotateEndpointSecret({
          endpoint: id,
          account: ACCOUNT,
          id: `whs_${ulid(rig.clock.at)}`,
          value: secrets.at(-1)!,
          now: now(),
          overlapUntil: new Date(rig.clock.at + DAY).toISOString(),
        });
      };
      const valid = async () => {
        const count = receiver.received.length;
        await rig.say('one');
        rig.pass(0);
        await Promise.all([arrived(count + 1), arrived(count + 1, other)]);
        expect(standardTakes(other.received[count]!, rig.secret)).toBe(true);
        return secrets.map((one) => standardTakes(receiver.received[count]!, one));
      };
      await rotate();
      expect(await valid()).toEqual([true, true]);
      rig.pass(1_000);
      // Twice within the time: the first goes on to the end that was promised for it.
      await rotate();
      expect(await valid()).toEqual([true, true, true]);
      rig.pass(DAY - 1_000);
      expect(await valid()).toEqual([false, true, true]);
      rig.pass(1_000);
      expect(await valid()).toEqual([false, false, true]);
    });

    test('each secret before signs until its promised end; with five of them the next has to wait for that', async () => {
      const id = await rig.endpoint(receiver.url, { rendering: 'meisim' });
      await rig.deliverer();
      const secrets = [rig.secret];
      const rotate = async (endpoint: string | null) => {
        const rotation = {
          account: ACCOUNT,
          id: `whs_${ulid(rig.clock.at)}`,
          value: newWebhookSecret(),
          now: now(),
          overlapUntil: new Date(rig.clock.at + DAY).toISOString(),
        };
        if (endpoint === null) await rig.store.verbs.newWebhookSecret({ ...rotation, endpoint });
        else await rig.store.verbs.rotateEndpointSecret({ ...rotation, endpoint });
        secrets.push(rotation.value);
      };
      const valid = async () => {
        const count = receiver.received.length;
        await rig.say('one');
        rig.pass(0);
        await arrived(count + 1);
        return secrets.map((one) => stripeTakes(receiver.received[count]!, one));
      };
      // Three of the account, which the endpoint's own then stand beside.
      for (const endpoint of [null, null, id, id]) {
        await rotate(endpoint);
        rig.pass(1_000);
      }
      expect(await valid()).toEqual([true, true, true, true, true]);
      const end = new Date(rig.clock.at - 4_000 + DAY).toISOString();
      await expect(rotate(id)).rejects.toMatchObject({
        code: 'webhook.too_many',
        message: expect.stringContaining(`ends at ${end}`),
      });
      expect(await valid()).toEqual([true, true, true, true, true]);
      rig.pass(DAY - 4_000);
      expect(await valid()).toEqual([false, true, true, true, true]);
      await rotate(id);
      expect(await valid()).toEqual([false, true, true, true, true, true]);
      // The account has two left, and so room for three; none of them is the endpoint's.
      for (const _ of [1, 2, 3]) await rotate(null);
      await expect(rotate(null)).rejects.toMatchObject({ code: 'webhook.too_many' });
      rig.pass(DAY);
      expect((await valid()).filter((takes) => takes)).toHaveLength(1);
    });

    test('two rotations at once leave one secret without an end', async () => {
      const rotation = (n: number) => ({
        account: ACCOUNT,
        endpoint: null,
        id: `whs_new_${n}`,
        value: newWebhookSecret(),
        now: now(),
        overlapUntil: new Date(rig.clock.at + DAY).toISOString(),
      });
      await Promise.all([1, 2, 3].map((n) => rig.store.verbs.newWebhookSecret(rotation(n))));
      const rows = await rig.store.db.selectFrom('webhook_secret').select(['id', 'expires_at']).execute();
      expect(rows).toHaveLength(4);
      expect(rows.filter(({ expires_at }) => expires_at === null)).toHaveLength(1);
    });

    test('a test is sent once, signed as everything else, and logged', async () => {
      receiver.answer = (_request, response) => void response.writeHead(500).end('not yet');
      for (const rendering of ['meisim', 'standard'] as const) {
        const endpoint = await rig.endpoint(`${receiver.url}/${rendering}`, { rendering });
        const ids = { event: `evt_${ulid(rig.clock.at)}`, delivery: `del_${ulid(rig.clock.at)}` };
        await rig.store.verbs.testEndpoint({ endpoint, account: ACCOUNT, ...ids, now: now() });
      }
      await rig.deliverer();
      await arrived(2);
      await settled(2);
      rig.pass(DAY);
      expect(await list()).toMatchObject([{ state: 'failed' }, { state: 'failed' }]);
      const meisim = receiver.received.find(({ path }) => path === '/meisim')!;
      expect(Object.keys(JSON.parse(meisim.body))).toHaveLength(6);
      expect(stripeTakes(meisim, rig.secret)).toBe(true);
      expect(receiver.received).toHaveLength(2);
    });

    test('a replay sends the same octets under the same id; one that waits is sent at once', async () => {
      let well = true;
      receiver.answer = (_request, response) => void response.writeHead(well ? 200 : 500).end();
      await rig.endpoint(receiver.url);
      const deliverer = await rig.deliverer();
      await rig.say('one');
      rig.pass(0);
      await settled(1);
      const [first] = await list();
      const replay = async (delivery: string) => {
        const answer = await rig.store.verbs.replayDelivery({
          delivery,
          account: ACCOUNT,
          id: `del_${ulid(rig.clock.at)}`,
          now: now(),
        });
        deliverer.wake([answer.endpoint]);
        return answer.delivery;
      };
      well = false;
      const second = await replay(first!.id);
      await settled(2);
      well = true;
      expect(await replay(second)).toBe(second);
      await settled(3);
      expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
      expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
      expect((await list()).map(({ id, attempts, state }) => [id, attempts, state])).toEqual([
        [second, 2, 'delivered'],
        [first!.id, 1, 'delivered'],
      ]);
    });

    test('turning an endpoint off while it is being sent something: that is noted as it ends', async () => {
      let release: () => void = () => {};
      receiver.answer = (_request, response) => {
        release = () => void response.end();
      };
      const id = await rig.endpoint(receiver.url);
      await rig.say('under way');
      const deliverer = await rig.deliverer();
      await arrived(1);
      await rig.say('waits');
      await rig.store.verbs.updateEndpoint({ id, account: ACCOUNT, active: false, now: now() });
      rig.pass(0);
      release();
      await until(list, (rows) => rows.every(({ state }) => state !== 'pending'));
      expect((await list()).map(({ state }) => state)).toEqual(['aborted', 'delivered']);
      expect(deliverer.counts.delivered).toBe(1);
    });

    test('turning off, on, and deleting an endpoint', async () => {
      const id = await rig.endpoint(receiver.url);
      await rig.say('waits');
      await rig.store.verbs.updateEndpoint({ id, account: ACCOUNT, active: false, now: now() });
      await rig.deliverer();
      await until(list, ([row]) => row!.state === 'aborted');
      const ids = { event: 'evt_t', delivery: 'del_t' };
      const tried = rig.store.verbs.testEndpoint({ endpoint: id, account: ACCOUNT, ...ids, now: now() });
      await expect(tried).rejects.toSatisfy((error) => hasCode(error, 'webhook.off'));
      await rig.store.verbs.updateEndpoint({
        id,
        account: ACCOUNT,
        active: true,
        url: other.url,
        now: now(),
      });
      await rig.say('arrives');
      rig.pass(0);
      await arrived(1, other);
      await rig.store.verbs.deleteEndpoint({ id, account: ACCOUNT, now: now() });
      expect(await rig.store.reads.webhookEndpoints({ account: ACCOUNT })).toEqual([]);
      const again = rig.store.verbs.deleteEndpoint({ id, account: ACCOUNT, now: now() });
      await expect(again).rejects.toSatisfy((error) => hasCode(error, 'webhook.unknown'));
      await rig.say('to nobody');
      expect(await list()).toHaveLength(2);
    });

    test('another account sees and changes nothing of it', async () => {
      const id = await rig.endpoint(receiver.url);
      await rig.say('one');
      const [row] = await list();
      const account = 'acc_2';
      expect(await rig.store.reads.webhookEndpoint({ account, id })).toBeNull();
      expect(await rig.store.reads.delivery({ account, id: row!.id })).toBeNull();
      const { verbs } = rig.store;
      const overlapUntil = now();
      for (const [code, attempt] of [
        ['webhook.unknown', () => verbs.updateEndpoint({ id, account, active: false, now: now() })],
        ['webhook.unknown', () => verbs.deleteEndpoint({ id, account, now: now() })],
        [
          'delivery.unknown',
          () => verbs.replayDelivery({ delivery: row!.id, account, id: 'del_x', now: now() }),
        ],
        [
          'webhook.unknown',
          () => verbs.testEndpoint({ endpoint: id, account, event: 'e', delivery: 'd', now: now() }),
        ],
        [
          'webhook.unknown',
          () =>
            verbs.rotateEndpointSecret({
              endpoint: id,
              account,
              id: 'w',
              value: 'x',
              now: now(),
              overlapUntil,
            }),
        ],
      ] as const) {
        await expect(attempt()).rejects.toSatisfy((error) => hasCode(error, code));
      }
    });

    test('an endpoint without anything to sign with', async () => {
      await rig.store.db.deleteFrom('webhook_secret').execute();
      await expect(rig.endpoint(receiver.url)).rejects.toSatisfy((error) =>
        hasCode(error, 'webhook.no_secret'),
      );
      await rig.endpoint(receiver.url, { secret: { id: 'whs_2', value: newWebhookSecret() } });
    });

    test('more endpoints than an account may have', async () => {
      for (let i = 0; i < 20; i += 1) await rig.endpoint(`${receiver.url}/${i}`);
      await expect(rig.endpoint(receiver.url)).rejects.toSatisfy((error) =>
        hasCode(error, 'webhook.too_many'),
      );
      await rig.endpoint(receiver.url, { number: 'num_1' });
    });
  });

  describe('the log', () => {
    test('is read newest first, page by page, and holds no secret', async () => {
      await rig.endpoint(receiver.url);
      for (let i = 0; i < 7; i += 1) await rig.say(`message ${i}`);
      await rig.deliverer();
      await settled(7);
      const pages: string[][] = [];
      for (let before: string | null = null; ; before = pages.at(-1)!.at(-1)!) {
        const page = await list({ before, limit: 3 });
        if (page.length === 0) break;
        pages.push(page.map(({ id }) => id));
      }
      expect(pages.map(({ length }) => length)).toEqual([3, 3, 1]);
      expect(pages.flat()).toEqual(pages.flat().toSorted().toReversed());
      const everything = JSON.stringify([
        await list(),
        await log(),
        await rig.store.reads.webhookEndpoints({ account: ACCOUNT }),
      ]);
      expect(everything).not.toContain('whsec_');
    });

    test('is purged with its events; what still waits stays', async () => {
      let well = true;
      receiver.answer = (_request, response) => void response.writeHead(well ? 200 : 500).end();
      await rig.endpoint(receiver.url);
      const deliverer = await rig.deliverer();
      for (let i = 0; i < 120; i += 1) await rig.say(`message ${i}`);
      rig.pass(0);
      await until(
        () => deliverer.counts.delivered,
        (count) => count === 120,
      );
      well = false;
      await rig.say('waits');
      rig.pass(0);
      await until(list, (rows) => rows[0]!.attempts === 1);
      const before = new Date(rig.clock.at + 1).toISOString();
      expect(await rig.store.verbs.purgeWebhooks({ before: now() })).toBe(true);
      let calls = 1;
      while (!(await rig.store.verbs.purgeWebhooks({ before }))) calls += 1;
      expect(calls).toBe(2);
      expect(await list()).toMatchObject([{ state: 'pending' }]);
      expect(await log()).toHaveLength(1);
    });
  });
});

function stripeTakes({ body, headers }: Received, secret: string): boolean {
  try {
    const header = String(headers['x-meisim-signature']);
    return Stripe.webhooks.signature!.verifyHeader(
      body,
      header,
      secret,
      300,
      undefined,
      timeOf({ headers }) * 1_000,
    );
  } catch {
    return false;
  }
}

/** The library asks the clock, and these webhooks were signed by the test's. */
function standardTakes({ body, headers }: Received, secret: string): boolean {
  const [id, seconds] = [String(headers['webhook-id']), Number(headers['webhook-timestamp'])];
  const theirs = new Webhook(secret).sign(id, new Date(seconds * 1_000), body);
  return String(headers['webhook-signature']).split(' ').includes(theirs);
}

function timeOf({ headers }: Pick<Received, 'headers'>): number {
  return Number(/^t=(\d+),/.exec(String(headers['x-meisim-signature']))?.[1]);
}
