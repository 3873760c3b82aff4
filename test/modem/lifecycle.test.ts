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
  { type: 'out-of-step' },
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

  it('begins a new generation when the dialogue fell out of step, and sweeps again', () => {
    const { state, effects } = next(ready, { type: 'out-of-step' });
    expect(state).toMatchObject({ phase: 'ready', chain: ready.chain, generation: ready.generation + 1 });
    expect(effects).toEqual([{ do: 'sweep' }]);
  });

  it('counts a restart once, however often the port cannot be opened after it', () => {
    let state = next(ready, { type: 'port-lost', problem: trouble }).state;
    for (let i = 0; i < 5; i++) state = next(state, { type: 'open-failed', problem: trouble }).state;
    expect(state.restarts).toBe(1);
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
