/** What the benches measure: a gateway, or its floor, as a process of its own, on emulated modems and a real mosquitto. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import { type EmulatedBank, startBank } from '../../src/emulator/bank.ts';
import { startMosquitto } from '../mosquitto.ts';

const ROOT = join(import.meta.dirname, '../..');

/** What the emulated identities follow from. */
export const SEED = 'bench';

export type Subject = 'floor' | 'simbankd';

export interface Pace {
  readonly perSecond: number;
  readonly seconds: number;
}

export interface Installation {
  readonly child: ChildProcess;
  readonly bank: EmulatedBank;
  /** The broker. */
  readonly url: string;
  /** TPDU → when it was at the subscriber, in ms of `performance.now()`. */
  readonly arrivals: Map<string, number>;
  /** From the start of the process until every modem was ready. */
  readonly readyMs: number;
  end(): Promise<void>;
}

/** Starts a subject on so many modems, and resolves when all of them are ready. */
export async function install(
  subject: Subject,
  modems: number,
  gateway: Record<string, unknown> = {},
): Promise<Installation> {
  const dir = mkdtempSync(join(tmpdir(), 'simbankd-bench-'));
  // As config/mosquitto.conf has it: otherwise every second small packet waits 40 ms for a TCP acknowledgement.
  // And without a limit for what the subscriber has not read yet: it shares its process with the modems, and by default the
  // broker throws away what is more than a thousand.
  const broker = await startMosquitto(['set_tcp_nodelay true', 'max_queued_messages 0']);
  const bank = await startBank({ modems, dir: join(dir, 'tty'), seed: SEED });
  const arrivals = new Map<string, number>();
  const ready = new Set<string>();
  const subscriber = await subscribe(broker.url, arrivals, ready);
  const started = performance.now();
  const child = subject === 'floor' ? startFloor(dir, broker.url) : startGateway(dir, broker.url, gateway);
  const end = async (): Promise<void> => {
    child.kill('SIGKILL');
    subscriber.end(true);
    await bank.close();
    await broker.remove();
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    if (subject === 'floor') await new Promise((resolve) => child.stdout?.once('data', resolve));
    else await until(() => ready.size >= modems, child);
    const readyMs = performance.now() - started;
    // What follows on readiness, a first listing for the most part, is not what is measured.
    await sleep(1_000);
    return { child, bank, url: broker.url, arrivals, readyMs, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Notes when each TPDU arrives: the floor publishes the PDU as it is, the gateway an event that holds it. */
async function subscribe(
  url: string,
  arrivals: Map<string, number>,
  ready: Set<string>,
): Promise<MqttClient> {
  const client = mqtt.connect(url, { protocolVersion: 5 });
  await new Promise((resolve) => client.once('connect', resolve));
  const topics = ['floor/message', 'simbank/+/events/sms.received', 'simbank/+/slots/+'];
  await client.subscribeAsync(topics, { qos: 1 });
  client.on('message', (topic, payload) => {
    const now = performance.now();
    if (topic === 'floor/message') {
      const pdu = payload.toString();
      arrivals.set(pdu.slice(2 + 2 * Number.parseInt(pdu.slice(0, 2), 16)), now);
    } else if (topic.includes('/slots/')) {
      if (payload.length > 0 && JSON.parse(payload.toString()).phase === 'ready') ready.add(topic);
      else ready.delete(topic);
    } else arrivals.set(JSON.parse(payload.toString()).data.pdus[0], now);
  });
  return client;
}

function startFloor(dir: string, url: string): ChildProcess {
  const args = [join(import.meta.dirname, 'floor.ts'), join(dir, 'tty'), url, join(dir, 'journal')];
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
}

function startGateway(dir: string, url: string, gateway: Record<string, unknown>): ChildProcess {
  const config = join(dir, 'gateway.yaml');
  const content = {
    gateway: { id: 'bench', dataDir: join(dir, 'data'), ports: [join(dir, 'tty', 'modem-*')], ...gateway },
    mqtt: { url },
    // As the floor: what the broker has is done with.
    uplink: { confirm: 'broker' },
    status: { listen: '127.0.0.1:0' },
    log: { level: process.env.BENCH_LOG ?? 'error' },
  };
  writeFileSync(config, JSON.stringify(content));
  const args = [join(ROOT, 'src/main.ts'), 'gateway', '--config', config];
  return spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
}

async function until(test: () => boolean, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + 180_000;
  while (!test()) {
    if (child.exitCode !== null) throw new Error(`the gateway ended with ${child.exitCode}`);
    if (performance.now() > deadline) throw new Error('not every modem was ready within three minutes');
    await sleep(20);
  }
}

/** Delivers at a pace, over all modems but those `spared` in turn: ms from delivery to arrival of each. */
export async function pacedRun(
  { bank, arrivals }: Installation,
  { perSecond, seconds }: Pace,
  spared: ReadonlySet<number> = new Set(),
): Promise<number[]> {
  const modems = bank.modems.filter(({ index }) => !spared.has(index));
  const sent = new Map<string, number>();
  const start = performance.now();
  for (let i = 0; i < perSecond * seconds; i++) {
    const due = start + (i * 1_000) / perSecond;
    while (performance.now() < due) await sleep(Math.max(0, due - performance.now()));
    deliver(modems, sent);
  }
  await allOf(sent, arrivals);
  return [...sent].map(([tpdu, at]) => arrivals.get(tpdu)! - at);
}

/** Delivers `each` messages to every modem at once, and waits until all are through. */
export async function burstRun({ bank, arrivals }: Installation, each: number) {
  const sent = new Map<string, number>();
  const count = bank.modems.length * each;
  const start = performance.now();
  for (let i = 0; i < count; i++) deliver(bank.modems, sent);
  await allOf(sent, arrivals);
  const last = Math.max(...[...sent.keys()].map((tpdu) => arrivals.get(tpdu)!));
  return { count, perSecond: count / ((last - start) / 1_000) };
}

let delivered = 0;

function deliver(modems: EmulatedBank['modems'], sent: Map<string, number>): void {
  const i = delivered++;
  const modem = modems[i % modems.length]!;
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
export function cpuOf(child: { readonly pid?: number | undefined }): number {
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

export function rssOf(child: ChildProcess): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1_024;
}

export function quantile(numbers: readonly number[], q: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
