/** The oddities of the families that are driven deepest, each through its tty. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { fromSeptets, pack, toSeptets, unpack } from '../../src/emulator/alphabet.ts';
import { bankOf, modemOf, openTerminal, terminalAt } from './terminal.ts';

async function ready(persona: string, options: Parameters<typeof bankOf>[0] = {}) {
  const bank = await bankOf({ persona, ...options });
  const terminal = openTerminal(bank);
  await terminal.commands('ATE0', 'AT+CMEE=1');
  return { bank, modem: modemOf(bank), terminal };
}

const CARD = { iccid: '8999000000000000013', imsi: '001010000000013', msisdn: null, pin: null };

test('unknown commands are refused in the family’s own words, and so is what it lacks', async () => {
  const refusals = {
    'quectel-ec25': ['AT+NOSUCH', 'ERROR'],
    'huawei-stick': ['AT+CCID', 'COMMAND NOT SUPPORT'],
    'wavecom-q24': ['AT+CEREG?', 'ERROR'],
    generic: ['AT+ICCID', '+CME ERROR: 4'],
  };
  for (const [persona, [command = '', refusal]] of Object.entries(refusals)) {
    const { terminal } = await ready(persona);
    terminal.send(`${command}\r`);
    expect(await terminal.until(/\w\r\n$/)).toBe(`\r\n${refusal}\r\n`);
  }
});

test('SIMCom starts with errors in words', async () => {
  const { terminal, modem } = await ready('simcom-sim7x00');
  modem.removeSim();
  await terminal.commands('AT+CMEE=2');
  expect(await terminal.command('AT+CIMI')).toContain('+CME ERROR: SIM not inserted');
});

test('Quectel: readiness in steps, IMS and profile outlive a restart, reading an empty place is no error', async () => {
  const { modem, terminal } = await ready('quectel-ec25', { timing: { smsMs: 1000 } });
  expect(await terminal.command('AT+CMGR=7')).toBe('\r\nOK\r\n');
  await terminal.commands('AT+QCFG="ims",1', 'AT+QMBNCFG="Select","ROW_Generic_3GPP"');
  modem.removeSim();
  expect(await terminal.until(/CPIN.*\r\n/)).toBe('\r\n+CPIN: NOT READY\r\n');
  expect(await terminal.command('AT+QINISTAT')).toContain('+QINISTAT: 0');
  modem.insertSim();
  await terminal.until(/\+QUSIM: 1/);
  expect(await terminal.command('AT+QINISTAT')).toContain('+QINISTAT: 1');
  expect(await terminal.command('AT+CMGL=4')).toContain('+CMS ERROR: 500');
  await terminal.until(/PB DONE\r\n/);
  expect(await terminal.command('AT+QINISTAT')).toContain('+QINISTAT: 7');
  expect(await terminal.command('AT+CMGL=4')).toBe('\r\nOK\r\n');
  await modem.reboot();
  await terminal.until(/PB DONE/);
  await terminal.command('ATE0');
  expect(await terminal.command('AT+QCFG="ims"')).toContain('"ims",1,1');
  expect(await terminal.command('AT+QMBNCFG="List"')).toContain('0,1,1,"ROW_Generic_3GPP"');
  expect(await terminal.command('AT+CNUM')).toContain(`+CNUM: ,"${modem.sim?.msisdn}",145`);
  if (modem.sim !== null) modem.sim.ownNumber = null;
  expect(await terminal.command('AT+CNUM')).toBe('\r\nOK\r\n');
  await terminal.commands('AT+CPBS="ON"', 'AT+CPBW=1,"+12025550199",145');
  expect(await terminal.command('AT+CNUM')).toContain('+12025550199');
});

test('Quectel drops its card with +CFUN=0 and loads it anew', async () => {
  const { terminal } = await ready('quectel-ec25');
  terminal.send('AT+CFUN=0\r');
  expect(await terminal.until(/NOT READY\r\n/)).toBe('\r\nOK\r\n\r\n+CPIN: NOT READY\r\n');
  terminal.send('AT+CFUN=1\r');
  await terminal.until(/SMS DONE/);
});

test('SIM7x00: class 0 is announced as ",-1" and nowhere', async () => {
  const { modem, terminal } = await ready('simcom-sim7x00');
  await terminal.commands('AT+CNMI=2,1,0,0,0', 'AT+CPMS="SM","SM","SM"');
  modem.deliverText({ from: '1', text: 'flash', messageClass: 0 });
  expect(await terminal.until(/CMTI.*\r\n/)).toBe('\r\n+CMTI: ,-1\r\n');
  expect(modem.stored()).toEqual([]);
  modem.deliverText({ from: '1', text: 'kept' });
  expect(await terminal.until(/CMTI.*\r\n/)).toBe('\r\n+CMTI: "SM",0\r\n');
});

test('A76xx: stores twice, refuses ds=1, says once that it is full, and nothing more until it was listed', async () => {
  const { modem, terminal } = await ready('simcom-a76xx');
  await terminal.command('AT+CPMS="SM","SM","SM"');
  expect(await terminal.command('AT+CNMI=2,1,0,1,0')).toBe('\r\n+CMS ERROR: 303\r\n');
  expect(await terminal.command('AT+CNMI=2,1,0,0,0')).toBe('\r\nOK\r\n');
  modem.deliverText({ from: '1', text: 'twice' });
  expect(await terminal.until(/,2\r\n/)).toBe('\r\n+CMTI: "SM",1\r\n\r\n+CMTI: "SM",2\r\n');
  expect(new Set(modem.stored().map(({ tpdu }) => tpdu)).size).toBe(1);
  for (let i = 0; i < 20; i += 1) modem.deliverText({ from: '1', text: `number ${i}` });
  await terminal.until(/\+SMS FULL\r\n/);
  await terminal.commands('AT+CMGD=1', 'AT+CMGD=2', 'AT+CMGD=3', 'AT+CMGD=4');
  modem.deliverText({ from: '1', text: 'unheard' });
  expect(await terminal.command('AT')).toBe('\r\nOK\r\n');
  await terminal.commands('AT+CMGL=4', 'AT+CMGD=5', 'AT+CMGD=6');
  modem.deliverText({ from: '1', text: 'heard' });
  await terminal.until(/CMTI/);
});

test('SIM800: a late card is seen when the radio was off; its parts go together; the stores take a while', async () => {
  const { modem, terminal } = await ready('simcom-sim800');
  const sim = modem.removeSim();
  await terminal.until(/NOT READY/);
  modem.insertSim(sim ?? undefined);
  expect(await terminal.command('AT+CPIN?')).toBe('\r\n+CME ERROR: 10\r\n');
  await terminal.command('AT+CFUN=0');
  await terminal.command('AT+CFUN=1');
  await terminal.untilAnswered('AT+CPIN?', /READY/);
  await terminal.untilAnswered('AT+CCALR?', /\+CCALR: 1\r\n/);
  modem.deliverText({ from: '1', text: 'x'.repeat(300) });
  await terminal.command('AT+CMGD=1');
  expect(modem.stored()).toEqual([]);
});

test('Huawei: refuses mode 2, places from 0, years of four digits, tells that its store is full', async () => {
  const { modem, terminal } = await ready('huawei-stick');
  expect(await terminal.command('AT+CNMI=2,1,0,0,0')).toContain('+CMS ERROR: 303');
  await terminal.commands('AT+CNMI=1,1,0,0,0', 'AT+CMGF=1', 'AT+CREG=2');
  modem.deliverText({ from: '1', text: 'x', sentAt: new Date('2026-11-21T06:30:00Z') });
  expect(await terminal.until(/CMTI.*\r\n/)).toBe('\r\n+CMTI: "SM",0\r\n');
  expect(await terminal.command('AT+CMGR=0')).toContain('"2026/11/21,06:30:00+00"');
  expect(await terminal.command('AT+CREG?')).toBe('\r\n+CREG: 2,1,1,A0000\r\n\r\nOK\r\n');
  for (let i = 0; i < 50; i += 1) modem.deliverText({ from: '1', text: `number ${i}` });
  expect(await terminal.until(/FULL.*\r\n/)).toContain('^SMMEMFULL: "SM"');
});

test('Huawei chatters until ^CURC=0; ^PORTSEL=1 brings notices to this port', async () => {
  const { modem, terminal } = await ready('huawei-stick', { noise: 15 });
  await terminal.until(/\^BOOT:/);
  await terminal.until(/\^RSSI:/);
  await terminal.command('AT^CURC=0');
  terminal.take();
  await sleep(80);
  expect(terminal.take()).toBe('');
  await terminal.command('AT+CNMI=1,1,0,0,0');
  modem.faults.urcElsewhere = true;
  modem.deliverText({ from: '1', text: 'elsewhere' });
  await terminal.command('AT^PORTSEL=1');
  modem.deliverText({ from: '1', text: 'here' });
  expect(await terminal.until(/CMTI.*\r\n/)).toBe('\r\n+CMTI: "SM",1\r\n');
});

const packed = (text: string) =>
  Buffer.from(pack(toSeptets(text)!.flat()))
    .toString('hex')
    .toUpperCase();

function unpacked(hex: string): string {
  const octets = Buffer.from(hex, 'hex');
  return fromSeptets(unpack(octets, Math.floor((octets.length * 8) / 7))).replace(/[\r@]$/, '');
}

test('Huawei packs USSD in both directions, but not every answer', async () => {
  const { modem, terminal } = await ready('huawei-stick');
  const ask = async (code: string) => {
    terminal.send(`AT+CUSD=1,"${packed(code)}",15\r`);
    return (await terminal.until(/\+CUSD: .*\r\n/)).match(/\+CUSD: (\d)(?:,"(.*)",(\d+))?/s);
  };
  const [, m, hex = '', dcs] = (await ask('*101#')) ?? [];
  expect([m, unpacked(hex), dcs]).toEqual(['0', `Number: ${modem.sim?.msisdn}`, '15']);
  expect((await ask('*109#'))?.slice(1)).toEqual(['0', 'Not packed', '15']);
  expect((await ask('*103#'))?.[3]).toBe('72');
  expect(await terminal.command('AT+CUSD=1,"*100#",15')).toContain('+CME ERROR: 50');
});

test('USSD: menus, several lines, refusals, answers before OK, twice, and none without a circuit domain', async () => {
  const { modem, terminal } = await ready('generic');
  const ask = async (code: string, pattern = /OK[\s\S]*\+CUSD: [^\n]*\r\n$/) => {
    terminal.send(`AT+CUSD=1,"${code}",15\r`);
    return await terminal.until(pattern);
  };
  expect(await ask('*123#', /"1 Balance\n2 Own number\n0 End",15/)).toContain('+CUSD: 1,');
  expect(await ask('1')).toContain('+CUSD: 0,"Balance: 5.00",15');
  await ask('*123#', /End",15/);
  terminal.send('AT+CUSD=2\r');
  expect(await terminal.until(/CUSD: 2\r\n/)).toBe('\r\nOK\r\n\r\n+CUSD: 2\r\n');
  expect(await ask('*102#', /three",15/)).toContain('"Line one\nLine two\r\nLine three"');
  expect(await ask('*104#')).toContain('+CUSD: 4\r\n');
  expect(await ask('*105#')).toContain('+CUSD: 5\r\n');
  expect(await ask('*106#')).toContain('+CUSD: 0,"",15');
  expect(await ask('*107#', /OK\r\n$/)).toMatch(/^\r\n\+CUSD: 0,"Before OK",15\r\n\r\nOK/);
  expect(await ask('*108#', /(twice[\s\S]*){2}/)).toContain('OK');
  modem.faults.registration = 'psOnly';
  expect(await terminal.command('AT+CUSD=1,"*100#",15')).toContain('+CME ERROR: 30');
});

test('Wavecom: +CPIN without OK, one or two memories, busy while it loads, restarts by +CFUN=1, never sees a late card', async () => {
  const { modem, terminal } = await ready('wavecom-q24', { timing: { smsMs: 1000 } });
  terminal.send('AT+CPIN?\r');
  await terminal.until(/READY\r\n/);
  await sleep(30);
  expect(terminal.take()).toBe('');
  expect(await terminal.command('AT+CPMS="SM","SM","SM"')).toContain('ERROR');
  expect(await terminal.command('AT+CPMS="SM","SM"')).toBe('\r\n+CPMS: 0,20,0,20\r\n\r\nOK\r\n');
  expect(await terminal.command('AT+CPMS="ME"')).toContain('ERROR');
  expect(await terminal.command('AT+CPMS?')).toContain('+CPMS: "SM",0,20,"SM",0,20\r\n');
  await terminal.command('AT+CFUN=1');
  await terminal.until(/\+WIND: 3\r\n/);
  await terminal.commands('ATE0', 'AT+CMEE=1');
  expect(await terminal.command('AT+CMGL=4')).toMatch(/\+CME ERROR: 515|\+CMS ERROR: 314/);
  await terminal.untilAnswered('AT+CMGL=4', /515/);
  await terminal.until(/\+WIND: 7\r\n/);
  expect(await terminal.command('AT+CMGL=4')).toBe('\r\nOK\r\n');
  modem.removeSim();
  modem.insertSim(CARD);
  expect(await terminal.command('AT+CPIN?')).toBe('\r\n+CME ERROR: 10\r\n');
  await modem.reboot();
  await terminal.until(/\+WIND: 7\r\n/);
  await terminal.command('ATE0');
  expect(await terminal.command('AT+CCID')).toContain(`"${CARD.iccid}"`);
});

test('ZTE goes off the air by +ZOPRT only, and puts a comma before a report', async () => {
  const { modem, terminal } = await ready('zte');
  await terminal.commands('AT+CREG=1', 'AT+CFUN=4');
  expect(await terminal.command('AT+CREG?')).toContain('+CREG: 1,1');
  modem.faults.registeredButDeaf = { how: 'fail', curedBy: 'cfun' };
  terminal.send('AT+ZOPRT=6\r');
  await terminal.until(/\+CREG: 0\r\n/);
  terminal.send('AT+ZOPRT=5\r');
  await terminal.until(/\+CREG: 1\r\n/);
  expect(modem.faults.registeredButDeaf).toBeNull();
});

test('Neoway announces twice, and answers nothing while its radio is off', async () => {
  const { modem, terminal } = await ready('neoway');
  await terminal.commands('AT+CNMI=2,1,0,0,0');
  modem.deliverText({ from: '1', text: 'x' });
  await terminal.until(/(CMTI: "SM",1\r\n[\s\S]*){2}/);
  expect(modem.stored()).toHaveLength(1);
  expect(await terminal.command('AT+CFUN=4')).toBe('\r\nOK\r\n');
  terminal.send('AT\rAT+CFUN=1\r');
  await sleep(50);
  expect(terminal.take()).toBe('');
  await modem.unplug();
  await modem.replug();
  expect(await terminalAt(modem.path).command('AT')).toContain('OK');
});

test('Telit says READY before its stores are loaded; Cinterion takes only bfr=1 and no ME to receive', async () => {
  const telit = await ready('telit-le910', { timing: { smsMs: 1000 } });
  telit.modem.removeSim();
  telit.modem.insertSim(CARD);
  await telit.terminal.untilAnswered('AT+CPIN?', /READY/);
  expect(await telit.terminal.command('AT#QSS?')).toContain('#QSS: 2,2');
  expect(await telit.terminal.command('AT+CPMS?')).toContain('+CMS ERROR: 500');
  await telit.terminal.until(/#QSS: 3\r\n/);
  expect(await telit.terminal.command('AT+CPMS?')).toContain('+CPMS: "SM"');

  const { terminal } = await ready('cinterion');
  expect(await terminal.command('AT+CNMI=2,1,0,0,0')).toContain('+CMS ERROR: 302');
  expect(await terminal.command('AT+CNMI=2,1,0,0,1')).toBe('\r\nOK\r\n');
  expect(await terminal.command('AT+CPMS="ME","ME","ME"')).toContain('+CMS ERROR: 302');
  expect(await terminal.command('AT+CPMS="ME","ME","SM"')).toContain('OK');
});

test('Luat echoes the end of a line as CR LF, and has its own words for cards', async () => {
  const bank = await bankOf({ persona: 'luat-air7xx' });
  const terminal = openTerminal(bank);
  expect(await terminal.command('AT')).toBe('AT\r\n\r\nOK\r\n');
  await terminal.command('ATE0');
  modemOf(bank).removeSim();
  expect(await terminal.until(/Service\r\n/)).toBe('\r\n+CPIN: SIM REMOVED 0\r\n\r\n+NO Service\r\n');
  modemOf(bank).insertSim();
  await terminal.until(/\+CPIN: READY 0\r\n/);
});

test('all personas in turn, and chatter that is switched off', async () => {
  const bank = await bankOf({ modems: 20, persona: 'all', noise: false });
  const personas = bank.modems.map(({ persona }) => persona);
  expect(new Set(personas).size).toBe(19);
  expect(personas[19]).toBe(personas[0]);
});
