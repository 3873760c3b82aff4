import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Config } from '../../src/config.ts';
import { type Hub, startHub } from '../../src/hub/hub.ts';
import { migrate, openPostgres } from '../../src/hub/store/postgres.ts';
import { readsOn } from '../../src/hub/store/reads.ts';
import { migrations, postgresMigrations } from '../../src/hub/store/schema.ts';
import { createLog } from '../../src/log.ts';
import { ulid } from '../../src/protocol/ulid.ts';
import { openForReading, openForWriting } from '../../src/sqlite.ts';
import { startMosquitto } from '../mosquitto.ts';
import { needs } from '../programs.ts';
import { DATABASES, POSTGRES, SQLITE, type TestStore } from './databases.ts';
import { event, ICCID, raw, START, sms } from './events.ts';
import { FakeGateway, until } from './gateway.ts';
import { type Cluster, needsPostgres, newDatabase, startCluster } from './postgres.ts';

const NOW = '2026-11-21T07:00:00.000Z';
const client = (url: string) => new pg.Client({ connectionString: url });

test.skipIf(!DATABASES.includes(POSTGRES))(
  'a store that is closed has no connection left, whatever was asked of it',
  async () => {
    const { url, remove } = await newDatabase();
    const store = await openPostgres(url);
    await store.verbs.createAccount({
      id: 'A1',
      name: 'acme',
      secret: { id: 'S1', value: 'whsec_eA==' },
      now: NOW,
    });
    await store.close();
    const looking = client(url);
    await looking.connect();
    const others = `select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
    and backend_type = 'client backend'`;
    // The server sees that one has gone a moment later; one that is only idle would go after ten seconds.
    await until(
      async () => (await looking.query(others)).rowCount,
      (count) => count === 0,
      5_000,
    );
    await looking.end();
    await remove();
  },
);

describe('from every earlier schema', () => {
  /** What a hub of that version has in it, as far as its tables go. */
  const filled = [
    `insert into gateway (id) values ('host-a')`,
    `insert into epoch (gateway, epoch, frontier, last_seq) values ('host-a', 'E1', 1, 1)`,
    `insert into event (gateway, epoch, seq, id, type, body, stored_at, applied) values ('host-a', 'E1', 1, 'X1', 'sim.inserted', '{}', '${NOW}', 1)`,
    `insert into account (id, name, created_at) values ('A1', 'default', '${NOW}')`,
    `insert into api_key (id, account, hash, hint, created_at) values ('K1', 'A1', 'aa', 'sbk_', '${NOW}')`,
    `insert into sim (gateway, iccid, epoch, rev, inserted_at, gone, data) values ('host-a', '${ICCID}', 'E1', 1, '${NOW}', 0, '{}')`,
  ];

  const earlier = migrations.map((_, i) => i).slice(1);

  test.each(earlier)('%d, on SQLite', async (version) => {
    const database = await SQLITE.make();
    const path = database.url.slice('sqlite:'.length);
    const old = openForWriting(path, migrations.slice(0, version));
    for (const sql of filled) old.exec(sql);
    old.close();
    const store = await database.open();
    await check(store);
    await store.close();
    const fresh = await SQLITE.make();
    await (await fresh.open()).close();
    expect(schemaOf(path)).toEqual(schemaOf(fresh.url.slice('sqlite:'.length)));
    await database.remove();
    await fresh.remove();
  });

  test.skipIf(!DATABASES.includes(POSTGRES)).each(earlier)(
    '%d, on PostgreSQL, by three hubs at once',
    async (version) => {
      const { url, remove } = await newDatabase();
      await migrate(client(url), postgresMigrations.slice(0, version));
      const filling = client(url);
      await filling.connect();
      for (const sql of filled) await filling.query(sql);
      await filling.end();
      const stores = await Promise.all([1, 2, 3].map(() => openPostgres(url)));
      await check({ verbs: stores[0]!.verbs, reads: readsOn(stores[1]!.db) });
      for (const store of stores) await store.close();
      await remove();
    },
  );

  async function check({ reads, verbs }: Pick<TestStore, 'reads' | 'verbs'>) {
    expect(await reads.keyOwner({ hash: 'aa', now: NOW })).toMatchObject({
      account: 'A1',
      scopes: ['read', 'buy', 'admin'],
      accountStatus: 'active',
    });
    expect(await reads.wallet('A1')).toEqual({ balance: 0, held: 0 });
    const paid = await verbs.topUp({ account: 'A1', amount: 5, reference: 'first', now: NOW });
    expect(paid.balance).toBe(5);
    expect(await reads.unfinished()).toEqual([]);
  }

  function schemaOf(path: string): unknown {
    const db = openForReading(path);
    try {
      return db.prepare('select type, name, sql from sqlite_master order by type, name').all();
    } finally {
      db.close();
    }
  }
});

describe.skipIf(!needsPostgres())('a database on a server', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ durable: true });
  });
  afterAll(() => cluster.remove());

  test('of a later version is left alone', async () => {
    const { url } = await newDatabase(cluster);
    await migrate(client(url), [...postgresMigrations, 'create table later (id text)']);
    await expect(openPostgres(url)).rejects.toMatchObject({ code: 'store.newer' });
  });

  test('with a step that fails stays as it was', async () => {
    const { url } = await newDatabase(cluster);
    await expect(
      migrate(client(url), [postgresMigrations[0]!, 'create table half (id text); select nothing']),
    ).rejects.toThrow();
    await (await openPostgres(url)).close();
    const looking = client(url);
    await looking.connect();
    const { rows } = await looking.query(
      `select count(*)::int as n from information_schema.tables where table_name = 'half'`,
    );
    expect(rows).toEqual([{ n: 0 }]);
    await looking.end();
  });

  test('compares texts by their octets, whatever its locale', async () => {
    const { url } = await newDatabase(cluster);
    const { db, close } = await openPostgres(url);
    const looking = client(url);
    await looking.connect();
    const { rows } = await looking.query(
      `select table_name, column_name from information_schema.columns where table_schema = 'public' and data_type = 'text' and collation_name is distinct from 'C'`,
    );
    expect(rows).toEqual([]);
    await looking.end();
    await db.destroy();
    await close();
  });

  test('gives numbers for what it counts, and none that is beyond them', async () => {
    const { url } = await newDatabase(cluster);
    const { db, verbs, close } = await openPostgres(url);
    await verbs.noteStatus({
      status: {
        v: 1,
        gateway: 'a',
        state: 'online',
        version: '',
        instance: ulid(1),
        session: ulid(1),
        epoch: ulid(1),
        lastSeq: Number.MAX_SAFE_INTEGER,
        time: NOW,
        startedAt: NOW,
      },
      live: true,
    });
    expect((await db.selectFrom('epoch').select('last_seq').executeTakeFirstOrThrow()).last_seq).toBe(
      Number.MAX_SAFE_INTEGER,
    );
    const writing = client(url);
    await writing.connect();
    await writing.query('update epoch set last_seq = 9007199254740993');
    await writing.end();
    await expect(db.selectFrom('epoch').select('last_seq').execute()).rejects.toThrow('2^53');
    await close();
  });

  test('that cannot be had says why, without the password', async () => {
    const wrong = [
      ['postgres://ann:secret@127.0.0.1:9/hub', 'store.unreachable', /ECONNREFUSED/],
      [`postgres://ann:secret@127.0.0.1:${cluster.port}/hub`, 'store.failed', /role "ann" does not exist/],
      [
        `postgres://postgres:secret@127.0.0.1:${cluster.port}/nowhere`,
        'store.failed',
        /database "nowhere" does not exist/,
      ],
      ['postgres://:bad:url:', 'config.invalid', /is not a URL/],
    ] as const;
    for (const [url, code, message] of wrong) {
      const error = await openPostgres(url).then(
        () => null,
        (thrown) => thrown,
      );
      expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
      expect(error.message).toMatch(/^hub\.database: /);
      expect(error.message).not.toContain('secret');
    }
  });

  test('two transactions that wait for each other are both carried out in the end', async () => {
    const { url } = await newDatabase(cluster);
    const stores = await Promise.all([openPostgres(url), openPostgres(url)]);
    const epoch = ulid(START);
    const list = Array.from({ length: 200 }, (_, i) => raw(event(epoch, i + 1, sms(i + 1))));
    // The same events in opposite orders, again and again: each holds what the other is about to insert.
    for (let round = 0; round < 5; round += 1) {
      const part = list.slice(round * 40, round * 40 + 40);
      await Promise.all([
        stores[0]!.verbs.insertEvents({ events: part, now: NOW }),
        stores[1]!.verbs.insertEvents({ events: part.toReversed(), now: NOW }),
      ]);
    }
    const rows = await stores[0]!.db.selectFrom('event').select('seq').execute();
    expect(rows).toHaveLength(200);
    for (const store of stores) await store.close();
  });

  test('whose schema a later version brings forward meanwhile goes on being read and written', async () => {
    const { url } = await newDatabase(cluster);
    const store = await openPostgres(url);
    const reads = readsOn(store.db);
    const list = Array.from({ length: 4 }, (_, i) => raw(event('E1', i + 1, sms(i + 1))));
    const take = async (some: typeof list) => {
      await store.verbs.insertEvents({ events: some, now: NOW });
      const answers = [1, 2, 3].map(() =>
        store.verbs.project({ gateway: 'host-a', epochs: ['E1'], now: NOW }),
      );
      return (await Promise.all(answers))[0];
    };
    // Statements that end in `*`, prepared on several connections.
    await take(list.slice(0, 2));
    await Promise.all([1, 2, 3].map(() => reads.gateways()));
    await sql`alter table gateway add column later text`.execute(store.db);
    await sql`alter table epoch add column later text`.execute(store.db);
    expect(await take(list.slice(2))).toMatchObject([{ upTo: 4 }]);
    expect((await Promise.all([1, 2, 3].map(() => reads.gateways()))).map((rows) => rows.length)).toEqual([
      1, 1, 1,
    ]);
    await store.close();
  });

  test('that goes away in the middle of a transaction fails that one, and nothing else', async () => {
    const { url } = await newDatabase(cluster);
    const store = await openPostgres(url);
    const setting = (name: string) => store.verbs.keepSetting({ name, value: 'kept' });
    await setting('before');
    const uncaught: unknown[] = [];
    const note = (error: unknown) => uncaught.push(error);
    process.on('uncaughtException', note);
    try {
      // Its connection ends while no statement is under way.
      const broken = store.db.transaction().execute(async (transaction) => {
        await transaction.insertInto('setting').values({ name: 'half', value: 'lost' }).execute();
        await cluster.kill();
        await sleep(50);
        await transaction.insertInto('setting').values({ name: 'done', value: 'lost' }).execute();
      });
      await expect(broken).rejects.toThrow();
      await expect(setting('meanwhile')).rejects.toMatchObject({ code: 'store.unreachable' });
      await sleep(50);
      expect(uncaught).toEqual([]);
    } finally {
      process.off('uncaughtException', note);
      await cluster.start();
    }
    // Every connection of the pool ended with the server: each is replaced.
    await Promise.all(Array.from({ length: 20 }, (_, i) => setting(`after ${i}`)));
    const rows = await store.db.selectFrom('setting').select('name').orderBy('name').execute();
    expect(rows).toHaveLength(21);
    expect(rows.at(-1)).toEqual({ name: 'before' });
    await store.close();
  });

  test.skipIf(!needs('mosquitto'))(
    'that goes away stops the receipts, and all is there when it is back',
    async () => {
      const broker = await startMosquitto();
      const { url } = await newDatabase(cluster);
      const config = Config.parse({
        mqtt: { url: broker.url },
        hub: { listen: '127.0.0.1:0', database: url },
      });
      const gateway = new FakeGateway({ url: broker.url, version: 5 });
      let hub: Hub | null = null;
      try {
        hub = await startHub({
          config,
          log: createLog('silent'),
          timing: { graceMs: 300, retryMs: 600, retryMaxMs: 2_000 },
        });
        await gateway.connect();
        await gateway.online();
        await gateway.publish(gateway.record(10));
        await until(
          () => gateway.lastAck,
          (ack) => ack === 10,
        );

        await cluster.kill();
        await gateway.publish(gateway.record(10));
        const health = async () => (await fetch(`${hub!.url}/healthz`)).status;
        await until(health, (status) => status === 503);
        await sleep(300);
        expect(gateway.lastAck).toBe(10);
        const headers = { 'x-api-key': hub.firstKey!, 'content-type': 'application/json' };
        const body = JSON.stringify({ serviceCode: 'tg', countryIso: 'US' });
        for (const [path, more] of [
          ['/v1/numbers', {}],
          ['/v1/activations', { method: 'POST', body }],
        ] as const) {
          const answer = await fetch(`${hub.url}${path}`, { headers, ...more });
          expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
          expect(answer.headers.get('content-type')).toBe('application/problem+json');
          expect(await answer.json()).toMatchObject({ code: 'STORE_UNAVAILABLE', status: 503 });
        }

        await cluster.start();
        await until(
          () => gateway.lastAck,
          (ack) => ack === 20,
          20_000,
        );
        await until(health, (status) => status === 200);
        const rows = await hub.store.reads.messages({ iccid: ICCID, since: null, after: null, limit: 100 });
        expect(rows.map(({ data }) => data.text)).toEqual(gateway.events.map(({ data }) => data.text));
      } finally {
        await gateway.vanish();
        await hub?.stop();
        await broker.remove();
      }
    },
    60_000,
  );
});
