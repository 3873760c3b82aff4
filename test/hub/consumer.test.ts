import { createServer } from 'node:net';
import { Writable } from 'node:stream';
import { Aedes } from 'aedes';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Broker, startBroker } from '../../src/broker.ts';
import { Config } from '../../src/config.ts';
import { SimbankError } from '../../src/errors.ts';
import { Consumer } from '../../src/hub/consumer.ts';
import { type Hub, startHub } from '../../src/hub/hub.ts';
import type { HubStore } from '../../src/hub/store/store.ts';
import { ulid } from '../../src/protocol/ulid.ts';
import { freePort, type Mosquitto, startMosquitto } from '../mosquitto.ts';
import { needs } from '../programs.ts';
import { DATABASES, type Kind, SQLITE, type TestDatabase } from './databases.ts';
import { ICCID } from './events.ts';
import { FakeGateway, until } from './gateway.ts';

const timing = { graceMs: 300, retryMs: 600, retryMaxMs: 2_000 };
let kind: Kind = SQLITE;
let database: TestDatabase;
let hub: Hub | null = null;
let logged = '';
const gateways: FakeGateway[] = [];

beforeEach(async () => {
  database = await kind.make();
  logged = '';
});
afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.vanish();
  await hub?.stop();
  hub = null;
  await database.remove();
});

async function start(url: string, mqtt: object = {}): Promise<Hub> {
  const config = Config.parse({
    mqtt: { url, ...mqtt },
    hub: { listen: '127.0.0.1:0', database: database.url },
  });
  const sink = new Writable({
    write(chunk, _encoding, done) {
      logged += chunk;
      done();
    },
  });
  hub = await startHub({ config, log: pino({ level: 'trace' }, sink), timing });
  return hub;
}

async function gateway(url: string, more: { id?: string; version?: 4 | 5; epoch?: string } = {}) {
  const made = new FakeGateway({ url, ...more });
  gateways.push(made);
  await made.connect();
  return made;
}

async function texts(iccid = ICCID): Promise<(string | null)[]> {
  const rows = await hub!.store.reads.messages({ iccid, since: null, after: null, limit: 100_000 });
  return rows.map(({ data }) => data.text);
}

const connected = (running: Hub) =>
  until(
    () => running.consumer.state,
    (state) => state.connected,
  );
const all = (g: FakeGateway) => g.events.map(({ data }) => data.text);

interface Setup {
  readonly name: string;
  readonly skip: boolean;
  /** Whether it passes on payloads of any size. */
  readonly takesAll: boolean;
  readonly protocol: '5' | '3.1.1';
  readonly mqtt: object;
  readonly kind?: Kind;
  begin(): Promise<{ url: string; end(): Promise<void> }>;
}

const mosquitto = async () => {
  const broker = await startMosquitto();
  return { url: broker.url, end: () => broker.remove() };
};
const aedes = async () => {
  const broker = await startBroker({ host: '127.0.0.1', port: 0 });
  return { url: broker.url, end: () => broker.stop() };
};
const hasMosquitto = needs('mosquitto');
const SETUPS: Setup[] = [
  {
    name: 'mosquitto, MQTT 5',
    skip: !hasMosquitto,
    takesAll: true,
    protocol: '5',
    mqtt: {},
    begin: mosquitto,
  },
  ...DATABASES.filter((other) => other !== SQLITE).map((other) => ({
    name: `mosquitto, MQTT 5, and ${other.name}`,
    skip: !hasMosquitto,
    takesAll: true,
    protocol: '5' as const,
    mqtt: {},
    kind: other,
    begin: mosquitto,
  })),
  {
    name: 'mosquitto, 3.1.1',
    skip: !hasMosquitto,
    takesAll: true,
    protocol: '3.1.1',
    mqtt: { version: '3.1.1' },
    begin: mosquitto,
  },
  {
    name: 'aedes, found to speak 3.1.1 only',
    skip: false,
    takesAll: false,
    protocol: '3.1.1',
    mqtt: {},
    begin: aedes,
  },
];

describe.each(SETUPS)('with $name', ({ skip, takesAll, protocol, mqtt, begin, ...setup }) => {
  let broker: Awaited<ReturnType<Setup['begin']>>;
  // Before the database of a test is made, which is outside of this group.
  beforeAll(() => {
    kind = setup.kind ?? SQLITE;
  });
  afterAll(() => {
    kind = SQLITE;
  });
  beforeEach(async () => {
    if (!skip) broker = await begin();
  });
  afterEach(() => broker?.end());

  test.skipIf(skip)('events out of order, twice and with gaps arrive once and in order', async () => {
    const running = await start(broker.url, mqtt);
    const a = await gateway(broker.url);
    const b = await gateway(broker.url, { id: 'host-b' });
    await connected(running);
    expect(running.consumer.state.protocol).toBe(protocol);
    const other = '8901260000000000025';
    a.record(60);
    b.record(20, () => ({ iccid: other }));
    await a.online();
    await b.online();
    await a.sim(ICCID, 1);
    const shuffled = a.events.toSorted((x, y) => ((x.seq * 7) % 61) - ((y.seq * 7) % 61));
    await a.publish(shuffled.filter(({ seq }) => seq % 10 !== 3));
    await a.publish(a.events.slice(20, 30));
    await b.publish(b.events);
    await until(
      () => [a.lastAck, b.lastAck],
      ([x, y]) => x === 60 && y === 20,
    );
    expect(await texts()).toEqual(all(a));
    expect(await texts(other)).toEqual(all(b));
    expect(a.replays[0]).toMatchObject({ epoch: a.epoch, after: expect.any(Number) });
    expect(b.replays).toEqual([]);
    for (const { upTo, id, epoch } of a.acks) {
      expect(a.events[upTo - 1]).toMatchObject({ id, epoch });
    }
    // Repeats are acknowledged again, and so is a live online.
    const before = a.acks.length;
    await a.publish([a.events[4]!]);
    await until(
      () => a.acks.length,
      (count) => count > before,
    );
    await a.online();
    await until(
      () => a.acks.length,
      (count) => count > before + 1,
    );
    expect(await running.store.reads.number(ICCID)).toMatchObject({ gateway: 'host-a', online: true });
    await a.vanish();
    await until(
      () => running.store.reads.number(ICCID),
      (row) => row?.online === false,
    );
    expect(logged).not.toContain('secret');
  });

  test.skipIf(skip)('payloads that are not what they should be stop nothing', async () => {
    const running = await start(broker.url, mqtt);
    const a = await gateway(broker.url);
    await connected(running);
    a.record(3);
    await a.send('events/sms.received', 'secret, and not JSON');
    await a.send('events/sms.received', '{"v":1}');
    await a.send('events/sms.received', Buffer.from([0xff, 0x00, 0xfe]));
    await a.send('events/sms.received', { ...a.events[0]!, gateway: 'host-b' });
    await a.send('events/sms.received', 'secret, and not JSON');
    // The embedded broker does not even let such a client in again.
    if (takesAll) await a.send('events/sms.received', Buffer.alloc(1024 * 1024 + 1, 0x20));
    await a.send('status', '[]');
    await a.send('sims/not-an-iccid', '{}');
    await a.send(`sims/${ICCID}`, { v: 1, iccid: ICCID });
    await a.send('slots/A01', 'x');
    await a.send('replies', '{}');
    await a.send('something/else', 'x');
    // Wrong beyond its position, it still counts: its number must not be missing for ever.
    await a.send('events/sms.received', { ...a.events[1]!, time: 'yesterday' });
    await a.publish([a.events[0]!, a.events[2]!]);
    await until(
      () => a.lastAck,
      (ack) => ack === 3,
    );
    expect(await texts()).toEqual([a.events[0]!.data.text, a.events[2]!.data.text]);
    expect(running.consumer.projector.counts.faults).toBe(takesAll ? 12 : 11);
    const faults = logged.split('\n').filter((line) => line.includes('a payload is not what it should be'));
    const kinds = faults.map((line) => {
      const { topic, reason, detail } = JSON.parse(line);
      return `${topic} ${reason} ${detail}`;
    });
    expect(new Set(kinds).size).toBe(kinds.length);
    expect(logged).not.toContain('secret');
  });

  test.skipIf(skip)(
    'a gap is replayed, an epoch that ended is asked for once, a truncated one gives way',
    async () => {
      const running = await start(broker.url, mqtt);
      const a = await gateway(broker.url);
      await connected(running);
      // The epoch that ends has a hole that nobody can fill.
      a.onReplay = 'refuse';
      const first = a.record(5);
      await a.online();
      await a.publish([first[0]!, first[4]!]);
      await until(
        () => a.acks.length,
        (count) => count > 0,
      );
      const older = a.epoch;
      const asked = () => a.replays.filter(({ epoch }) => epoch === older).length;
      await until(asked, (count) => count > 0);
      const before = asked();
      a.epoch = ulid(Date.now());
      const second = a.record(9);
      await a.online();
      await until(texts, (found) => found.length === 2);
      expect(asked()).toBe(before + 1);
      // Of the new one, 1 to 3 are gone.
      a.onReplay = { truncatedBelow: 4 };
      await a.publish([second[8]!]);
      await until(
        () => a.lastAck,
        (ack) => ack === 9,
      );
      expect(await texts()).toEqual([first[0]!, first[4]!, ...second.slice(3)].map(({ data }) => data.text));
      const kinds = (await running.store.reads.alarms({ limit: 9 })).map(({ kind }) => kind);
      expect(kinds.toSorted()).toEqual(['epoch.incomplete', 'replay.truncated']);
      expect(a.acks.filter(({ epoch }) => epoch === older).every(({ upTo }) => upTo === 1)).toBe(true);
    },
  );

  test.skipIf(skip)('what happens while the hub is away is there after its return', async () => {
    let running = await start(broker.url, mqtt);
    const a = await gateway(broker.url);
    await connected(running);
    await a.online();
    await a.publish(a.record(3));
    await until(
      () => a.lastAck,
      (ack) => ack === 3,
    );
    await running.stop();
    // Kept by the broker for the hub's session, except one of them.
    const away = a.record(10);
    await a.publish(away.filter(({ seq }) => seq !== 7));
    await a.online();
    running = await start(broker.url, mqtt);
    await until(
      () => a.lastAck,
      (ack) => ack === 13,
    );
    expect(await texts()).toEqual(all(a));
  });
});

describe.skipIf(!hasMosquitto)('a broker', () => {
  let broker: Mosquitto;
  afterEach(() => broker.remove());

  test('that is killed and forgets everything is found again, and what it lost is asked for at once', async () => {
    broker = await startMosquitto();
    const running = await start(broker.url);
    const a = await gateway(broker.url);
    await connected(running);
    await a.online();
    await a.publish(a.record(2));
    await until(
      () => a.lastAck,
      (ack) => ack === 2,
    );
    await broker.kill();
    await until(
      () => running.consumer.state,
      (state) => !state.connected,
    );
    await broker.start();
    a.record(20);
    await a.connect();
    await a.online();
    await until(
      () => a.lastAck,
      (ack) => ack === 22,
    );
    expect(await texts()).toEqual(all(a));
    expect(running.consumer.state.problem).toBeNull();
  });

  test('that wants a password gets it, and one that refuses is told in one line', async () => {
    broker = await startMosquitto(['allow_anonymous false', 'listener $port 127.0.0.1'], { listener: false });
    const running = await start(broker.url);
    await until(
      () => running.consumer.state.problem?.message ?? '',
      (text) => /not authorized/i.test(text),
    );
    expect((await fetch(`${running.url}/healthz`)).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(logged.split('\n').filter((line) => line.includes('trouble with the broker'))).toHaveLength(1);
  });
});

test('a broker that refuses a subscription is told of by the topic', async () => {
  const strict = await Aedes.createBroker({
    authorizeSubscribe: (_client, sub, done) => done(null, sub.topic.endsWith('/replies') ? null : sub),
  });
  const server = createServer((socket) => strict.handle(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const running = await start(`mqtt://127.0.0.1:${(server.address() as { port: number }).port}`);
  const problem = await until(
    () => running.consumer.state.problem?.message ?? '',
    (text) => text !== '',
  );
  expect(problem).toContain('ACL');
  expect(problem).toContain('simbank/+/replies');
  expect(problem).not.toContain('simbank/+/status');
  await running.stop();
  strict.close();
  server.close();
});

test('what comes faster than the store commits waits at the broker, not in memory', async () => {
  const broker = await startBroker({ host: '127.0.0.1', port: 0 });
  const a = await gateway(broker.url);
  let release = () => {};
  const disk = new Promise<void>((resolve) => {
    release = resolve;
  });
  let committed = 0;
  let failures = 2;
  const store = {
    reads: { unfinished: async () => [] },
    async ingest(events: readonly unknown[]) {
      await disk;
      // A full disk: the same is tried again, and nothing is dropped.
      if (failures-- > 0) throw new SimbankError('store.failed', 'no room', { sqlite: 'SQLITE_FULL' });
      committed += events.length;
      return [];
    },
  } as unknown as HubStore;
  const { mqtt } = Config.parse({ mqtt: { url: broker.url } });
  const log = pino({ level: 'silent' });
  const consumer = new Consumer({ mqtt, instance: ulid(1), store, log, replied: () => false, timing });
  await consumer.start();
  await until(
    () => consumer.state,
    (state) => state.connected,
  );
  const publishing = a.publish(a.record(12_000));
  let most = 0;
  for (let i = 0; i < 50; i += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    most = Math.max(most, consumer.waiting);
  }
  expect(most).toBe(2_000);
  release();
  await until(
    () => consumer.storeProblem,
    (problem) => problem === 'no room',
  );
  await publishing;
  await until(
    () => committed,
    (count) => count === 12_000,
  );
  expect(consumer.storeProblem).toBeNull();
  await consumer.stop();
  await a.vanish();
  await broker.stop();
});

test('a hub without a broker tries again by itself', async () => {
  const port = await freePort();
  const running = await start(`mqtt://127.0.0.1:${port}`);
  await until(
    () => running.consumer.state.problem?.message ?? '',
    (text) => text.includes('ECONNREFUSED'),
  );
  const broker: Broker = await startBroker({ host: '127.0.0.1', port });
  await connected(running);
  const a = await gateway(broker.url);
  await a.publish(a.record(2));
  await until(
    () => a.lastAck,
    (ack) => ack === 2,
  );
  await hub!.stop();
  await broker.stop();
});

test('a broker that accepts and says nothing does not hold up the end', async () => {
  const mute = createServer((socket) => socket.on('error', () => {}));
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  const running = await start(`mqtt://127.0.0.1:${(mute.address() as { port: number }).port}`);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const began = Date.now();
  await running.stop();
  expect(Date.now() - began).toBeLessThan(2_000);
  mute.close();
});
