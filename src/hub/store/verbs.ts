/**
 * What can be done to the hub's store. A verb is the body of one transaction: it runs where its connection lives (on
 * SQLite in the store's worker, under the SAVEPOINT of group-commit.ts), knows no clock, and fails as a whole.
 */
import { createAccount, createKey, firstAccount } from './accounts.ts';
import { pass, raiseAlarm, truncate } from './epochs.ts';
import { insertEvents, project } from './events.ts';
import type { Db } from './schema.ts';
import { noteSim, noteSlot, noteStatus } from './state.ts';

const verbs = {
  insertEvents,
  project,
  truncate,
  pass,
  raiseAlarm,
  noteStatus,
  noteSim,
  noteSlot,
  createAccount,
  createKey,
  firstAccount,
  keepSetting,
  purge,
};

export type HubVerbs = {
  [K in keyof typeof verbs]: (arg: Parameters<(typeof verbs)[K]>[1]) => ReturnType<(typeof verbs)[K]>;
};

/** The verbs on one connection (or one transaction). */
export function verbsOn(db: Db): HubVerbs {
  return Object.fromEntries(
    // biome-ignore lint/suspicious/noExplicitAny: each verb with its own argument, as HubVerbs says
    Object.entries(verbs).map(([name, verb]) => [name, (arg: any) => verb(db, arg)]),
  ) as unknown as HubVerbs;
}

/** The value of a setting; the given one when there is none yet, which is then kept. */
async function keepSetting(db: Db, arg: { name: string; value: string }): Promise<string> {
  await db
    .insertInto('setting')
    .values(arg)
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
  const row = await db
    .selectFrom('setting')
    .select('value')
    .where('name', '=', arg.name)
    .executeTakeFirstOrThrow();
  return row.value;
}

/** Rows taken out in one call, of each table: a purge must not hold up what arrives. */
const PURGE = 500;

/**
 * Takes out messages, applied events, their ids and alarms that were stored before `before`, a bounded number a call.
 *
 * @returns true when there was no more.
 */
async function purge(db: Db, arg: { before: string }): Promise<boolean> {
  const { before } = arg;
  const messages = await db
    .selectFrom('message')
    .select('id')
    .where('stored_at', '<', before)
    .limit(PURGE)
    .execute();
  const ids = await db
    .selectFrom('applied')
    .select('id')
    .where('applied_at', '<', before)
    .limit(PURGE)
    .execute();
  const events = await db
    .selectFrom('event')
    .select(['gateway', 'epoch', 'seq'])
    .where('stored_at', '<', before)
    .where('applied', '=', 1)
    .limit(PURGE)
    .execute();
  if (messages.length > 0) await db.deleteFrom('message').where('id', 'in', messages.map(idOf)).execute();
  if (ids.length > 0) await db.deleteFrom('applied').where('id', 'in', ids.map(idOf)).execute();
  for (const { gateway, epoch, seq } of events) {
    await db
      .deleteFrom('event')
      .where('gateway', '=', gateway)
      .where('epoch', '=', epoch)
      .where('seq', '=', seq)
      .execute();
  }
  await db.deleteFrom('alarm').where('at', '<', before).execute();
  return Math.max(messages.length, events.length, ids.length) < PURGE;
}

function idOf(row: { id: string }): string {
  return row.id;
}
