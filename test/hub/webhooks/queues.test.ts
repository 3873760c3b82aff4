/** Whose turn it is: limits that always hold, and nobody who waits for ever. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Limits, Queues, type Turn } from '../../../src/hub/webhooks/queues.ts';

const LIMITS: Limits = { open: 8, doubtful: 4, each: 3 };

/** Endpoints with rows in a store, and requests that are open until the test ends them. */
class Bench {
  readonly rows = new Map<string, number>();
  readonly open: Turn[] = [];
  ready = 0;
  readonly queues = new Queues(
    () => 0,
    () => {
      this.ready += 1;
    },
    LIMITS,
  );

  write(endpoint: string, count = 1): void {
    this.rows.set(endpoint, (this.rows.get(endpoint) ?? 0) + count);
    this.queues.add(endpoint, 0);
  }

  /** Takes all turns there are and claims at each what there is. */
  claim(): void {
    for (let turns = this.queues.take(5); turns.length > 0; turns = this.queues.take(5)) {
      for (const turn of turns) {
        const there = this.rows.get(turn.endpoint) ?? 0;
        const rows = Math.min(there, turn.room);
        this.rows.set(turn.endpoint, there - rows);
        this.queues.claimed(turn, rows, there > rows ? 0 : Number.POSITIVE_INFINITY);
        for (let i = 0; i < rows; i += 1) this.open.push(turn);
      }
    }
  }

  finish(index: number, quick: boolean): void {
    const [turn] = this.open.splice(index % this.open.length, 1);
    this.queues.finished(turn!, quick);
  }

  count(of: (turn: Turn) => boolean): number {
    return this.open.filter(of).length;
  }
}

describe('turns', () => {
  test('keep every limit, and everything that waits is claimed in the end', () => {
    const name = fc.nat(11).map(String);
    const step = fc.oneof(
      fc.record({ do: fc.constant('write' as const), endpoint: name, count: fc.integer({ min: 1, max: 6 }) }),
      fc.record({ do: fc.constant('claim' as const) }),
      fc.record({ do: fc.constant('finish' as const), index: fc.nat(50), quick: fc.boolean() }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const bench = new Bench();
        const check = () => {
          expect(bench.open.length).toBeLessThanOrEqual(LIMITS.open);
          expect(bench.count(({ quick }) => !quick)).toBeLessThanOrEqual(LIMITS.doubtful);
          for (const endpoint of bench.rows.keys()) {
            expect(bench.count((turn) => turn.endpoint === endpoint)).toBeLessThanOrEqual(LIMITS.each);
          }
        };
        for (const one of steps) {
          if (one.do === 'write') bench.write(one.endpoint, one.count);
          else if (one.do === 'claim') bench.claim();
          else if (bench.open.length > 0) bench.finish(one.index, one.quick);
          check();
        }
        for (
          let rounds = 0;
          bench.open.length > 0 || [...bench.rows.values()].some((n) => n > 0);
          rounds += 1
        ) {
          expect(rounds).toBeLessThan(1_000);
          bench.claim();
          check();
          if (bench.open.length > 0) bench.finish(0, false);
        }
      }),
    );
  });

  test('endpoints that never answer leave the other half to those that do', () => {
    const bench = new Bench();
    bench.write('well');
    bench.claim();
    bench.finish(0, true);
    for (let i = 0; i < 100; i += 1) bench.write(`dead ${i}`, 10);
    bench.claim();
    expect(bench.open.map(({ endpoint }) => endpoint)).toEqual(['dead 0', 'dead 1', 'dead 2', 'dead 3']);
    bench.write('well', 10);
    bench.claim();
    expect(bench.count(({ endpoint }) => endpoint === 'well')).toBe(LIMITS.each);
  });

  test('those that share a half take turns', () => {
    const bench = new Bench();
    for (let i = 0; i < 6; i += 1) bench.write(String(i), 10);
    const order: string[] = [];
    for (let i = 0; i < 18; i += 1) {
      bench.claim();
      order.push(bench.open[0]!.endpoint);
      bench.finish(0, false);
    }
    expect(order).toEqual([...'012345012345012345']);
  });

  test('an endpoint that failed is asked one thing at a time', () => {
    const bench = new Bench();
    bench.write('a', 20);
    bench.claim();
    expect(bench.open).toHaveLength(1);
    bench.finish(0, true);
    bench.claim();
    expect(bench.open).toHaveLength(3);
    bench.finish(0, false);
    bench.claim();
    expect(bench.open).toHaveLength(2);
    bench.finish(0, false);
    bench.finish(0, false);
    bench.claim();
    expect(bench.open).toHaveLength(1);
  });

  test('a place that becomes free is said to be', () => {
    const bench = new Bench();
    for (let i = 0; i < 20; i += 1) bench.write(String(i));
    bench.claim();
    const before = bench.ready;
    bench.finish(0, false);
    expect(bench.ready).toBeGreaterThan(before);
  });
});
