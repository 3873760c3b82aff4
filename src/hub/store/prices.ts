/** The price book: what an activation costs, and a kept number for 30 days. */
import type { Expression, ExpressionBuilder, SqlBool } from 'kysely';
import type { Db, Tables } from './schema.ts';

export type Product = Tables['price']['product'];

export interface PriceRow {
  readonly product: Product;
  /** An id or a name; empty: for all. */
  readonly account: string;
  /** Empty: for all. Likewise the next two; an operator is in lower case. */
  readonly service: string;
  readonly country: string;
  readonly operator: string;
  /** Micro-units. */
  readonly amount: number;
}

export interface PriceQuery {
  /** Its id. */
  readonly account: string;
  readonly product: Product;
  /** null: any; only rows for all of them fit. */
  readonly service: string | null;
  readonly country: string | null;
  /** In lower case; none: any. Of several, any of which may be given, the dearest counts. */
  readonly operators: readonly string[];
}

/** Micro-units; null where the book has no price, and so nothing is sold. */
export async function priceOf(db: Db, query: PriceQuery): Promise<number | null> {
  const either = (value: string | null) => (value === null ? [''] : ['', value]);
  const rows = await db
    .selectFrom('price')
    .select(['account', 'service', 'country', 'operator', 'amount'])
    .where('product', '=', query.product)
    .where('service', 'in', either(query.service))
    .where('country', 'in', either(query.country))
    .where('operator', 'in', ['', ...query.operators])
    .where((eb) => isFor(eb, query.account))
    .execute();
  const operators = query.operators.length > 0 ? query.operators : [''];
  const amounts = operators.flatMap((operator) => {
    const best = mostSpecial(rows.filter((row) => row.operator === '' || row.operator === operator));
    return best === null ? [] : [best.amount];
  });
  // Where one of them has no price, it is not sold, and nobody knows yet which it will be.
  return amounts.length === operators.length ? Math.max(...amounts) : null;
}

/** A price may name an account by its id or by its name: the file is there before the account is. */
export function isFor(eb: ExpressionBuilder<Tables, 'price'>, account: string): Expression<SqlBool> {
  return eb.or([
    eb('price.account', 'in', ['', account]),
    eb('price.account', 'in', eb.selectFrom('account').select('name').where('id', '=', account)),
  ]);
}

/** Of rows that all fit, the one that says most: account before service, service before country, country before operator. */
export function mostSpecial<T extends Omit<PriceRow, 'product'>>(rows: readonly T[]): T | null {
  const weight = (row: T) =>
    (row.account === '' ? 0 : 8) +
    (row.service === '' ? 0 : 4) +
    (row.country === '' ? 0 : 2) +
    (row.operator === '' ? 0 : 1);
  return rows.reduce<T | null>(
    (best, row) => (best === null || weight(row) > weight(best) ? row : best),
    null,
  );
}

/** Rows of one multi-row insert. */
const ROWS = 100;

/** The book's file was read: its rows take the place of those it had before; what was set by the API stays and goes first. */
export async function loadPrices(db: Db, arg: { prices: readonly PriceRow[]; now: string }): Promise<void> {
  // Hubs that start at once with different files must not interleave.
  await db
    .insertInto('setting')
    .values({ name: 'prices', value: arg.now })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: arg.now }))
    .execute();
  await db.deleteFrom('price').where('source', '=', 'file').execute();
  for (let i = 0; i < arg.prices.length; i += ROWS) {
    await db
      .insertInto('price')
      .values(
        arg.prices
          .slice(i, i + ROWS)
          .map((row) => ({ ...row, source: 'file' as const, updated_at: arg.now })),
      )
      .onConflict((conflict) =>
        conflict.columns(['product', 'service', 'country', 'operator', 'account']).doNothing(),
      )
      .execute();
  }
}

/** Sets one price by hand; `amount` null takes it away. It stays when the file is read again. */
export async function setPrice(
  db: Db,
  arg: Omit<PriceRow, 'amount'> & { amount: number | null; now: string },
): Promise<void> {
  const { product, account, service, country, operator, amount, now } = arg;
  if (amount === null) {
    await db
      .deleteFrom('price')
      .where('product', '=', product)
      .where('account', '=', account)
      .where('service', '=', service)
      .where('country', '=', country)
      .where('operator', '=', operator)
      .execute();
    return;
  }
  const set = { amount, source: 'api' as const, updated_at: now };
  await db
    .insertInto('price')
    .values({ product, account, service, country, operator, ...set })
    .onConflict((conflict) =>
      conflict.columns(['product', 'service', 'country', 'operator', 'account']).doUpdateSet(set),
    )
    .execute();
}
