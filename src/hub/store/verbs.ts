/**
 * What can be done to the hub's store. A verb is the body of one transaction: it runs where its connection lives (on
 * SQLite in the store's worker, under the SAVEPOINT of group-commit.ts), knows no clock, and fails as a whole.
 */
import { changeAccount, createAccount, createKey, firstAccount, noteKeyUse, revokeKey } from './accounts.ts';
import { commandAnswered } from './answers.ts';
import { ask, exhausted, opened, refused, unanswered } from './attempts.ts';
import { claimCommands } from './commands.ts';
import { claimDeliveries, releaseDeliveries } from './deliveries.ts';
import { workOff } from './due.ts';
import { pass, raiseAlarm, truncate } from './epochs.ts';
import { insertEvents, project, takeEvents } from './events.ts';
import { keepAnswer } from './idempotency.ts';
import { adjust, topUp } from './ledger.ts';
import { setNumberWebhook } from './number-webhook.ts';
import { loadPrices, setPrice } from './prices.ts';
import { cancel, complete, rearm } from './purchases.ts';
import { purge, purgeActivations } from './purge.ts';
import { purgeWebhooks, replayDelivery, testEndpoint } from './resend.ts';
import { reserve } from './reserve.ts';
import type { Db } from './schema.ts';
import { settleDeliveries } from './settlement.ts';
import { rotateSecret } from './signing.ts';
import { noteSim, noteSlot, noteStatus } from './state.ts';
import { createEndpoint, deleteEndpoint, rotateEndpointSecret, updateEndpoint } from './webhooks.ts';

const verbs = {
  insertEvents,
  takeEvents,
  project,
  truncate,
  pass,
  raiseAlarm,
  noteStatus,
  noteSim,
  noteSlot,
  createAccount,
  changeAccount,
  createKey,
  revokeKey,
  noteKeyUse,
  newWebhookSecret: rotateSecret,
  firstAccount,
  topUp,
  adjust,
  loadPrices,
  setPrice,
  reserve,
  keepAnswer,
  ask,
  opened,
  refused,
  unanswered,
  exhausted,
  cancel,
  complete,
  rearm,
  workOff,
  claimCommands,
  commandAnswered,
  createEndpoint,
  updateEndpoint,
  deleteEndpoint,
  rotateEndpointSecret,
  setNumberWebhook,
  testEndpoint,
  replayDelivery,
  claimDeliveries,
  settleDeliveries,
  releaseDeliveries,
  purgeWebhooks,
  keepSetting,
  purge,
  purgeActivations,
};

export type HubVerbs = {
  [K in keyof typeof verbs]: (arg: Parameters<(typeof verbs)[K]>[1]) => ReturnType<(typeof verbs)[K]>;
};

/** The verbs on one connection. */
export function verbsOn(db: Db): HubVerbs {
  return Object.fromEntries(
    Object.keys(verbs).map((name) => [name, (arg: unknown) => carryOut(db, name, arg)]),
  ) as unknown as HubVerbs;
}

/** One verb by its name, on a transaction. */
export function carryOut(db: Db, name: string, arg: unknown): unknown {
  return (verbs as unknown as Record<string, (db: Db, arg: unknown) => unknown>)[name]!(db, arg);
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
