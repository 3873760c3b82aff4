import { expect, test } from 'vitest';
import { bankOf, modemOf, openTerminal } from './terminal.ts';

test('echoes until ATE0, frames answers in CR LF', async () => {
  const terminal = openTerminal(await bankOf());
  expect(await terminal.command('AT')).toBe('AT\r\r\nOK\r\n');
  expect(await terminal.command('ATE0')).toBe('ATE0\r\r\nOK\r\n');
  expect(await terminal.command('at+csq')).toBe('\r\n+CSQ: 12,99\r\n\r\nOK\r\n');
  expect(await terminal.command('ATE1')).toBe('\r\nOK\r\n');
  expect(await terminal.command('AT')).toBe('AT\r\r\nOK\r\n');
});

test('shows typed characters at once and takes backspaces', async () => {
  const terminal = openTerminal(await bankOf());
  terminal.send('ATX');
  await terminal.until(/^ATX$/);
  terminal.send('\b+CMEE?\r');
  expect(await terminal.until(/OK/)).toContain('+CMEE: 0');
});

test('refuses as AT+CMEE says', async () => {
  const bank = await bankOf();
  const terminal = openTerminal(bank);
  await terminal.command('ATE0');
  modemOf(bank).removeSim();
  await terminal.until(/NOT READY/);
  const answers: Record<string, string[]> = {};
  for (const level of ['0', '1', '2']) {
    await terminal.command(`AT+CMEE=${level}`);
    answers[level] = [
      await terminal.command('AT+CIMI'),
      await terminal.command('AT+CMGL=4'),
      await terminal.command('AT+NOSUCH=1'),
    ];
  }
  expect(answers).toEqual({
    0: ['\r\nERROR\r\n', '\r\nERROR\r\n', '\r\nERROR\r\n'],
    1: ['\r\n+CME ERROR: 10\r\n', '\r\n+CMS ERROR: 310\r\n', '\r\n+CME ERROR: 4\r\n'],
    2: [
      '\r\n+CME ERROR: SIM not inserted\r\n',
      '\r\n+CMS ERROR: SIM not inserted\r\n',
      '\r\n+CME ERROR: operation not supported\r\n',
    ],
  });
});

test('runs the commands of one line in turn and stops at the first that fails', async () => {
  const bank = await bankOf();
  const terminal = openTerminal(bank);
  await terminal.command('ATE0V1Q0X4&C1&D2S0=0');
  expect(await terminal.command('AT+CREG=2;+CREG?;+COPS=3,2;+COPS?')).toBe(
    '\r\n+CREG: 2,1,"0001","000A0000",7\r\n\r\n+COPS: 0,2,"00101",7\r\n\r\nOK\r\n',
  );
  expect(await terminal.command('AT+CREG?;+CMEE=9;+CSQ')).toBe(
    '\r\n+CREG: 2,1,"0001","000A0000",7\r\n\r\nERROR\r\n',
  );
  // A semicolon in quotes ends nothing.
  expect(await terminal.command('AT+CSCS="I;A";+CSQ')).toBe('\r\nERROR\r\n');
});

test('repeats with A/, answers digits with ATV0, nothing with ATQ1, ignores what is no command', async () => {
  const terminal = openTerminal(await bankOf());
  await terminal.commands('ATE0', 'AT+CSQ');
  terminal.send('A/');
  expect(await terminal.until(/OK\r\n$/)).toContain('+CSQ: 12,99');
  terminal.send('\x1bhello\r\nATV0\r');
  expect(await terminal.until(/\r$/)).toBe('0\r');
  terminal.send('AT+CSQ\r');
  expect(await terminal.until(/0\r$/)).toBe('+CSQ: 12,99\r\n0\r');
  terminal.send('ATQ1\rATV1\rATQ0\r');
  expect(await terminal.until(/OK\r\n$/)).toBe('\r\nOK\r\n');
});

test('identifies modem and SIM, the Quectel persona with its own commands', async () => {
  const bank = await bankOf({ modems: 2, persona: 'generic,quectel-ec25' });
  const [generic, quectel] = [openTerminal(bank, 0), openTerminal(bank, 1)];
  const { imei, sim } = modemOf(bank, 0);
  await generic.command('ATE0');
  expect(await generic.command('AT+CGSN;+CIMI;+CCID')).toBe(
    `\r\n${imei}\r\n\r\n${sim?.imsi}\r\n\r\n+CCID: ${sim?.iccid}\r\n\r\nOK\r\n`,
  );
  const swapped = `${sim?.iccid}F`.replace(/(.)(.)/g, '$2$1');
  expect(await generic.command('AT+CRSM=176,12258,0,0,10')).toContain(`+CRSM: 144,0,"${swapped}"`);
  expect(await generic.command('AT+QCCID')).toBe('\r\nERROR\r\n');

  await quectel.command('ATE0');
  expect(await quectel.command('AT+QCCID')).toContain(`+QCCID: ${modemOf(bank, 1).sim?.iccid}F\r\n`);
  expect(await quectel.command('AT+CGMI;+CGMM')).toBe('\r\nQuectel\r\n\r\nEC25\r\n\r\nOK\r\n');
  expect(await quectel.command('AT+QINISTAT')).toContain('+QINISTAT: 7');
  expect(await quectel.command('AT+CMGR=3')).toBe('\r\nOK\r\n');
  expect(await quectel.command('AT+NOSUCH')).toBe('\r\nERROR\r\n');
});

test('sends a PDU after the prompt, gives it up on ESC', async () => {
  const bank = await bankOf();
  const terminal = openTerminal(bank);
  await terminal.commands('ATE0', 'AT+CMEE=1');
  terminal.send('AT+CMGS=20\r');
  expect(await terminal.until(/> $/)).toBe('\r\n> ');
  terminal.send('00\x1b');
  expect(await terminal.until(/OK/)).toBe('\r\nOK\r\n');

  // SUBMIT to +12025550143, "hello" in the default alphabet.
  const tpdu = '01000B912120550541F3000005E8329BFD06';
  terminal.send(`AT+CMGS=${tpdu.length / 2}\r`);
  await terminal.until(/> $/);
  terminal.send(`00${tpdu}\x1a`);
  expect(await terminal.until(/OK\r\n$/)).toBe('\r\n+CMGS: 0\r\n\r\nOK\r\n');
  expect(modemOf(bank).sent).toEqual([
    { to: '+12025550143', text: 'hello', reference: 0, report: false, tpdu },
  ]);

  terminal.send('AT+CMGS=99\r');
  await terminal.until(/> $/);
  terminal.send(`00${tpdu}\x1a`);
  expect(await terminal.until(/ERROR.*\r\n$/)).toBe('\r\n+CMS ERROR: 304\r\n');
  expect(modemOf(bank).counters().sent).toBe(1);
});

test('answers USSD by a notice after OK, in the chosen character set', async () => {
  const terminal = openTerminal(await bankOf());
  await terminal.command('ATE0');
  terminal.send('AT+CUSD=1,"*100#",15\r');
  expect(await terminal.until(/\+CUSD: .*\r\n$/)).toBe('\r\nOK\r\n\r\n+CUSD: 0,"Balance: 5.00",15\r\n');
  await terminal.command('AT+CSCS="UCS2"');
  terminal.send('AT+CUSD=1,"002A0031003000300023",15\r');
  expect(await terminal.until(/\+CUSD: .*\r\n$/)).toContain('"00420061006C0061006E00630065003A');
});

test('asks for the PIN after power-on and blocks after three wrong ones', async () => {
  const bank = await bankOf();
  const terminal = openTerminal(bank);
  const modem = modemOf(bank);
  const identity = { iccid: '8999000000000000017', imsi: '001010000000017', msisdn: null };
  modem.insertSim({ ...identity, pin: '1234' });
  await terminal.commands('ATE0', 'AT+CMEE=1');
  expect(await terminal.command('AT+CPIN?')).toContain('+CPIN: SIM PIN');
  expect(await terminal.command('AT+CMGL=4')).toContain('+CMS ERROR: 311');
  modem.deliverText({ from: '22000', text: 'waits' });
  expect(modem.pending()).toBe(1);
  expect(await terminal.command('AT+CPIN="0000"')).toContain('+CME ERROR: 16');
  expect(await terminal.command('AT+CPIN="1234"')).toContain('OK');
  expect(modem.pending()).toBe(0);
  expect(await terminal.command('AT+CPIN?')).toContain('+CPIN: READY');
  await modem.reboot();
  await terminal.commands('ATE0', 'AT+CMEE=1');
  for (const answer of ['16', '16', '12']) {
    expect(await terminal.command('AT+CPIN="9999"')).toContain(`+CME ERROR: ${answer}`);
  }
  expect(await terminal.command('AT+CPIN?')).toContain('SIM PUK');
});

test('a reboot forgets settings and announces itself', async () => {
  const bank = await bankOf({ persona: 'quectel-ec25' });
  const terminal = openTerminal(bank);
  await terminal.commands('ATE0', 'AT+CMEE=2', 'AT+CNMI=2,1,0,1,0', 'AT+CPMS="SM","SM","SM"');
  await modemOf(bank).reboot();
  expect(await terminal.until(/PB DONE\r\n$/)).toBe(
    '\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n\r\n+QUSIM: 1\r\n\r\n+QIND: SMS DONE\r\n\r\n+QIND: PB DONE\r\n',
  );
  const after = await terminal.command('AT+CMEE?;+CNMI?;+CPMS?');
  expect(after).toMatch(/^AT.*\+CMEE: 1\r\n.*\+CNMI: 2,1,0,0,0\r\n.*\+CPMS: "ME",0,23/s);
});

test('faults: override, silence, hang, late answer, lost notice, noise', async () => {
  const bank = await bankOf();
  const terminal = openTerminal(bank);
  const modem = modemOf(bank);
  await terminal.commands('ATE0', 'AT+CNMI=2,1,0,0,0');
  modem.faults.onCommand = (line) => (line === 'AT+CSQ' ? '+CSQ: 99,99\nOK' : undefined);
  expect(await terminal.command('AT+CSQ')).toBe('\r\n+CSQ: 99,99\r\n\r\nOK\r\n');
  modem.faults.onCommand = (line) => (line === 'AT+CSQ' ? '' : undefined);
  terminal.send('AT+CSQ\r');
  expect(await terminal.command('AT')).toBe('\r\nOK\r\n');

  modem.faults.clear();
  modem.faults.hang = true;
  terminal.send('AT+CSQ\r');
  await new Promise((resolve) => setTimeout(resolve, 50));
  modem.faults.hang = false;
  expect(await terminal.command('AT')).toBe('\r\nOK\r\n');

  modem.faults.lateMs = 80;
  const start = Date.now();
  expect(await terminal.command('AT+CSQ')).toContain('+CSQ');
  expect(Date.now() - start).toBeGreaterThanOrEqual(78);

  modem.faults.dropUrcs = 1;
  modem.deliverText({ from: '1', text: 'unannounced' });
  modem.deliverText({ from: '1', text: 'announced' });
  expect(await terminal.until(/CMTI/)).toBe('\r\n+CMTI: "SM",2\r\n');

  modem.noise(Uint8Array.of(0xff, 0x00, 0x80));
  expect(await terminal.until(/\x80/)).toBe('\xff\x00\x80');
});

test('with latency, notices wait for the final result and commands for their turn', async () => {
  const bank = await bankOf({ latencyMs: 30 });
  const terminal = openTerminal(bank);
  await terminal.commands('ATE0', 'AT+CNMI=2,1,0,0,0');
  terminal.send('AT+CSQ\rAT+CMEE?\r');
  await new Promise((resolve) => setTimeout(resolve, 10));
  modemOf(bank).deliverText({ from: '1', text: 'x' });
  expect(await terminal.until(/CMTI.*\r\n/)).toBe(
    '\r\n+CSQ: 12,99\r\n\r\nOK\r\n\r\n+CMEE: 0\r\n\r\nOK\r\n\r\n+CMTI: "SM",1\r\n',
  );
});
