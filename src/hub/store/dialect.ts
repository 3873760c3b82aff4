/** The one place where a verb may ask which database it runs on. */
import { PostgresAdapter, type SelectQueryBuilder } from 'kysely';
import type { Db, Tables } from './schema.ts';

/**
 * Rows that this transaction is about to change, without those that another one is changing: what several hubs work off, each
 * takes what the others leave. On SQLite there is one writer, who has them all.
 */
export function claiming<TB extends keyof Tables, O>(
  db: Db,
  query: SelectQueryBuilder<Tables, TB, O>,
): SelectQueryBuilder<Tables, TB, O> {
  return db.getExecutor().adapter instanceof PostgresAdapter ? query.forUpdate().skipLocked() : query;
}
