/** What every driver has to keep to, ours and whoever adds one: the data by itself, and each against its own dialogue. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Channel } from '../../src/at/channel.ts';
import { commandName, type UrcEvent } from '../../src/at/urc.ts';
import { DriverFile } from '../../src/commands/driver-file.ts';
import { loadModules } from '../../src/commands/drivers.ts';
import { chooseDriver, defineDriver, WRITES_IMEI } from '../../src/modem/driver.ts';
import { parseIccidAnswer } from '../../src/sim/iccid.ts';
import { answerTo, readDialogue, wordOf } from './dialogue.ts';

const modules = await loadModules();
const drivers = modules.map((module) => module.default);
const cases = modules.map((module) => ({ name: module.default.name, ...module, driver: module.default }));

/** Every text in a value, with its place. */
function textsOf(value: unknown, place = ''): { place: string; text: string }[] {
  if (typeof value === 'string') return [{ place, text: value }];
  if (value instanceof RegExp) return [{ place, text: value.source }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    textsOf(item, place === '' ? key : `${place}.${key}`),
  );
}

it('the folder has a driver for every family we know of', () => {
  const files = readdirSync(join(import.meta.dirname, '../../drivers')).map((name) =>
    name.replace('.ts', ''),
  );
  expect(drivers.map(({ name }) => name)).toEqual(files.sort());
  expect(files).toEqual(
    [
      'cinterion',
      'fibocom',
      'generic',
      'huawei-me909',
      'huawei-stick',
      'luat-air7xx',
      'meig',
      'neoway',
      'quectel-ec200',
      'quectel-ec25',
      'quectel-m-uc',
      'sierra-mc-em',
      'simcom-a76xx',
      'simcom-sim7x00',
      'simcom-sim800',
      'telit-le910',
      'ublox',
      'wavecom-q24',
      'zte',
    ].sort(),
  );
});

it('a USB id belongs to one family', () => {
  const all = drivers.flatMap(({ name, usb }) => usb.map(({ id }) => ({ id, name })));
  const twice = all.filter(({ id }, i) => all.findIndex((other) => other.id === id) !== i);
  expect(all.length).toBeGreaterThan(80);
  expect(twice).toEqual([]);
});

describe.each(cases)('$name', ({ driver, transcript }) => {
  const dialogue = readDialogue(transcript);
  const command = (name: string) => dialogue.exchanges.find((exchange) => exchange.command === name);

  it('is data of the right shape, by the rules that operators keep to', () => {
    expect(DriverFile.safeParse(driver).error?.issues ?? []).toEqual([]);
  });

  it('speaks AT in capitals, and never writes an IMEI or turns card detection on', () => {
    const commands = [
      ...textsOf(driver).filter(({ place, text }) => /^at/i.test(text) && !place.startsWith('unconfirmed')),
      ...dialogue.exchanges.map((exchange) => ({ place: 'transcript', text: exchange.command })),
    ];
    expect(commands.length).toBeGreaterThan(8);
    expect(commands.filter(({ text }) => !/^AT[^a-z"]*("|$)/.test(text.split('=')[0] ?? ''))).toEqual([]);
    expect(commands.filter(({ text }) => WRITES_IMEI.test(text))).toEqual([]);
    const everything = textsOf({ ...driver, unconfirmed: [] });
    // Where the detect pin is not wired the card vanishes; KSIMDET restarts the module.
    const wiring = /QSIMDET|UIMHOTSWAP|KSIMDET|MSMPD=|CSDT/;
    expect(everything.filter(({ text }) => wiring.test(text))).toEqual([]);
    // Nothing else deletes or stores than the inbox, and no setting is burnt into the module.
    expect(everything.filter(({ text }) => /^AT(\+CMG[DWS]|&W|\+CSAS|&F)/.test(text))).toEqual([]);
  });

  it('is a dialect in which each line of the dialogue has its owner', async () => {
    const said: UrcEvent[] = [];
    const channel = new Channel(driver, {
      write: (bytes) => {
        const sent = bytes.trim();
        // What the channel asks to get in step is in no dialogue.
        const marker = /^AT(\+\w+)\?$/.exec(sent)?.[1];
        const answer = command(sent)?.answer ?? (marker === undefined ? ['OK'] : [`${marker}: 1`, 'OK']);
        const bytesBack = answer.map((line) => `\r\n${line}\r\n`).join('');
        setImmediate(() => channel.feed(Buffer.from(bytesBack, 'latin1')));
      },
      urc: (event) => said.push(event),
      outOfStep: () => {},
    });
    channel.feed(Buffer.from(dialogue.boot.map((line) => `\r\n${line}\r\n`).join(''), 'latin1'));
    expect(said.length).toBe(dialogue.boot.length);
    for (const exchange of dialogue.exchanges) {
      const end = exchange.answer.at(-1);
      const answer = channel.command(exchange.command);
      if (end === 'OK' || driver.withoutOk.includes(commandName(exchange.command) ?? '')) {
        const lines = (await answer).map((line) => line.trim());
        expect(lines).toEqual(answerTo(dialogue, exchange.command)?.map((line) => line.trim()));
      } else await expect(answer).rejects.toThrow(exchange.command);
    }
    expect(channel.counters).toMatchObject({ strays: 0, timeouts: 0 });
    expect(said.length).toBe(dialogue.boot.length);
  });

  it('is chosen for a modem that answers as its dialogue does', () => {
    const manufacturer = wordOf(answerTo(dialogue, 'AT+CGMI'));
    const model = wordOf(answerTo(dialogue, 'AT+CGMM'));
    expect([manufacturer, model]).not.toContain('');
    expect(chooseDriver(drivers, manufacturer, model).name).toBe(driver.name);
    // Whatever the order of the files.
    expect(chooseDriver([drivers[0]!, ...drivers.toReversed()], manufacturer, model).name).toBe(driver.name);
  });

  it('reads its identities: nobody’s ICCID, a test IMEI, an IMSI of the test network', () => {
    expect(parseIccidAnswer(answerTo(dialogue, driver.iccid[0]!) ?? [])).toBe('8999000000000000013');
    expect(answerTo(dialogue, 'AT+CGSN')?.join()).toMatch(/\b00\d{13}\b/);
    expect(answerTo(dialogue, 'AT+CIMI')?.join()).toMatch(/^00101\d{10}$/);
    expect(answerTo(dialogue, 'AT+CPIN?')).toEqual(['+CPIN: READY']);
    expect(answerTo(dialogue, 'AT+CGMR')?.join()).not.toBe('');
  });

  it('has in its dialogue what decides: stores, readiness, tries, settings, reset', () => {
    const memories = answerTo(dialogue, 'AT+CPMS=?')?.join() ?? '';
    expect(driver.stores.some((store) => memories.includes(`"${store}"`))).toBe(true);
    if (driver.smsReady !== null) {
      expect(answerTo(dialogue, driver.smsReady.ask)?.join()).toMatch(driver.smsReady.ready);
    }
    const own = driver.pinTries !== null && command(driver.pinTries.ask) !== undefined;
    if (own) {
      const counted = driver.pinTries!.tries.exec(answerTo(dialogue, driver.pinTries!.ask)!.join('\n'));
      expect(counted?.[1]).toBe('3');
    }
    expect(own || driver.pinTries === null).toBe(true);
    for (const { read, expect: wanted } of driver.init) {
      const shown = read === undefined ? undefined : answerTo(dialogue, read);
      if (shown !== undefined && wanted !== undefined) expect(shown.join()).toMatch(wanted);
    }
    if (driver.reset !== null) expect(command(driver.reset.command)?.answer).toEqual(['OK']);
    for (const exchange of dialogue.exchanges) {
      const end = exchange.answer.at(-1) ?? '';
      const isFinal = /^(OK|ERROR|\+CM[ES] ERROR: .+)$/.test(end) || driver.refusals.includes(end);
      const needsNone = driver.withoutOk.includes(commandName(exchange.command) ?? '');
      expect(isFinal || needsNone, exchange.command).toBe(true);
    }
  });

  it('says what nobody has confirmed', () => {
    const { state, unconfirmed } = driver;
    expect(unconfirmed.length).toBeGreaterThan(0);
    if (state === 'sourced') expect(unconfirmed.length).toBeGreaterThan(1);
    expect(unconfirmed.filter((sentence) => !/^[A-Z].*\.$/.test(sentence))).toEqual([]);
  });
});

describe('which driver', () => {
  it.each([
    ['Quectel', 'EC25', 'quectel-ec25'],
    ['Quectel', 'EC20F', 'quectel-ec25'],
    ['Quectel', 'EG25', 'quectel-ec25'],
    ['Quectel', 'EP06', 'quectel-ec25'],
    ['Quectel', 'EG91', 'quectel-ec25'],
    ['Quectel', 'EM060K-GL', 'quectel-ec25'],
    ['Quectel', 'RM520N-GL', 'quectel-ec25'],
    ['Quectel', 'EC200U', 'quectel-ec200'],
    ['Quectel', 'EC200A', 'quectel-ec200'],
    ['Quectel', 'EG912Y', 'quectel-ec200'],
    ['Quectel', 'EG915U', 'quectel-ec200'],
    ['Quectel', 'EG916Q-GL', 'quectel-ec200'],
    ['Quectel_Ltd', 'Quectel_M35', 'quectel-m-uc'],
    ['Quectel', 'UC20', 'quectel-m-uc'],
    ['SIMCOM_Ltd', 'SIMCOM_SIM900', 'simcom-sim800'],
    ['SIMCOM_Ltd', 'SIM868', 'simcom-sim800'],
    ['SIMCOM INCORPORATED', 'SIMCOM_SIM7000G', 'simcom-sim7x00'],
    ['QUALCOMM INCORPORATED', 'SIMCOM_SIM7600E-H', 'simcom-sim7x00'],
    ['SIMCOM INCORPORATED', 'A7670E-FASE', 'simcom-a76xx'],
    ['SIMCOM INCORPORATED', 'SIM7672G', 'simcom-a76xx'],
    ['huawei', 'E3372', 'huawei-stick'],
    ['huawei', 'MS2131i-8', 'huawei-stick'],
    ['Huawei Technologies Co., Ltd.', 'ME909s-821', 'huawei-me909'],
    ['huawei', 'MU609', 'huawei-me909'],
    ['Telit Cinterion', 'LE910C1-EUX', 'telit-le910'],
    ['SIEMENS', 'MC35i', 'cinterion'],
    ['Cinterion', 'EHS5-E', 'cinterion'],
    ['Sierra Wireless, Incorporated', 'EM7565', 'sierra-mc-em'],
    ['QUALCOMM INCORPORATED', 'SLM750', 'meig'],
    ['QUALCOMM INCORPORATED', '0', 'generic'],
    ['', '', 'generic'],
  ])('%s %s is %s', (manufacturer, model, name) => {
    expect(chooseDriver(drivers, manufacturer, model).name).toBe(name);
  });

  it('the one that accounts for more of what the modem says beats the one that fits less closely', () => {
    const [wide, narrow, narrower] = [
      { identify: { manufacturer: /acme/i } },
      { identify: { manufacturer: /acme/i, model: /^X/ } },
      { identify: { manufacturer: /acme/i, model: /^X10/ } },
    ].map((data, i) => defineDriver({ name: `n${i}`, title: 'N', ...data }));
    const all = [defineDriver({ name: 'generic', title: 'G' }), narrower!, wide!, narrow!];
    expect(['Y', 'X2', 'X100'].map((model) => chooseDriver(all, 'ACME', model).name)).toEqual([
      'n0',
      'n1',
      'n2',
    ]);
  });
});

describe('what writes an IMEI', () => {
  it.each([
    'AT+EGMR=1,7,"001010123456780"',
    'AT+egmr=1,10,"001010123456780"',
    'AT^PHYNUM=IMEI,001010123456780',
    'AT+SIMEI="001010123456780"',
    'AT*EGMREXT=1,7,"001010123456780"',
    'AT+CGSN="001010123456780"',
    'AT+GTSN=1,7,"001010123456780"',
    'AT+SPIMEI=0,"001010123456780"',
    'AT*MRD_IMEI=W,0,"001010123456780"',
    'AT^NVWREX=550,0,9,8,10',
    'AT%IMEI="001010123456780"',
    'AT!NVENCRYPTIMEI=00,10,10',
    'AT+QCFG="imei","001010123456780"',
    'AT+CSQ;+EGMR=1,7,"001010123456780"',
    'AT+CPMS="SM";%IMEI=1',
  ])('%s is known', (text) => expect(WRITES_IMEI.test(text)).toBe(true));

  it.each([
    'AT+CGSN',
    'AT+CGSN=?',
    'AT+QCFG="imei"',
    'AT+GSN',
    'AT+CGMR',
    'AT+QCFG="ims",1',
    'AT+CRSM=176,12258,0,0,10',
    'AT+EGMR=?',
  ])('%s is none', (text) => expect(WRITES_IMEI.test(text)).toBe(false));
});
