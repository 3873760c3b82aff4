/**
 * The ledger: every movement of money is a row, written once, in the transaction of what it is for. The wallet's row is
 * counted up with it, which also is the account's lock: ledgers have no gaps and every `balance_after` is right.
 */
import { SimbankError } from '../../errors.ts';
import { ulid } from '../../protocol/ulid.ts';
import { MAX_AMOUNT } from '../money.ts';
import { knownAccount } from './accounts.ts';
import type { Db } from './schema.ts';
import type { LedgerKind } from './tables/accounts.ts';

export interface Entry {
  readonly account: string;
  readonly kind: LedgerKind;
  /** What it is for; with the kind and the period it is there once. */
  readonly reference: string;
  readonly period?: number;
  /** Change of the balance and of what is held, micro-units. */
  readonly amount: number;
  readonly held: number;
  readonly note?: string;
  readonly now: string;
}

export interface Wallet {
  readonly balance: number;
  readonly held: number;
}

/**
 * Writes one entry; null when the balance would not suffice (and nothing was written).
 *
 * @throws when the entry is there already: whoever calls must know by its own state that it is not.
 */
export async function post(db: Db, entry: Entry): Promise<Wallet | null> {
  const { account, amount, held } = entry;
  let query = db
    .updateTable('wallet')
    .set((eb) => ({
      balance: eb('balance', '+', amount),
      held: eb('held', '+', held),
      entries: eb('entries', '+', 1),
      updated_at: entry.now,
    }))
    .where('account', '=', account);
  // Money that comes back is taken whatever the balance is.
  if (amount < 0) query = query.where('balance', '>=', -amount);
  const wallet = await query.returning(['balance', 'held', 'entries']).executeTakeFirst();
  if (wallet === undefined) return null;
  await db
    .insertInto('ledger')
    .values({
      id: `txn_${ulid(Date.parse(entry.now))}`,
      account,
      n: wallet.entries,
      kind: entry.kind,
      reference: entry.reference,
      period: entry.period ?? 0,
      amount,
      held,
      balance_after: wallet.balance,
      held_after: wallet.held,
      note: entry.note ?? '',
      at: entry.now,
    })
    .execute();
  return wallet;
}

export interface TopUp {
  readonly account: string;
  /** Micro-units; for an adjustment also below zero. */
  readonly amount: number;
  /** Names this payment: the same one again adds nothing. */
  readonly reference: string;
  readonly note?: string;
  readonly now: string;
}

/**
 * Puts money into a wallet.
 *
 * @returns the wallet, and false when this payment was there already.
 * @throws SimbankError `account.unknown`; `amount.invalid` unless it is above zero; `top-up.mismatch` when the same
 *   reference had another amount.
 */
export async function topUp(db: Db, arg: TopUp): Promise<Wallet & { added: boolean }> {
  if (!(arg.amount > 0)) throw new SimbankError('amount.invalid', 'a top-up is more than zero');
  return book(db, 'top-up', arg);
}

/** Corrects a balance by hand, up or down, though never below zero: as topUp, and `balance.insufficient`. */
export async function adjust(db: Db, arg: TopUp): Promise<Wallet & { added: boolean }> {
  return book(db, 'adjust', arg);
}

async function book(db: Db, kind: 'top-up' | 'adjust', arg: TopUp): Promise<Wallet & { added: boolean }> {
  const { account, amount, reference, note = '', now } = arg;
  await knownAccount(db, account);
  // Held until the end, so that the same payment twice at once is one.
  const wallet = await db
    .updateTable('wallet')
    .set({ updated_at: now })
    .where('account', '=', account)
    .returning(['balance', 'held'])
    .executeTakeFirstOrThrow();
  const before = await db
    .selectFrom('ledger')
    .select('amount')
    .where('account', '=', account)
    .where('reference', '=', reference)
    .where('kind', '=', kind)
    .executeTakeFirst();
  if (before !== undefined) {
    if (before.amount === amount) return { ...wallet, added: false };
    throw new SimbankError('top-up.mismatch', `payment ${reference} is there already, with another amount`);
  }
  if (wallet.balance + amount > MAX_AMOUNT) {
    throw new SimbankError('amount.invalid', 'the balance would pass what a wallet may hold');
  }
  const after = await post(db, { account, kind, reference, amount, held: 0, note, now });
  if (after === null) {
    throw new SimbankError('balance.insufficient', 'the balance does not suffice for this adjustment');
  }
  return { balance: after.balance, held: after.held, added: true };
}
