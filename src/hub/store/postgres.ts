/**
 * The store on PostgreSQL: verbs run in this thread, each in a transaction of its own, and again where the server chose it as
 * the loser of a deadlock. Nothing is kept between transactions, so that many hubs may share one database.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { messageOf, SimbankError } from '../../errors.ts';
import type { Remote } from '../../group-commit.ts';
import { codeOf, isStoreAway, UNREACHABLE } from './away.ts';
import { type Db, postgresMigrations, type Tables } from './schema.ts';
import { isStale, Statements } from './statements.ts';
import { transact } from './transaction.ts';
import { carryOut, type HubVerbs } from './verbs.ts';

/** Connections of one hub: more would only wait for each other's locks. */
const MAX_CONNECTIONS = 10;
const CONNECT_MS = 10_000;
/** An answer that takes longer comes from a server that is gone. */
const QUERY_MS = 30_000;
/** Any number will do, as long as every hub takes the same: who holds it migrates. */
const MIGRATION_LOCK = 7_461_627_281;
const TRIES = 10;

export interface Postgres {
  readonly db: Db;
  readonly verbs: Remote<HubVerbs>;
  close(): Promise<void>;
}

/**
 * Connects and brings the schema forward.
 *
 * @throws SimbankError `config.invalid` for a URL that is none, `store.unreachable`, `store.failed` for what the server
 *   refuses, `store.newer`.
 */
export async function openPostgres(url: string): Promise<Postgres> {
  const name = nameOf(url);
  const connection = {
    connectionString: url,
    application_name: 'simbankd hub',
    connectionTimeoutMillis: CONNECT_MS,
  };
  try {
    await migrate(new pg.Client(connection), postgresMigrations);
  } catch (error) {
    const fault = faultOf(error);
    if (fault.code === 'store.newer') throw fault;
    throw new SimbankError(fault.code, `hub.database: ${name}: ${messageOf(error)}`, fault.detail, {
      cause: error,
    });
  }
  const pool = new pg.Pool({
    ...connection,
    max: MAX_CONNECTIONS,
    query_timeout: QUERY_MS,
    // A hub that hangs between two statements must not hold up the others.
    idle_in_transaction_session_timeout: QUERY_MS,
    keepAlive: true,
    // What is asked at once for one transaction is one round trip.
    pipeline: true,
    types: { getTypeParser },
  });
  // A connection that ends while nobody uses it; the next verb gets another one, or the error.
  pool.on('error', () => {});
  // One that ends in the middle of a transaction says so to whoever has it, and, outside a statement, as an event as well.
  pool.on('connect', (client) => client.on('error', () => {}));
  const statements = new Statements();
  pool.on('connect', (client) => statements.nameOn(client));
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  const verbs = new Proxy({} as Remote<HubVerbs>, {
    get: (_target, verb) => (arg: unknown) => run(pool, String(verb), arg),
  });
  return {
    db,
    verbs,
    async close() {
      await db.destroy();
      // Kysely ends only what it has asked through: verbs alone would leave connections for ten idle seconds.
      if (!pool.ending) await pool.end();
    },
  };
}

/** Carries out a verb in a transaction, which as a whole may be done again: a verb has no effect outside it. */
async function run(pool: pg.Pool, verb: string, arg: unknown): Promise<unknown> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await transact(pool, async (db) => await carryOut(db, verb, arg));
    } catch (error) {
      if (!isConflict(error) || attempt === TRIES) throw faultOf(error);
      await sleep(Math.random() * 5 * 2 ** attempt);
    }
  }
}

/** What another transaction got in the way of: it succeeds when it is tried again. */
function isConflict(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return code === '40001' || code === '40P01' || isStale(error);
}

/** What was asked may have been done, when the connection ended over the COMMIT. */
function faultOf(error: unknown): SimbankError {
  if (error instanceof SimbankError) return error;
  const code = codeOf(error);
  return new SimbankError(
    isStoreAway(error) ? UNREACHABLE : 'store.failed',
    `store: ${messageOf(error)}`,
    code === '' ? {} : { postgres: code },
    { cause: error },
  );
}

/** bigint as a number: all of ours are counts, and amounts far below 2^53. */
const BIGINT: number = pg.types.builtins.INT8;
const getTypeParser: typeof pg.types.getTypeParser = (oid: number, format?: unknown) => {
  if (oid !== BIGINT || format === 'binary') return pg.types.getTypeParser(oid, format as 'text');
  return (text: string) => {
    const value = Number(text);
    if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is beyond 2^53`);
    return value;
  };
};

/** The URL without its password, as messages may show it. */
function nameOf(url: string): string {
  try {
    const { host, pathname } = new URL(url);
    return `postgres://${host}${pathname}`;
  } catch {
    const message = 'is not a URL such as postgres://user@host/database';
    throw new SimbankError('config.invalid', `hub.database: ${message}`, {
      faults: [{ path: 'hub.database', message, line: null }],
    });
  }
}

/** Steps that are missing, all or none, one hub at a time. Exported for the tests of earlier schemas. */
export async function migrate(client: pg.Client, steps: readonly string[]): Promise<void> {
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    await client.query('create table if not exists schema_version (version integer not null)');
    const { rows } = await client.query<{ version: number }>('select version from schema_version');
    const version = rows[0]?.version ?? 0;
    if (version > steps.length) {
      throw new SimbankError(
        'store.newer',
        `hub.database has schema ${version}, this program knows ${steps.length}: it was written by a later version`,
        { version },
      );
    }
    for (const step of steps.slice(version)) await client.query(step);
    await client.query('delete from schema_version');
    await client.query('insert into schema_version (version) values ($1)', [steps.length]);
    await client.query('commit');
  } finally {
    await client.end().catch(() => {});
  }
}
