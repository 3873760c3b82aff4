import { expect, test } from 'vitest';
import { bankOf, modemOf, openTerminal } from './terminal.ts';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('a listing larger than the kernel takes arrives whole though nobody reads for a while', async () => {
  const bank = await bankOf({ persona: 'quectel-ec25' });
  const modem = modemOf(bank);
  const terminal = openTerminal(bank);
  await terminal.commands('ATE0', 'AT+CPMS="SM","SM","SM"', 'AT+CNMI=2,1,0,0,0');
  const sent = Array.from(
    { length: 60 },
    (_, i) => modem.deliverText({ from: '1', text: `${i}`.padEnd(160, 'x') }).tpdus[0],
  );
  await terminal.until(/"SM",40/);
  terminal.pause();
  // Three listings of 13 kB, a line in between, all asked for at once.
  terminal.send('AT+CMGL=4\rAT+CMGL=4\rAT+CSQ\rAT+CMGL=4\r');
  await sleep(150);
  modem.deliverText({ from: '1', text: 'and one more' });
  terminal.resume();
  const all = await terminal.until(/(\r\nOK\r\n[\s\S]*){4}$/);
  const pdus = [...all.matchAll(/\r\n07919919000000F1([0-9A-F]+)/g)].map(([, tpdu]) => tpdu);
  expect(pdus).toEqual([...sent.slice(0, 40), ...sent.slice(0, 40), ...sent.slice(0, 40)]);
  expect(all.indexOf('+CSQ')).toBeGreaterThan(all.indexOf('OK', all.indexOf('OK') + 1));
  // The device is none the worse.
  expect(await terminal.command('AT')).toBe('\r\nOK\r\n');
});

test('commands without end do not grow the memory, and are all answered', async () => {
  const bank = await bankOf();
  const terminal = openTerminal(bank);
  await terminal.command('ATE0');
  terminal.pause();
  for (let i = 0; i < 5000; i += 1) terminal.send('AT+CSQ\r');
  await sleep(100);
  expect(modemOf(bank).counters().commands).toBeLessThan(2000);
  terminal.resume();
  const deadline = Date.now() + 5000;
  while (modemOf(bank).counters().commands < 5001 && Date.now() < deadline) await sleep(10);
  await sleep(50);
  expect(terminal.take().match(/\+CSQ: 12,99\r\n\r\nOK/g)).toHaveLength(5000);
});

test('a client that opens late finds few stale notices, and hears the next ones', async () => {
  const bank = await bankOf({ persona: 'quectel-ec25' });
  const modem = modemOf(bank);
  const first = openTerminal(bank);
  await first.commands('ATE0', 'AT+CPMS="SM","SM","SM"', 'AT+CNMI=2,1,0,0,0');
  await first.close();
  for (let i = 0; i < 5000; i += 1) modem.announce(`+QIND: "csq",${i},99`);
  const late = openTerminal(bank);
  const stale = (await late.until(/4999,99\r\n/)).match(/QIND/g);
  // What the kernel held, then the newest.
  expect(stale?.length).toBeLessThan(60);
  modem.deliverText({ from: '1', text: 'x' });
  await late.until(/CMTI/);
});

test('overlong lines and binary noise end nothing', async () => {
  const bank = await bankOf();
  const terminal = openTerminal(bank);
  await terminal.command('ATE0');
  for (let i = 0; i < 50; i += 1) terminal.send('\x00\xff\x80AT garbage '.repeat(80));
  await sleep(50);
  expect(await terminal.command('\rAT')).toContain('OK');
  terminal.take();
  expect(await terminal.command('AT+CSQ')).toContain('+CSQ');
});
