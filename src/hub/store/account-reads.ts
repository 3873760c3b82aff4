/** What is looked up of accounts: keys and whose they are, wallets and what moved in them. */
import type { Selectable } from 'kysely';
import type { Scope } from './accounts.ts';
import { isFor, mostSpecial, type PriceQuery, type Product, priceOf } from './prices.ts';
import type { Db, Tables } from './schema.ts';

/** A key as a request that bears it needs it. */
export interface KeyOwner {
  readonly id: string;
  readonly hash: string;
  readonly account: string;
  readonly accountName: string;
  readonly accountStatus: 'active' | 'suspended' | 'closed';
  readonly currency: string;
  readonly scopes: readonly Scope[];
  /** CIDRs; none: from anywhere. */
  readonly allow: readonly string[];
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
  /** What façades keep. */
  readonly settings: Record<string, unknown>;
  readonly accountSettings: Record<string, unknown>;
}

export interface AccountRow {
  readonly id: string;
  readonly name: string;
  readonly status: 'active' | 'suspended' | 'closed';
  readonly currency: string;
  readonly settings: Record<string, unknown>;
  readonly createdAt: string;
  /** Micro-units. */
  readonly balance: number;
  readonly held: number;
}

/** A key as a list shows it. */
export interface KeyRow {
  readonly id: string;
  readonly account: string;
  readonly label: string;
  readonly hint: string;
  readonly scopes: readonly Scope[];
  readonly allow: readonly string[];
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  readonly lastUsedAt: string | null;
  readonly replaces: string | null;
}

export type LedgerRow = Selectable<Tables['ledger']>;

const words = (text: string): string[] => (text === '' ? [] : text.split(' '));

export function accountReadsOn(db: Db) {
  const accounts = () =>
    db
      .selectFrom('account')
      .innerJoin('wallet', 'wallet.account', 'account.id')
      .select(['id', 'name', 'status', 'currency', 'settings', 'created_at', 'balance', 'held']);

  return {
    /** The account of a key by the key's hash; null when there is none, or it was revoked. */
    async accountOfKey(hash: string): Promise<string | null> {
      const row = await db
        .selectFrom('api_key')
        .select('account')
        .where('hash', '=', hash)
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      return row?.account ?? null;
    },

    /** Whoever bears the key with that hash; null when there is none, or it was revoked, or its time is over. */
    async keyOwner(arg: { hash: string; now: string }): Promise<KeyOwner | null> {
      const row = await db
        .selectFrom('api_key')
        .innerJoin('account', 'account.id', 'api_key.account')
        .select(['api_key.id', 'api_key.hash', 'api_key.account', 'api_key.scopes', 'api_key.allow'])
        .select(['api_key.expires_at', 'api_key.last_used_at', 'api_key.settings'])
        .select([
          'account.name',
          'account.status',
          'account.currency',
          'account.settings as account_settings',
        ])
        .where('api_key.hash', '=', arg.hash)
        .where('api_key.revoked_at', 'is', null)
        .where((eb) => eb.or([eb('api_key.expires_at', 'is', null), eb('api_key.expires_at', '>', arg.now)]))
        .where('account.status', '!=', 'closed')
        .executeTakeFirst();
      if (row === undefined) return null;
      return {
        id: row.id,
        hash: row.hash,
        account: row.account,
        accountName: row.name,
        accountStatus: row.status,
        currency: row.currency,
        scopes: words(row.scopes) as Scope[],
        allow: words(row.allow),
        expiresAt: row.expires_at,
        lastUsedAt: row.last_used_at,
        settings: JSON.parse(row.settings),
        accountSettings: JSON.parse(row.account_settings),
      };
    },

    /** At most `limit` accounts in the order in which they were made, those after the id `after`. */
    async accounts(arg: { after: string; limit: number }): Promise<AccountRow[]> {
      const rows = await accounts().where('id', '>', arg.after).orderBy('id').limit(arg.limit).execute();
      return rows.map(accountOf);
    },

    /** By its id or its name. */
    async account(idOrName: string): Promise<AccountRow | null> {
      const row = await accounts()
        .where((eb) => eb.or([eb('id', '=', idOrName), eb('name', '=', idOrName)]))
        .executeTakeFirst();
      return row === undefined ? null : accountOf(row);
    },

    /** The keys of an account in the order in which they were made; of all accounts with null. */
    async keys(account: string | null): Promise<KeyRow[]> {
      let query = db.selectFrom('api_key').selectAll().orderBy('id');
      if (account !== null) query = query.where('account', '=', account);
      const rows = await query.execute();
      return rows.map((row) => ({
        id: row.id,
        account: row.account,
        label: row.label,
        hint: row.hint,
        scopes: words(row.scopes) as Scope[],
        allow: words(row.allow),
        createdAt: row.created_at,
        expiresAt: row.expires_at,
        revokedAt: row.revoked_at,
        lastUsedAt: row.last_used_at,
        replaces: row.replaces,
      }));
    },

    /** Micro-units. */
    async wallet(account: string): Promise<{ balance: number; held: number } | null> {
      const row = await db
        .selectFrom('wallet')
        .select(['balance', 'held'])
        .where('account', '=', account)
        .executeTakeFirst();
      return row ?? null;
    },

    /** At most `limit` movements, the newest first; those before number `before`, or of one activation. */
    async transactions(arg: {
      account: string;
      before: number | null;
      limit: number;
      reference?: string;
    }): Promise<LedgerRow[]> {
      let query = db
        .selectFrom('ledger')
        .selectAll()
        .where('account', '=', arg.account)
        .orderBy('n', 'desc')
        .limit(arg.limit);
      if (arg.before !== null) query = query.where('n', '<', arg.before);
      if (arg.reference !== undefined) query = query.where('reference', '=', arg.reference);
      return await query.execute();
    },

    /** What one activation, or 30 days of a number, costs this account, in micro-units; null: not sold. */
    async price(query: PriceQuery): Promise<number | null> {
      return await priceOf(db, query);
    },

    /**
     * The price list of an account: for each service and country that the book names, without those of single operators. An
     * empty service or country stands for all that are not named.
     */
    async priceList(arg: {
      account: string;
      product: Product;
    }): Promise<{ service: string; country: string; amount: number }[]> {
      const rows = await db
        .selectFrom('price')
        .selectAll()
        .where('product', '=', arg.product)
        .where('operator', '=', '')
        .where((eb) => isFor(eb, arg.account))
        .execute();
      const services = new Set(rows.map(({ service }) => service));
      const countries = new Set(rows.map(({ country }) => country));
      return [...services].flatMap((service) =>
        [...countries].flatMap((country) => {
          const fitting = rows.filter(
            (row) =>
              (row.service === '' || row.service === service) &&
              (row.country === '' || row.country === country),
          );
          const best = mostSpecial(fitting);
          return best === null ? [] : [{ service, country, amount: best.amount }];
        }),
      );
    },
  };
}

function accountOf(row: Selectable<Tables['account']> & { balance: number; held: number }): AccountRow {
  const { id, name, status, currency, balance, held } = row;
  return {
    id,
    name,
    status,
    currency,
    settings: JSON.parse(row.settings),
    createdAt: row.created_at,
    balance,
    held,
  };
}
