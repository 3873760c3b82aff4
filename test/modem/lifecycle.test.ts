import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Effect,
  INITIAL,
  type Input,
  next,
  reopenAfterMs,
  type State,
} from '../../src/modem/lifecycle.ts';
import { PHASES } from '../../src/protocol/state.ts';

const trouble = { code: 'test.trouble', message: 'trouble' };
const inputs: Input[] = [
  { type: 'start' },
  { type: 'opened' },
  { type: 'open-failed', problem: trouble },
  { type: 'identified' },
  { type: 'silent', problem: trouble },
  ...(['ready', 'busy', 'absent', 'pin', 'puk'] as const).map((sim): Input => ({ type: 'sim', sim })),
  { type: 'card-read' },
  { type: 'card-failed', problem: trouble },
  { type: 'configured', problem: null },
  { type: 'registration', registered: true, denied: false },
  { type: 'registration', registered: false, denied: true },
  { type: 'modem-restarted' },
  { type: 'sim-event' },
  { type: 'network-event' },
  { type: 'out-of-step', problem: trouble },
  { type: 'step-timed-out', step: 'read-card', problem: trouble },
  { type: 'works' },
  { type: 'settings-lost' },
  { type: 'card-elsewhere', problem: trouble },
  { type: 'port-lost', problem: trouble },
];

function follow(...path: Input[]): { state: State; effects: readonly Effect[] } {
  let state = INITIAL;
  let effects: readonly Effect[] = [];
  for (const input of path) ({ state, effects } = next(state, input));
  return { state, effects };
}
const TO_READY: Input[] = [
  { type: 'start' },
  { type: 'opened' },
  { type: 'identified' },
  { type: 'sim', sim: 'ready' },
  { type: 'card-read' },
  { type: 'configured', problem: null },
  { type: 'registration', registered: true, denied: false },
];

describe('the way to readiness', () => {
  it('is open, identify, SIM, card, settings, network', () => {
    const doing = TO_READY.map((_, i) => follow(...TO_READY.slice(0, i + 1)).effects.map((e) => e.do));
    expect(doing).toEqual([
      ['open'],
      ['identify'],
      ['check-sim'],
      ['read-card'],
      ['configure'],
      ['check-registration', 'sweep'],
      ['later'],
    ]);
    expect(follow(...TO_READY).state.phase).toBe('ready');
  });

  it('sweeps before the network is there', () => {
    expect(follow(...TO_READY.slice(0, 6)).effects).toContainEqual({ do: 'sweep' });
  });
});

describe('a ready modem', () => {
  const ready = follow(...TO_READY).state;

  it.each(['modem-restarted', 'sim-event', 'port-lost', 'silent'] as const)(
    'forgets its card and begins a new generation at %s',
    (type) => {
      const { state, effects } = next(ready, { type, problem: trouble } as Input);
      expect(state.generation).toBeGreaterThan(ready.generation);
      expect(state.chain).toBeGreaterThan(ready.chain);
      expect(effects.map((e) => e.do)).toContain('forget-card');
    },
  );

  it('asks for its card again when the dialogue fell out of step, and is opened anew when it keeps falling', () => {
    const first = next(ready, { type: 'out-of-step', problem: trouble });
    expect(first.state).toMatchObject({ phase: 'ready', generation: ready.generation + 1, timeouts: 1 });
    expect(first.effects).toEqual([{ do: 'later', afterMs: 500, next: 'check-sim' }]);
    const second = next(first.state, { type: 'out-of-step', problem: trouble });
    const third = next(second.state, { type: 'out-of-step', problem: trouble });
    expect(third.state).toMatchObject({ phase: 'recovering', restarts: 1, timeouts: 0 });
    // Whatever works in between starts the count anew.
    expect(next(second.state, { type: 'works' }).state.timeouts).toBe(0);
  });

  it('takes a SIM for taken only when there is none twice', () => {
    const once = next(ready, { type: 'sim', sim: 'absent' });
    expect(once.effects.map((e) => e.do)).toEqual(['forget-card', 'later']);
    expect(next(once.state, { type: 'sim', sim: 'absent' }).effects.map((e) => e.do)).toEqual([
      'card-absent',
      'later',
    ]);
    expect(next(once.state, { type: 'sim', sim: 'ready' }).effects.map((e) => e.do)).toEqual(['read-card']);
  });

  it('leaves a card alone that another slot holds', () => {
    const { state, effects } = next(ready, { type: 'card-elsewhere', problem: trouble });
    expect(state).toMatchObject({ phase: 'ignored', problem: trouble });
    expect(effects).toEqual([{ do: 'forget-card' }, { do: 'later', afterMs: 5_000, next: 'check-sim' }]);
  });

  it('counts a restart once, however often the port cannot be opened after it', () => {
    let state = next(ready, { type: 'port-lost', problem: trouble }).state;
    for (let i = 0; i < 5; i++) state = next(state, { type: 'open-failed', problem: trouble }).state;
    expect(state.restarts).toBe(1);
  });
});

describe('a modem whose card is being read', () => {
  it('is identified anew when something happens to the card meanwhile', () => {
    const reading = follow(...TO_READY.slice(0, 4)).state;
    const { state, effects } = next(reading, { type: 'sim-event' });
    expect(state.chain).toBeGreaterThan(reading.chain);
    expect(effects).toEqual([{ do: 'identify' }]);
  });
});

describe('any inputs in any order', () => {
  it('lead to legal phases, and never leave a modem without something to come', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...inputs), { minLength: 1, maxLength: 40 }), (path) => {
        let state = INITIAL;
        for (const input of path) {
          const before = state;
          const result = next(state, input);
          state = result.state;
          expect(PHASES).toContain(state.phase);
          expect(state.generation).toBeGreaterThanOrEqual(before.generation);
          if (input.type === 'port-lost' || input.type === 'silent' || input.type === 'open-failed') {
            expect(result.effects.map((e) => e.do)).toEqual(['close', 'forget-card', 'later']);
          }
        }
      }),
    );
  });

  it('a new attempt comes after 1 s, then later and later, but soon where a port is only missing', () => {
    expect([1, 2, 3, 10].map((n) => reopenAfterMs(n, 'modem.silent'))).toEqual([1_000, 2_000, 4_000, 30_000]);
    expect(reopenAfterMs(10, 'port.missing')).toBe(2_000);
  });
});
