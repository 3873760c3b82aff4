/**
 * `npm run fuzz [-- --count 1000000 --seed N]`: a long run against everything that reads what others wrote.
 *
 * PDUs by tpdu.ts; lines of a modem, texts with codes and payloads of MQTT by fast-check, with a thousandth as many cases
 * each, for a case there is a whole dialogue. Prints seeds and verdicts; exit status 1 when anything did not hold.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { dialogueHolds, garbageHolds, lateAnswersHold, linesHold } from '../at/properties.ts';
import { commandsHold, payloadsHold } from '../protocol/properties.ts';
import { codesStandInTexts } from '../sms/codes.ts';

const { values } = parseArgs({
  options: { count: { type: 'string', default: '1000000' }, seed: { type: 'string' } },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000_007);
const numRuns = Math.max(1_000, Math.round(Number(values.count) / 1_000));
let failed = false;

const args = [join(import.meta.dirname, 'tpdu.ts'), '--count', values.count, '--seed', String(seed)];
if (spawnSync(process.execPath, args, { stdio: 'inherit' }).status !== 0) failed = true;

const properties = {
  'lines do not depend on how bytes were cut': linesHold,
  'an answer does not depend on URCs within it': dialogueHolds,
  'a late answer is credited to nobody': lateAnswersHold,
  'no bytes make a channel throw or get stuck': garbageHolds,
  'a code stands in its text, and no text makes the search fail': codesStandInTexts,
  'no payload makes a reader throw': payloadsHold,
  'every command with an id is answered once': commandsHold,
};
for (const [name, property] of Object.entries(properties)) {
  const started = performance.now();
  const result = await fc.check(property as fc.IAsyncProperty<unknown>, { seed, numRuns });
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  if (result.failed) failed = true;
  console.log(
    `${result.failed ? 'FAIL' : 'ok  '} ${name}: ${result.numRuns} cases in ${seconds} s, seed ${seed}`,
  );
  if (result.failed) console.log(fc.defaultReportMessage(result as fc.RunDetails<unknown>));
}
process.exit(failed ? 1 : 0);
