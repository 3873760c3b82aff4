/**
 * Requests that may come again: Idempotency-Key, orderId and idempotency_token are one mechanism (api-conventions H-22). The
 * key is written in the transaction of the purchase, so that there is never one without the other.
 */
import type { Db } from './schema.ts';

export interface Idempotency {
  readonly key: string;
  readonly route: string;
  /** SHA-256 of the body, hex. */
  readonly hash: string;
}

/** What is known of a request with that key. */
export type Earlier =
  /** The same request; `status` and `body` are what was answered, null while it is worked on or after a crash. */
  | {
      readonly outcome: 'replay';
      readonly batch: string;
      readonly status: number | null;
      readonly body: string | null;
    }
  /** Another request under the same key. */
  | { readonly outcome: 'mismatch' };

/** Remembers a request; what is known of it when it came before. */
export async function remember(
  db: Db,
  arg: Idempotency & { account: string; batch: string; now: string },
): Promise<Earlier | null> {
  const { account, key, route, hash, batch, now } = arg;
  const made = await db
    .insertInto('idempotency')
    .values({ account, key, route, hash, batch, status: null, body: null, created_at: now })
    .onConflict((conflict) => conflict.columns(['account', 'key']).doNothing())
    .returning('key')
    .executeTakeFirst();
  if (made !== undefined) return null;
  // It was there a moment ago, and was forgotten meanwhile: as one that failed, it may be tried again.
  return (await earlierOf(db, arg)) ?? (await remember(db, arg));
}

/** What is known of a request with that key; null when it never came. */
export async function earlierOf(db: Db, arg: Idempotency & { account: string }): Promise<Earlier | null> {
  const row = await db
    .selectFrom('idempotency')
    .selectAll()
    .where('account', '=', arg.account)
    .where('key', '=', arg.key)
    .executeTakeFirst();
  if (row === undefined) return null;
  if (row.route !== arg.route || row.hash !== arg.hash) return { outcome: 'mismatch' };
  return { outcome: 'replay', batch: row.batch, status: row.status, body: row.body };
}

/** Keeps the answer to a request, for those that come again. */
export async function keepAnswer(
  db: Db,
  arg: { account: string; key: string; status: number; body: string },
): Promise<void> {
  await db
    .updateTable('idempotency')
    .set({ status: arg.status, body: arg.body })
    .where('account', '=', arg.account)
    .where('key', '=', arg.key)
    .execute();
}

/** Nothing was bought: the same request may try again. */
export async function forget(db: Db, batch: string): Promise<void> {
  await db.deleteFrom('idempotency').where('batch', '=', batch).execute();
}
