/** What a kept number costs: for the time in which it receives. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ulid } from '../../../src/protocol/ulid.ts';
import { DATABASES, type TestDatabase, type TestStore } from '../databases.ts';
import { ICCID } from '../events.ts';
import { ACCOUNTS, FUNDS, World } from './world.ts';

const DAY = 86_400_000;
const PRICE = FUNDS / 8;

describe.each(DATABASES)('a kept number’s rent, on $name', ({ make }) => {
  let database: TestDatabase;
  let store: TestStore;
  let world: World;
  let begin: number;
  const account = ACCOUNTS[0];

  beforeEach(async () => {
    database = await make();
    store = await database.open();
    world = new World(store);
    await world.begin();
    begin = world.now;
  });
  afterEach(async () => {
    await store.close();
    await database.remove();
  });

  async function keep(price: number): Promise<void> {
    await world.keep(price);
    expect(await world.row('act_k')).toMatchObject({ state: 'kept' });
  }

  /** Its SIM is gone. */
  async function lost(): Promise<void> {
    const gateway = world.gateways[0]!;
    const { attempt } = await world.row('act_k');
    gateway.say('activation.closed', { activationId: attempt, iccid: ICCID, reason: 'sim-lost' }, world.now);
    await world.deliver(0, 9, 0);
    expect(await world.row('act_k')).toMatchObject({ state: 'suspended' });
  }

  /** Its SIM is there again. */
  async function back(): Promise<void> {
    const attempt = ulid(world.now);
    const attempts = [{ activation: 'act_k', attempt }];
    const ask = { gateway: 'host-a', command: ulid(world.now), answerBy: world.time };
    await store.verbs.ask({ ...ask, attempts, from: 'suspended', now: world.time });
    await world.keepOpened(attempt);
    expect(await world.row('act_k')).toMatchObject({ state: 'kept' });
  }

  /** Until that day is over, looked at twice a day. */
  async function until(day: number): Promise<void> {
    while (world.now < begin + day * DAY) {
      world.now += DAY / 2;
      await world.workOff();
    }
  }

  /** On which days it was charged; the first period was paid by the hold. */
  async function charged(): Promise<number[]> {
    const rows = await store.reads.transactions({ account, before: null, limit: 99, reference: 'act_k' });
    const charges = rows.filter(({ kind }) => kind === 'charge');
    return charges.map(({ at }) => Math.floor((Date.parse(at) - begin) / DAY)).toReversed();
  }

  test('is due every 30 days', async () => {
    await keep(PRICE);
    await until(95);
    expect(await charged()).toEqual([30, 60, 90]);
  });

  test('rests while its SIM is away, however long, and goes on where it stopped', async () => {
    await keep(PRICE);
    await until(10);
    await lost();
    await until(75);
    await back();
    await until(94);
    expect(await charged()).toEqual([]);
    expect((await store.reads.keptNumber({ account, id: 'num_k' }))?.paid_until).toBe(
      new Date(begin + 95 * DAY).toISOString(),
    );
    await until(130);
    expect(await charged()).toEqual([95, 125]);
  });

  test('rests again with each suspension, and is charged once for each 30 days', async () => {
    await keep(PRICE);
    await until(35);
    for (const [gone, there] of [
      [35, 40],
      [50, 51],
      [69, 200],
    ] as const) {
      await until(gone);
      await lost();
      await until(there);
      await back();
    }
    // 60 + 5 + 1 is the 66th day; the next 30 days have 131 of absence in them.
    await until(240);
    expect(await charged()).toEqual([30, 66, 227]);
  });

  test('of nothing stays nothing', async () => {
    await keep(0);
    await until(10);
    await lost();
    await until(75);
    await back();
    await until(140);
    expect(await charged()).toEqual([]);
    expect(await store.reads.keptNumber({ account, id: 'num_k' })).toMatchObject({
      state: 'active',
      paid_until: null,
    });
  });
});
