/** Faults of message stores, of the network, and of sending. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { bankOf, modemOf, openTerminal } from './terminal.ts';

async function ready(options: Parameters<typeof bankOf>[0] = {}) {
  const bank = await bankOf(options);
  const terminal = openTerminal(bank);
  await terminal.commands('ATE0', 'AT+CMEE=1', 'AT+CNMI=2,1,0,0,0', 'AT+CPMS="SM","SM","SM"');
  return { bank, modem: modemOf(bank), terminal };
}

/** SUBMIT to a number of ten digits, "hello"; with TP-SRR. */
function submitTo(number: string, report = false): string {
  const digits = number.replace('+', '');
  const swapped = digits.padEnd(digits.length + (digits.length % 2), 'F').replace(/(.)(.)/g, '$2$1');
  const length = digits.length.toString(16).padStart(2, '0').toUpperCase();
  return `${report ? '21' : '01'}00${length}91${swapped}000005E8329BFD06`;
}

test('firstIndex 0: places count from 0 in notices, listings, reading and deleting', async () => {
  const { modem, terminal } = await ready();
  modem.faults.firstIndex = 0;
  modem.deliverText({ from: '1', text: 'first' });
  expect(await terminal.until(/CMTI.*\r\n/)).toBe('\r\n+CMTI: "SM",0\r\n');
  expect(await terminal.command('AT+CMGL=4')).toContain('+CMGL: 0,0,');
  expect(await terminal.command('AT+CMGD=?')).toContain('+CMGD: (0),');
  expect(await terminal.command('AT+CMGR=0')).toContain('+CMGR: 1,');
  expect(modem.stored()).toMatchObject([{ index: 0 }]);
  expect(await terminal.command('AT+CMGD=0')).toBe('\r\nOK\r\n');
  expect(await terminal.command('AT+CMGD=20')).toContain('+CMS ERROR: 321');
  expect(modem.stored()).toEqual([]);
});

test('cmglBroken: silence, a refusal, or half a listing; +CMGR works', async () => {
  const { modem, terminal } = await ready();
  for (const text of ['one', 'two', 'three']) modem.deliverText({ from: '1', text });
  await terminal.until(/"SM",3\r\n/);
  modem.faults.cmglBroken = 'error';
  expect(await terminal.command('AT+CMGL=4')).toBe('\r\nERROR\r\n');
  modem.faults.cmglBroken = 'hang';
  terminal.send('AT+CMGL=4\r');
  expect(await terminal.command('AT')).toBe('\r\nOK\r\n');
  modem.faults.cmglBroken = 'cut';
  terminal.send('AT+CMGL=4\r');
  await sleep(40);
  expect(terminal.take()).toMatch(/^\r\n\+CMGL: 1,0,,\d+\r\n\w+$/);
  expect(await terminal.command('AT+CMGR=1')).toContain('+CMGR: 1,');
});

test('wrongStore: stores to one memory and announces of another', async () => {
  const { modem, terminal } = await ready();
  modem.faults.wrongStore = { stores: 'ME', announces: 'SM' };
  modem.deliverText({ from: '1', text: 'astray' });
  expect(await terminal.until(/CMTI.*\r\n/)).toBe('\r\n+CMTI: "SM",1\r\n');
  expect([modem.stored('SM').length, modem.stored('ME').length]).toEqual([0, 1]);
});

test('storesTwice and announcesTwice', async () => {
  const { modem, terminal } = await ready();
  modem.faults.storesTwice = 'same';
  modem.deliverText({ from: '1', text: 'a' });
  expect(await terminal.until(/"SM",2\r\n/)).toBe('\r\n+CMTI: "SM",1\r\n\r\n+CMTI: "SM",2\r\n');
  modem.faults.storesTwice = 'both';
  modem.deliverText({ from: '1', text: 'b' });
  expect(await terminal.until(/"ME",1\r\n/)).toBe('\r\n+CMTI: "SM",3\r\n\r\n+CMTI: "ME",1\r\n');
  const [first, second, third, fourth] = modem.stored().map(({ tpdu }) => tpdu);
  expect([first, third]).toEqual([second, fourth]);
  modem.faults.clear();
  modem.faults.announcesTwice = true;
  modem.deliverText({ from: '1', text: 'c' });
  expect(await terminal.until(/4\r\n\r\n.*4\r\n/)).toBe('\r\n+CMTI: "SM",4\r\n\r\n+CMTI: "SM",4\r\n');
});

test('fullSilently: no notice of anything until a place is free and the store was listed', async () => {
  const { modem, terminal } = await ready();
  modem.faults.fullSilently = true;
  for (let i = 0; i < 21; i += 1) modem.deliverText({ from: '1', text: `number ${i}` });
  await terminal.until(/"SM",20\r\n/);
  await terminal.command('AT+CMGD=1');
  expect(modem.pending()).toBe(0);
  await terminal.command('AT+CMGD=2');
  modem.deliverText({ from: '1', text: 'silent' });
  expect(await terminal.command('AT')).toBe('\r\nOK\r\n');
  await terminal.commands('AT+CMGL=4', 'AT+CMGD=3');
  modem.deliverText({ from: '1', text: 'heard' });
  expect(await terminal.until(/CMTI.*\r\n/)).toContain('"SM",3');
});

test('deletesSiblings: one part goes, the others of the same message go along', async () => {
  const { modem, terminal } = await ready();
  modem.deliverText({ from: '1', text: 'x'.repeat(400) });
  modem.deliverText({ from: '1', text: 'y'.repeat(400), refBits: 16 });
  modem.deliverText({ from: '1', text: 'alone' });
  modem.faults.deletesSiblings = true;
  await terminal.command('AT+CMGD=2');
  expect(modem.stored().map(({ index }) => index)).toEqual([4, 5, 6, 7]);
  await terminal.command('AT+CMGD=7');
  expect(modem.stored()).toHaveLength(3);
});

test('carriesClassZero: it comes over the line and is stored nowhere', async () => {
  const { modem, terminal } = await ready();
  modem.deliverText({ from: '1', text: 'stored', messageClass: 0 });
  await terminal.until(/CMTI/);
  modem.faults.carriesClassZero = true;
  const [tpdu = ''] = modem.deliverText({ from: '1', text: 'не хранится', messageClass: 0 }).tpdus;
  expect(await terminal.until(/CMT: .*\r\n.*\r\n/)).toContain(tpdu);
  modem.deliverText({ from: '1', text: 'class 1', messageClass: 1 });
  await terminal.until(/CMTI: "SM",2\r\n/);
  expect(modem.stored()).toHaveLength(2);
});

test('forgetsAfterCfun: message settings are as after power-on', async () => {
  const { modem, terminal } = await ready();
  await terminal.commands('AT+CMGF=1', 'AT+CSCS="UCS2"');
  modem.faults.forgetsAfterCfun = true;
  await terminal.commands('AT+CFUN=4', 'AT+CFUN=1');
  expect(await terminal.command('AT+CMGF?;+CSCS?;+CNMI?')).toBe(
    '\r\n+CMGF: 0\r\n\r\n+CSCS: "IRA"\r\n\r\n+CNMI: 0,0,0,0,0\r\n\r\nOK\r\n',
  );
});

test('deadSim: +CME ERROR: 13 until it is revived or another card is put in', async () => {
  const { modem, terminal } = await ready();
  modem.faults.deadSim = true;
  for (const command of ['AT+CPIN?', 'AT+CCID', 'AT+CIMI']) {
    expect(await terminal.command(command)).toBe('\r\n+CME ERROR: 13\r\n');
  }
  expect(await terminal.command('AT+CMGL=4')).toBe('\r\n+CMS ERROR: 313\r\n');
  expect(await terminal.command('AT+CREG?')).toContain('+CREG: 0,0');
  modem.faults.deadSim = false;
  expect(await terminal.command('AT+CIMI')).toContain(modem.sim?.imsi);
  modem.faults.deadSim = true;
  modem.removeSim();
  modem.insertSim();
  expect(modem.faults.deadSim).toBe(false);
});

test('a SIM that was dead when the modem booted is loaded when it lives again', async () => {
  const { modem, terminal } = await ready({ persona: 'quectel-ec25' });
  modem.faults.deadSim = true;
  await modem.reboot();
  expect(modem.reachable).toBe(false);
  modem.faults.deadSim = false;
  await terminal.until(/SMS DONE/);
  expect(modem.reachable).toBe(true);
  expect(await terminal.command('AT+CPMS?')).toContain('+CPMS: ');
});

test('registration: lost, denied, packet only with and without messages; +CREG refused', async () => {
  const { modem, terminal } = await ready();
  await terminal.commands('AT+CREG=1', 'AT+CEREG=1');
  const stats = async () => {
    terminal.take();
    const answer = await terminal.command('AT+CREG?;+CEREG?');
    return [...answer.matchAll(/REG: \d,(\d)/g)].map(([, stat]) => Number(stat));
  };
  modem.faults.registration = 'lost';
  expect(await terminal.until(/\+CEREG: 0\r\n/)).toBe('\r\n+CREG: 0\r\n\r\n+CEREG: 0\r\n');
  expect(await stats()).toEqual([0, 0]);
  modem.faults.registration = 'denied';
  expect(await stats()).toEqual([3, 3]);
  modem.faults.registration = 'roaming';
  expect(await stats()).toEqual([5, 5]);
  modem.faults.registration = 'csDenied';
  expect(await stats()).toEqual([3, 1]);
  modem.faults.registration = 'psOnlyNoSms';
  expect(await stats()).toEqual([0, 1]);
  modem.deliverText({ from: '1', text: 'waits' });
  expect(modem.pending()).toBe(1);
  modem.faults.registration = 'psOnly';
  expect(modem.pending()).toBe(0);
  modem.faults.refusesCreg = true;
  expect(await terminal.command('AT+CREG?')).toContain('ERROR');
});

test('psOnlyNoSms is cured by IMS, which is followed from the next start on', async () => {
  const { modem, terminal } = await ready({ persona: 'quectel-ec25' });
  modem.faults.registration = 'psOnlyNoSms';
  modem.deliverText({ from: '1', text: 'waits' });
  await terminal.command('AT+QCFG="ims",1');
  expect(await terminal.command('AT+QCFG="ims"')).toContain('+QCFG: "ims",1,1');
  expect(modem.pending()).toBe(1);
  await modem.reboot();
  await terminal.until(/PB DONE/);
  expect(modem.pending()).toBe(0);
});

test('sending fails, hangs, or is lost though the network took it', async () => {
  const { modem, terminal } = await ready();
  const tpdu = submitTo('+12025550143');
  const give = async () => {
    terminal.send(`AT+CMGS=${tpdu.length / 2}\r`);
    await terminal.until(/> $/);
    terminal.send(`00${tpdu}\x1a`);
  };
  modem.faults.sending = { error: 38, times: 2 };
  for (let i = 0; i < 2; i += 1) {
    await give();
    expect(await terminal.until(/ERROR.*\r\n/)).toBe('\r\n+CMS ERROR: 38\r\n');
  }
  expect(modem.sent).toEqual([]);
  modem.faults.sending = 'hang';
  await give();
  expect(await terminal.command('AT')).toBe('\r\nOK\r\n');
  expect(modem.sent).toEqual([]);
  modem.faults.sending = 'lost';
  await give();
  expect(await terminal.until(/CPIN: READY/)).not.toContain('CMGS');
  expect(modem.sent).toHaveLength(1);
  await terminal.command('ATE0');
  await give();
  expect(await terminal.until(/OK/)).toContain('+CMGS: 1');
});

test('a message to the number of another SIM of this bank is delivered there', async () => {
  const { bank, modem, terminal } = await ready({ modems: 2 });
  const other = modemOf(bank, 1);
  const tpdu = submitTo(other.sim?.msisdn ?? '');
  terminal.send(`AT+CMGS=${tpdu.length / 2}\r`);
  await terminal.until(/> $/);
  terminal.send(`00${tpdu}\x1a`);
  await terminal.until(/OK/);
  const there = openTerminal(bank, 1);
  await there.commands('ATE0', 'AT+CMGF=1');
  expect(await there.command('AT+CMGR=1')).toMatch(
    new RegExp(`"REC UNREAD","\\${modem.sim?.msisdn}",,".*"\\r\\nhello\\r\\n`),
  );
});

test('status reports: over the line, stored, or announced of the wrong place', async () => {
  const { modem, terminal } = await ready({ persona: 'quectel-ec25' });
  const tpdu = submitTo('+12025550143', true);
  const give = async () => {
    terminal.send(`AT+CMGS=${tpdu.length / 2}\r`);
    await terminal.until(/> $/);
    terminal.send(`00${tpdu}\x1a`);
    await terminal.until(/OK/);
  };
  await terminal.command('AT+CNMI=2,1,0,1,0');
  await give();
  expect(await terminal.until(/CDS: .*\r\n.*\r\n/)).toMatch(
    /^\r\n\+CDS: 25\r\n07919919000000F106000B912120550541F3\d{14}\d{14}00\r\n$/,
  );
  await terminal.command('AT+CNMI=2,1,0,2,0');
  await give();
  expect(await terminal.until(/CDSI.*\r\n/)).toBe('\r\n+CDSI: "SM",0\r\n');
  expect(modem.stored('SR')).toMatchObject([{ index: 1 }]);
  await terminal.command('AT+CPMS="SR","SM","SM"');
  expect(await terminal.command('AT+CMGL=4')).toContain('+CMGL: 1,0,,25\r\n');
});

test('calls ring until one side gives up; nobody answers unasked', async () => {
  const { modem, terminal } = await ready();
  await terminal.command('AT+CLIP=1');
  const call = modem.ring('+12025550143');
  expect(await terminal.until(/CLIP.*\r\n/)).toBe('\r\nRING\r\n\r\n+CLIP: "+12025550143",145\r\n');
  await terminal.until(/RING[\s\S]*CLIP/);
  await terminal.command('AT+CHUP');
  expect(call.rings).toBeGreaterThanOrEqual(2);
  expect(call).toMatchObject({ answered: false, ended: 'hung up' });
  await terminal.command('AT+CRC=1');
  modem.ring('123');
  expect(await terminal.until(/CLIP.*\r\n/)).toBe('\r\n+CRING: VOICE\r\n\r\n+CLIP: "123",129\r\n');
  await terminal.command('ATA');
  modem.calls[1]?.end('given up');
  await terminal.until(/NO CARRIER/);
  expect(modem.calls[1]).toMatchObject({ answered: true, ended: 'given up' });
});

test('emptySlot, pduTail and prompt: other ways to say nothing, to end a PDU, to ask for a text', async () => {
  const { modem, terminal } = await ready();
  const answers: string[] = [];
  for (const emptySlot of ['ok', 'refused', 'zero', '00'] as const) {
    modem.faults.emptySlot = emptySlot;
    answers.push(await terminal.command('AT+CMGR=1'));
  }
  expect(answers).toEqual([
    '\r\nOK\r\n',
    '\r\n+CMS ERROR: 321\r\n',
    '\r\n+CMGR: 0,,0\r\n\r\nOK\r\n',
    '\r\n+CMGR: 0,,0\r\n00\r\n\r\nOK\r\n',
  ]);
  modem.faults.pduTail = 'FFFF';
  const [tpdu = ''] = modem.deliverText({ from: '1', text: 'padded' }).tpdus;
  await terminal.until(/CMTI.*\r\n/);
  expect(await terminal.command('AT+CMGR=1')).toContain(`${tpdu}FFFF\r\n`);
  modem.faults.prompt = '>';
  terminal.send('AT+CMGS=20\r');
  expect(await terminal.until(/>/)).toBe('>');
  terminal.send('\x1b');
  await terminal.until(/OK/);
});

test('with +CSMS=1 a message on the line has to be acknowledged before the next one comes', async () => {
  const { modem, terminal } = await ready();
  expect(await terminal.command('AT+CNMA')).toContain('+CMS ERROR: 340');
  await terminal.commands('AT+CSMS=1', 'AT+CNMI=2,2,0,0,0');
  modem.deliverText({ from: '1', text: 'first' });
  await terminal.until(/CMT: .*\r\n.*\r\n/);
  const [second = ''] = modem.deliverText({ from: '1', text: 'second' }).tpdus;
  expect(modem.pending()).toBe(1);
  terminal.send('AT+CNMA\r');
  expect(await terminal.until(/CMT: .*\r\n.*\r\n/)).toContain(second);
  expect(modem.pending()).toBe(0);
});
