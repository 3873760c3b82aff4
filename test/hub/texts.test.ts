/** What gateways and customers write is taken by either database, whatever is in it. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { updateEach } from '../../src/hub/store/dialect.ts';
import { ulid } from '../../src/protocol/ulid.ts';
import { ACCOUNTS, World } from './activations/world.ts';
import { DATABASES, type TestDatabase, type TestStore } from './databases.ts';
import { ICCID, sim, sms } from './events.ts';

describe.each(DATABASES)('U+0000, on $name', ({ make }) => {
  let database: TestDatabase;
  let store: TestStore;
  let world: World;
  const account = ACCOUNTS[0];

  beforeEach(async () => {
    database = await make();
    store = await database.open();
    world = new World(store);
    await world.begin();
  });
  afterEach(async () => {
    await store.close();
    await database.remove();
  });

  test.each([1, 2])('of %d messages at once comes to their customer', async (count) => {
    await world.buy(0, 0, 1, null);
    const [sent] = world.sent;
    world.arrive(sent!, true);
    await world.answer(sent!);
    const [attempt] = sent!.attempts;
    const { iccid, msisdn } = sent!.gateway.attempts.get(attempt!)!;
    for (let n = 1; n <= count; n += 1) {
      const code = { value: '12\u000034', raw: '12\u000034', confidence: 1 };
      const more = { iccid, msisdn, code, from: 'A\u0000cme', activations: [attempt!] };
      const data = sms(n, { ...more, messageId: ulid(world.now + n), text: `code\u0000 ${n}` });
      sent!.gateway.say('sms.received', data, world.now);
    }
    await world.deliver(0, 9, 0);
    expect(await world.row(sent!.activations[0]!)).toMatchObject({
      state: 'received',
      messages: count,
      text: `code\ufffd ${count}`,
      sender: 'A\ufffdcme',
      code: '12\ufffd34',
    });
    expect(await store.reads.alarms({ limit: 9 })).toEqual([]);
  });

  test('of a SIM’s operator is no reason to leave its state out', async () => {
    const state = sim(world.gateways[0]!.epoch, 1, { operator: 'Ex\u0000ample' });
    await store.verbs.noteSim({ gateway: 'host-a', iccid: ICCID, state });
    const row = await store.db.selectFrom('sim').select('operator').executeTakeFirstOrThrow();
    expect(row.operator).toBe('Ex\ufffdample');
  });

  test('in what a customer asks for is found nowhere', async () => {
    expect(await store.reads.activation({ account, id: 'act_\u0000' })).toBeNull();
    expect(await store.reads.keptNumber({ account, id: '\u0000' })).toBeNull();
    expect(await store.reads.webhookEndpoint({ account, id: '\u0000' })).toBeNull();
    await expect(store.verbs.cancel({ account, id: '\u0000', now: world.time })).resolves.toEqual({
      outcome: 'unknown',
    });
  });

  test('in what a customer writes down is kept as what stands for it', async () => {
    const key = { id: 'K1', hash: 'aa', hint: 'sbk_', label: 'one\u0000two' };
    await store.verbs.createKey({ ...key, account, now: world.time });
    const row = await store.db.selectFrom('api_key').select(['id', 'label']).executeTakeFirstOrThrow();
    expect(row.label).toBe('one\ufffdtwo');
    // In a list of values it is one deeper.
    const rows = [{ id: row.id, label: '\u0000three\u0000' }];
    await store.db.transaction().execute((db) => updateEach(db, 'api_key', rows));
    const [after] = await store.db.selectFrom('api_key').select('label').execute();
    expect(after?.label).toBe('\ufffdthree\ufffd');
  });
});
