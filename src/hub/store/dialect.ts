/** The one place where a verb may ask which database it runs on. */
import { PostgresAdapter, type Selectable, type SelectQueryBuilder, sql, type Updateable } from 'kysely';
import type { Db, Tables } from './schema.ts';

function isPostgres(db: Db): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter;
}

/**
 * Rows that this transaction is about to change, without those that another one is changing: what several hubs work off, each
 * takes what the others leave. On SQLite there is one writer, who has them all.
 */
export function claiming<TB extends keyof Tables, O>(
  db: Db,
  query: SelectQueryBuilder<Tables, TB, O>,
): SelectQueryBuilder<Tables, TB, O> {
  return isPostgres(db) ? query.forUpdate().skipLocked() : query;
}

/** Rows of these tables that nobody else changes until the end of the transaction, as they are after whoever did before. */
export function holding<TB extends keyof Tables, O>(
  db: Db,
  query: SelectQueryBuilder<Tables, TB, O>,
  tables: readonly TB[],
): SelectQueryBuilder<Tables, TB, O> {
  return isPostgres(db) ? query.forUpdate([...tables]) : query;
}

type Delivery = Selectable<Tables['delivery']>;

/**
 * The first of what waits for each of some endpoints, due or not, at most `limit` rows of each, less what another hub is claiming
 * this moment: as `claiming`. On PostgreSQL a question is a round trip to its server, so all of them are one; on SQLite a short
 * statement that is kept costs less than a long one that is prepared each time.
 */
export async function firstWaiting(
  db: Db,
  places: readonly { readonly endpoint: string; readonly limit: number }[],
): Promise<Delivery[]> {
  if (places.length === 0) return [];
  if (isPostgres(db)) {
    const endpoints = places.map(({ endpoint }) => endpoint);
    const limits = places.map(({ limit }) => limit);
    const { rows } = await sql<Delivery>`
      select first.* from unnest(cast(${endpoints} as text[]), cast(${limits} as integer[])) as place (endpoint, most)
      cross join lateral (
        select * from delivery where endpoint = place.endpoint and state = 'pending'
        order by next_at limit place.most for update skip locked
      ) as first`.execute(db);
    return rows;
  }
  const rows: Delivery[] = [];
  for (const { endpoint, limit } of places) {
    const some = db
      .selectFrom('delivery')
      .selectAll()
      .where('endpoint', '=', endpoint)
      .where('state', '=', 'pending')
      .orderBy('next_at')
      .limit(limit);
    rows.push(...(await some.execute()));
  }
  return rows;
}

/** Tables whose rows have an `id`. */
type Named = { [T in keyof Tables]: Tables[T] extends { id: unknown } ? T : never }[keyof Tables];

/** Changes rows, each to values of its own, all of them the same columns; in one statement where each would be a round trip. */
export async function updateEach<T extends Named>(
  db: Db,
  table: T,
  rows: readonly (Updateable<Tables[T]> & { readonly id: string })[],
): Promise<void> {
  if (rows.length === 0) return;
  const columns = Object.keys(rows[0]!);
  const changed = columns.filter((column) => column !== 'id');
  const cellOf = (row: object, column: string) => (row as Record<string, unknown>)[column];
  if (isPostgres(db)) {
    const lists = columns.map((column) => {
      const values = rows.map((row) => cellOf(row, column));
      const type = values.some((value) => typeof value === 'number') ? sql`bigint[]` : sql`text[]`;
      return sql`cast(${values} as ${type})`;
    });
    await sql`
      update ${sql.table(table)} as row
      set ${sql.join(changed.map((column) => sql`${sql.ref(column)} = each.${sql.ref(column)}`))}
      from unnest(${sql.join(lists)}) as each (${sql.join(columns.map((column) => sql.ref(column)))})
      where row.id = each.id`.execute(db);
    return;
  }
  for (const row of rows) {
    const set = changed.map((column) => sql`${sql.ref(column)} = ${cellOf(row, column)}`);
    await sql`update ${sql.table(table)} set ${sql.join(set)} where id = ${row.id}`.execute(db);
  }
}
