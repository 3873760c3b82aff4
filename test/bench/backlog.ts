/**
 * `npm run backlog [-- --messages 100000 --modems 64]`: messages arrive while there is no broker; then it comes.
 *
 * Shown: the gateway's memory while the backlog grows, whether everything is delivered in order afterwards, and how fast. The
 * broker is mosquitto with its default queue limits, and is killed with -9 half-way through the delivery.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import Database from 'better-sqlite3';
import mqtt, { type MqttClient } from 'mqtt';
import { startBank } from '../../src/emulator/bank.ts';
import { startMosquitto } from '../mosquitto.ts';
import { configFile, eventually, Program } from '../rig.ts';

const { values } = parseArgs({
  options: { messages: { type: 'string', default: '100000' }, modems: { type: 'string', default: '64' } },
});
const [MESSAGES, MODEMS] = [Number(values.messages), Number(values.modems)];
const dir = mkdtempSync(join(tmpdir(), 'simbankd-backlog-'));
const mosquitto = await startMosquitto();
await mosquitto.kill();
const bank = await startBank({ modems: MODEMS, dir: join(dir, 'tty'), seed: 'backlog' });
const config = configFile({ dir, url: mosquitto.url, ports: [join(dir, 'tty/modem-*')] });
const gateway = new Program('gateway', '--config', config);
const hub = new Program('hub', '--config', config);
let failed = false;

try {
  gateway.start();
  await eventually(() => bank.modems.every((modem) => modem.counters().commands > 20));
  await sleep(2_000);

  const rss: number[] = [];
  const started = performance.now();
  const left = (): number =>
    bank.modems.reduce((sum, modem) => sum + modem.pending() + modem.stored().length, 0);
  for (let n = 0; n < MESSAGES; ) {
    for (let i = 0; i < 500 && n < MESSAGES; i++, n++) {
      bank.modems[n % MODEMS]!.deliverText({
        from: '72941',
        text: `Acme: ${n} is your code. Do not share it.`,
      });
    }
    // The air holds only so much at a time, here as elsewhere.
    while (left() > 1_000) await sleep(5);
    if (n % 5_000 === 0) {
      rss.push(rssOf(gateway));
      console.log(`${String(n).padStart(7)} messages on disk, no broker: ${rss.at(-1)} MB`);
    }
  }
  await eventually(() => left() === 0, left, 60_000);
  const seconds = (performance.now() - started) / 1_000;
  console.log(
    `${MESSAGES} messages received without a broker in ${seconds.toFixed(1)} s: ${(MESSAGES / seconds).toFixed(0)}/s`,
  );
  const warm = rss.slice(Math.ceil(rss.length / 5));
  const growth = Math.max(...warm) / Math.min(...warm) - 1;
  say(
    growth <= 0.2,
    `memory while the backlog grew: ${Math.min(...warm)} to ${Math.max(...warm)} MB (${(growth * 100).toFixed(0)} %, at most 20 %)`,
  );

  await mosquitto.start();
  const heard: number[] = [];
  let subscriber = await subscribe(heard);
  hub.start();
  const from = performance.now();
  const hubHas = (): number => {
    try {
      const db = new Database(join(dir, 'hub', 'hub.db'), { readonly: true });
      try {
        return db.prepare<[], { n: number }>('SELECT count(*) AS n FROM message').get()?.n ?? 0;
      } finally {
        db.close();
      }
    } catch {
      return 0;
    }
  };
  await eventually(() => hubHas() > MESSAGES / 2, hubHas, 300_000);
  console.log('half-way: kill -9 of the broker');
  subscriber.end(true);
  await mosquitto.kill();
  await sleep(1_000);
  await mosquitto.start();
  subscriber = await subscribe(heard);
  await eventually(() => hubHas() >= MESSAGES, hubHas, 300_000);
  const took = (performance.now() - from) / 1_000;
  console.log(
    `${MESSAGES} messages at the hub ${took.toFixed(1)} s after the broker came: ${(MESSAGES / took).toFixed(0)}/s`,
  );

  const raw = new Database(join(dir, 'hub', 'hub.db'), { readonly: true });
  const { n, lowest, highest } = raw
    .prepare<[], { n: number; lowest: number; highest: number }>(
      'SELECT count(*) AS n, min(seq) AS lowest, max(seq) AS highest FROM event',
    )
    .get()!;
  raw.close();
  say(hubHas() === MESSAGES, `messages at the hub: ${hubHas()} of ${MESSAGES}`);
  say(lowest === 1 && n === highest, `numbers at the hub: ${lowest} to ${highest}, ${n} of them`);
  // What was published again after the kill comes again; what comes first comes in order.
  const firsts = [...new Set(heard)];
  say(
    firsts.every((seq, i) => i === 0 || seq > firsts[i - 1]!),
    `order at a subscriber: ${firsts.length} numbers, rising`,
  );
} finally {
  await Promise.all([gateway.end(), hub.end()]);
  await bank.close();
  await mosquitto.remove();
  rmSync(dir, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);

async function subscribe(heard: number[]): Promise<MqttClient> {
  const client = mqtt.connect(mosquitto.url, { protocolVersion: 5, reconnectPeriod: 0 });
  await new Promise((resolve) => client.once('connect', resolve));
  client.on('message', (_topic, payload) => heard.push(JSON.parse(payload.toString()).seq));
  client.on('error', () => {});
  await client.subscribeAsync('simbank/+/events/#', { qos: 1 });
  return client;
}

function rssOf(program: Program): number {
  return Math.round(
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${program.pid}/status`, 'utf8'))?.[1]) / 1_024,
  );
}

function say(holds: boolean, what: string): void {
  if (!holds) failed = true;
  console.log(`${holds ? 'ok  ' : 'FAIL'} ${what}`);
}
