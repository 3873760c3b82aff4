/** The store's worker thread: the one writing connection, and the verbs on it. */
import { serveStore } from '../../group-commit.ts';
import { openForWriting } from '../../sqlite.ts';
import { onSqlite } from './connection.ts';
import { migrations } from './schema.ts';
import { verbsOn } from './verbs.ts';

serveStore((data) => {
  const db = openForWriting((data as { path: string }).path, migrations);
  return { db, verbs: verbsOn(onSqlite(db)) };
});
