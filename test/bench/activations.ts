/**
 * `npm run bench -- activations [--modems 512 --count 5000 --rate 200]`: what a hub waits for an activation.
 *
 * One gateway process, emulated modems, a real mosquitto. At the given rate activations are opened; each SIM gets its
 * message, and what was matched is closed: so messages flow all the while. From the publication of `activation.open` to
 * its reply, beside the floors of the same run: a request that a bare MQTT client answers at once, at the same rate and
 * through the same broker, and one that it answers when a line of its own is on the disk.
 */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import mqtt, { type MqttClient } from 'mqtt';
import { simIdentityOf } from '../../src/emulator/identity.ts';
import { sendAtOnce } from '../../src/mqtt-options.ts';
import { ulid } from '../../src/protocol/ulid.ts';
import { cpuOf, install, quantile, rssOf, SEED, sleep } from './subject.ts';

/** From the thread that asks to the one that holds the modems. */
interface Delivery {
  readonly iccid: string;
  readonly from: string;
  readonly text: string;
}
interface Figures {
  readonly opened: number[];
  readonly closed: number[];
  readonly matched: number[];
  readonly bare: number[];
  readonly synced: number[];
  readonly refused: number;
  readonly seconds: number;
  /** Processor time of the gateway while it was measured. */
  readonly cpu: number;
}
interface Task {
  readonly url: string;
  readonly modems: number;
  readonly count: number;
  readonly rate: number;
  readonly pid: number;
}

/* ------------------------------------------------------------------ the modems, and what is printed */

export async function printActivations(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      modems: { type: 'string', default: '512' },
      count: { type: 'string', default: '5000' },
      rate: { type: 'string', default: '200' },
    },
  });
  const [modems, count, rate] = [values.modems, values.count, values.rate].map(Number) as [
    number,
    number,
    number,
  ];
  console.log(`${count} activations on ${modems} SIMs, opened, matched and closed at ${rate}/s\n`);
  const dir = mkdtempSync(join(tmpdir(), 'simbankd-bench-'));
  const numbers = join(dir, 'numbers.csv');
  const sims = Array.from({ length: modems }, (_, n) => simIdentityOf(SEED, n));
  writeFileSync(numbers, sims.map(({ iccid, msisdn }) => `${iccid},${msisdn},US\n`).join(''));
  const installed = await install('simbankd', modems, { numbers });
  try {
    const cards = new Map(installed.bank.modems.map((modem) => [modem.sim!.iccid, modem]));
    const task: Task = { url: installed.url, modems, count, rate, pid: installed.child.pid! };
    const figures = await new Promise<Figures>((resolve, reject) => {
      // A thread of its own: who asks must not wait for the modems of this one.
      const desk = new Worker(new URL(import.meta.url), { workerData: task });
      desk.once('error', reject);
      desk.on('message', (message: Delivery | Figures) => {
        if ('iccid' in message) cards.get(message.iccid)!.deliverText(message);
        else resolve(message);
      });
    });
    console.log('                            p50 ms   p99 ms');
    line('a bare request and reply', figures.bare);
    line('and a line on disk', figures.synced);
    line('activation.open to reply', figures.opened);
    line('activation.close to reply', figures.closed);
    line('from the air to its match', figures.matched);
    const per = (n: number): string => (n / figures.seconds).toFixed(0);
    console.log(`\n${per(2 * count)} requests/s, ${per(count)} messages/s; ${figures.refused} refused`);
    const cpu = (100 * figures.cpu) / figures.seconds;
    console.log(
      `gateway: ${cpu.toFixed(0)} % of one core, ${rssOf(installed.child).toFixed(0)} MB RSS after it`,
    );
  } finally {
    await installed.end();
    rmSync(dir, { recursive: true, force: true });
  }
}

function line(what: string, times: readonly number[]): void {
  const figure = (q: number): string => quantile(times, q).toFixed(2).padStart(9);
  console.log(`${what.padEnd(25)}${figure(0.5)}${figure(0.99)}`);
}

/* ------------------------------------------------------------------ who asks */

async function ask(
  { url, modems, count, rate, pid }: Task,
  deliver: (one: Delivery) => void,
): Promise<Figures> {
  const desk = await Desk.connect(url);
  await allServe(desk, modems);
  const some = Math.min(count, 5 * rate);
  const bare = await bareRequests(url, some, rate, () => {});
  const file = openSync(`${tmpdir()}/simbankd-bench-${pid}`, 'a');
  const synced = await bareRequests(url, some, rate, () => {
    writeSync(file, '.'.repeat(200));
    fdatasyncSync(file);
  });
  closeSync(file);
  rmSync(`${tmpdir()}/simbankd-bench-${pid}`);
  const cpuBefore = cpuOf({ pid });
  const [opened, closed, matched]: [number[], number[], number[]] = [[], [], []];
  let refused = 0;
  const serve = async (n: number): Promise<void> => {
    const activationId = ulid(Date.now());
    const from = `Sender${n}`;
    const activations = [{ activationId, service: `service-${n % 40}`, match: { senders: [from] } }];
    const open = await desk.request('activation.open', { activations, mode: 'single', ttlSeconds: 600 });
    opened.push(open.ms);
    if (!open.ok) {
      refused += 1;
      return;
    }
    const at = performance.now();
    deliver({ iccid: String(open.result?.iccid), from, text: `${100_000 + n} is your code` });
    matched.push((await desk.matched(activationId)) - at);
    const close = await desk.request('activation.close', { activationId, reason: 'cancelled' });
    closed.push(close.ms);
  };
  const started = performance.now();
  const all: Promise<void>[] = [];
  await paced(count, rate, (n) => all.push(serve(n)));
  await Promise.all(all);
  const seconds = (performance.now() - started) / 1_000;
  desk.client.end(true);
  return { opened, closed, matched, bare, synced, refused, seconds, cpu: cpuOf({ pid }) - cpuBefore };
}

async function paced(count: number, rate: number, act: (n: number) => void): Promise<void> {
  const started = performance.now();
  for (let n = 0; n < count; n++) {
    const due = started + (n * 1_000) / rate;
    while (performance.now() < due) await sleep(Math.max(0, due - performance.now()));
    act(n);
  }
}

/** Resolves when every SIM was swept since it became ready: as many were opened at once, each on its own. */
async function allServe(desk: Desk, modems: number): Promise<void> {
  for (;;) {
    const ids = Array.from({ length: modems }, () => ulid(Date.now()));
    const replies = await Promise.all(
      ids.map((activationId) => {
        const activations = [{ activationId, service: 'probe' }];
        return desk.request('activation.open', { activations, mode: 'single', ttlSeconds: 600 });
      }),
    );
    await Promise.all(
      ids.map((activationId) => desk.request('activation.close', { activationId, reason: 'cancelled' })),
    );
    if (replies.every(({ ok }) => ok)) return;
    await sleep(1_000);
  }
}

/** A request to a bare client and its answer, at the same pace: what the broker and two sockets cost, and what `work` does. */
async function bareRequests(url: string, count: number, rate: number, work: () => void): Promise<number[]> {
  const responder = await mqtt.connectAsync(url, { protocolVersion: 5 });
  const asker = await mqtt.connectAsync(url, { protocolVersion: 5 });
  for (const client of [responder, asker]) sendAtOnce(client.stream);
  await responder.subscribeAsync('floor/commands', { qos: 1 });
  await asker.subscribeAsync('floor/replies', { qos: 1 });
  responder.on('message', (_topic, payload) => {
    work();
    responder.publish('floor/replies', payload, { qos: 1 });
  });
  const times: number[] = [];
  asker.on('message', (_topic, payload) => times.push(performance.now() - Number(payload.toString())));
  await paced(count, rate, () => {
    asker.publish('floor/commands', String(performance.now()), { qos: 1 });
  });
  while (times.length < count) await sleep(10);
  asker.end(true);
  responder.end(true);
  return times;
}

interface Answer {
  readonly ok: boolean;
  readonly result?: Record<string, unknown>;
}

/** A hub's side: asks, and notes when it is answered and when something was matched. */
class Desk {
  readonly client: MqttClient;
  readonly #waiting = new Map<string, (reply: Answer) => void>();
  readonly #matches = new Map<string, (at: number) => void>();
  readonly #matched = new Map<string, number>();

  private constructor(client: MqttClient) {
    this.client = client;
    client.on('message', (topic, payload) => {
      const now = performance.now();
      const data = JSON.parse(payload.toString());
      if (topic.endsWith('/replies')) {
        this.#waiting.get(data.id)?.(data);
        this.#waiting.delete(data.id);
      } else {
        const id: string = data.data.activationId;
        this.#matched.set(id, now);
        this.#matches.get(id)?.(now);
      }
    });
  }

  static async connect(url: string): Promise<Desk> {
    const client = await mqtt.connectAsync(url, { protocolVersion: 5 });
    sendAtOnce(client.stream);
    await client.subscribeAsync(['simbank/bench/replies', 'simbank/bench/events/activation.matched'], {
      qos: 1,
    });
    return new Desk(client);
  }

  async request(name: string, args: unknown): Promise<Answer & { ms: number }> {
    const id = ulid(Date.now());
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    const at = performance.now();
    const reply = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    const command = JSON.stringify({ v: 1, id, name, args, expiresAt });
    this.client.publish('simbank/bench/commands', command, { qos: 1 });
    const answer = await reply;
    return { ...answer, ms: performance.now() - at };
  }

  matched(activationId: string): Promise<number> {
    const before = this.#matched.get(activationId);
    if (before !== undefined) return Promise.resolve(before);
    return new Promise((resolve) => this.#matches.set(activationId, resolve));
  }
}

if (!isMainThread) {
  const figures = await ask(workerData as Task, (one) => parentPort?.postMessage(one));
  parentPort?.postMessage(figures);
}
