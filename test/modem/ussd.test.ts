import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Dialogue } from '../../src/at/channel.ts';
import { Ussd } from '../../src/modem/ussd.ts';

describe('a USSD question', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('after one that was never answered ends that session first, and is not answered by what ends it', async () => {
    const ussd = new Ussd();
    const sent: string[] = [];
    const command = async (line: string): Promise<string[]> => {
      sent.push(line);
      if (line === 'AT+CUSD=2') ussd.heard('2');
      return [];
    };
    const at: Dialogue = { command, once: command, submit: command };
    const first = ussd.ask((job) => job(at), '*100#', false).catch(({ code }) => code);
    await vi.advanceTimersByTimeAsync(61_000);
    expect(await first).toBe('ussd.no_answer');
    const second = ussd.ask((job) => job(at), '*101#', false);
    await vi.advanceTimersByTimeAsync(1);
    ussd.heard('0,"the second",15');
    expect(await second).toEqual({ status: 'done', raw: 'the second', dcs: 15 });
    expect(sent).toEqual(['AT+CUSD=1,"*100#",15', 'AT+CUSD=2', 'AT+CUSD=1,"*101#",15']);
    expect(ussd.open).toBe(false);
  });
});
