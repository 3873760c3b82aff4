/** Accounts and their keys. A key itself is never stored, only its hash. */
import type { Db } from './schema.ts';

export interface NewKey {
  readonly id: string;
  /** SHA-256 of the key, hex. */
  readonly hash: string;
  readonly hint: string;
}

export async function createAccount(db: Db, arg: { id: string; name: string; now: string }): Promise<void> {
  await db.insertInto('account').values({ id: arg.id, name: arg.name, created_at: arg.now }).execute();
}

export async function createKey(db: Db, arg: NewKey & { account: string; now: string }): Promise<void> {
  const { id, account, hash, hint, now } = arg;
  await db
    .insertInto('api_key')
    .values({ id, account, hash, hint, created_at: now, revoked_at: null })
    .execute();
}

/**
 * At the first start: an account of that name with that key, unless there is any account already.
 *
 * @returns the id of the oldest account, and whether it was made now.
 */
export async function firstAccount(
  db: Db,
  arg: { id: string; name: string; key: NewKey; now: string },
): Promise<{ id: string; created: boolean }> {
  const there = await db
    .selectFrom('account')
    .select('id')
    .orderBy('created_at')
    .orderBy('id')
    .executeTakeFirst();
  if (there !== undefined) return { id: there.id, created: false };
  await createAccount(db, arg);
  await createKey(db, { ...arg.key, account: arg.id, now: arg.now });
  return { id: arg.id, created: true };
}
