/**
 * A transaction on PostgreSQL in which questions that do not need each other's answers are one round trip: Kysely's own waits for
 * every answer before it asks the next.
 */
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';
import { SimbankError } from '../../errors.ts';
import type { Db, Tables } from './schema.ts';

/** What is used of pg. */
export interface Client {
  query(text: string, values?: unknown[]): Promise<Answer>;
  /** Into the pool again; or out of it, when it is broken. */
  release(isBroken?: boolean): void;
}
interface Answer {
  readonly command: string;
  readonly rowCount: number | null;
  // biome-ignore lint/suspicious/noExplicitAny: whoever asked knows which columns there are
  readonly rows: any[];
}
interface Pool {
  connect(): Promise<Client>;
}

// Verbs lock what they change before they read it; a stricter level would only find conflicts that are none.
const BEGIN = 'start transaction isolation level read committed';

/** Carries out `work` on a connection of the pool, whose clients have `pipeline`: all of it or nothing. */
export async function transact<T>(pool: Pool, work: (db: Db) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let isBroken = false;
  try {
    // The first statement follows on its heels. It fails only where its connection does, and so does what follows.
    const begun = client.query(BEGIN);
    begun.catch(() => {});
    const value = await work(databaseOn(client));
    await begun;
    // What an error has ended before is rolled back by a COMMIT, too.
    const { command } = await client.query('commit');
    if (command !== 'COMMIT')
      throw new SimbankError('store.failed', 'store: the transaction was rolled back');
    return value;
  } catch (error) {
    await client.query('rollback').catch(() => {
      isBroken = true;
    });
    throw error;
  } finally {
    client.release(isBroken);
  }
}

/**
 * What is asked at once: the statements of one transaction that do not need each other's answers, carried out in this order. All
 * of them have ended when the first fault is thrown.
 */
export async function together<T extends readonly Promise<unknown>[]>(
  ...works: T
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(works);
  return (await Promise.all(works)) as { -readonly [K in keyof T]: Awaited<T[K]> };
}

const databases = new WeakMap<Client, Db>();

function databaseOn(client: Client): Db {
  let db = databases.get(client);
  if (db === undefined) {
    db = new Kysely<Tables>({
      dialect: {
        createAdapter: () => new PostgresAdapter(),
        createDriver: () => new OneConnection(client),
        createIntrospector: (inner) => new PostgresIntrospector(inner),
        createQueryCompiler: () => new PostgresQueryCompiler(),
      },
    });
    databases.set(client, db);
  }
  return db;
}

/** Whatever is asked goes to one connection, at once. */
class OneConnection implements Driver, DatabaseConnection {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { command, rowCount, rows } = await this.#client.query(sql, [...parameters]);
    if (command === 'SELECT') return { rows };
    return { rows, numAffectedRows: BigInt(rowCount ?? 0) };
  }

  streamQuery(): never {
    throw new Error('no verb reads rows one by one');
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    return this;
  }

  async init(): Promise<void> {}
  async releaseConnection(): Promise<void> {}
  async destroy(): Promise<void> {}

  /** Whoever has the connection has begun it, and ends it. */
  async beginTransaction(): Promise<void> {
    throw new Error('a verb is inside a transaction');
  }
  async commitTransaction(): Promise<void> {}
  async rollbackTransaction(): Promise<void> {}
}
