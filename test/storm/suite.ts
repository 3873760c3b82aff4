/**
 * The storm: every family of modems at once in one gateway, messages all the time, troubles drawn by a seed, and a broker that
 * is killed. What counts is what is true of it afterwards: nothing lost, nothing twice, nothing invented, and every modem well.
 */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadDrivers } from '../../src/commands/drivers.ts';
import { startBank } from '../../src/emulator/bank.ts';
import { type Random, randomFrom } from '../fuzz/random.ts';
import { type Mosquitto, startMosquitto } from '../mosquitto.ts';
import { eventually } from '../rig.ts';
import type { Figures } from './figures.ts';
import { Gateway } from './gateway.ts';
import { Host } from './host.ts';
import { Life, type Recovery, type Weather } from './life.ts';
import { Listener } from './listener.ts';
import { Traffic } from './traffic.ts';
import { type Ending, putIn } from './troubles.ts';

export interface StormOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly modems: number;
  readonly dir: string;
  /** A modem is to be well again within so many seconds, by the clock `known` of life.ts; by default it may take its time. */
  readonly within?: number;
  readonly trace?: boolean;
  /** Families, as the emulator takes them; default `all`. */
  readonly persona?: string;
  /** Only troubles whose kind it finds something in. */
  readonly only?: RegExp;
  /** One line now and then, for whoever watches. */
  readonly tell?: (line: string) => void;
}

export interface StormReport {
  readonly seconds: number;
  readonly sent: number;
  readonly lost: number;
  readonly doubled: number;
  readonly events: number;
  /** Events that came once more under their id, which is no fault. */
  readonly again: number;
  readonly doubtful: number;
  readonly brokerKills: number;
  readonly recoveries: readonly Recovery[];
  /** Rungs of the recovery ladder that were taken, of all modems. */
  readonly rungs: Readonly<Record<string, number>>;
  /** ms from the network to the subscriber, of messages to modems that were in no trouble. */
  readonly latencies: readonly number[];
  readonly figures: { readonly before: Figures; readonly after: Figures };
  readonly cpuSeconds: number;
  /** Empty when every invariant holds. */
  readonly violations: readonly string[];
}

/** Messages a second for each modem; and once in a while many at once. */
const PACE = 0.12;
const BURST_EVERY_MS = 8_000;
const BURST = 40;
/** By then a modem that is mute has been reset, waited for, and had its power cycled. */
const MAX_PATIENCE_MS = 150_000;
const SETTLE_MS = 90_000;

export async function storm(options: StormOptions): Promise<StormReport> {
  const { dir, seed, tell = () => {} } = options;
  const started = performance.now();
  const broker = await startMosquitto(['set_tcp_nodelay true', 'max_queued_messages 0']);
  const bank = await startBank({
    modems: options.modems,
    dir: join(dir, 'tty'),
    seed: `storm ${seed}`,
    persona: options.persona ?? 'all',
  });
  const host = new Host(join(dir, 'host'), bank.modems, await loadDrivers());
  const { root, ports } = host;
  const gateway = new Gateway({ dir, url: broker.url, ports, root, trace: options.trace ?? false });
  const listener = await Listener.connect(broker.url);
  const traffic = new Traffic();
  try {
    await gateway.start();
    await eventually(
      () => gateway.slots.filter(({ phase }) => phase === 'ready').length === options.modems,
      () => gateway.slots.filter(({ phase }) => phase !== 'ready'),
      60_000,
    );
    tell(`${options.modems} modems are ready after ${((performance.now() - started) / 1_000).toFixed(1)} s`);
    const before = await gateway.figures();
    const outages = new Outages(broker, randomFrom(seed + 1));
    const until = performance.now() + options.seconds * 1_000;
    const lives: Life[] = [];
    const weather: Weather = {
      gateway,
      listener,
      traffic,
      until,
      patience: Math.min(MAX_PATIENCE_MS, 250 * options.seconds),
      only: options.only ?? /./,
      brokerAway: (since) => outages.touches(since),
      swap: (life, random) => swap(life, lives, random),
    };
    for (const place of host.places) {
      lives.push(new Life(place, randomFrom(Math.imul(seed, 31) + 1_000 * (1 + place.modem.index)), weather));
    }
    const quiet: number[] = [];
    const telling = setInterval(() => {
      const troubled = lives.filter(({ busy }) => busy).length;
      tell(`${traffic.sent.size} messages, ${listener.events} events, ${troubled} modems in trouble`);
    }, 10_000);
    await Promise.all([
      ...lives.map((life) => life.run()),
      rain(lives, weather, quiet, randomFrom(seed + 2)),
      outages.run(until),
    ]);
    clearInterval(telling);
    tell('the storm is over');
    const left = (): number =>
      bank.modems.reduce((sum, modem) => sum + modem.pending() + modem.stored().length, 0);
    const away = () => gateway.slots.filter(({ phase }) => phase !== 'ready').map(({ slot }) => slot);
    const missing = () => traffic.missing(listener.arrivals).length;
    const settled = await eventually(
      () => left() === 0 && listener.complete && missing() === 0 && away().length === 0,
      () => ({ left: left(), complete: listener.complete, missing: missing(), notReady: away() }),
      SETTLE_MS,
    ).then(
      () => [],
      (error) => [String(error)],
    );
    // A check that had just begun is no modem that stays away.
    const readyAtLast = (): boolean => gateway.slots.every(({ phase }) => phase === 'ready');
    await eventually(readyAtLast, () => '', SETTLE_MS).catch(() => {});
    const recoveries = lives.flatMap((life) => life.recoveries);
    const violations = [
      ...settled,
      ...(gateway.running ? [] : ['the gateway has ended']),
      ...listener.violations,
      ...traffic.check(listener.arrivals),
      ...late(recoveries, options.within ?? Number.POSITIVE_INFINITY),
    ];
    for (const { kinds, slot, persona, known, diary } of recoveries) {
      const title = `${kinds.join(' + ')}; ${slot}, ${persona}: ${known === null ? 'never' : Math.round(known)}`;
      appendFileSync(join(dir, 'diary.log'), `${title}\n${diary.map((line) => `  ${line}\n`).join('')}`);
    }
    const cpuSeconds = gateway.running ? gateway.cpuSeconds : 0;
    const after = gateway.running ? await gateway.figures() : before;
    const status = await gateway.stop();
    if (status !== 0) violations.push(`the gateway ended with ${status}`);
    const arrived = [...listener.arrivals.values()].flat();
    return {
      seconds: Math.round((performance.now() - started) / 1_000),
      sent: traffic.sent.size,
      lost: traffic.missing(listener.arrivals).length,
      doubled: traffic.doubled(listener.arrivals).length,
      events: listener.events,
      again: listener.again,
      doubtful: arrived.filter(({ message }) => message.attribution === 'doubtful').length,
      brokerKills: outages.count,
      recoveries,
      rungs: sumOf(gateway.slots.map((slot) => slot.recoveries ?? {})),
      latencies: quiet,
      figures: { before, after },
      cpuSeconds,
      violations,
    };
  } finally {
    await gateway.stop();
    await listener.close();
    host.close();
    await bank.close();
    await broker.remove();
  }
}

function late(recoveries: readonly Recovery[], within: number): string[] {
  return recoveries.flatMap(({ kinds, slot, persona, known, diary }) => {
    if (known !== null && known <= within * 1_000) return [];
    const how =
      known === null ? 'was not well again' : `was well again after ${(known / 1_000).toFixed(1)} s`;
    return [`${slot} (${persona}) ${how}: ${kinds.join(', ')}\n    ${diary.join('\n    ')}`];
  });
}

/** Messages to every card, whatever becomes of its modem. */
async function rain(
  lives: readonly Life[],
  { traffic, listener, until, brokerAway }: Weather,
  quiet: number[],
  random: Random,
): Promise<void> {
  let burstAt = performance.now() + BURST_EVERY_MS;
  while (performance.now() < until) {
    await sleep(1_000 / (PACE * lives.length));
    const life = random.pick(lives);
    const wasQuiet = !life.busy;
    const sent = traffic.send(life.place.modem, random);
    if (wasQuiet && sent !== null) void note(sent.text, sent.at, life);
    if (performance.now() < burstAt) continue;
    burstAt += BURST_EVERY_MS;
    const { modem } = random.pick(lives).place;
    for (let i = 0, count = random.below(BURST); i < count; i++) traffic.send(modem, random);
  }

  async function note(text: string, at: number, life: Life): Promise<void> {
    for (let i = 0; i < 200 && !listener.arrivals.has(text); i++) await sleep(25);
    const arrival = listener.arrivals.get(text)?.[0];
    if (arrival !== undefined && !life.busy && !brokerAway(at)) quiet.push(arrival.at - at);
  }
}

/** Only cards whose messages are all read: what is in a modem's memory belongs to the card that was there. */
function swap(life: Life, lives: readonly Life[], random: Random): Ending | null {
  const isClear = ({ place: { modem } }: Life): boolean =>
    modem.reachable && modem.pending() === 0 && modem.stored().length === 0;
  const others = lives.filter((other) => other !== life && !other.busy && !other.givenUp && isClear(other));
  const other = random.pick(others) as Life | undefined;
  if (other === undefined || !isClear(life)) return null;
  other.busy = true;
  other.note(`changes SIMs with ${life.place.slot}`);
  const [mine, its] = [life.place.modem.removeSim()!, other.place.modem.removeSim()!];
  return {
    end: async () => {
      await Promise.all([putIn(life.place.modem, its), putIn(other.place.modem, mine)]);
      void other.recover(['SIMs swapped'], false).finally(() => {
        other.busy = false;
      });
    },
  };
}

/** The broker is killed, and comes back after a moment. */
class Outages {
  count = 0;
  readonly #broker: Mosquitto;
  readonly #random: Random;
  #last = Number.NEGATIVE_INFINITY;
  #isAway = false;

  constructor(broker: Mosquitto, random: Random) {
    this.#broker = broker;
    this.#random = random;
  }

  /** Connections are made again some time after it is back. */
  touches(since: number): boolean {
    return this.#isAway || this.#last > since - 5_000;
  }

  async run(until: number): Promise<void> {
    for (;;) {
      await sleep(5_000 + this.#random.below(30_000));
      if (performance.now() > until) return;
      this.#isAway = true;
      await this.#broker.kill();
      this.count += 1;
      await sleep(this.#random.below(3_000));
      await this.#broker.start();
      this.#last = performance.now();
      this.#isAway = false;
    }
  }
}

function sumOf(records: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const record of records) {
    for (const [name, value] of Object.entries(record)) sums[name] = (sums[name] ?? 0) + value;
  }
  return sums;
}
