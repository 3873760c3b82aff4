/** What gateways answer to the commands that are repeated until they do. */
import { after, dueAt } from '../activations/due.ts';
import { isOver } from '../activations/transitions.ts';
import { type ActivationRow, advance, lockActivation } from './activations.ts';
import type { Db } from './schema.ts';

export interface CommandAnswer {
  readonly gateway: string;
  /** The id it was published under. */
  readonly id: string;
  /** null: it was carried out. */
  readonly error: { readonly code: string } | null;
  readonly now: string;
}

/** A gateway answered. @returns false when nobody waits for that answer any more. */
export async function commandAnswered(db: Db, arg: CommandAnswer): Promise<boolean> {
  const { gateway, id, error, now } = arg;
  const late = error?.code === 'command.expired';
  const row = await db
    .updateTable('command')
    .set(
      late
        ? { published_as: null, next_at: now }
        : { state: 'answered', answered_at: now, error: error?.code ?? null },
    )
    .where('published_as', '=', id)
    .where('gateway', '=', gateway)
    .where('state', '=', 'waiting')
    .returning(['name', 'attempt'])
    .executeTakeFirst();
  if (row === undefined) return false;
  if (late || row.attempt === null) return true;
  if (row.name === 'activation.close') await closed(db, row.attempt, now);
  if (row.name === 'activation.rearm') await rearmed(db, row.attempt, error === null, now);
  return true;
}

/** The gateway said that it is closed; an error says that there is nothing to close. */
async function closed(db: Db, attempt: string, now: string): Promise<void> {
  await db
    .updateTable('attempt')
    .set({ state: 'closed', closed_at: now })
    .where('id', '=', attempt)
    .where('state', '=', 'closing')
    .execute();
}

/** The gateway waits on; or it has nothing that could (its database was lost), and its part is over. */
async function rearmed(db: Db, attempt: string, isWaiting: boolean, now: string): Promise<void> {
  const row = await lockActivationOf(db, attempt);
  if (row === undefined) return;
  if (!isWaiting) {
    await db
      .updateTable('attempt')
      .set({ state: 'closed', closed_at: now, reason: 'lost' })
      .where('id', '=', attempt)
      .where('state', '=', 'open')
      .execute();
    await advance(db, row, 'ended', { now, change: { reason: 'lost' } });
    return;
  }
  const expiresAt = after(now, row.ttl * 1_000);
  await db.updateTable('attempt').set({ expires_at: expiresAt }).where('id', '=', attempt).execute();
  if (isOver(row.state)) return;
  await db
    .updateTable('activation')
    .set({
      expires_at: expiresAt,
      due_at: dueAt({ state: row.state, expiresAt, answerBy: null }, now),
      updated_at: now,
    })
    .where('id', '=', row.id)
    .execute();
}

async function lockActivationOf(db: Db, attempt: string): Promise<ActivationRow | undefined> {
  const row = await db
    .selectFrom('activation')
    .select('id')
    .where('attempt', '=', attempt)
    .executeTakeFirst();
  return row === undefined ? undefined : await lockActivation(db, row.id);
}

/** Gives up commands of before that moment: the gateway has been away for a month. */
export async function giveUpCommands(db: Db, arg: { before: string; now: string }): Promise<void> {
  const old = await db
    .updateTable('command')
    .set({ state: 'given-up', answered_at: arg.now })
    .where('state', '=', 'waiting')
    .where('created_at', '<', arg.before)
    .returning(['attempt', 'name'])
    .execute();
  for (const { attempt, name } of old) {
    if (attempt !== null && name === 'activation.close') await closed(db, attempt, arg.now);
  }
}
