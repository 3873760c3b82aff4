/** The two databases that a hub may have. A test of a store runs on both: `describe.each(DATABASES)`. */
import { join } from 'node:path';
import type { Remote } from '../../src/group-commit.ts';
import { onSqlite } from '../../src/hub/store/connection.ts';
import { openPostgres } from '../../src/hub/store/postgres.ts';
import { type Reads, readsOn } from '../../src/hub/store/reads.ts';
import { type Db, migrations } from '../../src/hub/store/schema.ts';
import { type HubVerbs, verbsOn } from '../../src/hub/store/verbs.ts';
import { openForWriting } from '../../src/sqlite.ts';
import { scratch } from './events.ts';
import { needsPostgres, newDatabase } from './postgres.ts';

export interface TestStore {
  readonly verbs: Remote<HubVerbs>;
  readonly reads: Reads;
  readonly db: Db;
  close(): Promise<void>;
}

export interface TestDatabase {
  /** As `hub.database` names it. */
  readonly url: string;
  /** A store on the test's own thread: every verb a transaction. */
  open(): Promise<TestStore>;
  remove(): Promise<void>;
}

export interface Kind {
  readonly name: string;
  /** A new and empty one. */
  make(): Promise<TestDatabase>;
}

export const SQLITE: Kind = {
  name: 'SQLite',
  async make() {
    const folder = scratch();
    const path = join(folder.dir, 'hub.db');
    return { url: `sqlite:${path}`, open: async () => openLocal(path), remove: async () => folder.remove() };
  },
};

export const POSTGRES: Kind = {
  name: 'PostgreSQL',
  async make() {
    const { url, remove } = await newDatabase();
    const open = async () => {
      const { db, verbs, close } = await openPostgres(url);
      return { db, verbs, reads: readsOn(db), close };
    };
    return { url, open, remove };
  },
};

/** Without a PostgreSQL the tests on it are left out, with the reason. */
export const DATABASES: readonly Kind[] = needsPostgres() ? [SQLITE, POSTGRES] : [SQLITE];

/** SQLite without the worker: one verb after another, each a transaction, as the worker makes it one. */
function openLocal(path: string): TestStore {
  const database = openForWriting(path, migrations);
  const db = onSqlite(database);
  const inner = verbsOn(db) as unknown as Record<string, (arg: unknown) => unknown>;
  let turn: Promise<unknown> = Promise.resolve();
  const run = async (name: string, arg: unknown) => {
    database.exec('BEGIN IMMEDIATE');
    try {
      const value = await inner[name]!(arg);
      database.exec('COMMIT');
      return value;
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  };
  const verbs = new Proxy({} as Remote<HubVerbs>, {
    get: (_target, name) => (arg: unknown) => {
      const answer = turn.then(() => run(String(name), arg));
      turn = answer.catch(() => {});
      return answer;
    },
  });
  return {
    verbs,
    reads: readsOn(db),
    db,
    async close() {
      await turn;
      database.close();
    },
  };
}

/** Empties a database: faster than a new one. */
export async function empty(db: Db): Promise<void> {
  // Each before those that its rows refer to.
  const tables = [
    'delivery_attempt',
    'delivery',
    'webhook_event',
    'webhook_endpoint',
    'webhook_secret',
    'attribution',
    'attempt',
    'command',
    'kept_number',
    'activation',
    'idempotency',
    'ledger',
    'wallet',
    'outcome',
    'used_sim',
    'price',
    'api_key',
    'account',
    'message',
    'inbox',
    'applied',
    'event',
    'epoch',
    'sim',
    'slot',
    'gateway',
    'alarm',
    'setting',
  ] as const;
  for (const table of tables) await db.deleteFrom(table).execute();
}
