import { rmSync } from 'node:fs';
import { join } from 'node:path';
import mqtt, { type IPublishPacket } from 'mqtt';
import { afterEach, describe, expect, it } from 'vitest';
import type { Bank } from '../../src/bank/bank.ts';
import { loadConfig } from '../../src/config.ts';
import { startBank as startEmulatedBank } from '../../src/emulator/bank.ts';
import { type Hub, startHub } from '../../src/hub/hub.ts';
import { createLog } from '../../src/log.ts';
import type { Event } from '../../src/protocol/events.ts';
import { ulid } from '../../src/protocol/ulid.ts';
import { type Mosquitto, startMosquitto } from '../mosquitto.ts';
import { needs } from '../programs.ts';
import { Customer, configFile, eventually, everyReady, gatewayFrom } from '../rig.ts';
import { temporaryDir } from '../temporary.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});
const log = createLog(process.env.TEST_LOG ?? 'silent');

interface GatewaySpec {
  readonly dir: string;
  readonly name?: string;
  readonly mosquitto: Mosquitto;
  readonly modems?: boolean;
  readonly version?: string;
  readonly confirm?: 'auto' | 'hub' | 'broker';
}

async function gateway({
  dir,
  name = 'gateway',
  mosquitto,
  modems = true,
  version = 'auto',
  confirm = 'hub',
}: GatewaySpec): Promise<Bank> {
  const ports = modems ? [join(dir, 'tty/modem-*')] : [];
  const file = configFile({
    dir,
    url: mosquitto.url,
    ports,
    mqtt: { version },
    gateway: { dataDir: join(dir, name) },
    confirm,
  });
  const bank = await gatewayFrom(file);
  undo.push(() => bank.stop());
  return bank;
}
async function broker(): Promise<Mosquitto> {
  const mosquitto = await startMosquitto();
  undo.push(() => mosquitto.remove());
  return mosquitto;
}
async function modems(dir: string, count = 1) {
  const bank = await startEmulatedBank({
    modems: count,
    dir: join(dir, 'tty'),
    seed: dir,
    persona: 'generic',
  });
  undo.push(() => bank.close());
  return bank.modems;
}
const connected = (bank: Bank): Promise<void> =>
  eventually(
    () => bank.view().uplink().connected,
    () => bank.view().uplink(),
  );
const done = (bank: Bank): Promise<void> =>
  eventually(
    () => bank.view().uplink().waiting === 0,
    () => bank.view().uplink(),
  );

async function listener(mosquitto: Mosquitto, topics: string, version: 4 | 5 = 5) {
  const client = mqtt.connect(mosquitto.url, { protocolVersion: version });
  undo.push(() => client.end(true));
  const heard: { topic: string; payload: string; packet: IPublishPacket }[] = [];
  client.on('message', (topic, payload, packet) =>
    heard.push({ topic, payload: payload.toString(), packet }),
  );
  await client.subscribeAsync(topics, { qos: 1 });
  return { client, heard };
}

describe.skipIf(!needs('mosquitto'))('two gateways of one name', () => {
  it('both raise an alarm, and the later one stops publishing', async () => {
    const dir = temporaryDir();
    const mosquitto = await broker();
    const first = await gateway({ dir, name: 'first', mosquitto, modems: false });
    await connected(first);
    const { heard } = await listener(mosquitto, 'simbank/host-a/#');
    const second = await gateway({ dir, name: 'second', mosquitto, modems: false });
    await eventually(
      () => second.view().uplink().problem?.code === 'uplink.namesake',
      () => second.view().uplink(),
    );
    expect(second.view().uplink().problem?.message).toMatch(
      /another gateway calls itself host-a.*another gateway.id/,
    );
    expect(first.view().uplink()).toMatchObject({ connected: true, problem: null });
    const alarms = (): Event[] =>
      heard
        .filter(({ topic }) => topic.endsWith('/events/alarm.raised'))
        .map(({ payload }) => JSON.parse(payload));
    await eventually(() => alarms().some(({ data }) => data.alarm === 'gateway.namesake'), alarms);
    // Who listens sees the first one.
    const status = (): Event =>
      JSON.parse(heard.filter(({ topic }) => topic.endsWith('/status')).at(-1)!.payload);
    await eventually(() => {
      const { state, startedAt } = status() as unknown as { state: string; startedAt: string };
      return state === 'online' && startedAt === first.view().startedAt;
    }, status);
    expect(second.view().uplink().connected).toBe(false);
  });

  it('a gateway that is gone is offline by its will, and its return is not hidden by it', async () => {
    const dir = temporaryDir();
    const mosquitto = await broker();
    const bank = await gateway({ dir, mosquitto, modems: false });
    await connected(bank);
    const { heard, client } = await listener(mosquitto, 'simbank/host-a/status');
    await eventually(() => heard.length > 0);
    // The will of an older connection, as a broker delivers it late.
    const online = JSON.parse(heard.at(-1)!.payload);
    await client.publishAsync(
      'simbank/host-a/status',
      JSON.stringify({ ...online, state: 'offline', session: ulid(Date.now()) }),
      { qos: 1, retain: true },
    );
    await eventually(
      () => heard.length > 2 && JSON.parse(heard.at(-1)!.payload).state === 'online',
      () => heard,
    );
    await bank.stop();
    await eventually(
      () => JSON.parse(heard.at(-1)!.payload).state === 'offline',
      () => heard,
    );
  });
});

describe.skipIf(!needs('mosquitto'))('a command', () => {
  const command = (more: Record<string, unknown> = {}) => ({
    v: 1,
    id: ulid(Date.now()),
    name: 'inventory.refresh',
    args: {},
    expiresAt: new Date(Date.now() + 10_000).toISOString(),
    ...more,
  });

  it.each([4, 5] as const)(
    'is answered once and the same, also after a restart, over protocol %i',
    async (version) => {
      const dir = temporaryDir();
      const mosquitto = await broker();
      let bank = await gateway({ dir, mosquitto, modems: false, version: version === 5 ? '5' : '3.1.1' });
      await connected(bank);
      const { heard, client } = await listener(mosquitto, 'simbank/host-a/replies', version);
      const ask = async (payload: unknown): Promise<Record<string, unknown>> => {
        const before = heard.length;
        await client.publishAsync(
          'simbank/host-a/commands',
          typeof payload === 'string' ? payload : JSON.stringify(payload),
          { qos: 1 },
        );
        await eventually(() => heard.length > before);
        return JSON.parse(heard.at(-1)!.payload);
      };
      const replay = command({ name: 'events.replay', args: { epoch: ulid(0), after: 3 } });
      const answer = await ask(replay);
      expect(answer).toMatchObject({ id: replay.id, ok: true, result: { from: 4, to: 3, truncated: false } });
      expect(await ask(replay)).toEqual(answer);
      // The id is looked at first: past its time, it still gets its answer.
      expect(await ask({ ...replay, expiresAt: '2020-01-01T00:00:00Z' })).toEqual(answer);
      await bank.stop();
      bank = await gateway({ dir, mosquitto, modems: false });
      await connected(bank);
      expect(await ask(replay)).toEqual(answer);

      expect(await ask(command({ expiresAt: '2020-01-01T00:00:00Z' }))).toMatchObject({
        ok: false,
        error: { code: 'command.expired' },
      });
      expect(await ask(command({ name: 'toString' }))).toMatchObject({
        ok: false,
        error: { code: 'command.unknown' },
      });
      const wrong = await ask(command({ name: 'events.replay', args: { epoch: 'x' } }));
      expect(wrong).toMatchObject({ ok: false, error: { code: 'command.invalid' } });
      expect((wrong.error as { message: string }).message).toMatch(/epoch: .*after: /s);
      expect(await ask({ id: 'mine', name: 7 })).toMatchObject({
        id: 'mine',
        ok: false,
        error: { code: 'command.invalid' },
      });
      const before = heard.length;
      for (const payload of ['', 'nonsense', '{}', '[1]'])
        await client.publishAsync('simbank/host-a/commands', payload, { qos: 1 });
      // None of those has an id to answer to; the gateway goes on.
      await ask(command());
      expect(heard.length).toBe(before + 1);
    },
  );

  it('is answered where MQTT 5 asks for it, but only below its own replies', async () => {
    const dir = temporaryDir();
    const mosquitto = await broker();
    const bank = await gateway({ dir, mosquitto, modems: false });
    await connected(bank);
    const { heard, client } = await listener(mosquitto, '#');
    for (const responseTopic of ['simbank/host-a/replies/me', 'elsewhere/me']) {
      heard.length = 0;
      await client.publishAsync('simbank/host-a/commands', JSON.stringify(command()), {
        qos: 1,
        properties: { responseTopic, correlationData: Buffer.from('ours') },
      });
      const replies = () => heard.filter(({ topic }) => /replies|elsewhere/.test(topic));
      await eventually(() => replies().length > 0);
      expect(replies()[0]!.topic).toBe(
        responseTopic.startsWith('simbank') ? responseTopic : 'simbank/host-a/replies',
      );
      expect(replies()[0]!.packet.properties?.correlationData?.toString()).toBe('ours');
    }
  });
});

describe.skipIf(!needs('mosquitto'))('a hub that lost its database', () => {
  it('gets everything again from the gateway', async () => {
    const dir = temporaryDir();
    const mosquitto = await broker();
    const [modem] = await modems(dir);
    const bank = await gateway({ dir, mosquitto });
    const config = loadConfig(join(dir, 'simbankd.yaml'));
    const texts = async (hub: Hub): Promise<(string | null)[]> =>
      (await new Customer(hub.url, hub.firstKey!).messages(modem!.sim!.iccid)).map(({ text }) => text);
    let hub = await startHub({ config, log });
    await everyReady(bank);
    for (const n of [1, 2, 3]) modem!.deliverText({ from: '72941', text: `message ${n}` });
    await eventually(async () => (await texts(hub)).length === 3);
    await done(bank);
    await hub.stop();
    rmSync(join(dir, 'hub'), { recursive: true });

    hub = await startHub({ config, log });
    undo.push(() => hub.stop());
    await eventually(
      async () => (await texts(hub)).length === 3,
      () => texts(hub),
      30_000,
    );
    expect(await texts(hub)).toEqual(['message 1', 'message 2', 'message 3']);
  });
});

describe.skipIf(!needs('mosquitto'))('a broker that forgets everything', () => {
  it('is told all retained state again', async () => {
    const dir = temporaryDir();
    const mosquitto = await broker();
    const [modem] = await modems(dir);
    const bank = await gateway({ dir, mosquitto });
    await everyReady(bank);
    await mosquitto.kill();
    await mosquitto.start();
    const { heard } = await listener(mosquitto, 'simbank/#');
    const topics = () => new Set(heard.map(({ topic }) => topic));
    const wanted = [
      'simbank/host-a/status',
      'simbank/host-a/slots/modem-000',
      `simbank/host-a/sims/${modem!.sim!.iccid}`,
    ];
    await eventually(
      () => wanted.every((topic) => topics().has(topic)),
      () => [...topics()],
    );
  });
});
