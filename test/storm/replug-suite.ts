/**
 * Modems are pulled out and put in again, many times, in a running gateway: what it holds afterwards is what it held before.
 *
 * Counted in the gateway's own process while every modem is ready: descriptors, threads, what keeps its event loop alive,
 * listeners, memory.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadDrivers } from '../../src/commands/drivers.ts';
import { startBank } from '../../src/emulator/bank.ts';
import { startMosquitto } from '../mosquitto.ts';
import { eventually } from '../rig.ts';
import type { Figures } from './figures.ts';
import { Gateway } from './gateway.ts';
import { Host, type Place } from './host.ts';

export interface ReplugOptions {
  /** Of all modems together. */
  readonly cycles: number;
  /** So many at a time are away. */
  readonly modems: number;
  /** Counted after so many. */
  readonly every: number;
  readonly dir: string;
  readonly tell?: (line: string) => void;
}

export interface Count {
  readonly cycles: number;
  readonly figures: Figures;
}

export interface ReplugReport {
  readonly counts: readonly Count[];
  readonly seconds: number;
  /** What is not as it was; empty when everything is. */
  readonly grown: readonly string[];
}

/** The first cycles run what has not run before, and is kept: code, caches, the buffers of a socket. */
const WARM = 2;
const READY_MS = 60_000;

export async function replug(options: ReplugOptions): Promise<ReplugReport> {
  const { dir, cycles, modems, every, tell = () => {} } = options;
  const started = performance.now();
  const broker = await startMosquitto();
  const bank = await startBank({ modems, dir: join(dir, 'tty'), seed: 'replug', persona: 'all' });
  const host = new Host(join(dir, 'host'), bank.modems, await loadDrivers());
  const { root, ports, places } = host;
  const gateway = new Gateway({ dir, url: broker.url, ports, root });
  const counts: Count[] = [];
  try {
    await gateway.start();
    await allReady(gateway, places);
    const count = async (done: number): Promise<void> => {
      counts.push({ cycles: done, figures: await settled(gateway) });
      tell(lineOf(counts.at(-1)!));
    };
    await cycle(gateway, places, WARM * modems);
    await count(0);
    for (let done = 0; done < cycles; ) {
      const next = Math.min(every, cycles - done);
      await cycle(gateway, places, next);
      done += next;
      await count(done);
    }
    return { counts, seconds: Math.round((performance.now() - started) / 1_000), grown: grown(counts) };
  } finally {
    await gateway.stop();
    host.close();
    await bank.close();
    await broker.remove();
  }
}

/**
 * So many cycles, all modems at once. A modem is pulled out while nothing happens, in the middle of a message, or on its way to
 * readiness, in turn.
 */
async function cycle(gateway: Gateway, places: readonly Place[], cycles: number): Promise<void> {
  let begun = 0;
  const one = async (place: Place): Promise<void> => {
    const { modem, slot } = place;
    const shows = (is: (phase: string | undefined) => boolean): Promise<void> =>
      eventually(
        () => is(gateway.slot(slot)?.phase),
        () => gateway.slot(slot),
        READY_MS,
      );
    while (begun < cycles) {
      const turn = begun++ % 3;
      if (turn === 1) modem.deliverText({ from: '72941', text: 'x'.repeat(400) });
      await modem.unplug();
      await shows((phase) => phase === 'lost');
      await modem.replug();
      await shows((phase) => (turn === 2 ? phase !== 'lost' : phase === 'ready'));
    }
    await shows((phase) => phase === 'ready');
  };
  await Promise.all(places.map(one));
}

async function allReady(gateway: Gateway, places: readonly Place[]): Promise<void> {
  await Promise.all(places.map((place) => ready(gateway, place)));
}

function ready(gateway: Gateway, { slot }: Place): Promise<void> {
  return eventually(
    () => gateway.slot(slot)?.phase === 'ready',
    () => gateway.slot(slot),
    READY_MS,
  );
}

/** What a readiness begins, a listing and a commit, ends within a moment: the lowest of a few counts. */
async function settled(gateway: Gateway): Promise<Figures> {
  await sleep(1_500);
  let least = await gateway.figures();
  for (let i = 0; i < 4; i++) {
    await sleep(300);
    const now = await gateway.figures();
    if (now.listeners + sum(now.resources) <= least.listeners + sum(least.resources)) least = now;
  }
  return least;
}

/** Descriptors, threads and listeners to the last one; memory, which breathes, by what would be a leak. */
function grown(counts: readonly Count[]): string[] {
  const [first, last] = [counts[0]!.figures, counts.at(-1)!.figures];
  const { cycles } = counts.at(-1)!;
  const more = (what: string, before: number, after: number): string[] =>
    after > before ? [`${what}: ${before} before, ${after} after ${cycles} cycles`] : [];
  return [
    ...Object.keys(last.descriptors).flatMap((kind) =>
      more(`descriptors (${kind})`, first.descriptors[kind] ?? 0, last.descriptors[kind]!),
    ),
    ...more('threads', first.threads, last.threads),
    ...more('listeners', first.listeners, last.listeners),
    ...Object.keys(last.resources).flatMap((kind) =>
      more(`open handles (${kind})`, first.resources[kind] ?? 0, last.resources[kind]!),
    ),
    ...(last.rss > first.rss * 1.25 + 20
      ? [`RSS: ${first.rss.toFixed(0)} MB before, ${last.rss.toFixed(0)} MB after ${cycles} cycles`]
      : []),
  ];
}

export function lineOf({ cycles, figures }: Count): string {
  const { descriptors, resources, listeners, threads, rss, heap } = figures;
  const kinds = Object.entries(descriptors)
    .sort()
    .map(([kind, n]) => `${kind} ${n}`)
    .join(', ');
  return `${String(cycles).padStart(5)} cycles: ${sum(descriptors)} descriptors (${kinds}), ${sum(resources)} handles and timers, ${listeners} listeners, ${threads} threads, RSS ${rss.toFixed(1)} MB, heap ${heap.toFixed(1)} MB`;
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
