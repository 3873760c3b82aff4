/** One SQLite connection as Kysely wants it, with its statements kept: preparing one costs as much as running it. */
import { Kysely, SqliteDialect, type SqliteStatement } from 'kysely';
import type { Database } from '../../sqlite.ts';
import type { Db, Tables } from './schema.ts';

/** Batches differ in their number of rows, and each number is a statement of its own. */
const MAX_STATEMENTS = 500;

export function onSqlite(database: Database): Db {
  const statements = new Map<string, SqliteStatement>();
  return new Kysely<Tables>({
    dialect: new SqliteDialect({
      database: {
        close: () => database.close(),
        prepare(sql) {
          let statement = statements.get(sql);
          if (statement === undefined) {
            statement = database.prepare(sql) as unknown as SqliteStatement;
            if (statements.size >= MAX_STATEMENTS) statements.clear();
            statements.set(sql, statement);
          }
          return statement;
        },
      },
    }),
  });
}
