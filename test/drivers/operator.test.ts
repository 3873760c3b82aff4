/** Drivers of the operator's own, `gateway.drivers`: real files in a folder, and the program that loads them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { loadDrivers } from '../../src/commands/drivers.ts';
import { startBank } from '../../src/emulator/bank.ts';
import { hasCode, type SimbankError } from '../../src/errors.ts';
import { configFile, eventually, Program } from '../rig.ts';
import { temporaryDir } from '../temporary.ts';

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryDir();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/** The message of the refusal to load these files. */
async function refusal(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = folderWith(files);
  const error = await loadDrivers(folder).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(hasCode(error, 'config.invalid')).toBe(true);
  const { message } = error as SimbankError;
  return message.replaceAll(`${folder}/`, '');
}

it('a file of any kind is a driver like ours: data, or a function that is given defineDriver', async () => {
  const folder = folderWith({
    'one.js': `export default { name: 'acme-1', title: 'Acme 1', iccid: ['AT+XCCID'] };`,
    'two.mjs': `export default (defineDriver) => defineDriver({ name: 'acme-2', title: 'Acme 2', firstIndex: 0 });`,
    'three.ts': `interface Named { name: string }
      const named: Named = { name: 'acme-3' };
      export default { ...named, title: 'Acme 3', urcs: [{ prefix: '+CPIN:', kind: 'noise' }] };`,
    'older.cjs.txt': 'not a driver',
    '.hidden.js': 'not one either',
  });
  const drivers = await loadDrivers(folder);
  expect(drivers[0]?.name).toBe('generic');
  const [one, two, three] = ['acme-1', 'acme-2', 'acme-3'].map((name) =>
    drivers.find((driver) => driver.name === name),
  );
  const generic = drivers[0]!;
  expect(one).toMatchObject({ iccid: ['AT+XCCID'], stores: generic.stores, state: 'sourced' });
  expect(two?.firstIndex).toBe(0);
  expect(three?.urcs.filter(({ prefix }) => prefix === '+CPIN:')).toEqual([
    { prefix: '+CPIN:', kind: 'noise' },
  ]);
  expect(three?.urcs.length).toBe(generic.urcs.length);
});

it('one with the name of ours takes its place, and the log says so', async () => {
  const folder = folderWith({ 'mine.js': `export default { name: 'zte', title: 'My ZTE', pollCardMs: 0 };` });
  const lines: string[] = [];
  const drivers = await loadDrivers(folder, pino({ level: 'info' }, { write: (line) => lines.push(line) }));
  expect(drivers.filter(({ name }) => name === 'zte').map(({ title }) => title)).toEqual(['My ZTE']);
  expect(lines.join('')).toContain("an operator's driver replaces ours");
  expect(drivers.length).toBe((await loadDrivers()).length);
});

it.each([
  [
    'a member we do not know',
    `{ name: 'a', title: 'A', stors: ['SM'] }`,
    'bad.js: stors: is not a known member',
  ],
  ['no title', `{ name: 'a' }`, 'bad.js: title: '],
  ['a value of the wrong kind', `{ name: 'a', title: 'A', pollCardMs: '30' }`, 'bad.js: pollCardMs: '],
  ['a value among others', `{ name: 'a', title: 'A', list: 'all' }`, /bad\.js: list: .*"cmgl".*"cmgr"/],
  [
    'a member deep inside',
    `{ name: 'a', title: 'A', usb: [{ id: '2C7C:0125', at: [2] }] }`,
    'bad.js: usb[0].id: is not a USB id in small letters, such as 2c7c:0125 or 12d1:*',
  ],
  [
    'an interface to use and never to use',
    `{ name: 'a', title: 'A', usb: [{ id: '2c7c:0125', at: [2], never: [2] }] }`,
    'bad.js: usb[0].never: has an interface that is in `at`, too',
  ],
  [
    'a text where an expression belongs',
    `{ name: 'a', title: 'A', identify: { model: 'X1' } }`,
    'bad.js: identify.model: is not a regular expression, such as /acme/i',
  ],
  [
    'an expression with a memory',
    `{ name: 'a', title: 'A', identify: { model: /X1/g } }`,
    'bad.js: identify.model: must not have the flags g and y',
  ],
  [
    'a counter that counts nothing',
    `{ name: 'a', title: 'A', pinTries: { ask: 'AT+XPIN', tries: /XPIN: \\d/ } }`,
    'bad.js: pinTries.tries: has no group for the number',
  ],
  [
    'a command that is none',
    `{ name: 'a', title: 'A', iccid: ['+CCID'] }`,
    'bad.js: iccid[0]: is not one command in capitals, such as AT+CCID or AT#QSS=2',
  ],
  [
    'two commands in one',
    `{ name: 'a', title: 'A', quiet: ['AT+A=1;+B=1'] }`,
    'bad.js: quiet[0]: is not one command',
  ],
  [
    'a command that writes an IMEI',
    `{ name: 'a', title: 'A', init: [{ set: 'AT+EGMR=1,7,"001010123456780"' }] }`,
    'bad.js: init[0].set: writes an IMEI: that is never done',
  ],
  [
    'a URC twice',
    `{ name: 'a', title: 'A', urcs: [{ prefix: '+X:', kind: 'noise' }, { prefix: '+X:', kind: 'call' }] }`,
    'bad.js: urcs[1].prefix: "+X:" is there twice',
  ],
  ['a value that is there and undefined', `{ name: 'a', title: 'A', stores: undefined }`, 'bad.js: stores: '],
  ['no object', `'acme'`, 'bad.js: has no driver as its default export'],
])('refuses %s', async (_what, text, expected) => {
  const message = await refusal({ 'bad.js': `export default ${text};` });
  if (typeof expected === 'string') expect(message).toContain(expected);
  else expect(message).toMatch(expected);
});

it('names every fault of every file at once', async () => {
  const message = await refusal({
    'a.js': `export default { name: 'a', title: 'A', pollCardMs: -1, firstIndex: 2 };`,
    'b.js': 'export default {',
    'c.js': `export default { name: 'same', title: 'C' };`,
    'd.js': `export default { name: 'same', title: 'D' };`,
  });
  expect(message.split('\n').map((line) => /^(\S+: \w*)/.exec(line)?.[1])).toEqual([
    'a.js: firstIndex',
    'a.js: pollCardMs',
    'b.js: cannot',
    'd.js: name',
  ]);
});

it('a folder that is not there is a fault of the configuration', async () => {
  const error = await loadDrivers(join(temporaryDir(), 'nowhere')).catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    code: 'config.invalid',
    message: expect.stringContaining('gateway.drivers'),
  });
});

it('the gateway runs a modem by a driver of the operator, and ends with 78 when it cannot be used', async () => {
  const dir = temporaryDir();
  const emulated = await startBank({ modems: 1, dir: join(dir, 'tty'), seed: dir, persona: 'generic' });
  onTestFinished(() => emulated.close());
  const drivers = folderWith({
    'acme.ts': `export default {
      name: 'acme-x1' as const,
      title: 'Acme X1',
      identify: { manufacturer: /simbankd/i, model: /^EMULATED/ },
    };`,
  });
  const file = configFile({
    dir,
    url: 'mqtt://127.0.0.1:9',
    ports: [emulated.modems[0]!.path],
    gateway: { drivers },
  });
  const gateway = new Program('gateway', '--config', file);
  onTestFinished(() => void gateway.end());
  gateway.start();
  const status = () => /"status":"(http[^"]+)"/.exec(gateway.output)?.[1];
  await eventually(
    () => status() !== undefined,
    () => gateway.output,
  );
  await eventually(
    async () => (await (await fetch(`${status()}/status.json`)).text()).includes('"driver":"acme-x1"'),
    () => gateway.output,
  );
  expect(await gateway.end('SIGTERM')).toBe(0);

  writeFileSync(join(drivers, 'second.js'), 'export default { name: "x" };');
  const refused = new Program('gateway', '--config', file);
  refused.start();
  expect(await refused.ended()).toBe(78);
  expect(refused.output).toContain('second.js: title: ');
});
