import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Dialogue } from '../../src/at/channel.ts';
import { SimbankError } from '../../src/errors.ts';
import { defineDriver } from '../../src/modem/driver.ts';
import { Pins, unlock } from '../../src/modem/pin.ts';

const driver = defineDriver({ name: 'generic', title: 'Generic' });
const dir = mkdtempSync(join(tmpdir(), 'simbankd-test-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const file = join(dir, 'pin');
writeFileSync(file, '4711');

/** A card that is locked again each time, and a modem whose answer to the PIN is lost, with this code. */
function losing(right: string, code: string) {
  const card = { tries: 3, sent: 0 };
  const command = async (line: string): Promise<string[]> => {
    const pin = /^AT[+]CPIN="(.*)"$/.exec(line)?.[1];
    if (pin === undefined) return [`+CPINR: SIM PIN,${card.tries},3`];
    card.sent += 1;
    card.tries = pin === right ? 3 : card.tries - 1;
    throw new SimbankError(code, 'lost');
  };
  const at: Dialogue = { command, once: command, submit: command };
  const pins = new Pins();
  const tryIt = () =>
    unlock(at, driver, { file, iccid: '8901', imei: null }, pins).catch((error: SimbankError) => ({
      code: error.code,
    }));
  return { card, tryIt };
}

describe.each(['at.timeout', 'at.restarted', 'port.lost'])('a PIN whose answer is lost (%s)', (code) => {
  it('is sent once more when no try was lost by it, and then no more', async () => {
    const { card, tryIt } = losing('4711', code);
    expect([await tryIt(), await tryIt()]).toEqual([{ code: 'at.timeout' }, { code: 'at.timeout' }]);
    for (let i = 0; i < 3; i++) expect(await tryIt()).toMatchObject({ code: 'sim.pin_wrong' });
    expect(card).toEqual({ tries: 3, sent: 2 });
  });

  it('is not sent again when a try was lost', async () => {
    const { card, tryIt } = losing('0000', code);
    expect(await tryIt()).toEqual({ code: 'at.timeout' });
    for (let i = 0; i < 3; i++) expect(await tryIt()).toMatchObject({ code: 'sim.pin_wrong' });
    expect(card).toEqual({ tries: 2, sent: 1 });
  });
});

describe('turns to unlock', () => {
  const jobs = () => {
    const order: string[] = [];
    const ends = new Map<string, () => void>();
    const job = (name: string) => async () => {
      order.push(`${name} begins`);
      await new Promise<void>((resolve) => ends.set(name, resolve));
      order.push(`${name} ends`);
    };
    return { order, ends, job };
  };
  const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

  it('come one after another on a modem, whatever port it is, and also after one that failed', async () => {
    const { order, ends, job } = jobs();
    const pins = new Pins();
    const failing = pins.oneAtATime('1', () => Promise.reject(new Error('lost')));
    const all = [pins.oneAtATime('1', job('a')), pins.oneAtATime('1', job('b'))];
    await expect(failing).rejects.toThrow('lost');
    await settled();
    expect(order).toEqual(['a begins']);
    ends.get('a')!();
    await settled();
    expect(order).toEqual(['a begins', 'a ends', 'b begins']);
    ends.get('b')!();
    await Promise.all(all);
  });

  it('are not waited for by other modems, but by one without an IMEI, which may be any of them', async () => {
    const { order, ends, job } = jobs();
    const pins = new Pins();
    const all = [
      pins.oneAtATime('1', job('hangs')),
      pins.oneAtATime('2', job('another')),
      pins.oneAtATime(null, job('unknown')),
      pins.oneAtATime('2', job('later')),
    ];
    await settled();
    expect(order).toEqual(['hangs begins', 'another begins']);
    ends.get('another')!();
    ends.get('hangs')!();
    await settled();
    expect(order.slice(-1)).toEqual(['unknown begins']);
    ends.get('unknown')!();
    await settled();
    expect(order.slice(-1)).toEqual(['later begins']);
    ends.get('later')!();
    await Promise.all(all);
  });
});
