/** The gateway's writing connection, in a thread of its own. */
import { serveStore } from '../../group-commit.ts';
import { openForWriting } from '../../sqlite.ts';
import { migrations } from './schema.ts';
import { bankVerbs } from './verbs.ts';

serveStore((data) => {
  const db = openForWriting((data as { path: string }).path, migrations);
  return { db, verbs: bankVerbs(db) };
});
