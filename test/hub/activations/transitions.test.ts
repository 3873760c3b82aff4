import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drawOrder, successRate, weightOf } from '../../../src/hub/activations/choice.ts';
import { dueAt } from '../../../src/hub/activations/due.ts';
import {
  type Effect,
  type Input,
  isOver,
  type Mode,
  next,
  STATES,
  type State,
} from '../../../src/hub/activations/transitions.ts';
import { formatAmount, MAX_AMOUNT, parseAmount, withMarkup } from '../../../src/hub/money.ts';

const INPUTS: readonly Input[] = [
  'ask',
  'opened',
  'exhausted',
  'requeue',
  'matched',
  'rearm',
  'renew',
  'complete',
  'cancel',
  'ended',
  'overdue',
  'settle',
];
const BEGINNINGS: readonly [Mode, State][] = [
  ['single', 'queued'],
  ['single', 'asking'],
  ['continuous', 'asking'],
];

/** Every state that can be reached, with the effects of a shortest way to it. */
function walk(mode: Mode, from: State): Map<State, Effect[][]> {
  const ways = new Map<State, Effect[][]>([[from, [[]]]]);
  const open: { state: State; effects: Effect[]; seen: Set<string> }[] = [
    { state: from, effects: [], seen: new Set() },
  ];
  for (let way = open.pop(); way !== undefined; way = open.pop()) {
    for (const input of INPUTS) {
      const step = next(mode, way.state, input);
      const edge = `${way.state} ${input}`;
      // Every way that takes no edge twice.
      if (step === null || way.seen.has(edge)) continue;
      const effects = [...way.effects, ...step.effects];
      ways.set(step.to, [...(ways.get(step.to) ?? []), effects]);
      open.push({ state: step.to, effects, seen: new Set(way.seen).add(edge) });
    }
  }
  return ways;
}

describe.each(BEGINNINGS)('a %s activation that begins as %s', (mode, from) => {
  const ways = walk(mode, from);

  test('gives its money one way, once, on every way through the table', () => {
    for (const [state, all] of ways) {
      for (const effects of all) {
        const money = effects.filter((effect) => effect === 'capture' || effect === 'release');
        expect(money.length, `${state} by ${effects.join(', ')}`).toBeLessThanOrEqual(1);
        if (isOver(state)) expect(money, state).toHaveLength(1);
      }
    }
  });

  test('keeps its hold exactly while nothing was decided', () => {
    const decided = new Set<State>(
      mode === 'single' ? ['received', 'waiting-again', 'completed'] : ['kept', 'suspended', 'released'],
    );
    for (const [state, all] of ways) {
      for (const effects of all) {
        expect(effects.includes('capture'), state).toBe(decided.has(state));
        expect(effects.includes('release'), state).toBe(isOver(state) && !decided.has(state));
      }
    }
  });

  test('comes to an end from every state, and never out of it', () => {
    for (const state of ways.keys()) {
      const end = walk(mode, state);
      expect([...end.keys()].some(isOver), state).toBe(true);
      if (isOver(state)) expect([...end.keys()].every(isOver), state).toBe(true);
    }
  });

  test('is looked at by the scheduler in every state in which it could stay for ever', () => {
    const now = '2026-11-21T07:00:00.000Z';
    for (const state of ways.keys()) {
      const isLast = INPUTS.every((input) => next(mode, state, input) === null);
      expect(dueAt({ state, expiresAt: now, answerBy: now }, now) === null, state).toBe(isLast);
    }
  });
});

test('every state is reached by some way, and no façade meets one that is not in the list', () => {
  const reached = new Set(BEGINNINGS.flatMap(([mode, from]) => [...walk(mode, from).keys()]));
  expect([...reached].toSorted()).toEqual([...STATES].toSorted());
});

test.each<[Mode, State, Input]>([
  // customer-apis: nothing changes.
  ['single', 'waiting', 'complete'],
  ['single', 'received', 'cancel'],
  ['single', 'waiting-again', 'cancel'],
  ['single', 'refunded', 'matched'],
  ['single', 'completed', 'matched'],
  ['single', 'waiting', 'opened'],
  ['single', 'waiting', 'rearm'],
  ['continuous', 'kept', 'opened'],
  ['continuous', 'released', 'opened'],
])('a %s activation that is %s does not take %s', (mode, state, input) => {
  expect(next(mode, state, input)).toBeNull();
});

describe('amounts', () => {
  test.each([
    ['0', 0, '0.00'],
    ['0.5', 500_000, '0.50'],
    ['12', 12_000_000, '12.00'],
    ['0.000001', 1, '0.000001'],
    ['1.230', 1_230_000, '1.23'],
    ['0.0150', 15_000, '0.015'],
    ['-3.5', -3_500_000, '-3.50'],
    ['-0', 0, '0.00'],
  ])('%s is %d micro-units and shown as %s', (text, micro, shown) => {
    expect(parseAmount(text)).toBe(micro);
    expect(formatAmount(micro)).toBe(shown);
  });

  test.each(['', 'ten', '1e3', '0.0000001', '1,5', ' ', '1.', '.5', '9999999999', 'NaN', '--1'])(
    '%j is none',
    (text) => {
      expect(() => parseAmount(text)).toThrow(expect.objectContaining({ code: 'amount.invalid' }));
    },
  );

  test('any of them survives being shown', () => {
    fc.assert(
      fc.property(fc.integer({ min: -MAX_AMOUNT, max: MAX_AMOUNT }), (amount) => {
        expect(parseAmount(formatAmount(amount))).toBe(amount);
      }),
    );
  });

  test.each([
    [1_000_000, 40, 1_400_000],
    [15_000, 10, 20_000],
    [14_999, 0, 14_999],
    [500_000, 2000, 10_500_000],
  ])('%d with a markup of %d %% is %d', (amount, percent, wanted) => {
    expect(withMarkup(amount, percent)).toBe(wanted);
  });
});

describe('the choice of a gateway', () => {
  const chance = { stock: 10, received: 0, missed: 0, refused: 0 };

  test('prefers more numbers, more success and fewer refusals', () => {
    const weight = (more: object) => weightOf({ gateway: 'a', ...chance, ...more });
    expect(weight({ stock: 20 })).toBeGreaterThan(weight({}));
    expect(weight({ received: 9, missed: 1 })).toBeGreaterThan(weight({ received: 5, missed: 5 }));
    expect(weight({ received: 9, refused: 20 })).toBeLessThan(weight({ received: 9 }));
    expect(successRate({ received: 0, missed: 0 })).toBe(0.5);
  });

  test('draws all that have stock, by their weight', () => {
    const chances = [
      { gateway: 'good', ...chance, received: 90, missed: 10 },
      { gateway: 'bad', ...chance, received: 10, missed: 90 },
      { gateway: 'empty', ...chance, stock: 0 },
    ];
    let seed = 1;
    const random = () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const first = { good: 0, bad: 0 };
    for (let i = 0; i < 2_000; i += 1) {
      const order = drawOrder(chances, random);
      expect(order.toSorted()).toEqual(['bad', 'good']);
      first[order[0] as 'good' | 'bad'] += 1;
    }
    // Weights of 0.795 and 0.0116: one draw in 69.
    expect(first.bad).toBeGreaterThan(5);
    expect(first.bad).toBeLessThan(80);
  });
});
