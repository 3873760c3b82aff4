/** One SQLite connection as Kysely wants it, with its short statements kept: preparing one costs as much as running it. */
import { Kysely, SqliteDialect, type SqliteStatement } from 'kysely';
import type { Database } from '../../sqlite.ts';
import { storable } from './parameters.ts';
import type { Db, Tables } from './schema.ts';

/** A batch's statement is long, one of a kind for each number of rows, and its rows pay for preparing it. */
const MAX_LENGTH = 2_500;
const MAX_STATEMENTS = 200;

export function onSqlite(database: Database): Db {
  const statements = new Map<string, SqliteStatement>();
  const prepare = (sql: string): SqliteStatement => {
    const statement = database.prepare(sql) as unknown as SqliteStatement;
    return {
      reader: statement.reader,
      all: (values) => statement.all(storable(values)),
      run: (values) => statement.run(storable(values)),
      iterate: (values) => statement.iterate(storable(values)),
    };
  };
  return new Kysely<Tables>({
    dialect: new SqliteDialect({
      database: {
        close: () => database.close(),
        prepare(sql) {
          if (sql.length > MAX_LENGTH) return prepare(sql);
          let statement = statements.get(sql);
          if (statement === undefined) {
            statement = prepare(sql);
            if (statements.size >= MAX_STATEMENTS) statements.clear();
            statements.set(sql, statement);
          }
          return statement;
        },
      },
    }),
  });
}
