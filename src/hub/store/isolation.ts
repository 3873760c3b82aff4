/** A part of a transaction that may fail alone: one row that cannot be worked on must not hold up all the others. */
import { sql } from 'kysely';
import { messageOf } from '../../errors.ts';
import type { Db } from './schema.ts';

/**
 * Does one piece of work; when it fails, as if it had never begun.
 *
 * @returns null, or why it failed.
 * @throws what ended the whole transaction, or will be tried again as a whole.
 */
export async function isolated(db: Db, work: () => Promise<unknown>): Promise<string | null> {
  // The first statement of the work follows on its heels, and fails where this does.
  const begun = sql`savepoint piece`.execute(db);
  begun.catch(() => {});
  try {
    await work();
    await begun;
    await sql`release savepoint piece`.execute(db);
    return null;
  } catch (error) {
    // A deadlock or a conflict: the transaction is carried out once more.
    if (String((error as { code?: unknown } | null)?.code).startsWith('40')) throw error;
    // Fails in its turn when there is no transaction any more: a full disk, a connection that ended.
    await sql`rollback to savepoint piece`.execute(db);
    await sql`release savepoint piece`.execute(db);
    return messageOf(error);
  }
}
