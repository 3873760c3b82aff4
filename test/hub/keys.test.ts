/** Keys that take the place of others: how long each of them goes. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ulid } from '../../src/protocol/ulid.ts';
import { DATABASES, empty, type TestDatabase, type TestStore } from './databases.ts';

const START = Date.parse('2026-11-21T06:30:00.000Z');
const HOUR = 3_600_000;
const at = (hours: number) => new Date(START + hours * HOUR).toISOString();

describe.each(DATABASES)('a key that takes the place of another, on $name', ({ make }) => {
  let database: TestDatabase;
  let store: TestStore;
  const account = 'acc';

  beforeAll(async () => {
    database = await make();
    store = await database.open();
  });
  afterAll(async () => {
    await store?.close();
    await database?.remove();
  });
  beforeEach(async () => {
    await empty(store.db);
    await store.verbs.createAccount({
      id: account,
      name: 'acme',
      secret: { id: 's', value: 'whsec_x' },
      now: at(0),
    });
  });

  const create = async (hours: number, more: object = {}) => {
    const id = ulid(START + hours * HOUR);
    await store.verbs.createKey({ id, account, hash: `hash ${id}`, hint: 'sbk_', now: at(hours), ...more });
    return id;
  };
  /** The successor's id. */
  const rotate = (id: string, hours: number, overlap = 24) =>
    create(hours, { replaces: { id, until: at(hours + overlap) } });
  const ends = async () =>
    Object.fromEntries((await store.reads.keys(account)).map(({ id, expiresAt }) => [id, expiresAt]));

  test('may do what that may', async () => {
    const old = await create(0, { label: 'ci', scopes: ['read'], allow: ['10.0.0.0/8'] });
    await store.db.updateTable('api_key').set({ settings: '{"dialect":"x"}' }).execute();
    const young = await rotate(old, 1);
    expect(await store.reads.keyOwner({ hash: `hash ${young}`, now: at(2) })).toMatchObject({
      scopes: ['read'],
      allow: ['10.0.0.0/8'],
      settings: { dialect: 'x' },
    });
    expect((await store.reads.keys(account)).at(-1)).toMatchObject({ label: 'ci', replaces: old });
  });

  test('goes on for ever after one that did, however often that is replaced', async () => {
    const first = await create(0);
    const second = await rotate(first, 1);
    const third = await rotate(second, 2);
    const beside = await rotate(first, 3);
    expect(await ends()).toEqual({ [first]: at(25), [second]: at(26), [third]: null, [beside]: null });
  });

  test('lives as long as that was made to live, and that goes no longer than it did', async () => {
    const first = await create(0, { expiresAt: at(10) });
    const second = await rotate(first, 4);
    expect(await ends()).toEqual({ [first]: at(10), [second]: at(14) });
    const third = await rotate(second, 5, 1);
    expect(await ends()).toEqual({ [first]: at(10), [second]: at(6), [third]: at(15) });
    // Of a line whose ends were brought forward.
    const fourth = await rotate(first, 8, 0);
    expect(await ends()).toEqual({ [first]: at(8), [second]: at(6), [third]: at(15), [fourth]: at(18) });
    // After its end.
    const fifth = await rotate(third, 100);
    expect(await ends()).toMatchObject({ [third]: at(15), [fifth]: at(110) });
  });

  test('can take no place of one that was revoked, or is another account’s', async () => {
    const old = await create(0);
    await store.verbs.revokeKey({ id: old, now: at(1) });
    await expect(rotate(old, 2)).rejects.toMatchObject({ code: 'key.revoked' });
    await store.verbs.createAccount({
      id: 'other',
      name: 'other',
      secret: { id: 't', value: 'whsec_y' },
      now: at(0),
    });
    const foreign = await create(0, { account: 'other' });
    await expect(rotate(foreign, 2)).rejects.toMatchObject({ code: 'key.unknown' });
  });
});
