/** The gateway's store as the rest of the bank uses it: verbs in the worker, reads on a connection of their own. */
import { join } from 'node:path';
import { type Remote, startStore } from '../../group-commit.ts';
import { openForReading } from '../../sqlite.ts';
import type { StoredEvent } from './events.ts';
import { SIM_COLUMNS, type SimRow } from './sims.ts';
import type { BankVerbs } from './verbs.ts';

export interface RecentMessage {
  readonly slot: string;
  readonly iccid: string | null;
  /** The JSON of the event's data. */
  readonly data: string;
}

export interface BankStore {
  readonly write: Remote<BankVerbs>;
  /** Events of an epoch behind `after`, in order. */
  eventsAfter(epoch: string, after: number, limit: number): StoredEvent[];
  /** The span of an epoch that is still here; null when nothing is. */
  eventSpan(epoch: string): { first: number; last: number } | null;
  sims(): SimRow[];
  /** The data of the newest messages, newest first. */
  recentMessages(limit: number): string[];
  close(): Promise<void>;
}

const WORKER = new URL(`./worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/** Opens `<dataDir>/gateway.db`. The caller holds the lock of the directory. */
export async function openBankStore(dataDir: string): Promise<BankStore> {
  const path = join(dataDir, 'gateway.db');
  const handle = await startStore<BankVerbs>(WORKER, { path });
  const db = openForReading(path);
  const after = db.prepare<[string, number, number], StoredEvent>(
    'SELECT epoch, seq, id, type, time, data FROM event WHERE epoch = ? AND seq > ? ORDER BY seq LIMIT ?',
  );
  const span = db.prepare<[string], { first: number | null; last: number | null }>(
    'SELECT min(seq) AS first, max(seq) AS last FROM event WHERE epoch = ?',
  );
  const sims = db.prepare<[], SimRow>(`SELECT ${SIM_COLUMNS} FROM sim ORDER BY iccid`);
  const recent = db.prepare<[number], { data: string }>(
    `SELECT data FROM event WHERE type IN ('sms.received', 'sms.updated') ORDER BY time DESC, seq DESC LIMIT ?`,
  );
  return {
    write: handle.verbs,
    eventsAfter: (epoch, seq, limit) => after.all(epoch, seq, limit),
    eventSpan(epoch) {
      const row = span.get(epoch);
      return row?.first == null || row.last == null ? null : { first: row.first, last: row.last };
    },
    sims: () => sims.all(),
    recentMessages: (limit) => recent.all(limit).map(({ data }) => data),
    async close() {
      db.close();
      await handle.close();
    },
  };
}
