import { describe, expect, it } from 'vitest';
import { endOf, type Situation } from '../../../src/bank/activations/ends.ts';

const DUE = 1_000_000;
const situation = (afterMs: number, more: Partial<Situation> = {}): Situation => ({
  nowMs: DUE + afterMs,
  sweptFromMs: null,
  absentSinceMs: null,
  watchingSinceMs: 0,
  ...more,
});
const end = (now: Situation, collectingSinceMs: number | null = null) =>
  endOf({ expiresMs: DUE }, now, collectingSinceMs);

describe('an activation expires', () => {
  it('when what came before it was read: after a sweep that began later', () => {
    expect(end(situation(0))).toBeNull();
    expect(end(situation(50, { sweptFromMs: DUE - 1 }))).toBeNull();
    expect(end(situation(50, { sweptFromMs: DUE }))).toBe('expired');
    expect(end(situation(-1, { sweptFromMs: DUE }))).toBeNull();
  });

  it('not while parts are waited for of a message that began to come before', () => {
    const swept = situation(5_000, { sweptFromMs: DUE });
    expect(end(swept, DUE - 1)).toBeNull();
    expect(end(swept, DUE)).toBe('expired');
  });

  it('two minutes later in any case, counted from when every slot was tried', () => {
    expect(end(situation(119_999))).toBeNull();
    expect(end(situation(120_000))).toBe('expired');
    expect(end(situation(120_000), DUE - 1)).toBe('expired');
    const restarted = { watchingSinceMs: DUE + 3_600_000 };
    expect(end(situation(3_600_000, restarted))).toBeNull();
    expect(end(situation(3_720_000, restarted))).toBe('expired');
    expect(end(situation(3_720_000, { watchingSinceMs: null }))).toBeNull();
  });
});

describe('an activation is lost', () => {
  it('with its SIM, after two minutes in no modem', () => {
    const early = DUE - 500_000;
    const at = (nowMs: number): Situation => ({ ...situation(0), nowMs, absentSinceMs: early });
    expect(end(at(early + 119_999))).toBeNull();
    expect(end(at(early + 120_000))).toBe('sim-lost');
    // What had expired before is not the SIM’s doing.
    expect(end(situation(0, { absentSinceMs: DUE - 120_000 }))).toBe('expired');
    expect(end(situation(0, { absentSinceMs: DUE - 1_000 }))).toBeNull();
  });
});
