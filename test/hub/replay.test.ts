import { expect, test } from 'vitest';
import { due, type Gaps, observe, refused } from '../../src/hub/replay.ts';
import type { Progress } from '../../src/hub/store/events.ts';

const at = (upTo: number, lastSeq: number, more: Partial<Progress> = {}): Progress => ({
  gateway: 'host-a',
  epoch: 'E1',
  current: true,
  upTo,
  id: null,
  lastSeq,
  passed: false,
  more: false,
  rejected: [],
  ...more,
});
const here = () => false;
const asks = (gaps: Gaps, now: number) =>
  due(gaps, now, here).map(({ do: action, gap }) => [action, gap.after]);

test('a gap is asked for after 5 s, then ever more rarely', () => {
  const gaps: Gaps = new Map();
  observe(gaps, at(3, 9), 0, false);
  expect(asks(gaps, 4_999)).toEqual([]);
  expect(asks(gaps, 5_000)).toEqual([['ask', 3]]);
  const times: number[] = [];
  for (let now = 5_000; now < 3_000_000; now += 1_000) if (asks(gaps, now).length > 0) times.push(now);
  expect(times.slice(0, 4)).toEqual([15_000, 35_000, 75_000, 155_000]);
  expect(times.at(-1)! - times.at(-2)!).toBe(600_000);
});

test('a frontier that moves makes it another gap; one that arrives ends it', () => {
  const gaps: Gaps = new Map();
  observe(gaps, at(3, 9), 0, false);
  observe(gaps, at(5, 9), 4_000, false);
  expect(asks(gaps, 8_999)).toEqual([]);
  expect(asks(gaps, 9_000)).toEqual([['ask', 5]]);
  observe(gaps, at(9, 9), 9_500, false);
  expect(gaps.size).toBe(0);
});

test('after its own absence the hub asks at once, but not again within 5 s', () => {
  const gaps: Gaps = new Map();
  observe(gaps, at(3, 9), 0, true);
  expect(asks(gaps, 0)).toEqual([['ask', 3]]);
  observe(gaps, at(3, 12), 1_000, true);
  expect(asks(gaps, 1_000)).toEqual([]);
  expect(asks(gaps, 5_000)).toEqual([['ask', 3]]);
});

test('a gateway that is away is not asked until it is back', () => {
  const gaps: Gaps = new Map();
  observe(gaps, at(3, 9), 0, false);
  expect(due(gaps, 60_000, () => true)).toEqual([]);
  expect(asks(gaps, 61_000)).toEqual([['ask', 3]]);
});

test('an older epoch gets one replay and is then passed', () => {
  const gaps: Gaps = new Map();
  const old = { current: false };
  observe(gaps, at(3, 9, old), 0, false);
  expect(asks(gaps, 5_000)).toEqual([['ask', 3]]);
  observe(gaps, at(5, 9, old), 6_000, false);
  expect(asks(gaps, 10_999)).toEqual([]);
  expect(asks(gaps, 11_000)).toEqual([['pass', 5]]);
  expect(gaps.size).toBe(0);
  observe(gaps, at(5, 9, { current: false, passed: true }), 12_000, false);
  expect(gaps.size).toBe(0);
});

test('what was asked while the epoch was the current one is not its last replay', () => {
  const gaps: Gaps = new Map();
  observe(gaps, at(3, 9), 0, false);
  expect(asks(gaps, 5_000)).toEqual([['ask', 3]]);
  observe(gaps, at(3, 9, { current: false }), 6_000, false);
  expect(asks(gaps, 11_000)).toEqual([['ask', 3]]);
  expect(asks(gaps, 21_000)).toEqual([['pass', 3]]);
});

test('an older epoch that the gateway cannot replay is passed at once; the current one is asked for again', () => {
  const gaps: Gaps = new Map();
  observe(gaps, at(3, 9, { current: false }), 0, false);
  asks(gaps, 5_000);
  refused(gaps, 'host-a', 'E1', 5_100);
  expect(asks(gaps, 5_100)).toEqual([['pass', 3]]);
  observe(gaps, at(3, 9), 6_000, false);
  asks(gaps, 11_000);
  refused(gaps, 'host-a', 'E1', 11_100);
  expect(asks(gaps, 11_100)).toEqual([]);
});
