import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Assignments } from '../../../src/bank/assignments.ts';
import type { Slot } from '../../../src/bank/slot.ts';
import type { BankStore } from '../../../src/bank/store/store.ts';
import type { BankVerbs } from '../../../src/bank/store/verbs.ts';
import { createLog } from '../../../src/log.ts';
import { temporaryDir } from '../../temporary.ts';
import { Desk, iccidOf, START } from './desk.ts';

/* Minutes of waiting: the clock is the test's, the store is the real one. */
beforeEach(() => {
  vi.useFakeTimers({ now: START, toFake: ['Date', 'setTimeout', 'clearTimeout'] });
});
afterEach(() => vi.useRealTimers());

interface Place {
  claimed: string | null;
  tried: boolean;
  sweptFrom: Date | null;
  sweeps: number;
}

function watched(sims = 1) {
  const desk = new Desk(temporaryDir(), sims);
  const places = Array.from({ length: sims }, (_, n): Place => {
    return { claimed: iccidOf(n), tried: true, sweptFrom: new Date(START), sweeps: 0 };
  });
  const slots = places.map((place) => {
    const onAir = () => ({ ready: true, swept: true, signalDbm: null, operator: null });
    return Object.assign(place, { sweep: () => (place.sweeps += 1), onAir }) as unknown as Slot;
  });
  const write = new Proxy(desk.verbs, {
    get: (verbs, name) => async (arg: never) => verbs[name as keyof BankVerbs](arg),
  }) as unknown as BankStore['write'];
  const openSims = () =>
    desk.db
      .prepare<[], { iccid: string; expiresAt: string }>(
        'SELECT iccid, min(expires_at) AS expiresAt FROM activation GROUP BY iccid',
      )
      .all();
  let discover = (): void => {};
  const assignments = new Assignments({
    store: { write, openSims },
    slots: () => slots,
    log: createLog('silent'),
    committed: (events) => desk.events.push(...events),
    discovered: () => new Promise((resolve) => (discover = resolve)),
  });
  onTestFinished(() => {
    assignments.stop();
    desk.db.close();
  });
  assignments.start();
  const pass = async (seconds: number): Promise<void> => {
    await vi.advanceTimersByTimeAsync(seconds * 1_000);
    desk.now = Date.now();
  };
  const sweep = async (n: number): Promise<void> => {
    places[n]!.sweptFrom = new Date();
    assignments.swept(slots[n]!);
    await pass(0.001);
  };
  return { desk, places, assignments, pass, sweep, discovered: () => discover() };
}

describe('an activation that is due', () => {
  it('has its SIM swept at once, and ends when that has come to its end', async () => {
    const { desk, places, pass, sweep, discovered } = watched();
    discovered();
    const { ids } = desk.open({ ttlSeconds: 60 });
    await pass(59.9);
    expect(places[0]!.sweeps).toBe(0);
    await pass(0.1);
    expect(places[0]!.sweeps).toBe(1);
    await pass(5);
    expect([desk.told(), places[0]!.sweeps]).toEqual([[`opened ${ids[0]}`], 1]);
    await sweep(0);
    expect(desk.told().slice(1)).toEqual([`closed ${ids[0]} expired`]);
  });

  it('is swept for again when the sweep does not come to its end, and ends after two minutes anyway', async () => {
    const { desk, places, pass, discovered } = watched();
    discovered();
    const { ids } = desk.open({ ttlSeconds: 60 });
    await pass(60 + 119);
    expect(places[0]!.sweeps).toBeGreaterThan(5);
    expect(desk.told()).toEqual([`opened ${ids[0]}`]);
    await pass(2);
    expect(desk.told().slice(1)).toEqual([`closed ${ids[0]} expired`]);
  });

  it('after another on the same SIM has a sweep of its own', async () => {
    const { desk, places, pass, sweep, discovered } = watched();
    discovered();
    const first = desk.open({ ttlSeconds: 60 });
    const second = desk.open({ ttlSeconds: 62, services: ['go'] });
    await pass(60);
    await sweep(0);
    await pass(2);
    expect(places[0]!.sweeps).toBe(2);
    await sweep(0);
    expect(desk.told().slice(2)).toEqual([
      `closed ${first.ids[0]} expired`,
      `closed ${second.ids[0]} expired`,
    ]);
  });
});

describe('a SIM that is nowhere', () => {
  it('is lost after two minutes, and not when it comes back before', async () => {
    const { desk, places, pass, discovered } = watched(2);
    discovered();
    await pass(1);
    const ids = [0, 1].map((n) => desk.open({ select: { iccid: iccidOf(n) } }).ids[0]);
    for (const place of places) place.claimed = null;
    await pass(115);
    places[1]!.claimed = iccidOf(1);
    await pass(10);
    expect(desk.told().slice(2)).toEqual([`closed ${ids[0]} sim-lost`]);
    // It is counted from the beginning again.
    places[1]!.claimed = null;
    await pass(115);
    expect(desk.told()).toHaveLength(3);
    await pass(10);
    expect(desk.told().slice(3)).toEqual([`closed ${ids[1]} sim-lost`]);
  });

  it('is not lost while it is not known what the slots hold, but for a minute at the most', async () => {
    const { desk, places, pass, discovered } = watched();
    desk.open({ ttlSeconds: 3_000 });
    Object.assign(places[0]!, { claimed: null, tried: false });
    await pass(50);
    discovered();
    await pass(125);
    expect(desk.told()).toHaveLength(1);
    await pass(60);
    expect(desk.told().slice(1)).toEqual([expect.stringMatching(/sim-lost$/)]);
  });
});
