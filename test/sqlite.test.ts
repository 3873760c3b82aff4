import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { lockDataDirectory, openForReading, openForWriting } from '../src/sqlite.ts';
import { temporaryDir } from './temporary.ts';

const SCHEMA = ['CREATE TABLE a (x INTEGER)', 'ALTER TABLE a ADD COLUMN y TEXT'];

describe('a database', () => {
  it('is at synchronous=FULL also when it is opened again, where SQLite alone would say NORMAL', () => {
    const path = join(temporaryDir(), 'x.db');
    openForWriting(path, SCHEMA).close();
    const plain = new Database(path);
    const left = plain.pragma('synchronous', { simple: true });
    plain.close();
    const ours = openForWriting(path, SCHEMA);
    expect([left, ours.pragma('synchronous', { simple: true })]).toEqual([1, 2]);
    ours.close();
  });

  it('is brought forward step by step, and each step is applied once', () => {
    const path = join(temporaryDir(), 'x.db');
    openForWriting(path, SCHEMA.slice(0, 1)).close();
    const db = openForWriting(path, SCHEMA);
    expect(db.pragma('user_version', { simple: true })).toBe(2);
    db.exec("INSERT INTO a VALUES (1, 'z')");
    db.close();
    openForWriting(path, SCHEMA).close();
  });

  it('of a later version is refused', () => {
    const path = join(temporaryDir(), 'x.db');
    openForWriting(path, SCHEMA).close();
    expect(() => openForWriting(path, SCHEMA.slice(0, 1))).toThrow(/written by a later version/);
  });

  it('keeps a failed step from being half done', () => {
    const path = join(temporaryDir(), 'x.db');
    expect(() => openForWriting(path, ['CREATE TABLE a (x); CREATE TABLE a (x)'])).toThrow();
    const db = openForWriting(path, SCHEMA);
    expect(db.pragma('user_version', { simple: true })).toBe(2);
    db.close();
  });

  it('is read without waiting for its writer', () => {
    const path = join(temporaryDir(), 'x.db');
    const writer = openForWriting(path, SCHEMA);
    writer.exec("BEGIN IMMEDIATE; INSERT INTO a VALUES (1, 'z')");
    const reader = openForReading(path);
    expect(reader.prepare('SELECT count(*) AS n FROM a').get()).toEqual({ n: 0 });
    writer.exec('COMMIT');
    expect(reader.prepare('SELECT count(*) AS n FROM a').get()).toEqual({ n: 1 });
    reader.close();
    writer.close();
  });
});

describe('the lock of a data directory', () => {
  it('is held by one at a time', () => {
    const dir = temporaryDir();
    const lock = lockDataDirectory(dir);
    expect(() => lockDataDirectory(dir)).toThrow(/in use by another simbankd/);
    lock.release();
    lockDataDirectory(dir).release();
  });

  it('is released by a kill', () => {
    const dir = temporaryDir();
    const script = `import { lockDataDirectory } from '${join(import.meta.dirname, '../src/sqlite.ts')}';
      lockDataDirectory(${JSON.stringify(dir)}); process.kill(process.pid, 'SIGKILL');`;
    const child = spawnSync(process.execPath, ['--input-type=module', '--eval', script]);
    expect(child.signal).toBe('SIGKILL');
    lockDataDirectory(dir).release();
  });
});
