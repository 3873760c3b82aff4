/** What the webhooks' bench measures: the hub's parts, and for each the bare libraries that do the same with nothing kept. */
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { pino } from 'pino';
import { Agent, request } from 'undici';
import { Config } from '../../../src/config.ts';
import { Flow } from '../../../src/hub/activations/flow.ts';
import { Commander } from '../../../src/hub/commander.ts';
import { Consumer } from '../../../src/hub/consumer.ts';
import { newWebhookSecret } from '../../../src/hub/secrets.ts';
import { type HubStore, openStore } from '../../../src/hub/store/store.ts';
import { Deliverer } from '../../../src/hub/webhooks/deliverer.ts';
import { sendAtOnce } from '../../../src/mqtt-options.ts';
import { ulid } from '../../../src/protocol/ulid.ts';
import { FakeGateway, until } from '../../hub/gateway.ts';
import { startMosquitto } from '../../mosquitto.ts';

/** Endpoints, and numbers of which each has one. */
export const ENDPOINTS = 16;
const ACCOUNT = 'acc_1';
const log = pino({ level: 'warn' });
const now = () => new Date().toISOString();

export interface Subject {
  /** Has it sent to the receiver, under the id or with the id as its text. */
  send(id: string, n: number): Promise<void>;
  close(): Promise<void>;
}

/** HMAC and POST, as many at once as the hub has open at its endpoints. */
export function bare(port: number): Subject {
  const dispatcher = new Agent({ connections: 4 * ENDPOINTS });
  const key = Buffer.from(newWebhookSecret().slice(6), 'base64');
  return {
    async send(id, n) {
      const body = JSON.stringify({ type: 'endpoint.test', timestamp: now(), data: { n } });
      const seconds = Math.floor(Date.now() / 1_000);
      const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
      const headers = {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(seconds),
        'webhook-signature': `v1,${signature}`,
      };
      const answer = await request(`http://127.0.0.1:${port}/`, {
        method: 'POST',
        dispatcher,
        headers,
        body,
      });
      await answer.body.dump();
    },
    close: () => dispatcher.close(),
  };
}

/** The store in its worker and the deliverer on it: event and delivery committed, claimed, sent, logged. */
export async function queue(port: number): Promise<Subject> {
  const hub = await parts(port);
  for (let i = 0; i < ENDPOINTS; i += 1) {
    await hub.store.verbs.createEndpoint({
      id: `we_${i}`,
      account: ACCOUNT,
      number: null,
      url: `http://127.0.0.1:${port}/${i}`,
      rendering: 'standard',
      events: null,
      options: {},
      description: '',
      secret: null,
      now: now(),
    });
  }
  return {
    async send(id, n) {
      const endpoint = `we_${n % ENDPOINTS}`;
      const delivery = `del_${ulid(Date.now())}`;
      await hub.store.verbs.testEndpoint({ endpoint, account: ACCOUNT, event: id, delivery, now: now() });
      hub.deliverer.wake();
    },
    close: hub.close,
  };
}

/** A broker, a subscriber that signs and POSTs what it hears, and a publisher. */
export async function barePath(port: number): Promise<Subject> {
  // By default a broker throws away what is more than a thousand behind.
  const broker = await startMosquitto(['set_tcp_nodelay true', 'max_queued_messages 0']);
  const [publisher, subscriber] = await Promise.all([0, 1].map(() => connected(broker.url)));
  const post = bare(port);
  await subscriber!.subscribeAsync('floor', { qos: 1 });
  subscriber!.on('message', (_topic, payload) => void post.send(payload.toString(), 0));
  return {
    async send(id) {
      await publisher!.publishAsync('floor', id, { qos: 1 });
    },
    async close() {
      await Promise.all([publisher!.endAsync(true), subscriber!.endAsync(true)]);
      await post.close();
      await broker.remove();
    },
  };
}

async function connected(url: string): Promise<mqtt.MqttClient> {
  const client = await mqtt.connectAsync(url, { protocolVersion: 5 });
  sendAtOnce(client.stream);
  return client;
}

/** A gateway's event over a broker to the hub: stored, matched to its number, told, claimed, sent, logged. */
export async function path(port: number): Promise<Subject> {
  // Nor may it throw away the end of a burst: this gateway does not say its last number every minute, as a real one does.
  const broker = await startMosquitto(['set_tcp_nodelay true', 'max_queued_messages 0']);
  const hub = await parts(port);
  const gateway = new FakeGateway({ url: broker.url, version: 5 });
  const store: HubStore = {
    ...hub.store,
    async ingest(events, at) {
      const progress = await hub.store.ingest(events, at);
      hub.deliverer.wake();
      return progress;
    },
  };
  const consumer = new Consumer({
    mqtt: Config.parse({ mqtt: { url: broker.url } }).mqtt,
    instance: ulid(Date.now()),
    store,
    log,
    replied: () => false,
  });
  await consumer.start();
  await gateway.connect();
  await gateway.online();
  const numbers = await provision(hub.store, gateway, port);
  return {
    async send(id, n) {
      const { iccid, attempt } = numbers[n % ENDPOINTS]!;
      await gateway.publish(gateway.record(1, () => ({ iccid, activations: [attempt], text: id })));
    },
    async close() {
      await gateway.vanish();
      await consumer.stop();
      await hub.close();
      await broker.remove();
    },
  };
}

/** A kept number and its webhook for each SIM; the gateway's answers are made up here. */
async function provision(store: HubStore, gateway: FakeGateway, port: number) {
  const numbers: { iccid: string; attempt: string }[] = [];
  const commander: Commander = new Commander({
    root: 'simbank',
    skewOf: () => 0,
    publish(_topic, command) {
      const { activations } = command.args as { activations: { activationId: string }[] };
      const iccid = `89012600000000${String(10_000 + numbers.length)}`;
      numbers.push({ iccid, attempt: activations[0]!.activationId });
      const result = {
        iccid,
        msisdn: '+12025550143',
        operator: null,
        countryIso: 'US',
        openedAt: now(),
        expiresAt: now(),
      };
      setImmediate(() => commander.hear(gateway.id, { v: 1, id: command.id, ok: true, result }));
      return true;
    },
  });
  const flow = new Flow({ store, commander, log, ttl: 1_200 });
  const everything = { account: '', service: '', country: '', operator: '' };
  await store.verbs.setPrice({ product: 'number', ...everything, amount: 0, now: now() });
  for (let i = 0; i < ENDPOINTS; i += 1) await gateway.sim(`89012600000000${10_000 + i}`, i + 1);
  await until(
    () => store.reads.stock({ service: null, country: 'US', account: ACCOUNT }),
    (rows) => rows[0]?.stock === ENDPOINTS,
  );
  for (let i = 0; i < ENDPOINTS; i += 1) {
    const answer = await flow.provision({
      account: ACCOUNT,
      apiKey: null,
      facade: 'rest',
      country: 'US',
      wish: {},
      endpoint: {
        id: `we_${i}`,
        url: `http://127.0.0.1:${port}/${i}`,
        rendering: 'meisim',
        events: null,
        options: {},
        description: '',
        secret: null,
      },
    });
    if (answer.outcome !== 'bought') throw new Error(`no number: ${answer.outcome}`);
  }
  return numbers;
}

async function parts(port: number) {
  const dir = mkdtempSync(join(tmpdir(), 'simbankd-bench-'));
  const store = await openStore({ database: `sqlite:${join(dir, 'hub.db')}` });
  await store.verbs.createAccount({
    id: ACCOUNT,
    name: 'bench',
    secret: { id: 'whs_1', value: newWebhookSecret() },
    now: now(),
  });
  const policy = { allowHttp: true, allowPrivate: true, ports: [port] };
  const deliverer = new Deliverer({ store, log, policy });
  deliverer.start();
  const close = async () => {
    await deliverer.stop();
    await store.close();
    rmSync(dir, { recursive: true, force: true });
  };
  return { store, deliverer, close };
}
