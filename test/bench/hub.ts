/**
 * `npm run bench -- hub [--messages 5000000] [--rounds 3] [--seconds 1] [--quick] [--on sqlite|postgresql] [--only polls|purchases|webhooks]`:
 * a hub beside its floors, in the same run, on SQLite and on PostgreSQL.
 *
 * Polls with 5 thousand messages in the store and with many, beside a bare handler that answers as much; purchases with the round
 * trip to a gateway, beside a bare MQTT request and reply; webhooks from MQTT to the receiver, beside the bare libraries. Hub,
 * gateway, receiver and floors are processes of their own, the gateway has no modems. Rounds alternate, medians are shown.
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { readCatalogue } from '../../src/catalogue.ts';
import { ulid } from '../../src/protocol/ulid.ts';
import type { Kind } from '../hub/databases.ts';
import { needsPostgres, startCluster } from '../hub/postgres.ts';
import { startMosquitto } from '../mosquitto.ts';
import { Asker } from './hub/asker.ts';
import type { Order, Sent } from './hub/gateway.ts';
import { type Act, CLIENTS, type Figures, inParallel, measure, medians, paced } from './hub/load.ts';
import {
  onCluster,
  type Seller,
  SQLITE,
  startFloor,
  startSeller,
  startUsedHub,
  type UsedHub,
} from './hub/market.ts';
import { cpuOf, quantile, sleep } from './subject.ts';
import { type Receiver, startReceiver } from './webhooks/receiver.ts';
import { barePath, ENDPOINTS } from './webhooks/subjects.ts';
import { printWebhooks } from './webhooks.ts';

const FEW = 5_000;
const SIMS = 512;
const SERVICES = 40;
/** Requests and messages a second while latencies are taken. */
const RATES = { polls: 200, purchases: 50, messages: 200 };
/** An even pace of messages takes longer than one of polls, so that each of the queues behind them is in it. */
const PATIENCE = 2;
const BURST = 2_000;
const WARM = 1_000;

interface Extent {
  readonly rounds: number;
  readonly seconds: number;
  /** In the large store. */
  readonly messages: number;
  readonly burst: number;
  /** Whether a part of it is wanted: polls, purchases or webhooks. */
  wants(part: string): boolean;
}
type Measured = () => Promise<Figures>;

export async function printHub(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      messages: { type: 'string' },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      on: { type: 'string' },
      only: { type: 'string' },
    },
  });
  const { quick, on, only } = values;
  const wants = (part: string): boolean => only === undefined || only === part;
  const extent: Extent = {
    rounds: Number(values.rounds),
    seconds: Number(values.seconds ?? (quick ? 0.5 : 1)),
    messages: Number(values.messages ?? (quick ? 50_000 : 500_000)),
    burst: quick ? BURST / 2 : BURST,
    wants,
  };
  console.log(
    `latencies at ${RATES.polls} polls, ${RATES.purchases} purchases, ${RATES.messages} messages a second; rates of ${CLIENTS} clients, ` +
      `and of a burst of ${extent.burst} messages; ${extent.rounds} rounds, medians`,
  );
  if (on !== 'postgresql') await measureOn(SQLITE, extent);
  if (on !== 'sqlite' && needsPostgres()) {
    const cluster = await startCluster({ durable: true });
    try {
      await measureOn(onCluster(cluster), extent);
    } finally {
      await cluster.remove();
    }
  }
  // The parts of a hub that a webhook passes, each by itself.
  if (!quick && only === undefined) await printWebhooks();
}

async function measureOn(kind: Kind, extent: Extent): Promise<void> {
  const broker = await startMosquitto(['set_tcp_nodelay true', 'max_queued_messages 0']);
  const receiver = await startReceiver();
  const undo: (() => unknown)[] = [() => broker.remove(), () => receiver.process.disconnect()];
  try {
    const hubOf = async (messages: number): Promise<UsedHub> => {
      const hub = await startUsedHub(kind, { broker: broker.url, messages, webhookPort: receiver.port });
      undo.push(() => hub.close());
      return hub;
    };
    const few = await hubOf(FEW);
    console.log(`\n${kind.name}; the machine's load is ${loadavg()[0]!.toFixed(1)}\n`);
    console.log('                                          p50 ms   p99 ms  a second  CPU µs each');
    if (extent.wants('polls')) {
      const many = await hubOf(extent.messages);
      console.log(
        `${thousands(extent.messages)} messages were put into the store in ${many.filled.seconds.toFixed(1)} s`,
      );
      await polls(few, many, extent, undo);
      // It would hear the same gateway, and take processor time from the one that is measured.
      await many.close();
    }
    const seller = await startSeller(broker.url, ENDPOINTS + SIMS, ENDPOINTS);
    undo.push(() => seller.close());
    if (extent.wants('webhooks')) {
      await provision(few, receiver);
      await webhooks(few, seller, receiver, extent);
    }
    if (extent.wants('purchases')) await purchases(few, seller, broker.url, extent);
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

/* ------------------------------------------------------------------ polls */

async function polls(few: UsedHub, many: UsedHub, extent: Extent, undo: (() => unknown)[]): Promise<void> {
  const routes = [
    {
      name: 'GET /numbers/{id}/messages?since=',
      path: ({ numbers, since }: UsedHub['filled'], n: number) =>
        `/v1/numbers/${oneOf(numbers, n)}/messages?since=${since}`,
    },
    {
      name: 'GET /activations/{id}',
      path: ({ activations }: UsedHub['filled'], n: number) => `/v1/activations/${oneOf(activations, n)}`,
    },
  ];
  const bodies = await Promise.all(routes.map(({ path }) => few.client.get(path(few.filled, 0))));
  const floor = await startFloor(...bodies);
  undo.push(() => floor.close());
  for (const [i, { name, path }] of routes.entries()) {
    const at = (pid: number, act: Act): Measured => {
      return () => measure({ pid, act }, RATES.polls, extent.seconds);
    };
    const ask = ({ client, filled, pid }: UsedHub) => at(pid, (n) => client.get(path(filled, n)));
    // Connections, statements, and code that is compiled once it was needed often.
    for (const { client, filled } of [few, many]) {
      await inParallel(WARM, (n) => client.get(path(filled, n)));
    }
    const [bottom, small, large] = await alternate(extent.rounds, [
      at(floor.pid, () => floor.client.get(`/${i}`)),
      ask(few),
      ask(many),
    ]);
    console.log(`${name}, ${bodies[i]!.length} octets`);
    print(`floor`, bottom!);
    print(`${thousands(FEW)} in the store`, small!);
    ratio('to the floor', small!, bottom!);
    print(`${thousands(extent.messages)} in the store`, large!);
    ratio(`to ${thousands(FEW)}`, large!, small!);
  }
}

/** All of them, not in their order, so that neighbours do not come from the same page. */
function oneOf(ids: readonly string[], n: number): string {
  return ids[(n * 7) % ids.length]!;
}

/* ------------------------------------------------------------------ purchases */

async function purchases(
  { client, pid }: UsedHub,
  seller: Seller,
  broker: string,
  extent: Extent,
): Promise<void> {
  const services = readCatalogue(undefined)
    .services.slice(0, SERVICES)
    .map(({ code }) => code);
  const asker = await Asker.connect(broker);
  let bought = 0;
  const buy = () => {
    const serviceCode = services[bought++ % SERVICES]!;
    return client.post('/v1/activations', { serviceCode, countryIso: 'US' });
  };
  const at = (pid: number, act: Act): Measured => {
    return () => measure({ pid, act }, RATES.purchases, PATIENCE * extent.seconds);
  };
  const [bottom, ours] = await alternate(extent.rounds, [at(seller.pid, () => asker.ask()), at(pid, buy)]);
  asker.close();
  console.log(`POST /activations, with the round trip to a gateway of ${SIMS} SIMs; ${bought} bought`);
  print('floor', bottom!);
  print('simbankd', ours!);
  ratio('to the floor', ours!, bottom!);
}

/* ------------------------------------------------------------------ webhooks */

async function provision({ client }: UsedHub, { port }: Receiver): Promise<void> {
  for (let i = 0; i < ENDPOINTS; i++) {
    const order = { webhook_url: `http://127.0.0.1:${port}/${i}`, country: 'US' };
    // The hub has not heard of every SIM yet.
    for (let tries = 0; ; tries++) {
      try {
        await client.post('/v1/numbers/provision', order);
        break;
      } catch (error) {
        if (tries === 50) throw error;
        await sleep(100);
      }
    }
  }
}

async function webhooks({ pid }: UsedHub, seller: Seller, receiver: Receiver, extent: Extent): Promise<void> {
  const bare: Measured = async () => {
    const floor = await barePath(receiver.port);
    try {
      return await deliveries(receiver, extent, process.pid, async ({ ids, rate }) => {
        const sent = new Map<string, bigint>();
        await paced(ids.length, rate ?? Number.POSITIVE_INFINITY, (n) => {
          sent.set(ids[n]!, process.hrtime.bigint());
          void floor.send(ids[n]!, n);
        });
        return sent;
      });
    } finally {
      await floor.close();
    }
  };
  const [bottom, ours] = await alternate(extent.rounds, [
    bare,
    () => deliveries(receiver, extent, pid, (order) => seller.send(order)),
  ]);
  console.log(`from MQTT to the receiver of a webhook, ${ENDPOINTS} numbers`);
  print('floor', bottom!);
  print('simbankd', ours!);
  ratio('to the floor', ours!, bottom!);
}

async function deliveries(
  receiver: Receiver,
  { seconds, burst }: Extent,
  pid: number,
  send: (order: Order) => Promise<Sent>,
): Promise<Figures> {
  const through = async (count: number, rate: number | null) => {
    const ids = Array.from({ length: count }, () => `evt_${ulid(Date.now())}`);
    const sent = await send({ ids, rate });
    while (!ids.every((id) => receiver.arrivals.has(id))) await sleep(10);
    return ids.map((id) => ({ from: sent.get(id)!, to: receiver.arrivals.get(id)! }));
  };
  // Connections.
  await through(4 * ENDPOINTS, RATES.messages);
  const times = (await through(RATES.messages * PATIENCE * seconds, RATES.messages)).map(
    ({ from, to }) => Number(to - from) / 1e6,
  );
  const cpu = cpuOf({ pid });
  const all = await through(burst, null);
  const last = all.reduce((latest, { to }) => (to > latest ? to : latest), 0n);
  receiver.arrivals.clear();
  return {
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    perSecond: burst / (Number(last - all[0]!.from) / 1e9),
    cpuUs: ((cpuOf({ pid }) - cpu) / burst) * 1e6,
  };
}

/* ------------------------------------------------------------------ rounds, and what is printed */

/** One after the other, round by round: the medians of each. */
async function alternate(rounds: number, subjects: readonly Measured[]): Promise<Figures[]> {
  const figures: Figures[][] = subjects.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, subject] of subjects.entries()) figures[i]!.push(await subject());
  }
  return figures.map(medians);
}

function print(what: string, { p50, p99, perSecond, cpuUs }: Figures): void {
  line(what, p50.toFixed(2), p99.toFixed(2), perSecond.toFixed(0), cpuUs.toFixed(0));
}

function ratio(what: string, to: Figures, of: Figures): void {
  const times = (key: keyof Figures): string => `${(to[key] / of[key]).toFixed(2)}×`;
  line(what, times('p50'), times('p99'), times('perSecond'), times('cpuUs'));
}

function line(what: string, p50: string, p99: string, perSecond: string, cpuUs: string): void {
  console.log(
    `  ${what.padEnd(36)}${p50.padStart(10)}${p99.padStart(9)}${perSecond.padStart(10)}${cpuUs.padStart(13)}`,
  );
}

function thousands(count: number): string {
  return count.toLocaleString('en');
}
