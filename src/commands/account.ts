/** `simbankd account create|list|top-up|suspend|resume`: the hub's customers and their money. */
import { SimbankError } from '../errors.ts';
import { type Admin, openAdmin } from '../hub/control.ts';
import { formatAmount } from '../hub/money.ts';
import { hashKey, hintOf, newKey, newWebhookSecret } from '../hub/secrets.ts';
import type { AccountRow } from '../hub/store/account-reads.ts';
import { ulid } from '../protocol/ulid.ts';
import { sqlitePath } from '../sqlite.ts';
import { installation, sayWhich } from './running-up.ts';
import { printTable } from './table.ts';

export interface AdminOptions {
  readonly config?: string;
  readonly json?: boolean;
}

/** Makes an account with a first key. Both secrets are shown now and never again. */
export async function createAccount(
  name: string,
  options: AdminOptions & { currency?: string },
): Promise<number> {
  const make = async (admin: Admin): Promise<void> => {
    const now = new Date().toISOString();
    const id = ulid(Date.now());
    const key = newKey();
    const keyId = ulid(Date.now());
    const webhookSecret = newWebhookSecret();
    const { currency } = options;
    await admin.createAccount({
      id,
      name,
      ...(currency === undefined ? {} : { currency }),
      secret: { id: ulid(Date.now()), value: webhookSecret },
      now,
    });
    await admin.createKey({ id: keyId, account: id, hash: hashKey(key), hint: hintOf(key), now });
    if (options.json === true) print({ id, name, currency: currency ?? 'USD', keyId, key, webhookSecret });
    else {
      console.log(
        [
          `account         ${id}`,
          `API key         ${key}  (may read and buy; its id is ${keyId})`,
          `webhook secret  ${webhookSecret}`,
          'The key and the secret are shown only this once.',
        ].join('\n'),
      );
    }
  };
  return withAdmin(options, make, true);
}

export async function listAccounts(options: AdminOptions): Promise<number> {
  return withAdmin(options, async (admin) => {
    const all: AccountRow[] = [];
    for (let after = ''; ; after = all.at(-1)!.id) {
      const page = await admin.accounts({ after, limit: 500 });
      all.push(...page);
      if (page.length < 500) break;
    }
    const rows = all.map(({ id, name, status, currency, balance, held, createdAt }) => ({
      id,
      name,
      status,
      currency,
      balance: formatAmount(balance),
      held: formatAmount(held),
      createdAt,
    }));
    if (options.json === true) print(rows);
    else printTable(rows);
  });
}

/** Puts money, in micro-units, into an account's wallet. */
export async function topUpAccount(
  account: string,
  amount: number,
  options: AdminOptions & { reference?: string; note?: string },
): Promise<number> {
  return withAdmin(options, async (admin) => {
    const { id, currency } = await accountOf(admin, account);
    const { balance, held, added } = await admin.topUp({
      account: id,
      amount,
      reference: options.reference ?? `top-up ${ulid(Date.now())}`,
      note: options.note ?? '',
      now: new Date().toISOString(),
    });
    if (options.json === true) {
      print({ id, currency, balance: formatAmount(balance), held: formatAmount(held), added });
      return;
    }
    if (!added) console.log(`The payment ${options.reference} was there already: nothing was added.`);
    console.log(`The balance of ${account} is ${formatAmount(balance)} ${currency}.`);
  });
}

/** A suspended account reads and cancels, and buys nothing. */
export async function setAccountStatus(
  account: string,
  status: 'active' | 'suspended',
  options: AdminOptions,
): Promise<number> {
  return withAdmin(options, async (admin) => {
    const { id } = await accountOf(admin, account);
    await admin.changeAccount({ id, status });
    if (options.json === true) print({ id, status });
    else console.log(`${account} is ${status}`);
  });
}

/** By its id or its name. @throws SimbankError `account.unknown` */
export async function accountOf(admin: Admin, idOrName: string): Promise<AccountRow> {
  const row = await admin.account(idOrName);
  if (row !== null) return row;
  throw new SimbankError('account.unknown', `there is no account ${idOrName}: see "simbankd account list"`);
}

/** @param mayMake - whether a database that is not there is made. */
export async function withAdmin(
  options: AdminOptions,
  work: (admin: Admin) => Promise<void>,
  mayMake = false,
): Promise<number> {
  const meant = installation(options.config);
  const { database } = meant.config.hub;
  const { admin, close } = await openAdmin(database, mayMake);
  if (options.json !== true) sayWhich(sqlitePath(database), options.config, meant);
  try {
    await work(admin);
  } finally {
    await close();
  }
  return 0;
}

export function print(value: unknown): void {
  console.log(JSON.stringify(value, null, 2));
}
