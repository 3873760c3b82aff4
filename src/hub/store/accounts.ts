/** Accounts, their keys, and what their webhooks are signed with. A key itself is never stored, only its hash. */
import { SimbankError } from '../../errors.ts';
import type { Db, Tables } from './schema.ts';

export type Scope = 'read' | 'buy' | 'admin';
export const SCOPES: readonly Scope[] = ['read', 'buy', 'admin'];

export interface NewKey {
  readonly id: string;
  /** SHA-256 of the key, hex. */
  readonly hash: string;
  readonly hint: string;
  readonly label?: string;
  /** Without it `read` and `buy`. */
  readonly scopes?: readonly Scope[];
  /** CIDRs; none: from anywhere. */
  readonly allow?: readonly string[];
  readonly expiresAt?: string | null;
  /**
   * The key that this one takes the place of, and until when that one still goes, unless it ends before. The new one is called
   * and may do as that one, whatever stands above, and lives as long as that one was made to live.
   */
  readonly replaces?: { readonly id: string; readonly until: string };
}

export interface NewAccount {
  readonly id: string;
  readonly name: string;
  /** ISO 4217; USD without it. */
  readonly currency?: string;
  /** For webhooks. */
  readonly secret: { readonly id: string; readonly value: string };
  readonly now: string;
}

/**
 * @throws SimbankError `account.exists`
 */
export async function createAccount(db: Db, arg: NewAccount): Promise<void> {
  if (!(await insertAccount(db, arg))) {
    throw new SimbankError('account.exists', `there is an account ${arg.name} already`);
  }
}

/** False when there is one of that name. */
async function insertAccount(db: Db, arg: NewAccount): Promise<boolean> {
  const { id, name, now } = arg;
  const made = await db
    .insertInto('account')
    .values({ id, name, created_at: now, ...(arg.currency === undefined ? {} : { currency: arg.currency }) })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (made === undefined) return false;
  await db
    .insertInto('wallet')
    .values({ account: id, balance: 0, held: 0, entries: 0, updated_at: now })
    .execute();
  const { id: secretId, value: secret } = arg.secret;
  await db
    .insertInto('webhook_secret')
    .values({ id: secretId, account: id, endpoint: null, secret, created_at: now, expires_at: null })
    .execute();
  return true;
}

/**
 * @throws SimbankError `account.unknown`, or `key.unknown` and `key.revoked` for the one to replace.
 */
export async function createKey(db: Db, arg: NewKey & { account: string; now: string }): Promise<void> {
  const { id, account, hash, hint, now, replaces } = arg;
  await knownAccount(db, account);
  const own = {
    label: arg.label ?? '',
    scopes: (arg.scopes ?? ['read', 'buy']).join(' '),
    allow: (arg.allow ?? []).join(' '),
    expires_at: arg.expiresAt ?? null,
  };
  await db
    .insertInto('api_key')
    .values({
      id,
      account,
      hash,
      hint,
      created_at: now,
      revoked_at: null,
      last_used_at: null,
      replaces: replaces?.id ?? null,
      ...(replaces === undefined ? own : await handOver(db, { ...replaces, account, now })),
    })
    .execute();
}

/** Ends a key at `until` at the latest; what the one in its place has of it, and when that one ends. */
async function handOver(db: Db, arg: { id: string; until: string; account: string; now: string }) {
  const { id, until, account, now } = arg;
  const keys = await db.selectFrom('api_key').selectAll().where('account', '=', account).execute();
  const old = keys.find((key) => key.id === id);
  if (old === undefined) throw unknownKey(id);
  if (old.revoked_at !== null) {
    throw new SimbankError('key.revoked', `the key ${id} was revoked: make a new one`);
  }
  await db
    .updateTable('api_key')
    .set({ expires_at: until })
    .where('id', '=', id)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', until)]))
    .execute();
  const { label, scopes, allow, settings } = old;
  const lifeMs = lifeOf(old, keys);
  const expiresAt = lifeMs === null ? null : new Date(Date.parse(now) + lifeMs).toISOString();
  return { label, scopes, allow, settings, expires_at: expiresAt };
}

type Life = Pick<Tables['api_key'], 'id' | 'created_at' | 'expires_at' | 'replaces'>;

/**
 * How long a key was made to live, in milliseconds; null: for ever. A key that was replaced ends sooner than it was made to, but
 * whatever took its place was made to live as long: the newest of the line tells.
 */
function lifeOf(key: Life, keys: readonly Life[]): number | null {
  const successors = new Map(keys.map((one) => [one.replaces, one]));
  let newest = key;
  for (let next = successors.get(key.id); next !== undefined; next = successors.get(next.id)) newest = next;
  if (newest.expires_at === null) return null;
  return Date.parse(newest.expires_at) - Date.parse(newest.created_at);
}

/** @throws SimbankError `key.unknown`; revoking again changes nothing. */
export async function revokeKey(db: Db, arg: { id: string; account?: string; now: string }): Promise<void> {
  let query = db
    .updateTable('api_key')
    .set((eb) => ({ revoked_at: eb.fn.coalesce('revoked_at', eb.val(arg.now)) }));
  if (arg.account !== undefined) query = query.where('account', '=', arg.account);
  const row = await query.where('id', '=', arg.id).returning('id').executeTakeFirst();
  if (row === undefined) throw unknownKey(arg.id);
}

/** Notes that a key was used; call it at most once a minute and key. */
export async function noteKeyUse(db: Db, arg: { id: string; now: string }): Promise<void> {
  await db
    .updateTable('api_key')
    .set({ last_used_at: arg.now })
    .where('id', '=', arg.id)
    .where((eb) => eb.or([eb('last_used_at', 'is', null), eb('last_used_at', '<', arg.now)]))
    .execute();
}

/** @throws SimbankError `account.unknown` */
export async function changeAccount(
  db: Db,
  arg: {
    id: string;
    status?: 'active' | 'suspended' | 'closed';
    settings?: Readonly<Record<string, unknown>>;
  },
): Promise<void> {
  await knownAccount(db, arg.id);
  const { id, status, settings } = arg;
  await db
    .updateTable('account')
    .set((eb) => ({
      status: status ?? eb.ref('status'),
      settings: settings === undefined ? eb.ref('settings') : JSON.stringify(settings),
    }))
    .where('id', '=', id)
    .execute();
}

/** A new signing secret for an account or one endpoint; the one before signs beside it until `overlapUntil`. */
export async function newWebhookSecret(
  db: Db,
  arg: {
    id: string;
    account: string;
    endpoint: string | null;
    value: string;
    now: string;
    overlapUntil: string;
  },
): Promise<void> {
  let older = db
    .updateTable('webhook_secret')
    .set({ expires_at: arg.overlapUntil })
    .where('account', '=', arg.account)
    .where('expires_at', 'is', null);
  older =
    arg.endpoint === null ? older.where('endpoint', 'is', null) : older.where('endpoint', '=', arg.endpoint);
  await older.execute();
  await db
    .insertInto('webhook_secret')
    .values({
      id: arg.id,
      account: arg.account,
      endpoint: arg.endpoint,
      secret: arg.value,
      created_at: arg.now,
      expires_at: null,
    })
    .execute();
}

/**
 * At the first start: an account of that name with that key, which may do everything, unless there is any account already.
 *
 * @returns the id of the oldest account, and whether it was made now.
 */
export async function firstAccount(
  db: Db,
  arg: NewAccount & { key: NewKey },
): Promise<{ id: string; created: boolean }> {
  const oldest = () =>
    db.selectFrom('account').select('id').orderBy('created_at').orderBy('id').executeTakeFirst();
  const there = await oldest();
  if (there !== undefined) return { id: there.id, created: false };
  // Several hubs may start at once on an empty database.
  if (!(await insertAccount(db, arg))) return { id: (await oldest())!.id, created: false };
  await createKey(db, { scopes: SCOPES, ...arg.key, account: arg.id, now: arg.now });
  return { id: arg.id, created: true };
}

export async function knownAccount(db: Db, id: string): Promise<void> {
  const row = await db.selectFrom('account').select('id').where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw new SimbankError('account.unknown', `there is no account ${id}`);
}

function unknownKey(id: string): SimbankError {
  return new SimbankError('key.unknown', `there is no key ${id}`);
}
