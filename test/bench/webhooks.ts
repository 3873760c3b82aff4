/**
 * Webhooks beside their floor, in the same run: the bare libraries that do the same with nothing that would be there after a
 * crash. Rounds alternate, medians are shown, and what counts is the ratio; the disk's own time is told too, for two commits lie
 * between a message and its webhook.
 *
 * `node runtime/launch.js node test/bench/webhooks.ts`
 */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { ulid } from '../../src/protocol/ulid.ts';
import { quantile } from './subject.ts';
import { type Receiver, startReceiver } from './webhooks/receiver.ts';
import { bare, barePath, ENDPOINTS, path, queue, type Subject } from './webhooks/subjects.ts';

const ROUNDS = 3;
const BURST = 4_000;
const PACE = { perSecond: 200, seconds: 5 };

interface Figures {
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
  readonly cpuUs: number;
}

/** Prints latency at an even pace, then the rate of a burst. */
export async function printWebhooks(): Promise<void> {
  const receiver = await startReceiver();
  console.log(
    `webhooks: ${PACE.perSecond}/s for ${PACE.seconds} s (p50, p99), then ${BURST} at once; ${ENDPOINTS} endpoints, ${ROUNDS} rounds, medians`,
  );
  console.log(`a commit of this disk: ${disk()}\n`);
  console.log('                                 p50 ms   p99 ms   burst/s  CPU µs each');
  await compare('from the store to the receiver', receiver, bare, queue);
  await compare('from MQTT to the receiver', receiver, barePath, path);
  receiver.process.disconnect();
}

type Start = (port: number) => Subject | Promise<Subject>;

async function compare(what: string, receiver: Receiver, floor: Start, ours: Start): Promise<void> {
  const rounds: [Figures[], Figures[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [i, start] of [floor, ours].entries()) {
      rounds[i]!.push(await measure(await start(receiver.port), receiver));
    }
  }
  const [bottom, top] = [medians(rounds[0]), medians(rounds[1])];
  const ratio = (key: keyof Figures): string => `${(top[key] / bottom[key]).toFixed(1)}×`;
  console.log(what);
  print('  floor', bottom);
  print('  simbankd', top);
  console.log(
    `${'  ratio'.padEnd(30)}${ratio('p50').padStart(9)} ${ratio('p99').padStart(8)} ` +
      `${ratio('perSecond').padStart(9)} ${ratio('cpuUs').padStart(12)}\n`,
  );
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
  receiver.arrivals.clear();
  return {
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    perSecond: BURST / (Number(last - begun) / 1e9),
    cpuUs: (user + system) / BURST,
  };
}

/** 4 kB appended and synced, as often as it takes to be sure. */
function disk(): string {
  const dir = mkdtempSync(join(tmpdir(), 'simbankd-bench-'));
  const file = openSync(join(dir, 'journal'), 'a');
  const page = Buffer.alloc(4_096);
  const times = Array.from({ length: 300 }, () => {
    const start = performance.now();
    writeSync(file, page);
    fdatasyncSync(file);
    return performance.now() - start;
  });
  closeSync(file);
  rmSync(dir, { recursive: true });
  return `p50 ${quantile(times, 0.5).toFixed(2)} ms, p99 ${quantile(times, 0.99).toFixed(2)} ms`;
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
    `${subject.padEnd(30)}${f.p50.toFixed(2).padStart(9)} ${f.p99.toFixed(2).padStart(8)} ` +
      `${f.perSecond.toFixed(0).padStart(9)} ${f.cpuUs.toFixed(0).padStart(12)}`,
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await printWebhooks();
  process.exit(0);
}
