import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { next } from '../../src/modem/lifecycle.ts';
import { reopenAfterMs } from '../../src/modem/recovery.ts';
import { type Effect, INITIAL, type Input, type Offers, type State } from '../../src/modem/state.ts';
import { PHASES } from '../../src/protocol/state.ts';

const trouble = { code: 'test.trouble', message: 'trouble' };
const offers: Offers = { rungs: ['radio', 'reset', 'power'], healthMs: 30_000, smsReady: false };
const inputs: Input[] = [
  { type: 'start' },
  { type: 'opened' },
  { type: 'open-failed', problem: trouble },
  { type: 'identified', offers },
  { type: 'silent', problem: trouble },
  ...(['ready', 'busy', 'absent', 'pin', 'puk'] as const).map((sim): Input => ({ type: 'sim', sim })),
  { type: 'card-read' },
  { type: 'card-failed', problem: trouble },
  { type: 'configured', problem: null, reset: false },
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
  { type: 'sim', sim: 'failed' },
  { type: 'pin', problem: null },
  { type: 'pin', problem: trouble },
  { type: 'configured', problem: null, reset: true },
  { type: 'healthy' },
  { type: 'unhealthy', complaint: 'unhealthy', problem: trouble },
  { type: 'grace-over' },
  { type: 'restart' },
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
  { type: 'identified', offers },
  { type: 'sim', sim: 'ready' },
  { type: 'card-read' },
  { type: 'configured', problem: null, reset: false },
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

  it.each(['modem-restarted', 'sim-event', 'port-lost', 'silent', 'unhealthy', 'restart'] as const)(
    'forgets its card and begins a new generation at %s',
    (type) => {
      const { state, effects } = next(ready, { type, complaint: 'unhealthy', problem: trouble } as Input);
      expect(state.generation).toBeGreaterThan(ready.generation);
      expect(state.chain).toBeGreaterThan(ready.chain);
      expect(effects.map((e) => e.do)).toContain('forget-card');
    },
  );

  it('asks for its card again when the dialogue fell out of step, and is opened anew when it keeps falling', () => {
    const first = next(ready, { type: 'out-of-step', problem: trouble });
    expect(first.state).toMatchObject({ phase: 'ready', generation: ready.generation + 1, timeouts: 1 });
    expect(first.effects).toEqual([{ do: 'later', afterMs: 500, next: 'check-sim' }]);
    // From here on it is the steps on the way that tell.
    const silent: Input = { type: 'step-timed-out', step: 'check-sim', problem: trouble };
    const second = next(first.state, silent);
    const third = next(second.state, silent);
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
    expect(effects).toEqual([{ do: 'forget-card' }, { do: 'later', afterMs: 3_000, next: 'check-sim' }]);
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

describe('a modem that does not do its work', () => {
  const ready = follow(...TO_READY).state;
  const doing = (result: { effects: readonly Effect[] }): string[] => result.effects.map((e) => e.do);

  it('climbs the ladder when its messages cannot be read, the mildest rung first, and from the bottom once it is healthy', () => {
    let state = ready;
    const first = next(state, { type: 'unhealthy', complaint: 'unhealthy', problem: trouble });
    expect(doing(first)).toEqual(['forget-card', 'check-sim']);
    state = { ...first.state, phase: 'ready', checked: true };
    const second = next(state, { type: 'unhealthy', complaint: 'unhealthy', problem: trouble });
    expect(doing(second)).toEqual(['close', 'forget-card', 'later']);
    state = { ...second.state, phase: 'ready', checked: true };
    expect(doing(next(state, { type: 'unhealthy', complaint: 'unhealthy', problem: trouble }))).toEqual([
      'forget-card',
      'radio',
    ]);
    const healthy = next(state, { type: 'healthy' }).state;
    expect(doing(next(healthy, { type: 'unhealthy', complaint: 'unhealthy', problem: trouble }))).toEqual([
      'forget-card',
      'check-sim',
    ]);
  });

  it('is reset blind when it stays silent, and left alone while the reset takes its time', () => {
    const known = follow({ type: 'start' }, { type: 'opened' }, { type: 'identified', offers }).state;
    let state = known;
    const seen: string[] = [];
    for (let i = 0; i < 5; i++) {
      const result = next({ ...state, grace: false }, { type: 'silent', problem: trouble });
      seen.push(doing(result).join(' '));
      state = result.state;
    }
    expect(seen).toEqual([
      'close forget-card later',
      'close forget-card later',
      'forget-card reset later',
      'close forget-card later',
      'close forget-card power later',
    ]);
    const patient = next({ ...known, grace: true }, { type: 'silent', problem: trouble });
    expect(doing(patient)).toEqual(['close', 'forget-card', 'later']);
    expect(patient.state.climbed).toBe(known.climbed);
  });

  it('counts each rung', () => {
    const { state } = next(ready, { type: 'unhealthy', complaint: 'unhealthy', problem: trouble });
    expect(state.recoveries).toEqual({ reinit: 1, reopen: 0, radio: 0, reset: 0, power: 0 });
  });

  it('is taken off the air when it finds no network for long, not when it is denied', () => {
    const look = (denied: boolean): Input => ({ type: 'registration', registered: false, denied });
    let state = follow(...TO_READY.slice(0, 6)).state;
    for (let i = 1; i < 84; i++) state = next(state, look(false)).state;
    expect(doing(next(state, look(false)))).toEqual(['forget-card', 'radio']);
    for (let i = 0; i < 500; i++) state = next(state, look(true)).state;
    expect(state.recoveries.radio).toBe(0);
  });

  it('climbs the ladder when being off the air does not help either, from the bottom once there was a network', () => {
    const none: Input = { type: 'registration', registered: false, denied: false };
    const rungs = (from: State, rounds: number): { state: State; rungs: string[] } => {
      let state = from;
      const seen: string[] = [];
      for (let i = 0; i < 84 * rounds; i++) {
        const result = next(state, none);
        state = result.state;
        if (!doing(result).includes('forget-card')) continue;
        seen.push(doing(result).find((name) => ['radio', 'reset', 'power'].includes(name))!);
        // Each time its card is read anew, and its messages are.
        for (const input of TO_READY.slice(2, 6)) state = next(state, input).state;
        state = next(state, { type: 'healthy' }).state;
      }
      return { state, rungs: seen };
    };
    const searching = follow(...TO_READY.slice(0, 6)).state;
    const first = rungs(searching, 4);
    expect(first.rungs).toEqual(['radio', 'reset', 'power']);
    const found = next(first.state, { type: 'registration', registered: true, denied: false }).state;
    expect(rungs(found, 1).rungs).toEqual(['radio']);
  });

  it('climbs, too, when the way to readiness is refused again and again', () => {
    let state = follow(...TO_READY.slice(0, 4)).state;
    for (let i = 0; i < 7; i++) state = next(state, { type: 'card-failed', problem: trouble }).state;
    expect(state.recoveries.reinit).toBe(0);
    expect(next(state, { type: 'card-failed', problem: trouble }).state.recoveries.reinit).toBe(1);
  });
});

describe('a modem whose card is asked for again', () => {
  it('does not forget to ask when the network tells something meanwhile', () => {
    const doubted = next(follow(...TO_READY).state, { type: 'out-of-step', problem: trouble }).state;
    expect(next(doubted, { type: 'network-event' }).effects).toEqual([]);
    const late: Input = { type: 'registration', registered: true, denied: false };
    expect(next(doubted, late)).toEqual({ state: doubted, effects: [] });
  });
});

describe('what an operator wants', () => {
  const ready = follow(...TO_READY).state;

  it('a disabled modem does nothing until it is enabled', () => {
    const off = next(ready, { type: 'disable', problem: trouble });
    expect(off.effects.map((e) => e.do)).toEqual(['close', 'forget-card']);
    for (const input of inputs) expect(next(off.state, input)).toEqual({ state: off.state, effects: [] });
    expect(next(off.state, { type: 'enable' })).toMatchObject({
      state: { phase: 'opening' },
      effects: [{ do: 'open' }],
    });
  });

  it('a restart is the reset of the vendor', () => {
    const { state, effects } = next(ready, { type: 'restart' });
    expect(effects.map((e) => e.do)).toEqual(['forget-card', 'reset', 'later']);
    expect(state.restarts).toBe(ready.restarts + 1);
  });
});

describe('a card that wants its PIN', () => {
  it('is unlocked before anything else, and stays locked with the reason why not', () => {
    const asking = next(follow(...TO_READY.slice(0, 3)).state, { type: 'sim', sim: 'pin' });
    expect(asking.effects.map((e) => e.do)).toEqual(['forget-card', 'unlock']);
    expect(next(asking.state, { type: 'pin', problem: null }).effects).toMatchObject([{ next: 'check-sim' }]);
    const refused = next(asking.state, { type: 'pin', problem: trouble });
    expect(refused.state).toMatchObject({ phase: 'locked', problem: trouble });
    // Asked again, it does not forget what it was told.
    expect(next(refused.state, { type: 'sim', sim: 'pin' }).state.problem).toEqual(trouble);
  });

  it('is never given a PUK', () => {
    const { effects } = next(follow(...TO_READY.slice(0, 3)).state, { type: 'sim', sim: 'puk' });
    expect(effects.map((e) => e.do)).not.toContain('unlock');
  });
});

describe('readiness for messages', () => {
  const waiting = { ...offers, smsReady: true };
  const read = follow(
    { type: 'start' },
    { type: 'opened' },
    { type: 'identified', offers: waiting },
    { type: 'sim', sim: 'ready' },
    { type: 'card-read' },
  );

  it('is waited for where the family tells it', () => {
    expect(read.effects).toEqual([{ do: 'await-sms' }]);
    expect(next(read.state, { type: 'sms', ready: false }).effects).toMatchObject([{ next: 'await-sms' }]);
    expect(next(read.state, { type: 'sms', ready: true }).effects).toMatchObject([{ next: 'configure' }]);
  });

  it('is not waited for for ever, and not heard when nobody waits', () => {
    let state = read.state;
    for (let i = 0; i < 59; i++) state = next(state, { type: 'sms', ready: false }).state;
    expect(next(state, { type: 'sms', ready: false }).effects).toMatchObject([{ next: 'configure' }]);
    const ready = follow(...TO_READY).state;
    expect(next(ready, { type: 'sms', ready: true })).toEqual({ state: ready, effects: [] });
  });

  it.each(['sim-event', 'modem-restarted', 'restart'] as const)(
    'is not heard when it is the card that is waited for again (%s)',
    (type) => {
      const again = next(read.state, { type }).state;
      const busy = next(again, { type: 'sim', sim: 'busy' }).state;
      // It would take the place of the next look at the card, and there is no card to set anything up for.
      for (const state of [again, busy])
        expect(next(state, { type: 'sms', ready: true })).toEqual({ state, effects: [] });
    },
  );
});

describe('any inputs in any order', () => {
  it('lead to legal phases, and generations only grow', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...inputs), { minLength: 1, maxLength: 40 }), (path) => {
        let state = INITIAL;
        for (const input of path) {
          const before = state;
          state = next(state, input).state;
          expect(PHASES).toContain(state.phase);
          expect(state.generation).toBeGreaterThanOrEqual(before.generation);
        }
      }),
    );
  });

  it('never leave a modem without something to come', () => {
    /** What each step may come back with. */
    const results: Record<string, Input['type'][]> = {
      open: ['opened', 'open-failed'],
      identify: ['identified', 'silent', 'step-timed-out'],
      'check-sim': ['sim', 'silent', 'step-timed-out', 'card-failed'],
      unlock: ['pin', 'step-timed-out', 'silent'],
      'read-card': ['card-read', 'card-failed', 'step-timed-out', 'card-elsewhere', 'silent'],
      'await-sms': ['sms', 'step-timed-out', 'silent'],
      configure: ['configured', 'step-timed-out', 'card-failed', 'silent'],
      'check-registration': ['registration', 'step-timed-out', 'silent'],
      'check-health': ['registration', 'sim-event', 'settings-lost', 'step-timed-out'],
      radio: ['identified', 'step-timed-out', 'silent'],
    };
    const unasked: Input['type'][] = [
      'sim-event',
      'sms',
      'modem-restarted',
      'network-event',
      'out-of-step',
      'works',
      'healthy',
      'unhealthy',
      'grace-over',
      'settings-lost',
      'port-lost',
      'restart',
    ];
    const all = [...inputs, { type: 'sms', ready: true } as const, { type: 'sms', ready: false } as const];
    const anyOffers = fc.record({
      rungs: fc.subarray(offers.rungs.slice()),
      healthMs: fc.constant(30_000),
      smsReady: fc.boolean(),
    });
    // What leads on to readiness stands first: drawn evenly, few walks would ever get there.
    const usually = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.nat({ max: 3 }), fc.nat());
    fc.assert(
      fc.property(
        anyOffers,
        fc.array(fc.tuple(fc.constantFrom(true, true, false), usually, usually), {
          minLength: 40,
          maxLength: 80,
          size: 'max',
        }),
        (offered, walk) => {
          let state = next(INITIAL, { type: 'start' }).state;
          /** Steps under way and the chain each was asked in; the timer, which is one. */
          let asked: { step: string; chain: number }[] = [{ step: 'open', chain: -1 }];
          let timer: string | null = null;
          /** A card was read, and is not forgotten. */
          let hasCard = false;
          for (const [answered, which, variant] of walk) {
            let type: Input['type'] | null = unasked[which % unasked.length]!;
            if (answered && asked.length === 0) {
              asked.push({ step: timer ?? 'nothing', chain: timer === 'open' ? -1 : state.chain });
              timer = null;
              continue;
            }
            if (answered) {
              const job = asked.shift()!;
              if (job.chain !== -1 && job.chain !== state.chain) continue;
              const possible = results[job.step]!;
              // Without a card there is nothing to set up for it: a step that comes to nothing must leave something to come.
              type = job.step === 'configure' && !hasCard ? null : possible[which % possible.length]!;
              if (type === 'card-read') hasCard = true;
            }
            if (type !== null) {
              const fitting = all.filter((input) => input.type === type);
              const input = fitting[variant % fitting.length]!;
              const result = next(state, input.type === 'identified' ? { ...input, offers: offered } : input);
              state = result.state;
              for (const effect of result.effects) {
                if (effect.do === 'later') timer = effect.next;
                else if (effect.do === 'forget-card') hasCard = false;
                else if (effect.do === 'close' || effect.do === 'reset')
                  asked = asked.filter((a) => a.step === 'open');
                else if (effect.do in results)
                  asked.push({ step: effect.do, chain: effect.do === 'open' ? -1 : state.chain });
              }
            }
            const alive = asked.some(({ chain }) => chain === -1 || chain === state.chain);
            const what = type ?? 'a step that came to nothing';
            expect(alive || timer !== null, `${what} left nothing to come in ${state.phase}`).toBe(true);
          }
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it('a new attempt comes after 1 s, then later and later, but soon where a port is only missing', () => {
    expect([1, 2, 3, 10].map((n) => reopenAfterMs(n, 'modem.silent'))).toEqual([1_000, 2_000, 4_000, 6_000]);
    expect(reopenAfterMs(10, 'port.missing')).toBe(2_000);
  });
});
