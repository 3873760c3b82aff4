import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Dialogue } from '../../src/at/channel.ts';
import { sortUrcs, urcShape } from '../../src/at/urc.ts';
import { loadDrivers } from '../../src/commands/drivers.ts';
import { Calls } from '../../src/modem/calls.ts';
import { type Driver, defineDriver } from '../../src/modem/driver.ts';
import { noticeOf } from '../../src/modem/notice.ts';

/** What is told of the lines a modem says, and what it is told to do about them. */
function listening(driver: Driver = defineDriver({ name: 'generic', title: 'Generic' })) {
  const told: (string | null)[] = [];
  const sent: string[] = [];
  const command = async (line: string): Promise<string[]> => {
    sent.push(line);
    return [];
  };
  const at: Dialogue = { command, once: command, submit: command };
  const calls = new Calls(
    (job) => job(at),
    (from) => told.push(from),
  );
  const table = sortUrcs(driver.urcs);
  const say = (...lines: string[]): void => {
    for (const line of lines) {
      const urc = urcShape(table, line)!;
      const notice = noticeOf({ kind: urc.kind, rest: line.slice(urc.prefix.length).trim(), body: [] });
      if (notice.type === 'call') calls.heard(notice.from);
      if (notice.type === 'call-over') calls.over();
    }
  };
  return { told, sent, say, calls };
}

describe('a call', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

  it('is told once, with its number, and ended', async () => {
    const { told, sent, say } = listening();
    say('RING', '+CLIP: "+4915111111111",145');
    await pass(100);
    expect([told, sent]).toEqual([['+4915111111111'], ['AT+CHUP']]);
    // It rings on: the modem refused, or lost, what should have ended it.
    say('RING', '+CLIP: "+4915111111111",145');
    await pass(1_000);
    expect([told, sent]).toEqual([['+4915111111111'], ['AT+CHUP', 'AT+CHUP']]);
  });

  it('that comes right after another one is told, too', async () => {
    const { told, sent, say } = listening();
    say('RING', '+CLIP: "+4915111111111",145', 'NO CARRIER');
    await pass(2_000);
    say('RING');
    await pass(100);
    say('+CLIP: "+4915222222222",145');
    await pass(2_000);
    // And one before which nobody said that the last one is over.
    say('RING');
    await pass(100);
    say('+CLIP: "+4915333333333",145');
    await pass(10_000);
    expect(told).toEqual(['+4915111111111', '+4915222222222', '+4915333333333']);
    expect(sent).toEqual(['AT+CHUP', 'AT+CHUP', 'AT+CHUP']);
  });

  it('of the same caller after the last one was over is another one', async () => {
    const { told, say } = listening();
    for (let i = 0; i < 2; i++) {
      say('RING', '+CLIP: "+4915111111111",145', 'NO CARRIER');
      await pass(1_000);
    }
    expect(told).toHaveLength(2);
  });

  it('without a number is told when it is over, or after a while', async () => {
    const { told, say } = listening();
    say('RING', 'NO CARRIER');
    expect(told).toEqual([null]);
    say('RING');
    await pass(5_000);
    expect(told).toEqual([null, null]);
  });

  it.each(['NO CARRIER', 'BUSY', 'NO ANSWER'])('never begins with %s', async (line) => {
    const { told, sent, say } = listening();
    say(line);
    await pass(10_000);
    expect([told, sent]).toEqual([[], []]);
  });

  it.each([
    ['quectel-ec25', '^DSCI: 1,0,0,0'],
    ['huawei-stick', '^CEND:1,0,104'],
    ['simcom-sim7x00', 'MISSED_CALL: 08:00AM 12025550143'],
    ['simcom-sim7x00', 'VOICE CALL: END: 000012'],
  ])('never begins with what %s says of the state of calls: %s', async (name, line) => {
    const driver = (await loadDrivers()).find((one) => one.name === name);
    const { told, sent, say } = listening(driver);
    say(line);
    await pass(10_000);
    expect([told, sent]).toEqual([[], []]);
  });
});
