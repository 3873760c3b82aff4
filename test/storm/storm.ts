/**
 * `npm run storm [-- --seed N --minutes 30 --modems 38 --within 10 --personas all --only REGEX --trace]`: every family of modems in one gateway, with
 * troubles drawn by the seed. Exit status 1 when something was lost, doubled or invented, or a modem took too long.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { linesOf } from './report.ts';
import { storm } from './suite.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    minutes: { type: 'string', default: '2' },
    modems: { type: 'string', default: '38' },
    within: { type: 'string', default: '10' },
    personas: { type: 'string', default: 'all' },
    only: { type: 'string', default: '.' },
    trace: { type: 'boolean', default: false },
  },
});
const [seed, minutes, modems, within] = [values.seed, values.minutes, values.modems, values.within].map(
  Number,
) as [number, number, number, number];
const dir = mkdtempSync(join(tmpdir(), 'simbankd-storm-'));
console.log(`seed ${seed}: ${modems} modems of all families, ${minutes} minutes; everything is in ${dir}`);
const report = await storm({
  seed,
  modems,
  within,
  seconds: 60 * minutes,
  dir,
  persona: values.personas,
  only: new RegExp(values.only),
  trace: values.trace,
  tell: (line) => console.log(`  ${line}`),
});
for (const line of linesOf(report)) console.log(line);
const { violations } = report;
for (const violation of violations.slice(0, 50)) console.log(`VIOLATION ${violation}`);
if (violations.length === 0) rmSync(dir, { recursive: true, force: true });
else console.log(`${violations.length} violations; what is left of it is in ${dir}`);
const again = `npm run storm -- --seed ${seed} --minutes ${minutes} --modems ${modems} --within ${within}`;
console.log(`seed ${seed}: ${violations.length === 0 ? 'every invariant holds' : 'FAILED'}; again: ${again}`);
process.exit(violations.length === 0 ? 0 : 1);
