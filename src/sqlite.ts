/** Opening SQLite files safely: durability settings set and read back, schema brought forward, folder locked. */
import { closeSync, fchownSync, lchownSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { messageOf, SimbankError } from './errors.ts';
import { storeFault } from './store-fault.ts';

export type { Database } from 'better-sqlite3';

/** The file of `hub.database` where that is `sqlite:/path`; null for another kind of database. */
export function sqlitePath(database: string): string | null {
  return database.startsWith('sqlite:') ? database.slice('sqlite:'.length) : null;
}

/** One step of a schema, applied once, in order; its place in the list is its number. */
export type Migration = string;

/**
 * Opens a database for writing, makes its folder (0700) if needed, and brings its schema forward.
 *
 * @throws SimbankError `store.unsafe` when a durability setting does not hold, `store.newer` when the file was
 *   written by a later version, `store.failed` when it cannot be opened or migrated.
 */
export function openForWriting(path: string, migrations: readonly Migration[]): Database.Database {
  const db = open(path);
  try {
    db.pragma('journal_mode = WAL');
    // A WAL file that is opened again says NORMAL (SQLITE_DEFAULT_WAL_SYNCHRONOUS=1), and NORMAL loses the last
    // commits on a power cut: a message already deleted from the card would be gone.
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    db.pragma('busy_timeout = 5000');
    assertPragma(db, path, 'journal_mode', 'wal');
    assertPragma(db, path, 'synchronous', 2);
    assertPragma(db, path, 'foreign_keys', 1);
    migrate(db, path, migrations);
    return db;
  } catch (error) {
    db.close();
    throw isDamage(error) ? damaged(path, error) : storeFault(error, path);
  }
}

/**
 * A second connection that only reads: it sees what is committed and never waits for the writer.
 *
 * @throws SimbankError `store.missing` when there is no such file, `store.failed` when it cannot be opened.
 */
export function openForReading(path: string): Database.Database {
  if (!isThere(path)) throw new SimbankError('store.missing', `${path} is not there`, { path });
  try {
    const db = new Database(path, { readonly: true, fileMustExist: true });
    db.pragma('busy_timeout = 5000');
    return db;
  } catch (error) {
    throw storeFault(error, path);
  }
}

/** @throws SimbankError `store.failed` when this user may not even look. */
export function isThere(path: string): boolean {
  try {
    statSync(path);
    return true;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(String((error as NodeJS.ErrnoException).code))) return false;
    throw storeFault(error, path);
  }
}

function open(path: string): Database.Database {
  try {
    make(path);
    return new Database(path);
  } catch (error) {
    throw storeFault(error, path);
  }
}

/**
 * Makes a file and its folders (0700). What root makes in somebody's folder becomes theirs, else their daemon would be shut out
 * of it; for the files beside a database SQLite does the same.
 */
function make(path: string): void {
  const dir = dirname(path);
  const made = mkdirSync(dir, { recursive: true, mode: 0o700 });
  if (process.geteuid?.() !== 0) return;
  if (made !== undefined) {
    const { uid, gid } = statSync(dirname(made));
    for (let folder = dir; ; folder = dirname(folder)) {
      lchownSync(folder, uid, gid);
      if (folder === made) break;
    }
  }
  let fd: number;
  try {
    fd = openSync(path, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
    throw error;
  }
  try {
    const { uid, gid } = statSync(dir);
    fchownSync(fd, uid, gid);
  } finally {
    closeSync(fd);
  }
}

/** SQLite cannot make sense of the file. */
export function isDamage(error: unknown): boolean {
  const code = String((error as { code?: unknown } | null)?.code ?? '');
  return code.startsWith('SQLITE_CORRUPT') || code.startsWith('SQLITE_NOTADB');
}

function damaged(path: string, error: unknown): SimbankError {
  return new SimbankError(
    'store.damaged',
    `${path} is damaged (${messageOf(error)}): look at it with "simbankd store check", and put a backup in its place with "simbankd store restore"`,
    { path },
    { cause: error },
  );
}

function assertPragma(db: Database.Database, path: string, name: string, wanted: string | number): void {
  const found = db.pragma(name, { simple: true });
  if (found !== wanted) {
    throw new SimbankError('store.unsafe', `${path}: ${name} is ${String(found)}, must be ${wanted}`, {
      path,
      name,
    });
  }
}

function migrate(db: Database.Database, path: string, migrations: readonly Migration[]): void {
  const version = Number(db.pragma('user_version', { simple: true }));
  if (version > migrations.length) {
    throw new SimbankError(
      'store.newer',
      `${path} has schema ${version}, this program knows ${migrations.length}: it was written by a later version`,
      { path, version },
    );
  }
  for (const [index, sql] of migrations.entries()) {
    if (index < version) continue;
    db.transaction(() => {
      db.exec(sql);
      db.pragma(`user_version = ${index + 1}`);
    })();
  }
}

/**
 * Takes the lock of a data directory and holds it until `release` or the end of the process: Node has no flock, but
 * the kernel drops SQLite's lock with the process, whatever killed it.
 *
 * @throws SimbankError `data.locked` when another process has it, `store.failed` when it cannot be made.
 */
export function lockDataDirectory(dir: string, name = 'lock'): { release(): void } {
  const db = open(join(dir, `${name}.db`));
  try {
    // Longer than somebody only looks whether it is held.
    db.pragma('busy_timeout = 100');
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if ((error as { code?: unknown }).code !== 'SQLITE_BUSY') {
      throw storeFault(error, join(dir, `${name}.db`));
    }
    throw new SimbankError(
      'data.locked',
      `${dir} is in use by another simbankd: stop that one, or give this one a dataDir of its own`,
      { dir },
      { cause: error },
    );
  }
  return { release: () => db.close() };
}

/** Whether a running process has the lock of a directory; only looks, and makes nothing. */
export function isLocked(dir: string, name = 'lock'): boolean {
  const path = join(dir, `${name}.db`);
  if (!isThere(path)) return false;
  const db = openForReading(path);
  try {
    db.pragma('busy_timeout = 0');
    db.pragma('schema_version');
    return false;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'SQLITE_BUSY') return true;
    throw error;
  } finally {
    db.close();
  }
}
