/**
 * A seeded storm: messages arrive, while gateway, broker and hub are killed in any mix, modems restart and vanish, and
 * SIMs change places. Afterwards invariants are checked, not sequences.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { type EmulatedBank, type EmulatedModem, startBank } from '../../src/emulator/bank.ts';
import { type Mosquitto, startMosquitto } from '../mosquitto.ts';
import { Customer, configFile, eventually, type PolledMessage, Program } from '../rig.ts';

export interface StormOptions {
  readonly seed: number;
  readonly modems: number;
  readonly messages: number;
  readonly kills: number;
  readonly dir: string;
  /** One line a step, for whoever watches. */
  readonly tell?: (line: string) => void;
}

export interface StormReport {
  readonly sent: number;
  readonly kills: Record<'gateway' | 'broker' | 'hub', number>;
  readonly swaps: number;
  readonly reboots: number;
  readonly unplugs: number;
  readonly seconds: number;
  readonly doubtful: number;
  readonly events: number;
  readonly epochs: number;
  /** Empty when every invariant holds. */
  readonly violations: readonly string[];
}

/** What is drawn in a step, and how often. */
const STEPS = [
  ['gateway', 40],
  ['broker', 15],
  ['hub', 15],
  ['gateway+broker', 10],
  ['gateway+hub', 10],
  ['gateway+broker+hub', 10],
] as const;

/** Mulberry32: small, seeded, the same everywhere. */
function draws(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export async function storm(options: StormOptions): Promise<StormReport> {
  const { dir, kills, tell = () => {} } = options;
  const started = Date.now();
  const random = draws(options.seed);
  const below = (n: number): number => Math.floor(random() * n);

  // The broker as Debian ships it: queue limits of its own, nothing kept over a kill.
  const mosquitto = await startMosquitto();
  // Half of the modems receive into their own memory until they are told otherwise.
  const persona = 'generic,quectel-ec25';
  const bank = await startBank({
    modems: options.modems,
    dir: join(dir, 'tty'),
    seed: String(options.seed),
    persona,
  });
  const config = configFile({
    dir,
    url: mosquitto.url,
    ports: [join(dir, 'tty/modem-*')],
    gateway: { sweepSeconds: 10 },
  });
  const gateway = new Program('gateway', '--config', config);
  const hub = new Program('hub', '--config', config);
  const sent = new Map<string, Sent>();
  const report = { kills: { gateway: 0, broker: 0, hub: 0 }, swaps: 0, reboots: 0, unplugs: 0 };
  try {
    hub.start();
    gateway.start();
    await eventually(
      () => hub.output.includes('shown only this once'),
      () => hub.output,
    );
    const key = /only this once: (\S+)/.exec(hub.output)?.[1] ?? '';

    for (let done = 0, step = 0; done < kills; step++) {
      const until = Math.round((options.messages * (done + 1)) / kills);
      while (sent.size < until) deliver(bank, sent, below);
      report.swaps += below(10) === 0 ? await swap(bank, below) : 0;
      report.reboots += below(10) === 0 ? reboot(bank, below) : 0;
      report.unplugs += below(20) === 0 ? unplug(bank, below) : 0;

      const what = weighted(below);
      await sleep(below(600));
      const victims = { gateway, broker: mosquitto, hub };
      const names = what.split('+') as (keyof typeof victims)[];
      await Promise.all(names.map((name) => kill(victims[name])));
      for (const name of names) report.kills[name] += 1;
      done += names.length;
      await sleep(below(200));
      // In any order: who comes back first is part of the mix.
      for (const name of names.sort(() => random() - 0.5)) await victims[name].start();
      await sleep(200 + below(1_200));
      if (step % 20 === 0)
        tell(`${done} kills, ${sent.size} messages, ${left(bank)} still on cards or in the air`);
    }
    while (sent.size < options.messages) deliver(bank, sent, below);
    for (const modem of bank.modems) if (!modem.plugged) await modem.replug();

    tell('the storm is over; waiting for everything to settle');
    const address = (): string => [...hub.output.matchAll(/listens on (\S+)/g)].at(-1)?.[1] ?? '';
    const numbers = bank.modems.map((modem) => modem.sim!.iccid);
    const polled = async (): Promise<[string, PolledMessage][]> => {
      const customer = new Customer(address(), key);
      const lists = await Promise.all(
        numbers.map(async (iccid) =>
          (await customer.messages(iccid)).map((m) => [iccid, m] as [string, PolledMessage]),
        ),
      );
      return lists.flat();
    };
    const settled = async (): Promise<boolean> => {
      try {
        return left(bank) === 0 && new Set((await polled()).map(([, { text }]) => text)).size >= sent.size;
      } catch {
        return false;
      }
    };
    let patience = '';
    await eventually(settled, () => left(bank), 180_000).catch((error) => {
      patience = String(error);
    });
    const messages = await polled();
    const rows = eventsOf(join(dir, 'hub', 'hub.db'));
    const violations = [
      ...(patience === '' ? [] : [`not settled: ${patience}`, gateway.output.slice(-2_000)]),
      ...check(sent, messages),
      ...checkNumbers(rows),
      ...(left(bank) === 0 ? [] : [`${left(bank)} TPDUs are still on cards or in the air`]),
    ];
    return {
      ...report,
      sent: sent.size,
      seconds: Math.round((Date.now() - started) / 1_000),
      doubtful: messages.filter(([, { attribution }]) => attribution === 'doubtful').length,
      events: rows.length,
      epochs: new Set(rows.map(({ epoch }) => epoch)).size,
      violations,
    };
  } finally {
    await Promise.all([gateway.end(), hub.end()]);
    await bank.close();
    await mosquitto.remove();
  }
}

interface Sent {
  readonly iccid: string;
  readonly from: string;
}

const SENDERS = ['72941', 'Northbank', '+12025550143', '40404'];

function deliver(bank: EmulatedBank, sent: Map<string, Sent>, below: (n: number) => number): void {
  const modem = bank.modems[below(bank.modems.length)]!;
  const from = SENDERS[below(SENDERS.length)]!;
  const n = sent.size;
  // Long ones only where the card itself receives: parts of one message in the memories of two modems belong to nobody.
  const long = modem.persona === 'generic' && n % 7 === 0;
  const kinds = [`${n} is your code`, `${n} ist Ihr Code: Grüße {€}`, `验证码 ${n} 🎉`];
  const text = `${kinds[n % 3]!}${long ? ' and so on'.repeat(30) : ''}`;
  modem.deliverText({ from, text });
  sent.set(text, { iccid: modem.sim!.iccid, from });
}

/** Two SIMs of modems of one kind change places, with a moment in which neither is anywhere. */
async function swap(bank: EmulatedBank, below: (n: number) => number): Promise<number> {
  const first = bank.modems[below(bank.modems.length)]!;
  const others = bank.modems.filter((modem) => modem !== first && modem.persona === first.persona);
  const second = others[below(others.length)];
  if (second === undefined || !first.plugged || !second.plugged) return 0;
  const [a, b] = [first.removeSim()!, second.removeSim()!];
  await sleep(below(100));
  first.insertSim(b);
  second.insertSim(a);
  return 1;
}

function reboot(bank: EmulatedBank, below: (n: number) => number): number {
  const modem = bank.modems[below(bank.modems.length)]!;
  if (!modem.plugged || !modem.powered) return 0;
  void modem.reboot();
  return 1;
}

/** Pulled out, and back again two seconds later. */
function unplug(bank: EmulatedBank, below: (n: number) => number): number {
  const modem: EmulatedModem = bank.modems[below(bank.modems.length)]!;
  if (!modem.plugged || !modem.powered) return 0;
  void modem.unplug().then(async () => {
    await sleep(2_000);
    await modem.replug();
  });
  return 1;
}

async function kill(victim: Program | Mosquitto): Promise<void> {
  await (victim instanceof Program ? victim.end('SIGKILL') : victim.kill());
}

function weighted(below: (n: number) => number): string {
  let at = below(STEPS.reduce((sum, [, weight]) => sum + weight, 0));
  for (const [what, weight] of STEPS) {
    at -= weight;
    if (at < 0) return what;
  }
  return 'gateway';
}

/** TPDUs that are not read and deleted yet. */
function left(bank: EmulatedBank): number {
  return bank.modems.reduce((sum, modem) => sum + modem.pending() + modem.stored().length, 0);
}

/** Every message once, under its SIM where that is certain, whole, and nothing that nobody sent. */
function check(sent: ReadonlyMap<string, Sent>, messages: readonly [string, PolledMessage][]): string[] {
  const violations: string[] = [];
  const times = new Map<string, number>();
  const ids = new Set<string>();
  for (const [iccid, { id, text, from, complete, attribution }] of messages) {
    if (ids.has(id)) violations.push(`id ${id} twice`);
    ids.add(id);
    const origin = sent.get(text ?? '');
    times.set(text ?? '', (times.get(text ?? '') ?? 0) + 1);
    if (origin === undefined) violations.push(`nobody sent ${JSON.stringify(text)} (${id})`);
    else {
      if (!complete) violations.push(`incomplete: ${JSON.stringify(text)}`);
      if (from !== origin.from)
        violations.push(`${JSON.stringify(text)} is from ${origin.from}, not ${from}`);
      if (attribution === 'certain' && iccid !== origin.iccid) {
        violations.push(`${JSON.stringify(text)} was for ${origin.iccid}, and is at ${iccid}`);
      }
    }
  }
  for (const text of sent.keys()) {
    const n = times.get(text) ?? 0;
    if (n !== 1) violations.push(`${n} times: ${JSON.stringify(text)}`);
  }
  return violations;
}

interface EventRow {
  readonly epoch: string;
  readonly seq: number;
}

function eventsOf(path: string): EventRow[] {
  const db = new Database(path, { readonly: true });
  try {
    return db.prepare<[], EventRow>('SELECT epoch, seq FROM event ORDER BY epoch, seq').all();
  } finally {
    db.close();
  }
}

function checkNumbers(rows: readonly EventRow[]): string[] {
  const violations: string[] = [];
  let before: EventRow | null = null;
  for (const row of rows) {
    const expected = before === null || before.epoch !== row.epoch ? 1 : before.seq + 1;
    if (row.seq !== expected) violations.push(`epoch ${row.epoch}: ${row.seq} follows ${expected - 1}`);
    before = row;
  }
  return violations;
}
