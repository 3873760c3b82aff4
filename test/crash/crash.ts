/** `npm run crash [-- --seed N --kills 500 --messages 20000 --modems 64]`: the long storm. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { storm } from './suite.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    kills: { type: 'string', default: '500' },
    messages: { type: 'string', default: '20000' },
    modems: { type: 'string', default: '64' },
  },
});
const [seed, kills, messages, modems] = [values.seed, values.kills, values.messages, values.modems].map(
  Number,
) as [number, number, number, number];
const dir = mkdtempSync(join(tmpdir(), 'simbankd-crash-'));
console.log(`seed ${seed}: ${kills} kills, ${messages} messages, ${modems} modems`);
const report = await storm({ seed, kills, messages, modems, dir, tell: (line) => console.log(`  ${line}`) });
const { violations, ...figures } = report;
console.log(figures);
for (const violation of violations.slice(0, 50)) console.log(`VIOLATION ${violation}`);
console.log(
  violations.length === 0
    ? `seed ${seed}: every invariant holds`
    : `seed ${seed}: ${violations.length} violations`,
);
if (violations.length === 0) rmSync(dir, { recursive: true, force: true });
else console.log(`what is left of it is in ${dir}`);
process.exit(violations.length === 0 ? 0 : 1);
