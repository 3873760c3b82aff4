import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { Bank } from '../../src/bank/bank.ts';
import { type EmulatedModem, startBank as startEmulatedBank } from '../../src/emulator/bank.ts';
import type { SlotState } from '../../src/protocol/state.ts';
import { configFile, emptied, eventually, everyReady, gatewayFrom } from '../rig.ts';
import { temporaryDir } from '../temporary.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** A gateway without a broker on emulated modems, and what it has committed. */
async function gateway(
  options: {
    persona?: string;
    modems?: number;
    sweepSeconds?: number;
    before?: (modems: readonly EmulatedModem[]) => void;
  } = {},
) {
  const dir = temporaryDir();
  const { persona = 'generic', modems: count = 1, sweepSeconds = 1 } = options;
  const emulated = await startEmulatedBank({ modems: count, dir: join(dir, 'tty'), seed: dir, persona });
  undo.push(() => emulated.close());
  options.before?.(emulated.modems);
  const file = configFile({
    dir,
    url: 'mqtt://127.0.0.1:9',
    ports: [join(dir, 'tty/modem-*')],
    gateway: { sweepSeconds },
  });
  const bank = await gatewayFrom(file);
  undo.push(() => bank.stop());
  return { bank, modems: emulated.modems, modem: emulated.modems[0]! };
}

const slot = (bank: Bank, index = 0): SlotState => bank.view().slots()[index]!;
const count = (bank: Bank, n: number): Promise<void> =>
  eventually(
    () => bank.view().messages(1_000).length >= n,
    () => [bank.view().messages(9), slot(bank)],
    30_000,
  );

/** 23.040 9.2.2.1: from 12345 at 2026-11-21 08:00:00 UTC, «Hello». */
const HELLO = '0405812143F500006211128000000005C8329BFD06';
/** 9.2.2.3: a status report of message 9. */
const REPORT = '060905812143F5621112800000006211128000000000';

describe('a sweep', () => {
  it('takes a message once that the modem stored twice, and announced twice', async () => {
    const { bank, modem } = await gateway();
    await everyReady(bank);
    modem.deliverTpdu(HELLO);
    modem.deliverTpdu(HELLO);
    modem.announce('+CMTI: "SM",1');
    modem.deliverText({ from: '72941', text: 'and another' });
    await count(bank, 2);
    await emptied(modem);
    expect(bank.view().messages(10)).toHaveLength(2);
  });

  it('finds what was never announced, and what was announced at the wrong place', async () => {
    const { bank, modem } = await gateway();
    await everyReady(bank);
    modem.faults.dropUrcs = 1;
    modem.deliverText({ from: '72941', text: 'unannounced' });
    await count(bank, 1);
    modem.faults.dropUrcs = 1;
    modem.deliverText({ from: '72941', text: 'elsewhere' });
    modem.announce('+CMTI: "ME",9');
    await count(bank, 2);
    modem.faults.dropUrcs = 1;
    modem.deliverText({ from: '72941', text: 'nowhere' });
    modem.announce('+CMTI: ,-1');
    await count(bank, 3);
    await emptied(modem);
  });

  it('does not wait for its turn when a store holds more than was announced', async () => {
    const { bank, modem } = await gateway({ sweepSeconds: 3_600 });
    await everyReady(bank);
    modem.faults.dropUrcs = 1;
    modem.deliverText({ from: '72941', text: 'never announced' });
    await count(bank, 1);
    modem.faults.dropUrcs = 2;
    modem.deliverText({ from: '72941', text: 'one that was not' });
    modem.deliverText({ from: '72941', text: 'and another' });
    modem.deliverText({ from: '72941', text: 'announced again' });
    await count(bank, 4);
    await emptied(modem);
  });

  it('takes messages that were read before, by whom ever', async () => {
    const { bank, modem } = await gateway({
      before: ([first]) => {
        for (const n of [1, 2, 3]) first!.deliverText({ from: '72941', text: `old ${n}` });
      },
    });
    await count(bank, 3);
    await emptied(modem);
  });

  it('takes status reports off the card without taking them for messages', async () => {
    const { bank, modem } = await gateway();
    await everyReady(bank);
    modem.deliverTpdu(REPORT);
    modem.deliverText({ from: '72941', text: 'a message' });
    await count(bank, 1);
    await emptied(modem);
    expect(bank.view().messages(10)).toHaveLength(1);
  });

  it('empties a card that was full, and what waited for it', async () => {
    const { bank, modem } = await gateway({
      before: ([first]) => {
        for (let n = 0; n < 70; n++) first!.deliverText({ from: '72941', text: `message ${n}` });
      },
    });
    await count(bank, 70);
    await emptied(modem);
  });
});

describe('what one entry does to the others', () => {
  it('nothing, when its deletion is refused: they are taken, and the slot says what is wrong', async () => {
    const { bank, modem } = await gateway({
      // What passes is seen long before the next regular sweep.
      sweepSeconds: 3_600,
      before: ([first]) => {
        first!.faults.onCommand = (line) => (line === 'AT+CMGD=2' ? '+CMS ERROR: 320' : undefined);
        for (let n = 0; n < 30; n++) first!.deliverText({ from: '72941', text: `message ${n}` });
      },
    });
    await count(bank, 30);
    await eventually(
      () => modem.stored().length === 1,
      () => modem.stored(),
    );
    await eventually(
      () => slot(bank).problem?.code === 'modem.delete_refused',
      () => slot(bank),
    );
    modem.faults.onCommand = null;
    await emptied(modem);
    await eventually(
      () => slot(bank).problem === null,
      () => slot(bank),
    );
    expect(bank.view().messages(100)).toHaveLength(30);
  });

  it('nothing, when its deletion is accepted and not done: it is asked for once a sweep, and the slot says so', async () => {
    let deletions = 0;
    let listings = 0;
    const { bank, modem } = await gateway({
      sweepSeconds: 3_600,
      before: ([first]) => {
        for (const n of [1, 2, 3]) first!.deliverText({ from: '72941', text: `message ${n}` });
        first!.faults.onCommand = (line) => {
          if (line === 'AT+CMGL=4') listings += 1;
          if (line !== 'AT+CMGD=2') return undefined;
          deletions += 1;
          return 'OK';
        };
      },
    });
    await eventually(
      () => slot(bank).problem?.code === 'modem.delete_refused',
      () => slot(bank),
    );
    await sleep(1_000);
    expect([bank.view().messages(9).length, modem.stored().length]).toEqual([3, 1]);
    // A sweep for readiness, one after a notice, and few more: each deletes, sees that nothing came of it, and tries no third time.
    expect(deletions).toBeLessThanOrEqual(10);
    expect(listings).toBeLessThanOrEqual(30);
    modem.deliverText({ from: '72941', text: 'a new one' });
    await count(bank, 4);
    await eventually(
      () => modem.stored().length === 1,
      () => modem.stored(),
    );
    expect(slot(bank)).toMatchObject({ phase: 'ready', problem: { code: 'modem.delete_refused' } });
  });

  it.each([
    ['left out of the listing', '+CMS ERROR: 320'],
    ['cause of a refused listing', 'ERROR'],
    ['listed with digits missing', '+CMS ERROR: 320'],
  ] as const)(
    'nothing, when it cannot be read (%s, %s): the slot says so, and is not treated for it',
    async (how, refusal) => {
      let isDamaged = true;
      const { bank, modem } = await gateway({
        before: ([first]) => {
          for (const n of [1, 2, 3]) first!.deliverText({ from: '72941', text: `message ${n}` });
          let memory = '';
          first!.faults.onCommand = (line) => {
            memory = /^AT[+]CPMS="(..)"/.exec(line)?.[1] ?? memory;
            if (!isDamaged || memory !== 'SM') return undefined;
            if (line === 'AT+CMGR=2') return refusal;
            if (line !== 'AT+CMGL=4') return undefined;
            if (how === 'cause of a refused listing') return refusal;
            const entries = first!.stored().map(({ index, tpdu }) => ({
              index,
              length: tpdu.length / 2,
              pdu: `00${index === 2 ? tpdu.slice(0, -6) : tpdu}`,
            }));
            const listed = entries.filter(({ index }) => index !== 2 || how === 'listed with digits missing');
            const shown = listed.flatMap(({ index, length, pdu }) => [`+CMGL: ${index},1,,${length}`, pdu]);
            return [...shown, 'OK'].join('\n');
          };
        },
      });
      await count(bank, 2);
      await eventually(
        () => slot(bank).problem?.code === 'store.unreadable',
        () => slot(bank),
      );
      expect(slot(bank).problem?.message).toMatch(/^1 message in SM/);
      modem.deliverText({ from: '72941', text: 'a new one' });
      await count(bank, 3);
      await eventually(
        () => modem.stored().length === 1,
        () => modem.stored(),
      );
      // Sweeps enough to climb the ladder, were it climbed for this.
      await sleep(5_000);
      expect(slot(bank)).toMatchObject({
        phase: 'ready',
        problem: { code: 'store.unreadable' },
        recoveries: { reinit: 0, reopen: 0, radio: 0, reset: 0, power: 0 },
      });
      isDamaged = false;
      await count(bank, 4);
      await emptied(modem);
      await eventually(
        () => slot(bank).problem === null,
        () => slot(bank),
      );
    },
    60_000,
  );

  it('a PDU that lost digits on the line is read again, and its text is whole', async () => {
    const { bank, modem } = await gateway();
    await everyReady(bank);
    let spoilt = 0;
    modem.faults.onCommand = (line) => {
      if (!line.startsWith('AT+CMGR=') || spoilt > 0) return undefined;
      spoilt += 1;
      const pdu = `00${modem.stored()[0]!.tpdu}`;
      return `+CMGR: 0,,${pdu.length / 2 - 1}\n${pdu.slice(0, 20)}${pdu.slice(22)}\nOK`;
    };
    modem.deliverText({ from: '72941', text: 'your code is 482913' });
    await count(bank, 1);
    await emptied(modem);
    expect(spoilt).toBe(1);
    expect(bank.view().messages(1)[0]?.text).toBe('your code is ••••••');
  });

  it('an answer as in text mode loses nothing: the settings are applied again', async () => {
    const { bank, modem } = await gateway();
    await everyReady(bank);
    let answered = 0;
    modem.faults.onCommand = (line) => {
      if (!line.startsWith('AT+CMGR=') || answered > 0) return undefined;
      answered += 1;
      return '+CMGR: "REC UNREAD","72941",,"26/11/21,08:00:00+00"\n482913\nOK';
    };
    modem.deliverText({ from: '72941', text: 'your code is 482913' });
    await count(bank, 1);
    await emptied(modem);
    expect(bank.view().messages(1)[0]).toMatchObject({ from: '72941', text: 'your code is ••••••' });
  });

  it('modems that take only three names, or only one, are swept', async () => {
    for (const names of [3, 1]) {
      const { bank, modem } = await gateway({
        before: ([first]) => {
          first!.faults.onCommand = (line) =>
            /^AT\+CPMS="/.test(line) && line.split(',').length !== names ? '+CMS ERROR: 302' : undefined;
        },
      });
      await everyReady(bank);
      modem.deliverText({ from: '72941', text: 'one' });
      await count(bank, 1);
      await emptied(modem);
    }
  });

  it('a message that comes on the line itself is committed', async () => {
    const { bank, modem } = await gateway();
    await everyReady(bank);
    modem.noise(Buffer.from(`\r\n+CMT: ,${HELLO.length / 2}\r\n00${HELLO}\r\n`));
    await count(bank, 1);
    expect(bank.view().messages(1)[0]).toMatchObject({ from: '12345', text: 'Hello' });
  });
});

describe('whose message it is', () => {
  it('a card that was changed without a word is noticed before anything is attributed', async () => {
    const { bank, modems } = await gateway({ modems: 2 });
    await everyReady(bank);
    const [first, second] = [modems[0]!, modems[1]!];
    for (const modem of modems) modem.faults.dropUrcs = 3;
    const [a, b] = [first.removeSim()!, second.removeSim()!];
    first.insertSim(b);
    second.insertSim(a);
    for (const modem of modems) modem.faults.dropUrcs = 0;
    first.deliverText({ from: '72941', text: 'for b' });
    second.deliverText({ from: '72941', text: 'for a' });
    await count(bank, 2);
    const by = new Map(
      bank
        .view()
        .messages(10)
        .map(({ text, iccid }) => [text, iccid]),
    );
    expect(by).toEqual(
      new Map([
        ['for b', b.iccid],
        ['for a', a.iccid],
      ]),
    );
    await emptied(...modems);
  });

  it('two ports that show one card: the first keeps it, the second says so and deletes nothing', async () => {
    const { bank, modems } = await gateway({
      modems: 2,
      before: ([first, second]) => {
        const { iccid } = first!.sim!;
        second!.faults.onCommand = (line) => (line === 'AT+CCID' ? `+CCID: ${iccid}\nOK` : undefined);
      },
    });
    const phases = (): string[] =>
      bank
        .view()
        .slots()
        .map(({ phase }) => phase);
    await eventually(
      () => phases().includes('ready') && phases().includes('ignored'),
      () => bank.view().slots(),
    );
    const ignored = bank
      .view()
      .slots()
      .find(({ phase }) => phase === 'ignored')!;
    expect(ignored.problem).toMatchObject({
      code: 'slot.same_card',
      message: expect.stringMatching(/Name only one of them/),
    });
    expect(modems.length).toBe(2);
  });

  it('an alarm tells of a store that stays full', async () => {
    const { bank, modem } = await gateway({
      before: ([first]) => {
        first!.faults.onCommand = (line) => (line.startsWith('AT+CMGD=') ? '+CMS ERROR: 320' : undefined);
        for (let n = 0; n < 20; n++) first!.deliverText({ from: '72941', text: `message ${n}` });
      },
    });
    await count(bank, 20);
    await eventually(
      () => slot(bank).storage.some(({ name, used, total }) => name === 'SM' && used === total),
      () => slot(bank),
    );
    // The card, twenty messages, and the alarm: an event of its own, once.
    await eventually(
      () => bank.view().uplink().lastSeq >= 22,
      () => bank.view().uplink(),
    );
    modem.faults.onCommand = null;
    await emptied(modem);
  });
});
