/** Wrong usage ends with 2 and a bad configuration with 78, each with words that say what would be right. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryDir } from '../temporary.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
const SIM = '89995897855070000087';

function simbankd(args: readonly string[], folder: string) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    encoding: 'utf8',
    cwd: folder,
    input: '',
    env: { ...process.env, XDG_STATE_HOME: join(folder, 'state') },
  });
  return { status, stdout, stderr };
}

it.each([
  [['sms', 'send', '--to', '+12025550143', 'x'], /--iccid or --activation says from which SIM/],
  [['sms', 'send', '--to', '+12025550143', '--iccid', SIM, '--activation', SIM, 'x'], /from which SIM/],
  [['sms', 'send', '--to', 'bob', '--iccid', SIM, 'x'], /--to "bob" is no recipient: .*\+12025550143/],
  [['sms', 'send', '--to', '+12025550143', '--iccid', '123', 'x'], /"123" is no ICCID: .*18 to 20 digits/],
  [['sms', 'send', '--to', '+12025550143', '--activation', '1', 'x'], /--activation "1" is no id/],
  [['sms', 'send', '--to', '+12025550143', '--iccid', SIM, ''], /the text is empty/],
  [['sms', 'send', '--to', '+12025550143', '--iccid', SIM, '--gateway', 'a/+', 'x'], /1 to 32 of a-z/],
  [['ussd', '123', '*100#'], /"123" is no ICCID/],
  [['ussd', SIM, 'a b'], /"a b" is nothing to ask a network: .*\*100#/],
  [['at', 'A03', 'hello'], /"hello" is no AT command: .*AT\+CSQ/],
  [['at', 'a/b', 'AT'], /"a\/b" is no slot/],
  [['emulate', '--modems', '1', '--dir', 'ttys', '--persona', 'nope'], /there is no persona "nope"/],
  [['emulate', '--modems', '100000', '--dir', 'ttys'], /1 to 4000 modems, not 100000/],
  [['emulate', '--modems', '1', '--dir', 'ttys', '--latency-ms', 'x'], /number of milliseconds/],
  [['up', '--modems', '100000'], /1 to 4000 modems, not 100000/],
  [['up', '--modems', '0'], /a whole number from 1 on/],
  [['account', 'top-up', 'acme', '25,00'], /is not an amount such as 0\.50/],
  [['account', 'top-up', 'acme', '0'], /more than zero/],
  [['account', 'create', ''], /must not be empty/],
  [['account', 'create', ' '], /must not be empty/],
  [['key', 'create', 'acme', '--expires', '2020-01-01'], /must be still to come/],
])('%j is wrong usage', (args, words) => {
  const { status, stdout, stderr } = simbankd(args, temporaryDir());
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(words);
  // The words of people, not of the protocol.
  expect(stderr).not.toMatch(/payload|activationId|pattern|Invalid string/);
});

it.each([
  ['is not there', null],
  ['is too short', 'secret\n'],
])('a gateway whose token %s is not started again and again', (_, token) => {
  const dir = temporaryDir();
  const tokenFile = join(dir, 'token');
  if (token !== null) writeFileSync(tokenFile, token);
  const file = join(dir, 'simbankd.yaml');
  const gateway = { dataDir: join(dir, 'gateway'), ports: [] };
  writeFileSync(file, JSON.stringify({ gateway, status: { listen: '127.0.0.1:0', tokenFile } }));
  const { status, stderr } = simbankd(['gateway', '--config', file], dir);
  expect(status).toBe(78);
  expect(stderr).toMatch(/status\.tokenFile: .*\/token/);
});

it('help marks what must be given, and says what the rest is otherwise', () => {
  const stdout = simbankd(['emulate', '--help'], temporaryDir()).stdout.replace(/\s+/g, ' ');
  expect(stdout).toMatch(/--modems <n> +how many \(required\)/);
  expect(stdout).toMatch(/--dir <dir> +.*\(required\)/);
  expect(stdout).toMatch(/--persona <name> [^<]*\(default: quectel-ec25\)/);
  expect(stdout).toMatch(/--control <socket> [^<]*\(default: control\.sock in the folder\)/);
});
