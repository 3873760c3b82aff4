/**
 * Webhooks beside their floor, in the same run: the same POSTs, signed and sent by bare undici, with nothing that would be there
 * after a crash. The receiver is a process of its own; its moments and ours are of one clock (CLOCK_MONOTONIC).
 *
 * `node runtime/launch.js node test/bench/webhooks.ts`
 */
import { type ChildProcess, fork } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { pino } from 'pino';
import { Agent, request } from 'undici';
import { newWebhookSecret } from '../../src/hub/secrets.ts';
import { openStore } from '../../src/hub/store/store.ts';
import { Deliverer } from '../../src/hub/webhooks/deliverer.ts';
import { ulid } from '../../src/protocol/ulid.ts';
import { quantile } from './subject.ts';

const SELF = fileURLToPath(import.meta.url);
const ROUNDS = 3;
const BURST = 4_000;
const ENDPOINTS = 16;
const PACE = { perSecond: 200, seconds: 5 };

interface Subject {
  /** Writes, signs and sends one; its id is what the receiver reads in `webhook-id`. */
  send(id: string, n: number): Promise<void>;
  close(): Promise<void>;
}

interface Figures {
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
  readonly cpuUs: number;
}

/** Prints latency at an even pace, then the rate of a burst; medians of a few rounds. */
export async function printWebhooks(): Promise<void> {
  const receiver = await startReceiver();
  console.log(
    `webhooks: ${PACE.perSecond}/s for ${PACE.seconds} s, from asking the store to the receiver (p50, p99), then ${BURST} at once; ` +
      `${ENDPOINTS} endpoints, ${ROUNDS} rounds, medians\n`,
  );
  console.log('subject     p50 ms   p99 ms   burst/s  CPU µs each');
  const rounds: Record<'floor' | 'simbankd', Figures[]> = { floor: [], simbankd: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    rounds.floor.push(await measure(bare(receiver.port), receiver));
    rounds.simbankd.push(await measure(await hub(receiver.port), receiver));
  }
  const [floor, ours] = [medians(rounds.floor), medians(rounds.simbankd)];
  print('floor', floor);
  print('simbankd', ours);
  const ratio = (key: keyof Figures): string => `${(ours[key] / floor[key]).toFixed(2)}×`;
  console.log(
    `${'ratio'.padEnd(9)}${ratio('p50').padStart(9)} ${ratio('p99').padStart(8)} ` +
      `${ratio('perSecond').padStart(9)} ${ratio('cpuUs').padStart(12)}\n`,
  );
  receiver.process.disconnect();
}

async function measure(subject: Subject, receiver: Receiver): Promise<Figures> {
  const sent = new Map<string, bigint>();
  const send = (n: number): Promise<void> => {
    const id = `evt_${ulid(Date.now())}`;
    sent.set(id, process.hrtime.bigint());
    return subject.send(id, n);
  };
  const arrived = async () => {
    const missing = new Set(sent.keys());
    for (; missing.size > 0; await sleep(5)) {
      for (const id of missing) {
        // In the order in which they were sent, nearly: the first that is missing ends the look.
        if (!receiver.arrivals.has(id)) break;
        missing.delete(id);
      }
    }
  };
  // Connections, and the first pages of a new database.
  for (let n = 0; n < 4 * ENDPOINTS; n += 1) await send(n);
  await arrived();
  sent.clear();

  const start = performance.now();
  const asked: Promise<void>[] = [];
  for (let n = 0; n < PACE.perSecond * PACE.seconds; n += 1) {
    const wait = start + (n * 1_000) / PACE.perSecond - performance.now();
    if (wait > 0) await sleep(wait);
    asked.push(send(n));
  }
  await Promise.all(asked);
  await arrived();
  const latencies = [...sent].map(([id, at]) => Number(receiver.arrivals.get(id)! - at) / 1e6);
  sent.clear();

  const cpu = process.cpuUsage();
  const begun = process.hrtime.bigint();
  await Promise.all(Array.from({ length: BURST }, (_, n) => send(n)));
  await arrived();
  const last = [...sent.keys()].map((id) => receiver.arrivals.get(id)!).reduce((a, b) => (a > b ? a : b));
  const { user, system } = process.cpuUsage(cpu);
  await subject.close();
  return {
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    perSecond: BURST / (Number(last - begun) / 1e9),
    cpuUs: (user + system) / BURST,
  };
}

/** HMAC and POST, as many at once as the hub has open at its endpoints. */
function bare(port: number): Subject {
  const dispatcher = new Agent({ connections: 4 * ENDPOINTS });
  const key = Buffer.from(newWebhookSecret().slice(6), 'base64');
  return {
    async send(id, n) {
      const body = JSON.stringify({
        type: 'endpoint.test',
        timestamp: new Date().toISOString(),
        data: { n },
      });
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

/** The store in its worker, and the deliverer on it: event and delivery committed, claimed, sent, logged. */
async function hub(port: number): Promise<Subject> {
  const dir = mkdtempSync(join(tmpdir(), 'simbankd-bench-'));
  const store = await openStore({ database: `sqlite:${join(dir, 'hub.db')}` });
  const account = 'acc_1';
  const now = () => new Date().toISOString();
  await store.verbs.createAccount({
    id: account,
    name: 'bench',
    secret: { id: 'whs_1', value: newWebhookSecret() },
    now: now(),
  });
  for (let i = 0; i < ENDPOINTS; i += 1) {
    await store.verbs.createEndpoint({
      id: `we_${i}`,
      account,
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
  const policy = { allowHttp: true, allowPrivate: true, ports: [port] };
  const deliverer = new Deliverer({ store, log: pino({ level: 'warn' }), policy });
  deliverer.start();
  return {
    async send(id, n) {
      const endpoint = `we_${n % ENDPOINTS}`;
      const delivery = `del_${ulid(Date.now())}`;
      await store.verbs.testEndpoint({ endpoint, account, event: id, delivery, now: now() });
      deliverer.wake();
    },
    async close() {
      await deliverer.stop();
      await store.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

interface Receiver {
  readonly process: ChildProcess;
  readonly port: number;
  readonly arrivals: Map<string, bigint>;
}

async function startReceiver(): Promise<Receiver> {
  const child = fork(SELF, ['receive'], { serialization: 'advanced' });
  const [port] = (await once(child, 'message')) as [number];
  const arrivals = new Map<string, bigint>();
  child.on('message', (batch: [string, bigint][]) => {
    for (const [id, at] of batch) arrivals.set(id, at);
  });
  return { process: child, port, arrivals };
}

/** The receiver's process: answers 200 and tells when what came. */
function receive(): void {
  let batch: [string, bigint][] = [];
  const server = createServer((incoming, response) => {
    batch.push([String(incoming.headers['webhook-id']), process.hrtime.bigint()]);
    incoming.resume().on('end', () => response.end());
  });
  server.listen(0, '127.0.0.1', () => process.send!((server.address() as AddressInfo).port));
  setInterval(() => {
    if (batch.length > 0) process.send!(batch);
    batch = [];
  }, 5);
  process.on('disconnect', () => process.exit(0));
}

function medians(rounds: readonly Figures[]): Figures {
  const median = (key: keyof Figures): number =>
    quantile(
      rounds.map((round) => round[key]),
      0.5,
    );
  return { p50: median('p50'), p99: median('p99'), perSecond: median('perSecond'), cpuUs: median('cpuUs') };
}

function print(subject: string, f: Figures): void {
  console.log(
    `${subject.padEnd(9)}${f.p50.toFixed(2).padStart(9)} ${f.p99.toFixed(2).padStart(8)} ` +
      `${f.perSecond.toFixed(0).padStart(9)} ${f.cpuUs.toFixed(0).padStart(12)}`,
  );
}

if (process.argv[2] === 'receive') receive();
else if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await printWebhooks();
  process.exit(0);
}
