import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Bought } from '../../src/hub/activations/flow.ts';
import { isOver } from '../../src/hub/activations/transitions.ts';
import type { ActivationRow } from '../../src/hub/store/activations.ts';
import { openPostgres } from '../../src/hub/store/postgres.ts';
import { type Reads, readsOn } from '../../src/hub/store/reads.ts';
import type { Db } from '../../src/hub/store/schema.ts';
import { ulid } from '../../src/protocol/ulid.ts';
import { type Mosquitto, startMosquitto } from '../mosquitto.ts';
import { needs } from '../programs.ts';
import { until } from './gateway.ts';
import { HubProcess } from './hubs.ts';
import { type Cluster, needsPostgres, newDatabase, startCluster } from './postgres.ts';
import { SellingGateway, simsOf } from './selling.ts';

const HUBS = 3;
const SIMS = 40;
const CUSTOMERS = 12;
const STORM_MS = 15_000;
const FUNDS = 1_000_000_000;

describe.skipIf(!(needs('mosquitto') && needsPostgres()))(
  'three hubs, one PostgreSQL, three gateways',
  () => {
    let broker: Mosquitto;
    let cluster: Cluster;
    let hubs: HubProcess[];
    let gateways: SellingGateway[];
    let db: Db;
    let reads: Reads;
    let account: string;
    const undo: (() => Promise<unknown>)[] = [];

    beforeAll(async () => {
      broker = await startMosquitto();
      undo.push(() => broker.remove());
      cluster = await startCluster({ durable: true });
      undo.push(() => cluster.remove());
      const { url } = await newDatabase(cluster);
      hubs = Array.from({ length: HUBS }, () => new HubProcess(broker.url, url));
      // At once, on an empty database: one of them migrates and makes the first account.
      await Promise.all(hubs.map((hub) => hub.start()));
      undo.push(() => Promise.all(hubs.map((hub) => hub.end('SIGKILL'))));
      expect(hubs.filter(({ key }) => key !== null)).toHaveLength(1);
      const store = await openPostgres(url);
      undo.push(() => store.close());
      db = store.db;
      reads = readsOn(db);
      account = (await reads.account('default'))!.id;
      await store.verbs.topUp({ account, amount: FUNDS, reference: 'first', now: new Date().toISOString() });
      gateways = ['host-a', 'host-b', 'host-c'].map(
        (id, i) => new SellingGateway({ url: broker.url, version: 5, id, sims: simsOf(1 + i * 1_000, SIMS) }),
      );
      for (const gateway of gateways) {
        await gateway.connect();
        undo.push(() => gateway.vanish());
        await gateway.announce();
      }
      await until(
        async () => (await reads.stock({ account, service: 'tg', country: 'US' }))[0]?.stock,
        (stock) => stock === 3 * SIMS,
      );
    });
    afterAll(async () => {
      for (const step of undo.reverse()) await step();
    });

    test('any of them killed at any time: nothing is lost, charged twice, refunded twice or open for ever', async () => {
      const storm = { over: false };
      const texts = new Map<string, string>();
      const purchases: { key: string; ids: readonly string[] }[] = [];
      const customers = Array.from({ length: CUSTOMERS }, (_, i) =>
        customer(`s${i % 4}`, storm, texts, purchases),
      );
      const trouble = troubles(storm);
      const telling = statuses(storm);
      await sleep(STORM_MS);
      storm.over = true;
      await Promise.all([...customers, trouble, telling]);
      for (const hub of hubs) if (!hub.running) await hub.start();
      for (const gateway of gateways) await gateway.announce();

      // Every event of every gateway is acknowledged, and nothing waits any more.
      for (const gateway of gateways) {
        await until(
          () => [gateway.lastAck, gateway.events.length],
          ([ack, count]) => ack === count,
          30_000,
        );
      }
      // What nobody ended is ended by its gateway, as its time is over.
      for (const gateway of gateways) for (const [id] of gateway.open()) await gateway.expire(id);
      const unfinished = () =>
        db
          .selectFrom('activation')
          .select(['id', 'state', 'due_at'])
          .where('state', 'not in', ['completed', 'refunded', 'failed'])
          .execute();
      await until(unfinished, (rows) => rows.length === 0, 30_000);
      await until(
        () =>
          db.selectFrom('command').select(['id', 'name', 'gateway']).where('state', '=', 'waiting').execute(),
        (rows) => rows.length === 0,
        30_000,
      );

      await checkMoney();
      await checkMessages(texts);
      await checkNumbers();
      for (const { key, ids } of purchases) {
        const rows = await db
          .selectFrom('activation')
          .select('id')
          .where('order_id', '=', key)
          .where('state', '!=', 'failed')
          .execute();
        expect(
          rows.map(({ id }) => id),
          key,
        ).toEqual(ids);
      }
      // Enough happened for all of this to mean something.
      const captured = await db.selectFrom('ledger').select('id').where('kind', '=', 'capture').execute();
      const released = await db.selectFrom('ledger').select('id').where('kind', '=', 'release').execute();
      console.log({
        bought: purchases.length,
        captured: captured.length,
        released: released.length,
        texts: texts.size,
      });
      expect(captured.length).toBeGreaterThan(10);
      expect(released.length).toBeGreaterThan(5);
    }, 180_000);

    /** Buys, waits for a code or gives up, and buys again; repeats at another hub what a hub did not answer. */
    async function customer(
      service: string,
      storm: { over: boolean },
      texts: Map<string, string>,
      purchases: { key: string; ids: readonly string[] }[],
    ): Promise<void> {
      while (!storm.over) {
        const key = ulid(Date.now());
        const order = {
          account,
          apiKey: null,
          facade: 'rest',
          services: [service],
          country: 'US',
          wish: {},
          orderId: key,
          idempotency: { key, route: 'buy', hash: 'same' },
        };
        const bought = await insist<Bought>('buy', order, storm);
        let rows: readonly ActivationRow[] = [];
        if (bought?.outcome === 'bought') rows = bought.activations;
        else if (bought?.outcome === 'replay') rows = await decided(bought.batch);
        const row = rows.find(({ state }) => state !== 'failed');
        if (row === undefined) {
          await sleep(50);
          continue;
        }
        purchases.push({ key, ids: rows.map(({ id }) => id) });
        const gateway = gateways.find(({ id }) => id === row.gateway);
        const choice = Math.random();
        await sleep(Math.random() * 100);
        if (choice < 0.25 || gateway === undefined) {
          await insist('cancel', { account, id: row.id }, storm);
          continue;
        }
        const text = `${row.id} has ${Math.floor(Math.random() * 900_000 + 100_000)}`;
        const message = await gateway.text(row.attempt, text, text.slice(-6));
        texts.set(message, text);
        if (choice < 0.35) await insist('cancel', { account, id: row.id }, storm);
        else if (choice < 0.8) {
          await received(row.id);
          await insist('complete', { account, id: row.id }, storm);
        }
      }
    }

    /** Until some hub answers. */
    async function insist<T>(call: string, arg: object, storm: { over: boolean }): Promise<T | null> {
      for (;;) {
        const hub = hubs[Math.floor(Math.random() * HUBS)]!;
        const answer = await hub.call(call, arg);
        if (answer !== null) return answer as T;
        if (storm.over) return null;
        await sleep(50);
      }
    }

    /** What became of a purchase whose hub died over it. */
    async function decided(batch: string): Promise<ActivationRow[]> {
      return await until(
        () => reads.activationsOfBatch({ account, batch }).catch(() => []),
        (rows) => rows.length > 0 && rows.every(({ state }) => state !== 'asking'),
        60_000,
      );
    }

    async function received(id: string): Promise<void> {
      const row = () => reads.activation({ account, id }).catch(() => null);
      await until(
        row,
        (found) => found?.state === 'received' || (found !== null && isOver(found.state)),
        30_000,
      );
    }

    async function troubles(storm: { over: boolean }): Promise<void> {
      for (let i = 0; !storm.over; i += 1) {
        await sleep(400 + Math.random() * 700);
        const hub = hubs[i % HUBS]!;
        const gateway = gateways[i % gateways.length]!;
        if (i === 5) {
          // The database falls over as well, once, and comes back.
          await cluster.kill();
          await sleep(300);
          await cluster.start();
        } else if (i % 4 === 3) {
          await gateway.vanish();
          await sleep(200);
          await gateway.connect();
          await gateway.announce();
        } else {
          await hub.end(i % 3 === 2 ? 'SIGTERM' : 'SIGKILL');
          await sleep(200);
          await hub.start();
        }
      }
    }

    /** As gateways do once a minute, so that what was lost on the way to a hub is missed. */
    async function statuses(storm: { over: boolean }): Promise<void> {
      while (!storm.over) {
        await sleep(1_000);
        for (const gateway of gateways) await gateway.online();
      }
    }

    async function checkMoney(): Promise<void> {
      const rows = await db
        .selectFrom('ledger')
        .selectAll()
        .where('account', '=', account)
        .orderBy('n')
        .execute();
      let balance = 0;
      let held = 0;
      const kinds = new Map<string, string[]>();
      rows.forEach((row, i) => {
        balance += row.amount;
        held += row.held;
        expect(row).toMatchObject({ n: i + 1, balance_after: balance, held_after: held });
        kinds.set(row.reference, [...(kinds.get(row.reference) ?? []), row.kind]);
      });
      expect(await reads.wallet(account)).toEqual({ balance, held: 0 });
      const activations = await db.selectFrom('activation').selectAll().execute();
      for (const row of activations) {
        expect(kinds.get(row.id), row.state).toEqual([
          'hold',
          row.state === 'completed' ? 'capture' : 'release',
        ]);
      }
      const spent = activations
        .filter(({ state }) => state === 'completed')
        .reduce((sum, { cost }) => sum + cost, 0);
      expect(balance).toBe(FUNDS - spent);
    }

    /** Every text is stored once, belongs to whoever bought its number, and is told once. */
    async function checkMessages(texts: ReadonlyMap<string, string>): Promise<void> {
      for (const [message, text] of texts) {
        const rows = await db.selectFrom('message').select('data').where('id', '=', message).execute();
        expect(rows.map(({ data }) => JSON.parse(data).text)).toEqual([text]);
        const { activations } = JSON.parse(rows[0]!.data) as { activations: string[] };
        const places = await db
          .selectFrom('attribution')
          .select('activation')
          .where('message', '=', message)
          .execute();
        // Closed at the gateway before it came: nobody's.
        expect(places.map(({ activation }) => activation)).toEqual(
          activations.length === 0 ? [] : [text.split(' ')[0]],
        );
        const told = await db
          .selectFrom('webhook_event')
          .select('id')
          .where('message', '=', message)
          .execute();
        expect(told).toHaveLength(places.length);
      }
    }

    /** No number served one service twice, and no gateway keeps anything open that nobody has. */
    async function checkNumbers(): Promise<void> {
      const sold = await db
        .selectFrom('activation')
        .select((eb) => ['iccid', 'service', eb.fn.countAll<number>().as('times')])
        .where('state', '=', 'completed')
        .groupBy(['iccid', 'service'])
        .execute();
      expect(sold.filter(({ times }) => Number(times) > 1)).toEqual([]);
      for (const gateway of gateways) expect(gateway.open()).toEqual([]);
      const open = await db
        .selectFrom('attempt')
        .select(['id', 'state'])
        .where('state', 'not in', ['closed', 'refused'])
        .execute();
      expect(open).toEqual([]);
    }
  },
);
