import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isOver } from '../../../src/hub/activations/transitions.ts';
import { DATABASES, empty, type TestStore } from '../databases.ts';
import { ACCOUNTS, COST, FUNDS, World } from './world.ts';

/** The wallet is what its ledger says, at every moment. */
async function checkWallets(store: TestStore): Promise<void> {
  for (const account of ACCOUNTS) {
    const rows = await store.db
      .selectFrom('ledger')
      .selectAll()
      .where('account', '=', account)
      .orderBy('n')
      .execute();
    let balance = 0;
    let held = 0;
    rows.forEach((row, i) => {
      balance += row.amount;
      held += row.held;
      expect(row).toMatchObject({ n: i + 1, balance_after: balance, held_after: held });
      expect(Math.min(balance, held)).toBeGreaterThanOrEqual(0);
    });
    expect(await store.reads.wallet(account)).toEqual({ balance, held });
  }
}

/** What must be true once nothing is under way any more. */
async function checkEnd(world: World): Promise<void> {
  const { db } = world.store;
  let captured = 0;
  for (const id of world.bought) {
    const row = await world.row(id);
    const entries = await db.selectFrom('ledger').select('kind').where('reference', '=', id).execute();
    const kinds = entries.map(({ kind }) => kind).toSorted();
    const inTime = await db
      .selectFrom('attribution')
      .select('message')
      .where('activation', '=', id)
      .where('late', '=', 0)
      .execute();
    // Charged exactly when a message came in time; else the money is back.
    expect(kinds, row.state).toEqual(inTime.length > 0 ? ['capture', 'hold'] : ['hold', 'release']);
    expect(isOver(row.state), row.state).toBe(true);
    expect(row.due_at, row.state).toBeNull();
    if (inTime.length > 0) captured += 1;
    if (row.messages > 0) expect(row.text).toMatch(/^message/);
  }
  const balances = await Promise.all(ACCOUNTS.map((account) => world.store.reads.wallet(account)));
  expect(balances.reduce((sum, wallet) => sum + wallet!.balance, 0)).toBe(
    ACCOUNTS.length * FUNDS - captured * COST,
  );
  expect(balances.map((wallet) => wallet!.held)).toEqual([0, 0]);
  const open = await db
    .selectFrom('attempt')
    .select(['id', 'state'])
    .where('state', 'not in', ['closed', 'refused'])
    .execute();
  expect(open).toEqual([]);
  expect(await db.selectFrom('command').select('id').where('state', '=', 'waiting').execute()).toEqual([]);
  for (const gateway of world.gateways) {
    expect([...gateway.attempts.values()].filter((attempt) => attempt.open)).toEqual([]);
  }
}

const pick = fc.nat(30);
const often = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary });
const Step = fc.oneof(
  often(
    4,
    fc.record({
      do: fc.constant('buy' as const),
      account: pick,
      gateway: pick,
      services: fc.constantFrom(1, 1, 2, 3),
      key: fc.option(fc.nat(9), { nil: null }),
    }),
  ),
  often(
    8,
    fc.record({ do: fc.constant('arrive' as const), pick, hasSim: fc.constantFrom(true, true, true, false) }),
  ),
  often(5, fc.record({ do: fc.constant('answer' as const), pick })),
  often(2, fc.record({ do: fc.constantFrom('lapse' as const, 'stray' as const), pick })),
  often(6, fc.record({ do: fc.constant('message' as const), pick })),
  often(1, fc.record({ do: fc.constantFrom('expire' as const, 'offline' as const), pick })),
  often(
    4,
    fc.record({ do: fc.constantFrom('cancel' as const, 'complete' as const, 'rearm' as const), pick }),
  ),
  often(2, fc.record({ do: fc.constant('commands' as const), heard: fc.boolean() })),
  often(
    8,
    fc.record({
      do: fc.constant('deliver' as const),
      pick,
      count: fc.integer({ min: 1, max: 9 }),
      back: fc.nat(5),
    }),
  ),
  often(1, fc.record({ do: fc.constantFrom('crash' as const, 'workOff' as const) })),
  often(
    2,
    fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(100, 100, 6_000, 60_000, 700_000, 2_000_000),
    }),
  ),
);
type Step = typeof Step extends fc.Arbitrary<infer T> ? T : never;

async function take(world: World, step: Step): Promise<void> {
  switch (step.do) {
    case 'buy':
      return world.buy(step.account, step.gateway, step.services, step.key);
    case 'arrive': {
      const unheard = world.sent.filter(({ reply }) => reply === null);
      const sent = unheard[step.pick % Math.max(1, unheard.length)];
      return sent === undefined ? undefined : world.arrive(sent, step.hasSim);
    }
    case 'answer':
    case 'lapse': {
      const sent = world.sent[step.pick % Math.max(1, world.sent.length)];
      if (sent === undefined) return;
      return step.do === 'answer' ? world.answer(sent) : world.lapse(sent);
    }
    case 'stray': {
      const sent = world.stray[step.pick % Math.max(1, world.stray.length)];
      return sent === undefined ? undefined : world.arrive(sent, true);
    }
    case 'message':
      return world.message(step.pick);
    case 'expire':
      return world.expire(step.pick, step.pick % 2 === 0 ? 'expired' : 'sim-lost');
    case 'offline':
      return world.online(world.gateways[step.pick % world.gateways.length]!, step.pick % 3 === 0);
    case 'cancel':
    case 'complete':
    case 'rearm':
      return world.customer(step.do, step.pick);
    case 'commands':
      await world.commands(step.heard);
      return;
    case 'deliver':
      return world.deliver(step.pick, step.count, step.back);
    case 'crash':
      world.stray.push(...world.sent);
      world.sent = [];
      return;
    case 'workOff':
      return world.workOff();
    case 'wait':
      world.now += step.ms;
  }
}

describe.each(DATABASES)('on $name', ({ name, make }) => {
  test('whatever happens, every purchase is charged or refunded once, and comes to an end', async () => {
    const database = await make();
    const store = await database.open();
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(Step, { minLength: 5, maxLength: 60, size: 'max' }), async (steps) => {
          await empty(store.db);
          const world = new World(store);
          await world.begin();
          for (const step of steps) {
            await take(world, step);
            world.now += 1;
          }
          await checkWallets(store);
          expect(await world.settle()).toEqual([]);
          await checkWallets(store);
          await checkEnd(world);
        }),
        { numRuns: name === 'SQLite' ? 100 : 25 },
      );
    } finally {
      await store.close();
      await database.remove();
    }
  }, 120_000);

  test('the same with everything at once', async () => {
    const database = await make();
    const store = await database.open();
    try {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(Step, { minLength: 2, maxLength: 8 }), { minLength: 3, maxLength: 10 }),
          async (rounds) => {
            await empty(store.db);
            const world = new World(store);
            await world.begin();
            for (const steps of rounds) {
              await Promise.all(steps.map((step) => take(world, step)));
              await checkWallets(store);
              world.now += 1;
            }
            expect(await world.settle()).toEqual([]);
            await checkWallets(store);
            await checkEnd(world);
          },
        ),
        { numRuns: name === 'SQLite' ? 40 : 25 },
      );
    } finally {
      await store.close();
      await database.remove();
    }
  }, 120_000);
});
