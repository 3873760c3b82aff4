/** `npm run replug [-- --cycles 1000 --modems 38]`: unplugs and plugs in modems of every family, and counts what is left behind. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { replug } from './replug-suite.ts';

const { values } = parseArgs({
  options: {
    cycles: { type: 'string', default: '1000' },
    modems: { type: 'string', default: '38' },
  },
});
const [cycles, modems] = [Number(values.cycles), Number(values.modems)];
const dir = mkdtempSync(join(tmpdir(), 'simbankd-replug-'));
console.log(`${cycles} cycles, ${modems} modems of all families at a time`);
const { seconds, grown } = await replug({
  cycles,
  modems,
  every: Math.max(1, Math.min(100, Math.ceil(cycles / 2))),
  dir,
  tell: (line) => console.log(line),
});
for (const what of grown) console.log(`GROWN ${what}`);
console.log(grown.length === 0 ? `flat after ${seconds} s` : `NOT FLAT after ${seconds} s`);
rmSync(dir, { recursive: true, force: true });
process.exit(grown.length === 0 ? 0 : 1);
