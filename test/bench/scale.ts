/**
 * What a large bank costs: how soon it is ready, what it does while nothing happens, whether a burst is drained, whether one
 * modem's trouble is felt by the others, and what a message costs beside a small bank in the same run.
 */
import type { ChildProcess } from 'node:child_process';
import { burstRun, cpuOf, type Installation, install, pacedRun, quantile, rssOf, sleep } from './subject.ts';

const SMALL = 32;
const PAIRS = 5;
const IDLE_SECONDS = 30;
const BURST = 10;
const PACE = { perSecond: 200, seconds: 10 };
/** Messages of one saturating burst, whatever the size of the bank. */
const SATURATION = 20_000;

export async function printScale(modems: number): Promise<void> {
  console.log(`a bank of ${modems} modems on ptys, one gateway process, mosquitto; two shared cores\n`);
  const installed = await install('simbankd', modems);
  try {
    line('all ready after', `${(installed.readyMs / 1_000).toFixed(1)} s`);
    line('RSS when ready', mb(rssOf(installed.child)));
    const idle = await share(installed.child, IDLE_SECONDS, () => sleep(IDLE_SECONDS * 1_000));
    line(
      `CPU while nothing happens, ${IDLE_SECONDS} s`,
      `${(100 * idle).toFixed(2)} % of one core (aim: under 3 %)`,
    );
    line('RSS after it', mb(rssOf(installed.child)));
    const burst = await burstRun(installed, BURST);
    line(
      `a burst of ${BURST} messages on every modem`,
      `${burst.count} drained, ${burst.perSecond.toFixed(0)} messages/s`,
    );
    const rounds: number[] = [];
    for (let i = 0; i < 3; i++)
      rounds.push((await burstRun(installed, Math.ceil(SATURATION / modems))).perSecond);
    line(
      `at saturation, ${SATURATION} messages, median of 3`,
      `${quantile(rounds, 0.5).toFixed(0)} messages/s (aim: 5,000)`,
    );
    line('RSS after it', `${mb(rssOf(installed.child))} (aim: under 300 MB)`);
    await printTrouble(installed);
    line('RSS at the end', mb(rssOf(installed.child)));
  } finally {
    await installed.end();
  }
  await printCosts(modems);
}

const NOISE = Buffer.from('\r\n^NOISE: 1,2,3,4,5,6,7,8\r\n'.repeat(50));

/** The same pace over all modems but one, while that one is well, and while it hangs, floods and reboots in turn. */
async function printTrouble(installed: Installation): Promise<void> {
  const troubled = installed.bank.modems[0]!;
  const spared = new Set([troubled.index]);
  const pairs: { well: number[]; ill: number[] }[] = [];
  for (let i = 0; i < 3; i++) {
    const well = await pacedRun(installed, PACE, spared);
    troubled.faults.hang = true;
    const noise = setInterval(() => troubled.noise(NOISE), 20);
    const ill = await pacedRun(installed, PACE, spared);
    clearInterval(noise);
    troubled.faults.hang = false;
    pairs.push({ well, ill });
  }
  const at = (key: 'well' | 'ill', q: number): number =>
    quantile(
      pairs.map((pair) => quantile(pair[key], q)),
      0.5,
    );
  line('others’ p50 / p99, all well', `${at('well', 0.5).toFixed(2)} / ${at('well', 0.99).toFixed(2)} ms`);
  line(
    'others’ p50 / p99, one hangs and floods',
    `${at('ill', 0.5).toFixed(2)} / ${at('ill', 0.99).toFixed(2)} ms`,
  );
}

/** CPU of a message in a small bank and in this one, in interleaved pairs. */
async function printCosts(modems: number): Promise<void> {
  const costs: Record<number, number[]> = { [SMALL]: [], [modems]: [] };
  for (let pair = 0; pair < PAIRS; pair++) {
    for (const size of pair % 2 === 0 ? [SMALL, modems] : [modems, SMALL]) {
      const installed = await install('simbankd', size);
      try {
        // Warm: what is compiled once is not a message's cost.
        await burstRun(installed, Math.ceil(2_000 / size));
        const before = cpuOf(installed.child);
        const { count } = await burstRun(installed, Math.ceil(10_240 / size));
        costs[size]!.push(((cpuOf(installed.child) - before) / count) * 1e6);
      } finally {
        await installed.end();
      }
    }
  }
  const [small, large] = [quantile(costs[SMALL]!, 0.5), quantile(costs[modems]!, 0.5)];
  const shown = (size: number): string => costs[size]!.map((us) => us.toFixed(0)).join(' ');
  line(`CPU a message, ${SMALL} modems`, `${small.toFixed(0)} µs (${shown(SMALL)})`);
  line(`CPU a message, ${modems} modems`, `${large.toFixed(0)} µs (${shown(modems)})`);
  line('ratio of the medians', `${(large / small).toFixed(2)}× (aim: within 1.15×)`);
}

/** Processor time over wall time while something is done. */
async function share(child: ChildProcess, seconds: number, done: () => Promise<void>): Promise<number> {
  const before = cpuOf(child);
  await done();
  return (cpuOf(child) - before) / seconds;
}

function line(what: string, figure: string): void {
  console.log(`${what.padEnd(48)} ${figure}`);
}

function mb(megabytes: number): string {
  return `${megabytes.toFixed(0)} MB`;
}
