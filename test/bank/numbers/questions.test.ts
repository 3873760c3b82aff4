import { describe, expect, it } from 'vitest';
import { nextQuestion, type Unasked } from '../../../src/bank/numbers/questions.ts';

const INSERTED = '2026-11-21T08:00:00.000Z';
const after = (seconds: number): string => new Date(Date.parse(INSERTED) + seconds * 1_000).toISOString();
const PATIENCE = { ussdMs: 7_000, probeMs: 30_000 };

const at = (seconds: number, asked: Record<string, number>, more: Partial<Unasked> = {}) =>
  nextQuestion(
    {
      msisdn: null,
      insertedAt: INSERTED,
      askedAt: new Map(Object.entries(asked).map(([source, s]) => [source, after(s)])) as Unasked['askedAt'],
      ussd: true,
      probe: true,
      ...more,
    },
    Date.parse(after(seconds)),
    PATIENCE,
  );

describe('a SIM', () => {
  it('is asked first, once after each insertion, and also where its number is known', () => {
    expect(at(1, {})).toBe('sim');
    expect(at(1, { sim: -5, ussd: -3, sms: -3 })).toBe('sim');
    expect(at(1, {}, { msisdn: '+12025550101' })).toBe('sim');
    expect(at(1, { sim: 0 }, { msisdn: '+12025550101' })).toBeNull();
  });

  it('that says nothing is asked over the network, and then by a message, each again after its time', () => {
    expect(at(1, { sim: 0 })).toBe('ussd');
    expect(at(2, { sim: 0, ussd: 1 })).toBe('sms');
    expect(at(7, { sim: 0, ussd: 1, sms: 2 })).toBeNull();
    expect(at(8, { sim: 0, ussd: 1, sms: 2 })).toBe('ussd');
    expect(at(32, { sim: 0, ussd: 30, sms: 2 })).toBe('sms');
  });

  it('is not asked what may not be asked', () => {
    expect(at(1, { sim: 0 }, { ussd: false })).toBe('sms');
    expect(at(1, { sim: 0 }, { ussd: false, probe: false })).toBeNull();
  });
});
