/** The hub's store as the rest of the hub sees it: verbs that are answered when they are on disk, and reads. */
import { extname } from 'node:path';
import type { SimbankError } from '../../errors.ts';
import { type Remote, startStore } from '../../group-commit.ts';
import { openForReading, sqlitePath } from '../../sqlite.ts';
import { onSqlite } from './connection.ts';
import type { Progress, RawEvent } from './events.ts';
import { type Reads, readsOn } from './reads.ts';
import type { HubVerbs } from './verbs.ts';

export interface HubStore {
  readonly verbs: Remote<HubVerbs>;
  readonly reads: Reads;
  /** Verbs are carried out in the order in which they are asked for. False: only those whose turn was waited for. */
  readonly inOrder: boolean;
  /** Stores events and applies what is due: where each of their epochs stands, once all of that is committed. */
  ingest(events: readonly RawEvent[], now: string): Promise<Progress[]>;
  /** Resolves when the writing thread has ended by itself. */
  readonly ended: Promise<SimbankError>;
  close(): Promise<void>;
}

/**
 * Opens the database that `hub.database` names and brings its schema forward.
 *
 * @throws SimbankError of sqlite.ts or postgres.ts.
 */
export async function openStore(config: { database: string }): Promise<HubStore> {
  const path = sqlitePath(config.database);
  return path === null ? openShared(config.database) : openFile(path);
}

/** SQLite: verbs are messages to the thread that has the only writing connection, reads have one of their own. */
async function openFile(path: string): Promise<HubStore> {
  const worker = new URL(`./worker${extname(import.meta.url)}`, import.meta.url);
  const { verbs, close, ended } = await startStore<HubVerbs>(worker, { path });
  const reader = openForReading(path);
  return {
    verbs,
    ended,
    reads: readsOn(onSqlite(reader)),
    inOrder: true,
    async ingest(events, now) {
      // Asked together: the worker carries them out in this order, and one commit holds both.
      const inserted = verbs.insertEvents({ events, now });
      const projected = projectAll(verbs, events, now);
      await Promise.all([inserted, projected]);
      return await projected;
    },
    async close() {
      await close();
      reader.close();
    },
  };
}

/** PostgreSQL: the pool replaces connections that end, so that the store as a whole never does. */
async function openShared(url: string): Promise<HubStore> {
  // Its client is loaded where it is wanted: a command on a file is done sooner without it.
  const { openPostgres } = await import('./postgres.ts');
  const { db, verbs, close } = await openPostgres(url);
  return {
    verbs,
    ended: new Promise(() => {}),
    reads: readsOn(db),
    inOrder: false,
    ingest: (events, now) => verbs.takeEvents({ events, now }),
    close,
  };
}

async function projectAll(
  verbs: Remote<HubVerbs>,
  events: readonly { gateway: string; epoch: string }[],
  now: string,
): Promise<Progress[]> {
  const epochs = new Map<string, Set<string>>();
  for (const { gateway, epoch } of events) {
    const set = epochs.get(gateway);
    if (set === undefined) epochs.set(gateway, new Set([epoch]));
    else set.add(epoch);
  }
  const answers = await Promise.all(
    [...epochs].map(([gateway, set]) => verbs.project({ gateway, epochs: [...set], now })),
  );
  return answers.flat();
}
