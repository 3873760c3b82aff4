/**
 * `npm run bench [-- --modems 8,64,256 --rounds 3 --seconds 5]`: the gateway beside its floor, in the same run.
 * `npm run bench -- --modems 512`: what so large a bank costs, see scale.ts.
 * `npm run bench -- activations`: what a hub waits for an activation, see activations.ts.
 * `npm run bench -- hub`: polls, purchases and webhooks of a hub, see hub.ts.
 *
 * Emulated modems on real ptys, a real mosquitto, the gateway as a process of its own. ptys stand for modems: none of
 * this is modem time or radio time. Shared machines are noisy: rounds alternate, medians are shown, and what counts is
 * the ratio.
 */
import { parseArgs } from 'node:util';
import { pathOf } from '../programs.ts';
import { printActivations } from './activations.ts';
import { printDecode } from './decode.ts';
import { printHub } from './hub.ts';
import { printScale } from './scale.ts';
import { burstRun, cpuOf, install, pacedRun, quantile, rssOf, type Subject } from './subject.ts';

const [section, ...rest] = process.argv.slice(2);
if (section === 'activations') {
  await printActivations(rest);
  process.exit(0);
}
if (section === 'hub') {
  await printHub(rest);
  process.exit(0);
}
const { values } = parseArgs({
  options: {
    modems: { type: 'string', default: '8,64,256' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
    rate: { type: 'string', default: '200' },
  },
});
const ROUNDS = Number(values.rounds);
const PACE = { perSecond: Number(values.rate), seconds: Number(values.seconds) };
/** From here on a bank is large, and other questions are asked of it. */
const LARGE = 512;

interface Figures {
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
  readonly cpuUs: number;
  readonly rssMb: number;
}

if (pathOf('mosquitto') === null) {
  console.error('the bench needs mosquitto (Debian: apt-get install mosquitto)');
  process.exit(1);
}
const counts = values.modems.split(',').map(Number);
const usual = counts.filter((modems) => modems < LARGE);
if (usual.length > 0) await printBesideFloor(usual);
for (const modems of counts.filter((modems) => modems >= LARGE)) await printScale(modems);
process.exit(0);

async function printBesideFloor(sizes: readonly number[]): Promise<void> {
  console.log(
    `modem to subscriber: ${PACE.perSecond} messages/s for ${PACE.seconds} s over all modems (p50, p99), then a burst; ${ROUNDS} rounds, medians\n`,
  );
  console.log('modems  subject    p50 ms   p99 ms  burst msg/s  CPU µs/msg  RSS MB');
  for (const modems of sizes) {
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
}

/** One life of a subject: start, paced messages, a burst, end. */
async function measure(subject: Subject, modems: number): Promise<Figures> {
  const installed = await install(subject, modems);
  try {
    const paced = await pacedRun(installed, PACE);
    const cpuBefore = cpuOf(installed.child);
    const burst = await burstRun(installed, Math.max(10, Math.ceil(4_000 / modems)));
    return {
      p50: quantile(paced, 0.5),
      p99: quantile(paced, 0.99),
      perSecond: burst.perSecond,
      cpuUs: ((cpuOf(installed.child) - cpuBefore) / burst.count) * 1e6,
      rssMb: rssOf(installed.child),
    };
  } finally {
    await installed.end();
  }
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

function print(modems: number, subject: Subject, f: Figures): void {
  console.log(
    `${String(modems).padStart(6)}  ${subject.padEnd(9)}${f.p50.toFixed(2).padStart(8)} ${f.p99.toFixed(2).padStart(8)} ` +
      `${f.perSecond.toFixed(0).padStart(12)} ${f.cpuUs.toFixed(0).padStart(11)} ${f.rssMb.toFixed(0).padStart(7)}`,
  );
}
