/** `simbankd key create|list|rotate|revoke`: the keys of the hub's API. */
import { SimbankError } from '../errors.ts';
import { hashKey, hintOf, newKey } from '../hub/secrets.ts';
import type { KeyRow } from '../hub/store/account-reads.ts';
import type { Scope } from '../hub/store/accounts.ts';
import { ulid } from '../protocol/ulid.ts';
import { type AdminOptions, accountOf, print, withAdmin } from './account.ts';
import { printTable } from './table.ts';

export interface KeyOptions extends AdminOptions {
  readonly scopes: readonly Scope[];
  readonly allow: readonly string[];
  /** RFC 3339 UTC with milliseconds. */
  readonly expires?: string;
  readonly label?: string;
}

/** Makes a key, which is shown now and never again. */
export async function createKey(account: string, options: KeyOptions): Promise<number> {
  return withAdmin(options, async (admin) => {
    const { id: owner, name } = await accountOf(admin, account);
    const key = newKey();
    const { scopes, allow, expires: expiresAt = null, label = '' } = options;
    const id = ulid(Date.now());
    const now = new Date().toISOString();
    await admin.createKey({
      id,
      account: owner,
      hash: hashKey(key),
      hint: hintOf(key),
      label,
      scopes,
      allow,
      expiresAt,
      now,
    });
    if (options.json === true) print({ id, account: owner, key, scopes, allow, expiresAt, label });
    else console.log(`key ${id} of ${name}: ${key}\nIt is shown only this once.`);
  });
}

export async function listKeys(account: string | undefined, options: AdminOptions): Promise<number> {
  return withAdmin(options, async (admin) => {
    const owner = account === undefined ? null : (await accountOf(admin, account)).id;
    const keys = await admin.keys(owner);
    if (options.json === true) {
      print(keys);
      return;
    }
    printTable(
      keys.map(({ id, account: of, label, hint, scopes, allow, createdAt, lastUsedAt, ...rest }) => ({
        id,
        account: of,
        key: `${hint}…`,
        label,
        scopes: scopes.join(','),
        allow: allow.join(','),
        created: createdAt,
        'last used': lastUsedAt ?? '',
        ends: endOf(rest),
      })),
    );
  });
}

function endOf({ revokedAt, expiresAt }: Pick<KeyRow, 'revokedAt' | 'expiresAt'>): string {
  return revokedAt === null ? (expiresAt ?? '') : `revoked ${revokedAt}`;
}

/** A new key with what the old one may do; the old one goes on for `overlapHours`, or to its own end if that is sooner. */
export async function rotateKey(
  id: string,
  options: AdminOptions & { overlapHours: number },
): Promise<number> {
  return withAdmin(options, async (admin) => {
    const find = async (wanted: string) => (await admin.keys(null)).find((key) => key.id === wanted);
    const old = await find(id);
    if (old === undefined)
      throw new SimbankError('key.unknown', `there is no key ${id}: see "simbankd key list"`);
    const { account } = old;
    const key = newKey();
    const at = Date.now();
    const newId = ulid(at);
    const wanted = new Date(at + options.overlapHours * 3_600_000).toISOString();
    await admin.createKey({
      id: newId,
      account,
      hash: hashKey(key),
      hint: hintOf(key),
      replaces: { id, until: wanted },
      now: new Date(at).toISOString(),
    });
    const until = (await find(id))?.expiresAt ?? wanted;
    const expiresAt = (await find(newId))?.expiresAt ?? null;
    if (options.json === true) {
      print({ id: newId, account, key, expiresAt, replaces: id, until });
      return;
    }
    const end = expiresAt === null ? '' : `, and goes until ${expiresAt}`;
    console.log(`key ${newId}: ${key}\nIt is shown only this once${end}. Key ${id} goes until ${until}.`);
  });
}

export async function revokeKey(id: string, options: AdminOptions): Promise<number> {
  return withAdmin(options, async (admin) => {
    await admin.revokeKey({ id, now: new Date().toISOString() });
    if (options.json === true) print({ id, revoked: true });
    else console.log(`key ${id} is revoked`);
  });
}
