import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, type TestContext } from 'vitest';

import type { Bank } from '../../src/bank/bank.ts';
import { type EmulatedModem, startBank as startEmulatedBank } from '../../src/emulator/bank.ts';
import { draftDeliver, finishDraft } from '../../src/emulator/tpdu.ts';
import type { SlotState } from '../../src/protocol/state.ts';
import { configFile, emptied, eventually, everyReady, gatewayFrom } from '../rig.ts';

/** The generic driver but for its patience: a test cannot wait for what a network needs to forget. */
const IMPATIENT = `export default {
  name: 'generic', title: 'Generic, impatient',
  radio: { off: 'AT+CFUN=4', on: 'AT+CFUN=1', pauseMs: 200 },
  reset: { command: 'AT+CFUN=1,1', backMs: 3000 },
  pollCardMs: 500,
  deadlines: { '+CMGL': 1500, '+CMGR': 1500, '+CPMS': 1500, '+CMGD': 1500, '+CPIN': 1500, '+CSQ': 1500, '+CREG': 1500 },
};`;

interface Spec {
  readonly modems?: number;
  readonly pin?: string;
  /** What is in the file that the rule for this SIM names. */
  readonly inFile?: string;
  /** Members of the driver beside those above. */
  readonly driver?: string;
}

type Finished = TestContext['onTestFinished'];

async function gateway(onTestFinished: Finished, options: Spec = {}) {
  // Not the folder that goes after whichever test ends: these run side by side.
  const dir = mkdtempSync(join(tmpdir(), 'simbankd-test-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  mkdirSync(join(dir, 'drivers'));
  writeFileSync(join(dir, 'drivers/generic.js'), IMPATIENT.replace('};', `${options.driver ?? ''} };`));
  const emulated = await startEmulatedBank({
    modems: options.modems ?? 1,
    dir: join(dir, 'tty'),
    seed: dir,
    persona: 'generic',
  });
  onTestFinished(() => emulated.close());
  const [modem] = emulated.modems;
  if (options.pin !== undefined) modem!.insertSim({ ...modem!.removeSim()!, pin: options.pin });
  const pinFile = join(dir, 'pin');
  if (options.inFile !== undefined) writeFileSync(pinFile, options.inFile);
  const sims = options.inFile === undefined ? [] : [{ iccid: '89', pinFile }];
  const file = configFile({
    dir,
    url: 'mqtt://127.0.0.1:9',
    ports: [join(dir, 'tty/modem-*')],
    gateway: { sweepSeconds: 1, drivers: join(dir, 'drivers'), sims },
  });
  const bank = await gatewayFrom(file);
  onTestFinished(() => bank.stop());
  return { dir, bank, modems: emulated.modems, modem: modem! };
}

/** Told apart although digits are masked where messages are shown. */
const named = (i: number): string => `message ${String.fromCharCode(65 + i)}`;
const slot = (bank: Bank, index = 0): SlotState => bank.view().slots()[index]!;
const recoveries = (bank: Bank): Record<string, number> => slot(bank).recoveries!;
const received = (bank: Bank): string[] =>
  bank
    .view()
    .messages(100)
    .map(({ text }) => text)
    .reverse();

/** A message that is delivered now arrives, and its card is emptied: the modem does its work. */
async function works(bank: Bank, modem: EmulatedModem, text: string): Promise<void> {
  modem.deliverText({ from: '72941', text });
  await eventually(
    () => received(bank).includes(text),
    () => [slot(bank), received(bank)],
    80_000,
  );
  await emptied(modem);
}

describe.concurrent('the recovery ladder', { timeout: 120_000 }, () => {
  it.for([
    ['reopen', 'reopen'],
    ['reset', 'reset'],
  ] as const)('a modem that is silent until a %s gets it', async ([cure, rung], { onTestFinished }) => {
    const { bank, modem } = await gateway(onTestFinished);
    await everyReady(bank);
    modem.faults.hangOn = { command: 'all', curedBy: cure };
    await works(bank, modem, `after ${cure}`);
    expect(recoveries(bank)[rung]).toBeGreaterThan(0);
    expect(received(bank)).toHaveLength(1);
  });

  it.for([
    ['hang', 'reopen', 'reopen'],
    ['fail', 'cfun', 'radio'],
  ] as const)(
    'a registered modem whose messages cannot be read (%s) until a %s is not healthy',
    async ([how, cure, rung], { onTestFinished }) => {
      const { bank, modem } = await gateway(onTestFinished);
      await everyReady(bank);
      modem.faults.registeredButDeaf = { how, curedBy: cure };
      await works(bank, modem, 'heard again');
      expect(recoveries(bank)[rung]).toBeGreaterThan(0);
      expect(received(bank)).toHaveLength(1);
      // And from the bottom next time.
      await eventually(
        () => slot(bank).problem === null,
        () => slot(bank),
      );
    },
  );

  it('tells what it does, and why', async ({ onTestFinished }) => {
    const { bank, modem } = await gateway(onTestFinished);
    await everyReady(bank);
    modem.faults.registeredButDeaf = { how: 'fail', curedBy: 'nothing' };
    await eventually(
      () => recoveries(bank).radio! > 0,
      () => slot(bank),
      80_000,
    );
    expect(slot(bank).problem).toMatchObject({
      code: expect.stringMatching(/^at\./),
      message: expect.stringContaining('AT+'),
    });
    expect(slot(bank).line!.commands).toBeGreaterThan(20);
  });
});

describe.concurrent('one modem’s trouble', { timeout: 120_000 }, () => {
  it('delays no other', async ({ onTestFinished }) => {
    const { bank, modems } = await gateway(onTestFinished, { modems: 4 });
    await everyReady(bank);
    modems[0]!.faults.hang = true;
    modems[1]!.faults.registeredButDeaf = { how: 'hang' };
    await sleep(1_000);
    for (let i = 0; i < 10; i++) {
      modems[2]!.deliverText({ from: '1', text: named(i) });
      modems[3]!.deliverText({ from: '1', text: `other ${named(i)}` });
    }
    const started = performance.now();
    await eventually(
      () => received(bank).length === 20,
      () => received(bank),
    );
    // A hanging command has 1.5 s and more; the others did not wait for one of them.
    expect(performance.now() - started).toBeLessThan(1_500);
  });

  it('a reboot in the middle of a listing loses nothing and doubles nothing', async ({ onTestFinished }) => {
    const { bank, modem } = await gateway(onTestFinished);
    await everyReady(bank);
    modem.faults.latencyMs = 30;
    for (let i = 0; i < 12; i++) modem.deliverText({ from: '1', text: named(i) });
    await sleep(80);
    await modem.reboot();
    modem.faults.latencyMs = 0;
    await eventually(
      () => received(bank).length === 12,
      () => [received(bank), slot(bank)],
      40_000,
    );
    await emptied(modem);
    expect(new Set(received(bank)).size).toBe(12);
  });

  it('an unplug in the middle of a command loses nothing, and the same place has its modem again', async ({
    onTestFinished,
  }) => {
    const { bank, modem } = await gateway(onTestFinished);
    await everyReady(bank);
    modem.faults.latencyMs = 30;
    for (let i = 0; i < 6; i++) modem.deliverText({ from: '1', text: named(i) });
    await sleep(50);
    await modem.unplug();
    await eventually(
      () => slot(bank).phase === 'lost',
      () => slot(bank),
    );
    modem.faults.latencyMs = 0;
    await modem.replug();
    await eventually(
      () => received(bank).length === 6,
      () => [received(bank), slot(bank)],
      40_000,
    );
    await emptied(modem);
  });

  it('a full store without a notice is found, and emptied', async ({ onTestFinished }) => {
    const { bank, modem } = await gateway(onTestFinished);
    await everyReady(bank);
    modem.faults.fullSilently = true;
    modem.faults.dropUrcs = 1_000;
    for (let i = 0; i < 30; i++) modem.deliverText({ from: '1', text: named(i) });
    await eventually(
      () => received(bank).length === 30,
      () => [received(bank).length, slot(bank)],
      40_000,
    );
    await emptied(modem);
  });

  it('a SIM that dies is told from one that was taken, and taken up again when it lives', async ({
    onTestFinished,
  }) => {
    const { bank, modem } = await gateway(onTestFinished);
    await everyReady(bank);
    const { iccid } = slot(bank);
    modem.faults.deadSim = true;
    await eventually(
      () => slot(bank).problem?.code === 'sim.failed',
      () => slot(bank),
    );
    expect(slot(bank)).toMatchObject({ phase: 'no-sim', iccid: null });
    modem.faults.deadSim = false;
    await eventually(
      () => slot(bank).iccid === iccid && slot(bank).phase === 'ready',
      () => slot(bank),
      40_000,
    );
    await works(bank, modem, 'alive');
  });
});

describe.concurrent('a modem that forgets, or says one thing and does another', { timeout: 120_000 }, () => {
  it('has its settings read back, and again when they are gone', async ({ onTestFinished }) => {
    const { bank, modem } = await gateway(onTestFinished);
    await everyReady(bank);
    modem.faults.forgetsAfterCfun = true;
    modem.faults.registeredButDeaf = { how: 'fail', curedBy: 'cfun' };
    await works(bank, modem, 'one');
    modem.deliverText({ from: '1', text: 'two' });
    await eventually(
      () => received(bank).length === 2,
      () => slot(bank),
    );
  });

  it.for(['hang', 'error', 'cut'] as const)(
    'whose listing is broken (%s) is read place by place',
    async (how, { onTestFinished }) => {
      const { bank, modem } = await gateway(onTestFinished);
      await everyReady(bank);
      modem.faults.cmglBroken = how;
      modem.faults.dropUrcs = 1_000;
      for (let i = 0; i < 3; i++) modem.deliverText({ from: '1', text: named(i) });
      await eventually(
        () => received(bank).length === 3,
        () => [received(bank), slot(bank)],
        60_000,
      );
      await emptied(modem);
      expect(new Set(received(bank)).size).toBe(3);
    },
  );

  it.for([
    { stores: 'ME', announces: 'SM' },
    { stores: 'SM', announces: 'ME' },
  ] as const)('stores to $stores and announces $announces', async (wrongStore, { onTestFinished }) => {
    const { bank, modem } = await gateway(onTestFinished);
    await everyReady(bank);
    modem.faults.wrongStore = wrongStore;
    await works(bank, modem, 'found');
  });

  it.for(['same', 'both'] as const)('stores twice (%s): told once', async (how, { onTestFinished }) => {
    const { bank, modem } = await gateway(onTestFinished);
    await everyReady(bank);
    modem.faults.storesTwice = how;
    modem.faults.announcesTwice = true;
    await works(bank, modem, 'once');
    expect(received(bank)).toEqual(['once']);
  });

  it('drops all parts of a long message with one: they are all here before any is deleted', async ({
    onTestFinished,
  }) => {
    const { bank, modem } = await gateway(onTestFinished, { driver: 'deletesSiblings: true' });
    await everyReady(bank);
    modem.faults.deletesSiblings = true;
    await works(bank, modem, `begin ${'x'.repeat(400)} end`);
  });

  it('drops all parts with one, and a full store that waits for a part is emptied all the same', async ({
    onTestFinished,
  }) => {
    const { bank, modem } = await gateway(onTestFinished, { driver: 'deletesSiblings: true' });
    await everyReady(bank);
    modem.faults.deletesSiblings = true;
    // Of each message the first part, and then all the others: nothing in a full store is whole.
    const texts = Array.from({ length: 25 }, (_, i) => `${named(i)} ${'x'.repeat(200)}`);
    const now = Math.floor(Date.now() / 1_000);
    const messages = texts.map((text, i) => finishDraft(draftDeliver({ from: '72941', text }, i), now));
    for (const [first] of messages) modem.deliverTpdu(first!);
    for (const [, second] of messages) modem.deliverTpdu(second!);
    await eventually(
      () => texts.every((text) => received(bank).includes(text)),
      () => [slot(bank), received(bank)],
      60_000,
    );
    await emptied(modem);
  });

  it('counts from 0 in its memory and from 1 on its card: the last place of a full one is read, too', async ({
    onTestFinished,
  }) => {
    const { bank, modem } = await gateway(onTestFinished, { driver: "firstIndex: 0, list: 'cmgr'" });
    await everyReady(bank);
    modem.faults.dropUrcs = 20;
    const texts = Array.from({ length: 20 }, (_, i) => named(i));
    for (const text of texts) modem.deliverText({ from: '72941', text });
    await eventually(
      () => texts.every((text) => received(bank).includes(text)),
      () => [slot(bank), received(bank)],
      60_000,
    );
    await emptied(modem);
  });

  it('drops all parts with one, and an entry that cannot be read holds nothing back', async ({
    onTestFinished,
  }) => {
    const { bank, modem } = await gateway(onTestFinished, { driver: "deletesSiblings: true, list: 'cmgr'" });
    await everyReady(bank);
    // Place 1 is what cannot be read, wherever it is asked for.
    modem.faults.onCommand = (line) =>
      line === 'AT+CMGR=1' ? '\r\n+CMGR: 1,,24\r\n07?1\r\n\r\nOK\r\n' : undefined;
    for (const text of ['lies at place one', 'is taken']) modem.deliverText({ from: '72941', text });
    await eventually(
      () => modem.stored().length === 1,
      () => modem.stored().length,
    );
    expect(received(bank)).toEqual(['is taken']);
  });

  it.for([
    ['splitBytes', 7],
    ['echo', 'always'],
    ['garbage', 3],
    ['busy', { times: 3 }],
    ['cmsError', { code: 500, times: 3 }],
    ['withoutOk', ['+CPIN']],
    ['refusesCreg', true],
    ['firstIndex', 0],
    ['carriesClassZero', true],
  ] as const)('%s', async ([fault, value], { onTestFinished }) => {
    const { bank, modem } = await gateway(onTestFinished);
    Object.assign(modem.faults, { [fault]: value });
    await works(bank, modem, 'all the same');
  });
});

describe.concurrent('a SIM that asks for its PIN', { timeout: 120_000 }, () => {
  const withPin = (text: string) => {
    return { pin: '4711', inFile: text };
  };

  it('is unlocked from the file of its rule', async ({ onTestFinished }) => {
    const { bank, modem } = await gateway(onTestFinished, withPin('4711\n'));
    await eventually(
      () => slot(bank).phase === 'ready',
      () => slot(bank),
    );
    await works(bank, modem, 'unlocked');
  });

  it('gets a wrong PIN once and not again, and keeps its tries', async ({ onTestFinished }) => {
    const { bank, modem } = await gateway(onTestFinished, withPin('83619472'));
    await eventually(
      () => slot(bank).problem?.code === 'sim.pin_wrong',
      () => slot(bank),
    );
    await sleep(6_000);
    expect(modem.sim!.pinTries).toBe(2);
    expect(slot(bank)).toMatchObject({ phase: 'locked', problem: { code: 'sim.pin_wrong' } });
    expect(JSON.stringify(slot(bank))).not.toContain('83619472');
  });

  it('never gets its last try', async ({ onTestFinished }) => {
    const { bank, modem } = await gateway(onTestFinished, { pin: '4711' });
    modem.sim!.pinTries = 1;
    await eventually(
      () => slot(bank).phase === 'locked',
      () => slot(bank),
    );
    expect(slot(bank).problem?.code).toBe('sim.pin_required');
    const { bank: other, modem: its } = await gateway(onTestFinished, { ...withPin('4711') });
    its.sim!.pinTries = 1;
    await eventually(
      () => ['locked', 'ready'].includes(slot(other).phase),
      () => slot(other),
    );
    await sleep(500);
    if (slot(other).phase === 'locked') expect(slot(other).problem?.code).toBe('sim.pin_not_sent');
    expect(modem.sim!.pinTries).toBe(1);
  });
});
