/** The epochs of a gateway's numbering: how far each is applied, and what happens to gaps that nothing will ever fill. */
import type { Db, Tables } from './schema.ts';

/** Makes sure that the rows exist. */
export async function noteGateways(db: Db, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await db
    .insertInto('gateway')
    .values(ids.map((id) => ({ id, online: 0, locks: 0 })))
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

/**
 * Makes sure that the rows of epochs exist, and that they know of the highest number; those of their gateways are there. Whoever
 * holds a gateway's row as well has taken that one first: otherwise two hubs could wait for each other.
 */
export async function noteEpochs(
  db: Db,
  epochs: readonly { gateway: string; epoch: string; lastSeq: number }[],
): Promise<void> {
  if (epochs.length === 0) return;
  // One order for all, so that two hubs cannot wait for each other's rows.
  const sorted = [...epochs].sort((a, b) => compare(a.gateway, b.gateway) || compare(a.epoch, b.epoch));
  await db
    .insertInto('epoch')
    .values(
      sorted.map(({ gateway, epoch, lastSeq }) => ({
        gateway,
        epoch,
        frontier: 0,
        last_seq: lastSeq,
        passed: 0,
      })),
    )
    .onConflict((conflict) =>
      conflict
        .columns(['gateway', 'epoch'])
        .doUpdateSet({ last_seq: (eb) => eb.ref('excluded.last_seq') })
        .whereRef('excluded.last_seq', '>', 'epoch.last_seq'),
    )
    .execute();
}

/** Some rows, in the order of the list; without those that are not there. */
export async function lockGateways(db: Db, ids: readonly string[]): Promise<Map<string, Held>> {
  const held = new Map<string, Held>();
  for (const id of ids) {
    const row = await lockGateway(db, id);
    if (row !== undefined) held.set(id, row);
  }
  return held;
}

/** What a gateway's row says while it is held. */
export type Held = Pick<Tables['gateway'], 'epoch' | 'online' | 'session'>;

/** Holds the gateway's row until the end of the transaction, on either database; undefined when there is no such row. */
export async function lockGateway(db: Db, gateway: string): Promise<Held | undefined> {
  // Not SELECT … FOR UPDATE, which SQLite does not have: an update locks the row as well.
  return await db
    .updateTable('gateway')
    .set((eb) => ({ locks: eb('locks', '+', 1) }))
    .where('id', '=', gateway)
    .returning(['epoch', 'online', 'session'])
    .executeTakeFirst();
}

/**
 * The gateway has nothing before `from` any more: the frontier moves to `from - 1`, with an alarm.
 *
 * @returns false when the frontier was there already.
 */
export async function truncate(
  db: Db,
  arg: { gateway: string; epoch: string; from: number; alarmId: string; now: string },
): Promise<boolean> {
  await lockGateway(db, arg.gateway);
  const row = await db
    .selectFrom('epoch')
    .select(['frontier', 'last_seq'])
    .where('gateway', '=', arg.gateway)
    .where('epoch', '=', arg.epoch)
    .executeTakeFirst();
  // Beyond the last number known there is nothing that could have been truncated: that answer is wrong.
  if (row === undefined || arg.from - 1 <= row.frontier || arg.from - 1 > row.last_seq) return false;
  const at = await db
    .selectFrom('event')
    .select('id')
    .where('gateway', '=', arg.gateway)
    .where('epoch', '=', arg.epoch)
    .where('seq', '=', arg.from - 1)
    .executeTakeFirst();
  await db
    .updateTable('epoch')
    .set({ frontier: arg.from - 1, frontier_id: at?.id ?? null })
    .where('gateway', '=', arg.gateway)
    .where('epoch', '=', arg.epoch)
    .execute();
  await raiseAlarm(db, {
    id: arg.alarmId,
    gateway: arg.gateway,
    kind: 'replay.truncated',
    detail: `events ${row.frontier + 1} to ${arg.from - 1} of epoch ${arg.epoch} are no longer at the gateway`,
    at: arg.now,
  });
  return true;
}

/** An older epoch had its replay: from now on what is there, or still comes, is applied across its gaps. */
export async function pass(
  db: Db,
  arg: { gateway: string; epoch: string; alarmId: string; now: string },
): Promise<boolean> {
  const gateway = await lockGateway(db, arg.gateway);
  if (gateway === undefined || gateway.epoch === null || gateway.epoch === arg.epoch) return false;
  // The frontier stays: should this epoch become the current one again, its acks must not claim what never came.
  const row = await db
    .updateTable('epoch')
    .set({ passed: 1 })
    .where('gateway', '=', arg.gateway)
    .where('epoch', '=', arg.epoch)
    .where('passed', '=', 0)
    .returning(['frontier', 'last_seq'])
    .executeTakeFirst();
  if (row === undefined || row.frontier >= row.last_seq) return row !== undefined;
  await raiseAlarm(db, {
    id: arg.alarmId,
    gateway: arg.gateway,
    kind: 'epoch.incomplete',
    detail: `epoch ${arg.epoch} ended with events missing between ${row.frontier + 1} and ${row.last_seq}`,
    at: arg.now,
  });
  return true;
}

export async function raiseAlarm(db: Db, alarm: Tables['alarm']): Promise<void> {
  await db.insertInto('alarm').values(alarm).execute();
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
