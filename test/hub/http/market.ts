/** A hub that sells: its store, a real broker, a gateway with SIMs, customers with keys, and somebody who receives webhooks. */
import { Config } from '../../../src/config.ts';
import { type Hub, startHub } from '../../../src/hub/hub.ts';
import { parseAmount } from '../../../src/hub/money.ts';
import { hashKey, hintOf, newKey, newWebhookSecret } from '../../../src/hub/secrets.ts';
import type { NewKey } from '../../../src/hub/store/accounts.ts';
import { createLog, type Logger } from '../../../src/log.ts';
import { ulid } from '../../../src/protocol/ulid.ts';
import { startMosquitto } from '../../mosquitto.ts';
import { type Kind, SQLITE } from '../databases.ts';
import { until } from '../gateway.ts';
import { SellingGateway, type Sim, simsOf } from '../selling.ts';
import { type Receiver, startReceiver } from '../webhooks/receiver.ts';
import { Customer } from './customer.ts';

export interface Account {
  readonly id: string;
  /** May read and buy. */
  readonly key: string;
  /** The account's signing secret. */
  readonly secret: string;
  readonly customer: Customer;
}

export interface Market {
  readonly hub: Hub;
  readonly broker: string;
  readonly gateway: SellingGateway;
  readonly receiver: Receiver;
  /** The operator's key, with the scope admin. */
  readonly operator: Customer;
  readonly operatorKey: string;
  account(options?: { name?: string; funds?: string }): Promise<Account>;
  key(account: string, more?: Partial<NewKey>): Promise<string>;
  /** More SIMs at the gateway, known to the hub when this resolves. */
  addSims(count: number, more?: Partial<Sim>): Promise<void>;
  /** The gateway's own id of an activation. */
  attempt(account: string, activation: string): Promise<string>;
  /** Another hub on the same database (PostgreSQL). */
  another(): Promise<Hub>;
  close(): Promise<void>;
}

export const now = () => new Date().toISOString();

export async function startMarket(
  options: { kind?: Kind; sims?: number; log?: Logger } = {},
): Promise<Market> {
  const { kind = SQLITE, sims = 0, log = createLog(process.env.TEST_LOG ?? 'silent') } = options;
  const database = await kind.make();
  const mosquitto = await startMosquitto(['set_tcp_nodelay true']);
  const receiver = await startReceiver();
  const config = Config.parse({
    mqtt: { url: mosquitto.url },
    hub: {
      listen: '127.0.0.1:0',
      database: database.url,
      webhooks: { allowHttp: true, allowPrivate: true, ports: [receiver.port] },
    },
  });
  const hubs: Hub[] = [];
  const start = async () => {
    const hub = await startHub({
      config,
      log,
      timing: { graceMs: 300, retryMs: 600, retryMaxMs: 2_000, answerMs: 3_000 },
    });
    hubs.push(hub);
    await until(
      () => hub.consumer.state.connected,
      (connected) => connected,
    );
    return hub;
  };
  const hub = await start();
  const { store } = hub;
  const gateway = new SellingGateway({ url: mosquitto.url, version: 5, sims: [] });
  await gateway.connect();
  await gateway.announce();
  let made = 0;
  const key = async (account: string, more: Partial<NewKey> = {}) => {
    const text = newKey();
    await store.verbs.createKey({
      id: ulid(Date.now()),
      hash: hashKey(text),
      hint: hintOf(text),
      ...more,
      account,
      now: now(),
    });
    return text;
  };
  const market: Market = {
    hub,
    broker: mosquitto.url,
    gateway,
    receiver,
    operator: new Customer(hub.url, hub.firstKey),
    operatorKey: hub.firstKey!,
    key,
    another: start,
    async account({ name, funds = '10.00' } = {}) {
      const id = ulid(Date.now());
      const secret = newWebhookSecret();
      await store.verbs.createAccount({
        id,
        name: name ?? `customer-${id}`,
        secret: { id: `whs_${id}`, value: secret },
        now: now(),
      });
      const amount = parseAmount(funds);
      if (amount > 0) await store.verbs.topUp({ account: id, amount, reference: 'first', now: now() });
      const text = await key(id);
      return { id, key: text, secret, customer: new Customer(hub.url, text) };
    },
    async addSims(count, more = {}) {
      const added = simsOf(made + 1, count, more);
      made += count;
      gateway.sims.push(...added);
      for (const sim of added) await gateway.state(sim);
      const known = async () => (await store.reads.numbers({ after: '', limit: 10_000 })).length;
      await until(known, (there) => there === made);
    },
    async attempt(account, activation) {
      const row = await store.reads.activation({ account, id: activation });
      return row!.attempt!;
    },
    async close() {
      await gateway.vanish();
      for (const one of hubs) await one.stop();
      await receiver.close();
      await mosquitto.remove();
      await database.remove();
    },
  };
  if (sims > 0) await market.addSims(sims);
  return market;
}
