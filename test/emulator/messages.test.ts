import { expect, test } from 'vitest';
import { SMSC_FIELD } from '../../src/emulator/tpdu.ts';
import { bankOf, modemOf, openTerminal } from './terminal.ts';

async function ready(options: Parameters<typeof bankOf>[0] = {}) {
  const bank = await bankOf(options);
  const modem = modemOf(bank);
  const terminal = openTerminal(bank);
  await terminal.commands('ATE0', 'AT+CMEE=1', 'AT+CMGF=0', 'AT+CNMI=2,1,0,0,0', 'AT+CPMS="SM","SM","SM"');
  return { bank, modem, terminal };
}

test('announces, shows, marks as read, deletes, and can tell', async () => {
  const { modem, terminal } = await ready();
  const { tpdus } = modem.deliverText({ from: '+12025550143', text: 'Your code is 123456' });
  const [tpdu = ''] = tpdus;
  expect(await terminal.until(/CMTI.*\r\n/)).toBe('\r\n+CMTI: "SM",1\r\n');
  expect(await terminal.command('AT+CMGR=1')).toBe(
    `\r\n+CMGR: 0,,${tpdu.length / 2}\r\n${SMSC_FIELD}${tpdu}\r\n\r\nOK\r\n`,
  );
  expect(modem.stored()).toEqual([{ index: 1, tpdu, read: true }]);
  expect(await terminal.command('AT+CMGR=1')).toContain('+CMGR: 1,,');
  expect(await terminal.command('AT+CMGD=1')).toBe('\r\nOK\r\n');
  expect(await terminal.command('AT+CMGR=1')).toBe('\r\n+CMS ERROR: 321\r\n');
  expect(await terminal.command('AT+CMGR=99')).toBe('\r\n+CMS ERROR: 321\r\n');
  expect(modem.log.map(({ kind, index, store }) => ({ kind, index, store }))).toEqual(
    ['stored', 'announced', 'read', 'read', 'deleted'].map((kind) => ({ kind, index: 1, store: 'SM' })),
  );
  expect(modem.counters()).toMatchObject({ delivered: 1, stored: 1, read: 2, deleted: 1, sent: 0 });
});

test('lists by slot and by state, and uses free slots again', async () => {
  const { modem, terminal } = await ready();
  for (const text of ['one', 'two', 'three']) modem.deliverText({ from: '1', text });
  await terminal.command('AT+CMGR=2');
  const indexes = (answer: string) =>
    [...answer.matchAll(/\+CMGL: (\d+),(\d)/g)].map(([, i, s]) => `${i}:${s}`);
  expect(indexes(await terminal.command('AT+CMGL=0'))).toEqual(['1:0', '3:0']);
  expect(indexes(await terminal.command('AT+CMGL=0'))).toEqual([]);
  await terminal.command('AT+CMGD=1');
  modem.deliverText({ from: '1', text: 'four' });
  await terminal.until(/CMTI: "SM",1\r\n/);
  expect(indexes(await terminal.command('AT+CMGL=4'))).toEqual(['1:0', '2:1', '3:1']);
  await terminal.command('AT+CMGD=1,1');
  expect(modem.stored()).toEqual([]);
});

test('the network keeps what a full memory refuses and sends it when there is room, in order', async () => {
  const { modem, terminal } = await ready();
  const sent = Array.from(
    { length: 25 },
    (_, i) => modem.deliverText({ from: '1', text: `number ${i}` }).tpdus[0],
  );
  expect(modem.stored('SM')).toHaveLength(20);
  expect(modem.pending()).toBe(5);
  expect(await terminal.command('AT+CPMS?')).toContain('"SM",20,20');
  terminal.take();
  await terminal.command('AT+CMGD=7');
  expect(modem.pending()).toBe(4);
  expect(modem.stored('SM').find(({ index }) => index === 7)?.tpdu).toBe(sent[20]);
  await terminal.command('AT+CMGD=1,4');
  expect(modem.pending()).toBe(0);
  expect(modem.stored('SM').map(({ tpdu }) => tpdu)).toEqual(sent.slice(21));
});

test('messages arrive while nobody can hear them: unplugged, or booting', async () => {
  const { modem, terminal } = await ready();
  await modem.unplug();
  await terminal.closed;
  modem.deliverText({ from: '1', text: 'while unplugged' });
  expect(modem.stored('SM')).toHaveLength(1);
  const replugged = modem.replug();
  modem.deliverText({ from: '1', text: 'while booting' });
  await replugged;
  expect(modem.stored('SM')).toHaveLength(2);
  expect(modem.log.filter(({ kind }) => kind === 'announced')).toEqual([]);
});

test('off the air, the network waits', async () => {
  const { modem, terminal } = await ready();
  await terminal.commands('AT+CREG=1', 'AT+CFUN=4');
  modem.deliverText({ from: '1', text: 'x' });
  expect(modem.pending()).toBe(1);
  expect(await terminal.command('AT+CREG?')).toContain('+CREG: 1,0');
  terminal.send('AT+CFUN=1\r');
  expect(await terminal.until(/CMTI.*\r\n/)).toBe('\r\nOK\r\n\r\n+CREG: 1\r\n\r\n+CMTI: "SM",1\r\n');
});

test('a SIM takes its messages to another modem, ME stays', async () => {
  const { bank, modem, terminal } = await ready({ modems: 2 });
  const other = modemOf(bank, 1);
  modem.deliverText({ from: '1', text: 'in SM' });
  await terminal.command('AT+CPMS="SM","SM","ME"');
  modem.deliverText({ from: '1', text: 'in ME' });
  await terminal.until(/"ME",1/);
  expect(() => other.insertSim(modem.sim ?? undefined)).toThrow('modem 0');
  const sim = modem.removeSim();
  expect(await terminal.until(/NOT READY/)).toBe('\r\n+CPIN: NOT READY\r\n');
  expect(() => modem.deliverText({ from: '1', text: 'x' })).toThrow('no SIM');
  expect(await terminal.command('AT+CMGL=4')).toBe('\r\n+CMS ERROR: 310\r\n');
  other.insertSim(sim ?? undefined);
  expect([other.stored('SM').length, other.stored('ME').length]).toEqual([1, 0]);
  expect([modem.stored('SM').length, modem.stored('ME').length]).toEqual([0, 1]);
});

test('takes +CPMS with three, two and one memory', async () => {
  const { terminal } = await ready();
  expect(await terminal.command('AT+CPMS=?')).toContain('+CPMS: ("SM","ME"),("SM","ME"),("SM","ME")');
  expect(await terminal.command('AT+CPMS="ME","ME","ME"')).toContain('+CPMS: 0,23,0,23,0,23');
  expect(await terminal.command('AT+CPMS="SM","SM"')).toContain('+CPMS: 0,20,0,20,0,23');
  expect(await terminal.command('AT+CPMS="ME"')).toContain('+CPMS: 0,23,0,20,0,23');
  expect(await terminal.command('AT+CPMS="XX"')).toContain('+CMS ERROR: 302');
});

test('checks +CNMI, says nothing with mt=0, hands over directly with mt=2', async () => {
  const { modem, terminal } = await ready();
  expect(await terminal.command('AT+CNMI=2,9')).toContain('+CMS ERROR: 302');
  await terminal.command('AT+CNMI=,0');
  modem.deliverText({ from: '1', text: 'silent' });
  expect(await terminal.command('AT+CNMI?')).toBe('\r\n+CNMI: 2,0,0,0,0\r\n\r\nOK\r\n');
  await terminal.command('AT+CNMI=2,2,0,0,0');
  const [tpdu = ''] = modem.deliverText({ from: '1', text: 'direct' }).tpdus;
  expect(await terminal.until(/CMT: .*\r\n.*\r\n/)).toBe(
    `\r\n+CMT: ,${tpdu.length / 2}\r\n${SMSC_FIELD}${tpdu}\r\n`,
  );
  expect(modem.stored()).toHaveLength(1);
});

test('never sends two equal TPDUs, and keeps the time that was asked for when it can', async () => {
  const { modem } = await ready();
  const sentAt = new Date('2026-11-21T06:30:00Z');
  const again = () => modem.deliverText({ from: '1', text: 'same', sentAt }).tpdus[0];
  expect(new Set(Array.from({ length: 50 }, again)).size).toBe(50);
  const other = modem.deliverText({ from: '1', text: 'other', sentAt }).tpdus[0];
  expect(other).toContain('62111260030000');
  const earlier = modem.deliverText({ from: '1', text: 'same', sentAt: new Date('2026-11-21T05:00:00Z') })
    .tpdus[0];
  expect(earlier).toContain('62111250000000');
});

test('lists in text mode, too', async () => {
  const { modem, terminal } = await ready();
  const sentAt = new Date('2026-11-21T06:30:00Z');
  modem.deliverText({ from: '+12025550143', text: 'plain', sentAt });
  modem.deliverText({ from: 'Bank', text: 'жж', sentAt });
  await terminal.command('AT+CMGF=1');
  expect(await terminal.command('AT+CMGL="ALL"')).toContain(
    '+CMGL: 1,"REC UNREAD","+12025550143",,"26/11/21,06:30:00+00"\r\nplain\r\n' +
      '+CMGL: 2,"REC UNREAD","Bank",,"26/11/21,06:30:00+00"\r\n04360436\r\n\r\nOK\r\n',
  );
  terminal.send('AT+CMGS="+12025550143"\r');
  await terminal.until(/> $/);
  terminal.send('out\x1a');
  await terminal.until(/OK/);
  expect(modem.sent.at(-1)).toMatchObject({ to: '+12025550143', text: 'out' });
});
