/** What every persona has to do, and what each family does otherwise. */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { personaNames } from '../../src/emulator/bank.ts';
import { bankOf, modemOf, openTerminal, terminalAt } from './terminal.ts';

async function ready(persona: string, options: Parameters<typeof bankOf>[0] = {}) {
  const bank = await bankOf({ persona, ...options });
  const terminal = openTerminal(bank);
  await terminal.commands('ATE0', 'AT+CMEE=1');
  return { bank, modem: modemOf(bank), terminal };
}

interface Family {
  readonly name: string;
  readonly notify?: string;
  readonly memories?: string;
  /** How the ICCID of nineteen digits is asked for and shown; `*` stands for its digits. */
  readonly iccid: readonly [string, string];
  readonly imei?: string;
  /** The tries for PIN1. */
  readonly tries?: readonly [string, RegExp];
  readonly reset: string;
}

const FAMILIES: readonly Family[] = [
  {
    name: 'quectel-ec25',
    iccid: ['AT+QCCID', '+QCCID: *F'],
    tries: ['AT+QPINC?', /QPINC: "SC",(\d),10/],
    reset: 'AT+CFUN=1,1',
  },
  {
    name: 'quectel-ec200',
    iccid: ['AT+QCCID', '+QCCID: *'],
    tries: ['AT+QPINC?', /QPINC: "SC",(\d),10/],
    reset: 'AT+CFUN=1,1',
  },
  {
    name: 'quectel-m-uc',
    iccid: ['AT+QCCID', '"*F"'],
    tries: ['AT+CPINR="SIM PIN"', /CPINR: SIM PIN,(\d)/],
    reset: 'AT+CFUN=1,1',
  },
  {
    name: 'simcom-sim7x00',
    iccid: ['AT+CICCID', '+ICCID: *'],
    tries: ['AT+SPIC', /SPIC: (\d)/],
    reset: 'AT+CRESET',
  },
  {
    name: 'simcom-a76xx',
    iccid: ['AT+ICCID', '+ICCID: *'],
    tries: ['AT+SPIC', /SPIC: (\d)/],
    reset: 'AT+CRESET',
  },
  {
    name: 'simcom-sim800',
    iccid: ['AT+CCID', '*f'],
    tries: ['AT+SPIC', /SPIC: (\d)/],
    reset: 'AT+CFUN=1,1',
  },
  {
    name: 'huawei-stick',
    notify: '1,1,0,0,0',
    iccid: ['AT^ICCID?', '^ICCID: swapped'],
    tries: ['AT^CPIN?', /\^CPIN: [^,]*,\d*,10,(\d)/],
    reset: 'AT^RESET',
  },
  {
    name: 'huawei-me909',
    iccid: ['AT^ICCID?', '^ICCID: *'],
    tries: ['AT^CPIN?', /\^CPIN: [^,]*,\d*,10,(\d)/],
    reset: 'AT^RESET',
  },
  { name: 'wavecom-q24', memories: '"SM","SM"', iccid: ['AT+CCID', '+CCID: "*"'], reset: 'AT+CFUN=1' },
  {
    name: 'zte',
    notify: '1,1,0,0,0',
    iccid: ['AT+ICCID', 'ICCID: *'],
    tries: ['AT+ZPINPUK=?', /ZPINPUK: (\d)/],
    reset: 'AT+ZRST',
  },
  {
    name: 'sierra-mc-em',
    iccid: ['AT!ICCID?', '!ICCID: *'],
    tries: ['AT+CPINC?', /CPINC: (\d)/],
    reset: 'AT!RESET',
  },
  {
    name: 'telit-le910',
    iccid: ['AT#CCID', '#CCID: *'],
    tries: ['AT#PCT', /#PCT: (\d)/],
    reset: 'AT#REBOOT',
  },
  {
    name: 'ublox',
    iccid: ['AT+CCID', '+CCID: *'],
    tries: ['AT+UPINCNT', /UPINCNT: (\d)/],
    reset: 'AT+CFUN=16',
  },
  {
    name: 'fibocom',
    iccid: ['AT+ICCID', '+ICCID: *'],
    imei: '+CGSN: "*"',
    tries: ['AT+CPINR="SIM PIN"', /CPINR: SIM PIN,(\d)/],
    reset: 'AT+CFUN=15',
  },
  {
    name: 'neoway',
    iccid: ['AT$MYCCID', '$MYCCID: "*"'],
    imei: '+CGSN: "*"',
    tries: ['AT+CPINR="SIM PIN"', /CPINR: SIM PIN,(\d)/],
    reset: 'AT+CFUN=1,1',
  },
  {
    name: 'meig',
    iccid: ['AT+ICCID', '+ICCID: *'],
    tries: ['AT+CPINR="SIM PIN"', /CPINR: SIM PIN,(\d)/],
    reset: 'AT+CFUN=1,1',
  },
  {
    name: 'cinterion',
    notify: '2,1,0,0,1',
    iccid: ['AT^SCID', '^SCID: *F'],
    tries: ['AT^SPIC', /\^SPIC: (\d)/],
    reset: 'AT+CFUN=1,1',
  },
  {
    name: 'luat-air7xx',
    iccid: ['AT+ICCID', '+ICCID: *'],
    imei: '+CGSN: "*"',
    tries: ['AT+CPINR="SIM PIN"', /CPINR: SIM PIN,(\d)/],
    reset: 'AT+RESET',
  },
  {
    name: 'generic',
    iccid: ['AT+CCID', '+CCID: *'],
    tries: ['AT+CPINR="SIM PIN"', /CPINR: SIM PIN,(\d)/],
    reset: 'AT+CFUN=1,1',
  },
];

test('every persona is in the table', () => {
  expect(FAMILIES.map(({ name }) => name).sort()).toEqual([...personaNames].sort());
});

describe.each(FAMILIES)('$name', (family) => {
  const { name, notify = '2,1,0,0,0', memories = '"SM","SM","SM"', iccid, imei = '*', tries, reset } = family;

  test('tells who it is, announces and shows a message, counts the tries for the PIN, restarts', async () => {
    const { modem, terminal } = await ready(name, { vanishMs: 50 });
    const digits = modem.sim?.iccid ?? '';
    const [ask, shape] = iccid;
    const swapped = digits.padEnd(20, 'F').replace(/(.)(.)/g, '$2$1');
    expect(await terminal.command(ask)).toBe(
      `\r\n${shape.replace('*', digits).replace('swapped', swapped)}\r\n\r\nOK\r\n`,
    );
    expect(await terminal.command('AT+CGSN')).toBe(`\r\n${imei.replace('*', modem.imei)}\r\n\r\nOK\r\n`);
    expect(await terminal.command('AT+CIMI')).toBe(`\r\n${modem.sim?.imsi}\r\n\r\nOK\r\n`);
    expect(await terminal.command('AT+CSQ')).toContain('+CSQ: ');

    await terminal.commands('AT+CMGF=0', `AT+CPMS=${memories}`);
    expect(await terminal.command(`AT+CNMI=${notify}`)).toBe('\r\nOK\r\n');
    const [tpdu = ''] = modem.deliverText({ from: '72941', text: 'code 4711' }).tpdus;
    const [, index] = /CMTI: "SM",(\d+)/.exec(await terminal.until(/CMTI.*\r\n/)) ?? [];
    expect(await terminal.command(`AT+CMGR=${index}`)).toContain(tpdu);
    await terminal.command(`AT+CMGD=${index}`);
    expect(modem.stored('SM')).toHaveLength(name === 'simcom-a76xx' ? 1 : 0);

    if (tries !== undefined) {
      await modem.unplug();
      modem.insertSim({ iccid: digits, imsi: '001010000000013', msisdn: null, pin: '1234' });
      await modem.replug();
      const locked = terminalAt(modem.path);
      await locked.command('ATE0');
      await locked.untilAnswered('AT+CPIN?', /SIM PIN/);
      expect(tries[1].exec(await locked.command(tries[0]))?.[1]).toBe('3');
      await locked.command('AT+CPIN="9999"');
      expect(tries[1].exec(await locked.command(tries[0]))?.[1]).toBe('2');
      await locked.command('AT+CPIN="1234"');
      await locked.untilAnswered('AT+CPMS?', /\+CPMS: "/);
      expect(tries[1].exec(await locked.command(tries[0]))?.[1]).toBe('3');
      await locked.close();
    }
    const last = terminalAt(modem.path);
    await last.command('ATE0');
    expect(await last.command(reset)).toBe('\r\nOK\r\n');
    while (modem.powered) await sleep(2);
    for (let i = 0; i < 300 && !modem.powered; i += 1) await sleep(10);
    expect(existsSync(modem.path)).toBe(true);
  });
});
