import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SimbankError } from '../src/errors.ts';
import { commit, type Verbs } from '../src/group-commit.ts';
import { openForWriting } from '../src/sqlite.ts';
import { temporaryDir } from './temporary.ts';

function store(extra: Verbs = {}) {
  const db = openForWriting(join(temporaryDir(), 'x.db'), ['CREATE TABLE a (x INTEGER UNIQUE) STRICT']);
  const insert = db.prepare('INSERT INTO a VALUES (?)');
  const verbs: Verbs = {
    put: (x: number) => insert.run(x).changes,
    putAndThrow: (x: number) => {
      insert.run(x);
      throw new SimbankError('test.no', 'no', { x });
    },
    putLater: async (x: number) => {
      await Promise.resolve();
      return insert.run(x).changes;
    },
    ...extra,
  };
  return {
    db,
    verbs,
    all: () =>
      db
        .prepare<[], { x: number }>('SELECT x FROM a ORDER BY x')
        .all()
        .map(({ x }) => x),
  };
}
const calls = (...list: [string, unknown][]) => list.map(([verb, arg], id) => ({ id, verb, arg }));

describe('a group commit', () => {
  it('answers every verb, and a failed one fails alone', async () => {
    const s = store();
    const answers = await commit(
      s,
      calls(['put', 1], ['putAndThrow', 2], ['put', 1], ['putLater', 3], ['none', 0]),
    );
    expect(answers).toMatchObject([
      { ok: true, value: 1 },
      { ok: false, fault: { code: 'test.no', detail: { x: 2 } } },
      { ok: false, fault: { code: 'store.failed', detail: { sqlite: 'SQLITE_CONSTRAINT_UNIQUE' } } },
      { ok: true, value: 1 },
      { ok: false, fault: { code: 'store.no_verb' } },
    ]);
    expect(s.all()).toEqual([1, 3]);
  });

  it('rejects the whole batch when the transaction is gone under a verb, as on a full disk', async () => {
    const s: ReturnType<typeof store> = store({
      lose: () => s.db.exec('ROLLBACK') && s.verbs.putAndThrow?.(9),
    });
    const answers = await commit(s, calls(['put', 1], ['lose', 0], ['put', 2]));
    expect(answers.map(({ ok }) => ok)).toEqual([false, false, false]);
    s.db.exec('DELETE FROM a');
    expect(await commit(s, calls(['put', 3]))).toMatchObject([{ ok: true }]);
    expect(s.all()).toEqual([3]);
  });

  it('rejects the whole batch when the COMMIT fails', async () => {
    const s = store({ deferred: () => s.db.exec('INSERT INTO child VALUES (7)') });
    s.db.exec('CREATE TABLE child (x INTEGER REFERENCES a (x) DEFERRABLE INITIALLY DEFERRED)');
    const answers = await commit(s, calls(['put', 1], ['deferred', 0]));
    expect(answers).toMatchObject([{ ok: false }, { ok: false, fault: { code: 'store.failed' } }]);
    expect(s.all()).toEqual([]);
  });

  it('rejects a batch in which a verb swallowed the loss of the transaction', async () => {
    const s: ReturnType<typeof store> = store({ swallow: () => void s.db.exec('ROLLBACK') });
    const answers = await commit(s, calls(['put', 1], ['swallow', 0], ['put', 2]));
    expect(answers.map(({ ok }) => ok)).toEqual([false, false, false]);
    expect(s.all()).toEqual([]);
  });
});
