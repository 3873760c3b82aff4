/** What is taken out when its time is over. Ledgers stay. */
import { giveUpCommands } from './answers.ts';
import type { Db } from './schema.ts';

/** Rows taken out in one call, of each table: a purge must not hold up what arrives. */
const PURGE = 500;

/**
 * Takes out messages, applied events, their ids and alarms that were stored before `before`, a bounded number a call.
 *
 * @returns true when there was no more.
 */
export async function purge(db: Db, arg: { before: string }): Promise<boolean> {
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

/** A request that comes again is known for so long (api-conventions H-21). */
const IDEMPOTENT_MS = 86_400_000;

/**
 * Takes out what ended before `before`: activations, numbers that were given back, whose messages were whose; a bounded number
 * a call. Commands that no gateway has answered for as long are given up.
 *
 * @returns true when there was no more.
 */
export async function purgeActivations(db: Db, arg: { before: string; now: string }): Promise<boolean> {
  const { before, now } = arg;
  await giveUpCommands(db, { before, now });
  const forgotten = new Date(Date.parse(now) - IDEMPOTENT_MS).toISOString();
  await db.deleteFrom('idempotency').where('created_at', '<', forgotten).execute();
  await db.deleteFrom('outcome').where('bucket', '<', before).execute();
  await db.deleteFrom('command').where('created_at', '<', before).where('state', '!=', 'waiting').execute();
  const attributions = await db
    .selectFrom('attribution')
    .select(['activation', 'n'])
    .where('stored_at', '<', before)
    .limit(PURGE)
    .execute();
  for (const { activation, n } of attributions) {
    await db.deleteFrom('attribution').where('activation', '=', activation).where('n', '=', n).execute();
  }
  const ended = await db
    .selectFrom('activation')
    .select('id')
    .where('closed_at', '<', before)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('attempt')
            .select('attempt.id')
            .whereRef('attempt.activation', '=', 'activation.id')
            .where('attempt.state', 'in', ['asked', 'open', 'closing']),
        ),
      ),
    )
    .limit(PURGE)
    .execute();
  if (ended.length > 0) {
    const ids = ended.map(idOf);
    await db.deleteFrom('attribution').where('activation', 'in', ids).execute();
    await db.deleteFrom('attempt').where('activation', 'in', ids).execute();
    await db.deleteFrom('kept_number').where('activation', 'in', ids).execute();
    await db.deleteFrom('activation').where('id', 'in', ids).execute();
  }
  return Math.max(attributions.length, ended.length) < PURGE;
}
