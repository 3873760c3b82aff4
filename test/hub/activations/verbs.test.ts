import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ulid } from '../../../src/protocol/ulid.ts';
import { DATABASES, type TestDatabase, type TestStore } from '../databases.ts';
import { event, ICCID, raw, sms } from '../events.ts';
import { ACCOUNTS, COST, FUNDS, World } from './world.ts';

describe.each(DATABASES)('on $name', ({ make }) => {
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

  /** One that waits for its message. */
  async function waiting(): Promise<string> {
    await world.buy(0, 0, 1, null);
    const sent = world.sent[0]!;
    world.arrive(sent, true);
    await world.answer(sent);
    return world.bought.at(-1)!;
  }

  test('one that cannot be carried out holds up none of the others, and raises an alarm', async () => {
    const [bad, good] = [await waiting(), await waiting()];
    // As no code of ours would write it: the money of this one was taken already.
    const spent = {
      account,
      kind: 'capture',
      reference: bad,
      period: 0,
      amount: 0,
      held: 0,
      balance_after: 0,
      held_after: 0,
      note: '',
      at: world.time,
    } as const;
    await store.db
      .insertInto('ledger')
      .values({ ...spent, id: 'txn_x', n: 99 })
      .execute();
    for (const pick of [0, 1]) world.message(pick);
    await world.deliver(0, 100, 0);
    expect((await world.row(bad)).state).toBe('waiting');
    expect((await world.row(good)).state).toBe('received');
    expect(await store.reads.alarms({ limit: 9 })).toMatchObject([
      { kind: 'event.failed' },
      { kind: 'event.failed' },
    ]);

    await store.db
      .insertInto('ledger')
      .values({ ...spent, id: 'txn_y', n: 98, kind: 'release' })
      .execute();
    for (const gateway of world.gateways) await world.online(gateway, false);
    world.now += 3_000_000;
    await world.workOff();
    expect((await world.row(bad)).state).toBe('waiting');
    expect((await world.row(good)).state).toBe('completed');
    expect((await store.reads.alarms({ limit: 1 }))[0]).toMatchObject({ kind: 'activation.stuck' });
  });

  test('the money of one whose gateway is away comes back ten minutes after its end, and not before', async () => {
    const id = await waiting();
    await world.online(world.gateways[0]!, false);
    world.now += 1_200_000 + 599_000;
    await world.workOff();
    expect((await world.row(id)).state).toBe('waiting');
    world.now += 2_000;
    await world.workOff();
    expect(await world.row(id)).toMatchObject({ state: 'expired', reason: 'overdue', money: 'released' });
    expect(await store.reads.wallet(account)).toEqual({ balance: FUNDS, held: 0 });
    // in this order, both of them ends.
    await world.workOff();
    expect((await world.row(id)).state).toBe('refunded');
    // It received all the same, in time by the gateway's clock: shown, and free.
    world.message(0);
    await world.deliver(0, 100, 0);
    expect(await world.row(id)).toMatchObject({
      state: 'refunded',
      messages: 1,
      code: '100000',
      text: 'message 0',
    });
    expect(await store.reads.wallet(account)).toEqual({ balance: FUNDS, held: 0 });
  });

  test('while its gateway is there its word is waited for, though not for ever', async () => {
    const id = await waiting();
    world.now += 1_200_000 + 700_000;
    await world.workOff();
    expect((await world.row(id)).state).toBe('waiting');
    world.now += 3_600_000;
    await world.workOff();
    expect((await world.row(id)).state).toBe('expired');
  });

  test('a match that is told before its message is shown when the message is there', async () => {
    const id = await waiting();
    const gateway = world.gateways[0]!;
    const attempt = (await world.row(id)).attempt!;
    const messageId = ulid(world.now);
    gateway.say('activation.matched', { activationId: attempt, messageId, code: '417905' }, world.now);
    await world.deliver(0, 100, 0);
    expect(await world.row(id)).toMatchObject({ state: 'received', code: '417905', text: null, messages: 1 });
    gateway.say(
      'sms.received',
      sms(1, { messageId, activations: [attempt], text: 'code 417905' }),
      world.now,
    );
    await world.deliver(0, 100, 0);
    expect(await world.row(id)).toMatchObject({
      state: 'received',
      code: '417905',
      text: 'code 417905',
      messages: 1,
    });
    const told = await store.db
      .selectFrom('webhook_event')
      .select('type')
      .where('activation', '=', id)
      .orderBy('id')
      .execute();
    expect(told.map(({ type }) => type)).toEqual([
      'activation.waiting',
      'activation.received',
      'sms.received',
    ]);
  });

  test('a late part changes what is shown, and is told', async () => {
    const id = await waiting();
    const gateway = world.gateways[0]!;
    const attempt = (await world.row(id)).attempt!;
    const part = sms(1, {
      activations: [attempt],
      text: 'your code',
      complete: false,
      parts: { total: 2, received: 1 },
    });
    gateway.say('sms.received', part, world.now);
    const whole = {
      ...part,
      text: 'your code is 417905',
      complete: true,
      parts: { total: 2, received: 2 },
      code: { value: '417905', raw: '417905', confidence: 1 },
    };
    gateway.say('sms.updated', whole, world.now);
    await world.deliver(0, 2, 0);
    await world.deliver(0, 100, 2);
    expect(await world.row(id)).toMatchObject({
      state: 'received',
      text: 'your code is 417905',
      code: '417905',
      messages: 1,
    });
    const told = await store.db
      .selectFrom('webhook_event')
      .select('type')
      .where('activation', '=', id)
      .orderBy('id')
      .execute();
    expect(told.map(({ type }) => type).at(-1)).toBe('sms.updated');
  });

  test('messages of an activation come since a moment, in their order, and are nobody else’s', async () => {
    const id = await waiting();
    const attempt = (await world.row(id)).attempt!;
    for (const [i, at] of ['06:31:00', '06:31:05', '06:31:02'].entries()) {
      const receivedAt = `2026-11-21T${at}.000Z`;
      world.gateways[0]!.say(
        'sms.received',
        sms(i, { messageId: ulid(world.now), activations: [attempt], receivedAt }),
        world.now,
      );
    }
    world.gateways[0]!.say('sms.received', sms(9, { messageId: ulid(world.now), iccid: ICCID }), world.now);
    world.now += 60_000;
    await world.deliver(0, 100, 0);
    const list = (since: string | null, after: number | null, of: string = account) =>
      store.reads.messagesOf({ account: of, activation: id, since, after, limit: 9 });
    expect((await list(null, null)).map(({ n, data }) => [n, data.text])).toEqual([
      [1, 'message 0'],
      [2, 'message 1'],
      [3, 'message 2'],
    ]);
    // The third came late behind the second: whoever saw that one has not seen it.
    expect((await list('2026-11-21T06:31:05.000Z', null)).map(({ n }) => n)).toEqual([2, 3]);
    expect((await list(null, 2)).map(({ n }) => n)).toEqual([3]);
    expect(await list(null, null, ACCOUNTS[1])).toEqual([]);
    const latest = await store.reads.latestMessages({ account, since: '2026-11-21T06:00:00.000Z', limit: 2 });
    expect(latest.map(({ n, activation }) => [n, activation.id])).toEqual([
      [3, id],
      [2, id],
    ]);
  });

  test('what ended goes with the retention, and its ledger stays', async () => {
    const id = await waiting();
    world.message(0);
    await world.settle();
    expect((await world.row(id)).state).toBe('completed');
    const day = 86_400_000;
    const purge = (days: number) =>
      store.verbs.purgeActivations({
        before: new Date(world.now + days * day).toISOString(),
        now: world.time,
      });
    expect(await purge(-1)).toBe(true);
    expect(await store.reads.activation({ account, id })).not.toBeNull();
    expect(await purge(1)).toBe(true);
    expect(await store.reads.activation({ account, id })).toBeNull();
    const entries = await store.reads.transactions({ account, before: null, limit: 9 });
    expect(entries.map(({ kind }) => kind)).toEqual(['capture', 'hold', 'top-up']);
  });

  test('a payment counts once, and one under its name with another amount is refused', async () => {
    const pay = (amount: number) => store.verbs.topUp({ account, amount, reference: 'p', now: world.time });
    const all = await Promise.all([pay(5), pay(5), pay(5)]);
    expect(all.map(({ added }) => added).toSorted()).toEqual([false, false, true]);
    await expect(pay(6)).rejects.toMatchObject({ code: 'top-up.mismatch' });
    await expect(pay(0)).rejects.toMatchObject({ code: 'amount.invalid' });
    await expect(
      store.verbs.topUp({ account: 'nobody', amount: 5, reference: 'p', now: world.time }),
    ).rejects.toMatchObject({ code: 'account.unknown' });
    const down = { account, amount: -FUNDS - 5, reference: 'a', now: world.time };
    expect(await store.verbs.adjust(down)).toMatchObject({ balance: 0 });
    await expect(store.verbs.adjust({ ...down, reference: 'b', amount: -1 })).rejects.toMatchObject({
      code: 'balance.insufficient',
    });
    expect(await store.reads.wallet(account)).toEqual({ balance: 0, held: 0 });
  });

  test('of prices that fit, the one that says most counts', async () => {
    const { verbs, reads } = store;
    const set = (amount: number | null, more: object) =>
      verbs.setPrice({
        product: 'activation',
        account: '',
        service: '',
        country: '',
        operator: '',
        ...more,
        amount,
        now: world.time,
      });
    const of = (more: object = {}) =>
      reads.price({
        account,
        product: 'activation',
        service: 'tg',
        country: 'US',
        operators: ['acme'],
        ...more,
      });
    expect(await of()).toBe(COST);
    await set(2, { operator: 'acme' });
    expect(await of()).toBe(2);
    await set(3, { country: 'US' });
    expect(await of()).toBe(3);
    await set(4, { service: 'tg' });
    expect(await of()).toBe(4);
    await set(5, { account: 'account-1' });
    expect(await of()).toBe(5);
    expect(await of({ account: ACCOUNTS[1] })).toBe(4);
    expect(await of({ account: ACCOUNTS[1], service: null, operators: [] })).toBe(3);
    expect(await of({ account: ACCOUNTS[1], service: 'wa', country: 'DE' })).toBe(2);
    // What the file says leaves alone what was set by hand.
    const row = {
      product: 'activation',
      account: '',
      service: 'wa',
      country: '',
      operator: '',
      amount: 9,
    } as const;
    await verbs.loadPrices({ prices: [row, { ...row, service: 'tg', amount: 8 }], now: world.time });
    expect(await of({ account: ACCOUNTS[1] })).toBe(4);
    expect(await of({ account: ACCOUNTS[1], service: 'wa' })).toBe(9);
    await verbs.loadPrices({ prices: [], now: world.time });
    expect(await of({ account: ACCOUNTS[1], service: 'wa', operators: [] })).toBe(3);
    await set(null, { country: 'US' });
    expect(await of({ account: ACCOUNTS[1], service: 'wa', operators: [] })).toBe(COST);
    expect(await of({ product: 'number' })).toBeNull();
  });

  test('keys end when they are revoked, replaced, expired, or their account is closed', async () => {
    const { verbs, reads } = store;
    const owner = async (hash: string, now = world.time) => (await reads.keyOwner({ hash, now }))?.id ?? null;
    const later = (ms: number) => new Date(world.now + ms).toISOString();
    const key = (id: string, more: object = {}) =>
      verbs.createKey({ id, account, hash: `hash ${id}`, hint: 'sbk_', now: world.time, ...more });
    await key('k1', { scopes: ['read'], allow: ['10.0.0.0/8'], label: 'ci' });
    await key('k2', { expiresAt: later(1_000) });
    expect(await reads.keyOwner({ hash: 'hash k1', now: world.time })).toMatchObject({
      scopes: ['read'],
      allow: ['10.0.0.0/8'],
      lastUsedAt: null,
    });
    expect(await owner('hash k2')).toBe('k2');
    expect(await owner('hash k2', later(1_001))).toBeNull();
    await key('k3', { replaces: { id: 'k1', until: later(5_000) } });
    expect(await owner('hash k1', later(4_999))).toBe('k1');
    expect(await owner('hash k1', later(5_001))).toBeNull();
    await expect(key('k4', { replaces: { id: 'none', until: later(1) } })).rejects.toMatchObject({
      code: 'key.unknown',
    });
    await verbs.noteKeyUse({ id: 'k3', now: later(10) });
    await verbs.noteKeyUse({ id: 'k3', now: later(5) });
    expect((await reads.keys(account)).find(({ id }) => id === 'k3')?.lastUsedAt).toBe(later(10));
    await verbs.revokeKey({ id: 'k3', now: world.time });
    expect(await owner('hash k3')).toBeNull();
    await expect(verbs.revokeKey({ id: 'k1', account: ACCOUNTS[1], now: world.time })).rejects.toMatchObject({
      code: 'key.unknown',
    });
    await verbs.changeAccount({ id: account, status: 'closed' });
    expect(await owner('hash k2')).toBeNull();
  });

  test('a kept number is paid each month, renewed at its gateway, and lost when it is not paid', async () => {
    const { verbs, reads } = store;
    const gateway = world.gateways[0]!;
    expect(await world.keep(FUNDS / 2)).toBe('reserved');
    const at = (days: number) => new Date(world.now + days * 86_400_000).toISOString();
    expect(await reads.keptNumber({ account, id: 'num_k' })).toMatchObject({
      state: 'active',
      msisdn: '+12025550143',
    });
    expect(await reads.wallet(account)).toEqual({ balance: FUNDS / 2, held: 0 });
    for (let day = 1; day <= 61; day += 1) {
      world.now += 86_400_000;
      await world.workOff();
      const due = await verbs.claimCommands({ now: world.time });
      for (const { id } of due) {
        const answer = { gateway: gateway.id, id, error: null, now: world.time };
        expect(await verbs.commandAnswered(answer)).toBe(true);
      }
      const { balance } = (await reads.wallet(account))!;
      if (day === 29) expect(balance).toBe(FUNDS / 2);
      if (day === 31) expect(balance).toBe(0);
      if (day === 45) expect((await world.row('act_k')).expires_at! > at(40)).toBe(true);
    }
    expect(await reads.keptNumber({ account, id: 'num_k' })).toMatchObject({ state: 'released', periods: 2 });
    expect(await world.row('act_k')).toMatchObject({ state: 'released', reason: 'unpaid' });
    const entries = await reads.transactions({ account, before: null, limit: 9, reference: 'act_k' });
    expect(entries.map(({ kind, period }) => [kind, period])).toEqual([
      ['charge', 2],
      ['capture', 0],
      ['hold', 0],
    ]);
  });

  test('a number whose gateway has lost it is away, and asked for again', async () => {
    const id = await waiting();
    const gateway = world.gateways[0]!;
    const kept = {
      ...(await world.row(id)),
      mode: 'continuous' as const,
      state: 'kept' as const,
      due_at: world.time,
    };
    await store.db.updateTable('activation').set(kept).where('id', '=', id).execute();
    await world.workOff();
    const [renewal] = await store.verbs.claimCommands({ now: world.time });
    expect(renewal?.name).toBe('activation.rearm');
    const error = { code: 'activation.unknown' };
    await store.verbs.commandAnswered({ gateway: gateway.id, id: renewal!.id, error, now: world.time });
    expect(await world.row(id)).toMatchObject({ state: 'suspended', reason: 'lost' });
    world.now += 60_000;
    expect((await store.verbs.workOff({ now: world.time })).reopen.map((row) => row.id)).toEqual([id]);
    // Nobody else gets it within the next half minute.
    expect((await store.verbs.workOff({ now: world.time })).reopen).toEqual([]);
  });

  test('what is due goes by this clock, whatever a gateway’s says', async () => {
    await world.buy(0, 0, 1, null);
    const sent = world.sent[0]!;
    const result = {
      iccid: ICCID,
      msisdn: '+12025550143',
      operator: null,
      countryIso: 'US',
      openedAt: '1970-01-01T00:00:10.000Z',
      expiresAt: '1970-01-01T00:20:10.000Z',
    };
    await store.verbs.opened({ attempts: sent.attempts, gateway: 'host-a', result, now: world.time });
    expect(await world.row(sent.activations[0]!)).toMatchObject({
      opened_at: world.time,
      expires_at: new Date(world.now + 1_200_000).toISOString(),
    });
  });

  test('a command that a gateway found too old is published anew, under another id', async () => {
    const id = await waiting();
    await store.verbs.cancel({ account, id, now: world.time });
    const [first] = await store.verbs.claimCommands({ now: world.time });
    expect(first).toMatchObject({
      name: 'activation.close',
      gateway: 'host-a',
      args: { reason: 'cancelled' },
    });
    expect(await store.verbs.claimCommands({ now: world.time })).toEqual([]);
    world.now += 5_000;
    const [again] = await store.verbs.claimCommands({ now: world.time });
    expect(again?.id).toBe(first!.id);
    const answer = { gateway: 'host-a', id: first!.id, now: world.time };
    expect(await store.verbs.commandAnswered({ ...answer, gateway: 'host-b', error: null })).toBe(false);
    await store.verbs.commandAnswered({ ...answer, error: { code: 'command.expired' } });
    const [third] = await store.verbs.claimCommands({ now: world.time });
    expect(third!.id).not.toBe(first!.id);
    expect(await store.verbs.commandAnswered({ ...answer, id: third!.id, error: null })).toBe(true);
    expect(await store.reads.attempts(id)).toMatchObject([{ state: 'closed' }]);
    // To a gateway that is away nothing is sent.
    await store.verbs.cancel({ account, id: await waiting(), now: world.time });
    await world.online(world.gateways[0]!, false);
    expect(await store.verbs.claimCommands({ now: world.time })).toEqual([]);
  });

  test('an event that speaks of another gateway’s activation changes nothing', async () => {
    const id = await waiting();
    const attempt = (await world.row(id)).attempt!;
    const other = world.gateways[1]!;
    const closed = event(
      other.epoch,
      1,
      { activationId: attempt, iccid: ICCID, reason: 'expired' },
      { gateway: other.id, type: 'activation.closed' },
    );
    await store.verbs.insertEvents({ events: [raw(closed)], now: world.time });
    await store.verbs.project({ gateway: other.id, epochs: [other.epoch], now: world.time });
    expect((await world.row(id)).state).toBe('waiting');
  });
});
