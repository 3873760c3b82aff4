/** Faults of the line, and which cure ends a hang. */
import { existsSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { EmulatedBank } from '../../src/emulator/bank.ts';
import type { Cure } from '../../src/emulator/faults.ts';
import { bankOf, modemOf, openTerminal, Terminal } from './terminal.ts';

async function ready(options: Parameters<typeof bankOf>[0] = {}) {
  const bank = await bankOf(options);
  const terminal = openTerminal(bank);
  await terminal.commands('ATE0', 'AT+CMEE=1', 'AT+CNMI=2,1,0,0,0', 'AT+CPMS="SM","SM","SM"');
  return { bank, modem: modemOf(bank), terminal };
}

/** What came within a moment that is long against the modem's own. */
async function within(terminal: Terminal, ms = 60): Promise<string> {
  await sleep(ms);
  return terminal.take();
}

async function isSilent(terminal: Terminal, line = 'AT'): Promise<boolean> {
  terminal.take();
  terminal.send(`${line}\r`);
  return !/OK|ERROR/.test(await within(terminal));
}

test.each([0, 7])('splitBytes %i: everything arrives, in small reads', async (seed) => {
  const { modem, terminal } = await ready();
  modem.faults.splitBytes = seed;
  const sizes: number[] = [];
  terminal.onChunk = (chunk) => sizes.push(chunk.length);
  const [tpdu = ''] = modem.deliverText({ from: '1', text: 'in pieces' }).tpdus;
  await terminal.until(/CMTI: "SM",1\r\n/);
  expect(await terminal.command('AT+CMGR=1')).toMatch(
    new RegExp(`^\\r\\n\\+CMGR: 0,,\\d+\\r\\n\\w+${tpdu}\\r\\n\\r\\nOK\\r\\n$`),
  );
  // Of more than a hundred octets.
  expect(sizes.length).toBeGreaterThan(5);
  modem.faults.clear();
  expect(await terminal.command('AT')).toBe('\r\nOK\r\n');
});

test('echo always: ATE0 is accepted and ignored', async () => {
  const { modem, terminal } = await ready();
  modem.faults.echo = 'always';
  await terminal.command('ATE0');
  expect(await terminal.command('AT')).toBe('AT\r\r\nOK\r\n');
});

test('urcElsewhere: notices go to the other tty, until a setting of the vendor brings them here', async () => {
  const { bank, modem, terminal } = await ready({ persona: 'quectel-ec25' });
  modem.faults.urcElsewhere = true;
  expect(await terminal.command('AT+QURCCFG="urcport"')).toContain('"usbmodem"');
  modem.deliverText({ from: '1', text: 'nobody listens' });
  const path = await modem.urcTty();
  expect(path).toBe(`${modem.path}-urc`);
  const other = new Terminal(path);
  onTestFinished(() => other.close());
  modem.deliverText({ from: '1', text: 'there' });
  expect(await other.until(/CMTI.*\r\n/)).toBe('\r\n+CMTI: "SM",2\r\n');
  await terminal.command('AT+QURCCFG="urcport","usbat"');
  modem.deliverText({ from: '1', text: 'here' });
  expect(await terminal.until(/CMTI.*\r\n/)).toBe('\r\n+CMTI: "SM",3\r\n');
  await modem.unplug();
  await other.closed;
  expect(existsSync(path)).toBe(false);
  await modem.replug();
  expect(existsSync(path)).toBe(true);
  await bank.close();
  expect(existsSync(path)).toBe(false);
});

test('cmsError and busy: so many commands, of the named kind, are refused', async () => {
  const { modem, terminal } = await ready();
  modem.faults.cmsError = { code: 512, times: 2 };
  expect(await terminal.command('AT+CSQ')).toContain('+CSQ');
  expect(await terminal.command('AT+CMGL=4')).toContain('+CMS ERROR: 512');
  expect(await terminal.command('AT+CPMS?')).toContain('+CMS ERROR: 512');
  expect(await terminal.command('AT+CMGL=4')).toBe('\r\nOK\r\n');
  modem.faults.cmsError = { code: 500, command: '+CMGR' };
  expect(await terminal.command('AT+CMGL=4')).toBe('\r\nOK\r\n');
  expect(await terminal.command('AT+CMGR=1')).toContain('+CMS ERROR: 500');
  modem.faults.busy = { times: 3 };
  expect(await terminal.command('AT+CIMI')).toContain('+CME ERROR: 14');
  expect(await terminal.command('AT+CMGL=4')).toContain('+CMS ERROR: 500');
  expect(await terminal.command('AT')).toBe('\r\nOK\r\n');
  expect(await terminal.command('AT+CCID')).toContain('+CME ERROR: 14');
  expect(await terminal.command('AT+CIMI')).toContain(modem.sim?.imsi);
});

test('withoutOk and garbage: an answer ends too early, or holds octets that nobody sent', async () => {
  const { modem, terminal } = await ready();
  modem.faults.withoutOk = ['+CPIN'];
  terminal.send('AT+CPIN?\r');
  expect(await within(terminal)).toBe('\r\n+CPIN: READY\r\n');
  modem.faults.garbage = 1;
  expect(await terminal.command('AT+CSQ')).toContain('\xff');
  expect(await terminal.command('AT+CSQ')).toBe('\r\n+CSQ: 12,99\r\n\r\nOK\r\n');
});

test('hangOn one command: that one is never answered, the others are; "blocks" ends all of them', async () => {
  const { modem, terminal } = await ready();
  modem.faults.hangOn = { command: '+cmgl' };
  expect(await isSilent(terminal, 'AT+CMGL=4')).toBe(true);
  expect(await terminal.command('AT')).toBe('\r\nOK\r\n');
  modem.faults.hangOn = { command: '+CMGL', blocks: true, ms: 1500 };
  expect(await terminal.command('AT')).toBe('\r\nOK\r\n');
  expect(await isSilent(terminal, 'AT+CMGL=4')).toBe(true);
  expect(await isSilent(terminal)).toBe(true);
  await sleep(1500);
  expect(await terminal.command('AT')).toBe('\r\nOK\r\n');
});

/** The ladder of cures, weakest first; each carried out on a bank, whose terminal it may replace. */
const CURES: readonly (readonly [Cure, (bank: EmulatedBank, terminal: Terminal) => Promise<Terminal>])[] = [
  [
    'reopen',
    async (bank, terminal) => {
      await terminal.close();
      const next = openTerminal(bank);
      await sleep(40);
      return next;
    },
  ],
  [
    'cfun',
    async (_bank, terminal) => {
      await terminal.commands('AT+CFUN=4', 'AT+CFUN=1');
      return terminal;
    },
  ],
  [
    'reset',
    async (bank, terminal) => {
      await terminal.command('AT+CFUN=1,1');
      await sleep(20);
      for (let i = 0; i < 100 && !modemOf(bank).powered; i += 1) await sleep(10);
      await terminal.commands('ATE0');
      return terminal;
    },
  ],
  [
    'power',
    async (bank) => {
      await modemOf(bank).unplug();
      await modemOf(bank).replug();
      const next = openTerminal(bank);
      await next.command('ATE0');
      return next;
    },
  ],
];

test.each(CURES.map(([cure], i) => [cure, i] as const))('a hang that only "%s" cures', async (cure, rung) => {
  const started = await ready();
  const { bank, modem } = started;
  let { terminal } = started;
  modem.faults.hangOn = { command: '+CMGL', curedBy: cure };
  for (const [, weaker] of CURES.slice(0, rung)) {
    terminal = await weaker(bank, terminal);
    expect(await isSilent(terminal, 'AT+CMGL=4')).toBe(true);
  }
  const [, cured] = CURES[rung] ?? [];
  terminal = (await cured?.(bank, terminal)) ?? terminal;
  expect(await terminal.command('AT+CMGL=4')).toContain('\r\nOK\r\n');
});

test('a modem that hangs altogether answers again once its tty was opened anew', async () => {
  const { bank, modem, terminal } = await ready();
  modem.faults.hangOn = { command: 'all', curedBy: 'reopen' };
  expect(await isSilent(terminal)).toBe(true);
  modem.deliverText({ from: '1', text: 'unannounced' });
  expect(await within(terminal)).toBe('');
  await terminal.close();
  const next = openTerminal(bank);
  await sleep(40);
  expect(await next.command('AT')).toBe('\r\nOK\r\n');
  expect(modem.faults.hangOn).toBeNull();
});

test('registeredButDeaf: everything answers but what reception needs; the network waits', async () => {
  const { modem, terminal } = await ready();
  modem.faults.registeredButDeaf = { how: 'fail', curedBy: 'cfun' };
  modem.deliverText({ from: '1', text: 'waits' });
  expect(modem.pending()).toBe(1);
  expect(await terminal.command('AT+CREG?')).toContain('+CREG: 0,1');
  expect(await terminal.command('AT+CMGL=4')).toContain('+CMS ERROR: 500');
  modem.faults.registeredButDeaf = { how: 'hang', curedBy: 'cfun' };
  expect(await isSilent(terminal, 'AT+CPMS?')).toBe(true);
  await terminal.command('AT+CFUN=4');
  terminal.send('AT+CFUN=1\r');
  await terminal.until(/CMTI: "SM",1\r\n/);
  expect(await terminal.command('AT+CMGL=4')).toContain('+CMGL: 1,');
});

test('bootLoop: it restarts again and again, until that ends', async () => {
  const { modem, terminal } = await ready({ persona: 'quectel-ec25' });
  modem.faults.bootLoop = 200;
  await terminal.until(/(RDY[\s\S]*){2}/);
  modem.faults.bootLoop = 0;
  await terminal.until(/SMS DONE/);
  terminal.take();
  expect(await within(terminal, 450)).not.toContain('RDY');
  expect(await terminal.command('AT')).toContain('OK');
});

test('renameOnReplug: the path of a replug is a new one, the old one is gone', async () => {
  const { bank, modem } = await ready({ persona: 'quectel-ec25' });
  const old = modem.path;
  modem.faults.renameOnReplug = true;
  await modem.unplug();
  await modem.replug();
  expect(modem.path).toBe(`${old}-r1`);
  expect([existsSync(old), existsSync(modem.path)]).toEqual([false, true]);
  const terminal = openTerminal(bank);
  await terminal.command('AT+CFUN=1,1');
  await terminal.closed;
  for (let i = 0; i < 200 && !modem.powered; i += 1) await sleep(10);
  expect(readlinkSync(`${old}-r2`)).toMatch(/^\/dev\/pts\//);
});

test('a restart over USB takes the path away for a while, and unplugging meanwhile keeps it away', async () => {
  const { modem, terminal } = await ready({ persona: 'quectel-ec25', vanishMs: 400 });
  const start = Date.now();
  terminal.send('AT+CFUN=1,1\r');
  await terminal.closed;
  expect(existsSync(modem.path)).toBe(false);
  while (!existsSync(modem.path) && Date.now() - start < 3000) await sleep(5);
  expect(Date.now() - start).toBeGreaterThanOrEqual(398);
  const again = new Terminal(modem.path);
  onTestFinished(() => again.close());
  await again.until(/PB DONE/);
  again.send('AT+CFUN=1,1\r');
  await again.closed;
  await modem.unplug();
  await sleep(500);
  expect(existsSync(modem.path)).toBe(false);
});
