/** `simbankd store check|backup|restore`: a look at a database, a copy of it while it is in use, and the way back. */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { migrations as bankMigrations } from '../bank/store/schema.ts';
import { databaseOf, markerOf } from '../bank/store/store.ts';
import { bankVerbs } from '../bank/store/verbs.ts';
import { messageOf, SimbankError } from '../errors.ts';
import { migrations as hubMigrations } from '../hub/store/schema.ts';
import {
  type Database,
  isThere,
  lockDataDirectory,
  type Migration,
  openForReading,
  openForWriting,
  sqlitePath,
} from '../sqlite.ts';
import { storeFault } from '../store-fault.ts';
import { installation, noDatabase } from './running-up.ts';

export interface StoreOptions {
  readonly config?: string;
  /** The hub's database instead of the gateway's. */
  readonly hub?: boolean;
  readonly json?: boolean;
}

interface Target {
  readonly what: 'gateway' | 'hub';
  readonly path: string;
  readonly migrations: readonly Migration[];
  readonly lock: string;
  /** Tables whose rows a person counts. */
  readonly tables: readonly string[];
}

/** Looks at every page and every index. 1 when something is damaged. */
export async function checkStore(options: StoreOptions): Promise<number> {
  const target = targetOf(options);
  if (!isThere(target.path)) throw noDatabase(target.path, target.what);
  const { faults, counts } = inspect(target, target.path);
  if (options.json === true) {
    console.log(JSON.stringify({ path: target.path, faults, counts }, null, 2));
  } else if (faults.length > 0) {
    console.log([`${target.path} is damaged:`, ...faults.map((fault) => `  ${fault}`)].join('\n'));
    console.log('Put a backup in its place with "simbankd store restore FILE".');
  } else {
    const rows = Object.entries(counts).map(([table, count]) => `${count} ${table}`);
    console.log(`${target.path}: no faults; ${rows.join(', ')}`);
  }
  return faults.length === 0 ? 0 : 1;
}

/** A whole copy as of one moment, also while the daemon runs. It appears under its name when it is complete. */
export async function backupStore(file: string, options: StoreOptions): Promise<number> {
  const target = targetOf(options);
  const destination = resolve(file);
  if (existsSync(destination)) {
    throw new SimbankError('store.exists', `${destination} is there already: a backup overwrites nothing`);
  }
  const folder = dirname(destination);
  if (!isThere(folder)) {
    const message = `${destination} cannot be made: there is no folder ${folder}. Make it (mkdir -p), or name another`;
    throw new SimbankError('store.failed', message, { path: destination });
  }
  const partial = `${destination}.partial`;
  if (!isThere(target.path)) throw noDatabase(target.path, target.what);
  const db = openForReading(target.path);
  try {
    await db.backup(partial);
  } catch (error) {
    rmSync(partial, { force: true });
    throw storeFault(error, destination);
  } finally {
    db.close();
  }
  const { faults } = inspect(target, partial);
  // Looking at it leaves these.
  for (const part of ['-wal', '-shm']) rmSync(partial + part, { force: true });
  if (faults.length > 0) {
    rmSync(partial, { force: true });
    throw new SimbankError('store.damaged', `${target.path} is damaged, no backup was made: ${faults[0]}`);
  }
  sync(partial);
  renameSync(partial, destination);
  sync(folder);
  console.log(`${target.path} was copied to ${destination}`);
  return 0;
}

/** Puts a backup in the place of the database, which is kept beside it. The daemon must not run. */
export async function restoreStore(file: string, options: StoreOptions): Promise<number> {
  const target = targetOf(options);
  const { faults } = inspect(target, file);
  if (faults.length > 0) throw new SimbankError('store.damaged', `${file} is damaged: ${faults[0]}`);
  const dir = dirname(target.path);
  const lock = lockDataDirectory(dir, target.lock);
  try {
    const fresh = `${target.path}.restoring`;
    removeAll(fresh);
    // Not a copy of the file: what was committed last may be in its write-ahead log.
    const source = openForReading(file);
    try {
      await source.backup(fresh);
    } finally {
      source.close();
    }
    // All that changes it is done before it takes its place: a crash leaves the one before, or none, never a half-way one.
    const db = openForWriting(fresh, target.migrations);
    if (target.what === 'gateway') beginAnew(db, dir);
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.close();
    sync(fresh);
    const kept = keepAside(target.path);
    renameSync(fresh, target.path);
    sync(dir);
    removeAll(fresh);
    console.log(`${file} is now ${target.path}${kept === null ? '' : `; what was there is ${kept}`}`);
    return 0;
  } finally {
    lock.release();
  }
}

/** The hub may have events with numbers beyond the backup's: they must never mean anything else. */
function beginAnew(db: Database, dir: string): void {
  const verbs = bankVerbs(db);
  const now = new Date().toISOString();
  const { epoch } = db.transaction(() => verbs.newEpoch({ now }))();
  const { value } = db.prepare<[], { value: string }>("SELECT value FROM meta WHERE key = 'instance'").get()!;
  writeFileSync(markerOf(dir), `${value}\n`, { mode: 0o600 });
  console.log(
    `numbering starts anew (epoch ${epoch}); events the hub has not acknowledged are published under it`,
  );
}

function targetOf({ config: file, hub }: StoreOptions): Target {
  const { config } = installation(file);
  if (hub !== true) {
    const path = databaseOf(config.gateway.dataDir);
    const tables = ['event', 'part', 'sim'];
    return { what: 'gateway', path, migrations: bankMigrations, lock: 'lock', tables };
  }
  const path = sqlitePath(config.hub.database);
  if (path === null) {
    throw new SimbankError(
      'store.elsewhere',
      'hub.database is not SQLite: use the tools of the database server (pg_dump)',
    );
  }
  return {
    what: 'hub',
    path,
    migrations: hubMigrations,
    lock: 'hub-lock',
    tables: ['event', 'message', 'sim', 'account'],
  };
}

function inspect(target: Target, path: string): { faults: string[]; counts: Record<string, number> } {
  const counts: Record<string, number> = {};
  let db: Database | null = null;
  try {
    db = openForReading(path);
    const version = Number(db.pragma('user_version', { simple: true }));
    if (version === 0) return { faults: [`it is no database of a ${target.what}`], counts };
    if (version > target.migrations.length) return { faults: ['it was written by a later version'], counts };
    const found = db.pragma('integrity_check') as { integrity_check: string }[];
    const faults = found.map(({ integrity_check: fault }) => fault).filter((fault) => fault !== 'ok');
    for (const table of target.tables) {
      counts[table] = db.prepare<[], { n: number }>(`SELECT count(*) AS n FROM ${table}`).get()!.n;
    }
    return { faults, counts };
  } catch (error) {
    if (error instanceof SimbankError) throw error;
    return { faults: [messageOf(error)], counts };
  } finally {
    db?.close();
  }
}

const PARTS = ['', '-wal', '-shm'] as const;

/**
 * Renames a database and what belongs to it; the new name, or null where there was none. A write-ahead log that was left
 * behind goes along: SQLite would take it for that of the restored one. The database itself goes first, so that a crash in
 * between leaves none, which is noticed, and not one without its last commits.
 */
function keepAside(path: string): string | null {
  const aside = `${path}.before-${new Date().toISOString().replace(/[:.]/g, '')}`;
  const there = PARTS.filter((part) => existsSync(path + part));
  for (const part of there) renameSync(path + part, aside + part);
  return there.length === 0 ? null : aside;
}

function removeAll(path: string): void {
  for (const part of PARTS) rmSync(path + part, { force: true });
}

function sync(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
