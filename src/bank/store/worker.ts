/** The gateway's writing connection, in a thread of its own. */
import { serveStore } from '../../group-commit.ts';
import { openForWriting } from '../../sqlite.ts';
import { loadRules, type WorkerData } from './rules.ts';
import { migrations } from './schema.ts';
import { bankVerbs } from './verbs.ts';

serveStore((data) => {
  const { path, rules } = data as WorkerData;
  const loaded = loadRules(rules);
  const db = openForWriting(path, migrations);
  return { db, verbs: bankVerbs(db, loaded) };
});
