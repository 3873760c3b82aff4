/**
 * `npm run bench [-- --modems 8,64,256 --rounds 3 --seconds 5]`: the gateway beside its floor, in the same run.
 *
 * Emulated modems on real ptys, a real mosquitto, the gateway as a process of its own. ptys stand for modems: none of
 * this is modem time or radio time. Shared machines are noisy: rounds alternate, medians are shown, and what counts is
 * the ratio.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import mqtt, { type MqttClient } from 'mqtt';
import { type EmulatedBank, startBank } from '../../src/emulator/bank.ts';
import { startMosquitto } from '../mosquitto.ts';
import { pathOf } from '../programs.ts';
import { printDecode } from './decode.ts';

const { values } = parseArgs({
  options: {
    modems: { type: 'string', default: '8,64,256' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
    rate: { type: 'string', default: '200' },
  },
});
const ROUNDS = Number(values.rounds);
const SECONDS = Number(values.seconds);
const RATE = Number(values.rate);
const ROOT = join(import.meta.dirname, '../..');

interface Figures {
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
  readonly cpuUs: number;
  readonly rssMb: number;
}
type Subject = 'floor' | 'simbankd';

if (pathOf('mosquitto') === null) {
  console.error('the bench needs mosquitto (Debian: apt-get install mosquitto)');
  process.exit(1);
}
console.log(
  `modem to subscriber: ${RATE} messages/s for ${SECONDS} s over all modems (p50, p99), then a burst; ${ROUNDS} rounds, medians\n`,
);
console.log('modems  subject    p50 ms   p99 ms  burst msg/s  CPU µs/msg  RSS MB');
for (const modems of values.modems.split(',').map(Number)) {
  const rounds: Record<Subject, Figures[]> = { floor: [], simbankd: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const subject of ['floor', 'simbankd'] as const)
      rounds[subject].push(await measure(subject, modems));
  }
  const [floor, ours] = [summary(rounds.floor), summary(rounds.simbankd)];
  print(modems, 'floor', floor);
  print(modems, 'simbankd', ours);
  const ratio = (key: keyof Figures): string => `${(ours[key] / floor[key]).toFixed(2)}×`;
  console.log(
    `${' '.repeat(8)}${'ratio'.padEnd(9)}${ratio('p50').padStart(8)} ${ratio('p99').padStart(8)} ` +
      `${ratio('perSecond').padStart(12)} ${ratio('cpuUs').padStart(11)} ${ratio('rssMb').padStart(7)}\n`,
  );
}
await printDecode();
process.exit(0);

/** One life of a subject: start, paced messages, a burst, end. */
async function measure(subject: Subject, modems: number): Promise<Figures> {
  const dir = mkdtempSync(join(tmpdir(), 'simbankd-bench-'));
  // As config/mosquitto.conf has it: otherwise every second small packet waits 40 ms for a TCP acknowledgement.
  const broker = await startMosquitto(['set_tcp_nodelay true']);
  const bank = await startBank({ modems, dir: join(dir, 'tty'), seed: 'bench' });
  const arrivals = new Map<string, number>();
  const subscriber = await subscribe(broker.url, arrivals);
  const child = subject === 'floor' ? startFloor(dir, broker.url) : startGateway(dir, broker.url);
  try {
    await ready(subject, child, bank);
    const paced = await pacedRun(bank, arrivals);
    const cpuBefore = cpuOf(child);
    const burst = await burstRun(bank, arrivals);
    return {
      p50: quantile(paced, 0.5),
      p99: quantile(paced, 0.99),
      perSecond: burst.perSecond,
      cpuUs: ((cpuOf(child) - cpuBefore) / burst.count) * 1e6,
      rssMb: rssOf(child),
    };
  } finally {
    child.kill('SIGKILL');
    subscriber.end(true);
    await bank.close();
    await broker.remove();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Notes when each TPDU arrives: the floor publishes the PDU as it is, the gateway an event that holds it. */
async function subscribe(url: string, arrivals: Map<string, number>): Promise<MqttClient> {
  const client = mqtt.connect(url, { protocolVersion: 5 });
  await new Promise((resolve) => client.once('connect', resolve));
  await client.subscribeAsync(['floor/message', 'simbank/+/events/sms.received'], { qos: 1 });
  client.on('message', (topic, payload) => {
    const now = performance.now();
    if (topic === 'floor/message') {
      const pdu = payload.toString();
      arrivals.set(pdu.slice(2 + 2 * Number.parseInt(pdu.slice(0, 2), 16)), now);
    } else arrivals.set(JSON.parse(payload.toString()).data.pdus[0], now);
  });
  return client;
}

function startFloor(dir: string, url: string): ChildProcess {
  const args = [join(import.meta.dirname, 'floor.ts'), join(dir, 'tty'), url, join(dir, 'journal')];
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
}

function startGateway(dir: string, url: string): ChildProcess {
  const config = join(dir, 'gateway.yaml');
  const content = {
    gateway: { id: 'bench', dataDir: join(dir, 'data'), ports: [join(dir, 'tty', 'modem-*')] },
    mqtt: { url },
    // As the floor: what the broker has is done with.
    uplink: { confirm: 'broker' },
    status: { listen: '127.0.0.1:0' },
    log: { level: 'warn' },
  };
  writeFileSync(config, JSON.stringify(content));
  const args = [join(ROOT, 'src/main.ts'), 'gateway', '--config', config];
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function ready(subject: Subject, child: ChildProcess, bank: EmulatedBank): Promise<void> {
  if (subject === 'floor') {
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    return;
  }
  // Ready when every modem was asked for its messages and stays quiet for a while.
  const commands = (): number => bank.modems.reduce((sum, modem) => sum + modem.counters().commands, 0);
  for (let last = -1; ; ) {
    await sleep(700);
    if (child.exitCode !== null) throw new Error(`the gateway ended with ${child.exitCode}`);
    const now = commands();
    if (now === last && now > 15 * bank.modems.length) return;
    last = now;
  }
}

async function pacedRun(bank: EmulatedBank, arrivals: Map<string, number>): Promise<number[]> {
  const sent = new Map<string, number>();
  const total = RATE * SECONDS;
  const start = performance.now();
  for (let i = 0; i < total; i++) {
    const due = start + (i * 1_000) / RATE;
    while (performance.now() < due) await sleep(Math.max(0, due - performance.now()));
    deliver(bank, i, sent);
  }
  await allOf(sent, arrivals);
  return [...sent].map(([tpdu, at]) => arrivals.get(tpdu)! - at);
}

async function burstRun(bank: EmulatedBank, arrivals: Map<string, number>) {
  const sent = new Map<string, number>();
  const count = bank.modems.length * Math.max(10, Math.ceil(4_000 / bank.modems.length));
  const start = performance.now();
  for (let i = 0; i < count; i++) deliver(bank, 1_000_000 + i, sent);
  await allOf(sent, arrivals);
  const last = Math.max(...[...sent.keys()].map((tpdu) => arrivals.get(tpdu)!));
  return { count, perSecond: count / ((last - start) / 1_000) };
}

function deliver(bank: EmulatedBank, i: number, sent: Map<string, number>): void {
  const modem = bank.modems[i % bank.modems.length]!;
  const at = performance.now();
  const { tpdus } = modem.deliverText({ from: '72941', text: `Acme: ${i} is your code. Do not share it.` });
  sent.set(tpdus[0]!, at);
}

async function allOf(sent: Map<string, number>, arrivals: Map<string, number>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (![...sent.keys()].every((tpdu) => arrivals.has(tpdu))) {
    if (performance.now() > deadline) {
      const missing = [...sent.keys()].filter((tpdu) => !arrivals.has(tpdu)).length;
      throw new Error(`${missing} of ${sent.size} messages did not arrive within a minute`);
    }
    await sleep(20);
  }
}

/** Seconds of processor time, of the process and all its threads. */
function cpuOf(child: ChildProcess): number {
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function rssOf(child: ChildProcess): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1_024;
}

function summary(rounds: readonly Figures[]): Figures {
  const median = (key: keyof Figures): number =>
    quantile(
      rounds.map((round) => round[key]),
      0.5,
    );
  return {
    p50: median('p50'),
    p99: median('p99'),
    perSecond: median('perSecond'),
    cpuUs: median('cpuUs'),
    rssMb: median('rssMb'),
  };
}

function quantile(numbers: readonly number[], q: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

function print(modems: number, subject: Subject, f: Figures): void {
  console.log(
    `${String(modems).padStart(6)}  ${subject.padEnd(9)}${f.p50.toFixed(2).padStart(8)} ${f.p99.toFixed(2).padStart(8)} ` +
      `${f.perSecond.toFixed(0).padStart(12)} ${f.cpuUs.toFixed(0).padStart(11)} ${f.rssMb.toFixed(0).padStart(7)}`,
  );
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
