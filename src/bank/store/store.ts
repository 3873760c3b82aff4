/** The gateway's store as the rest of the bank uses it: verbs in the worker, reads on a connection of their own. */
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SimbankError } from '../../errors.ts';
import { type Fault, type Remote, startStore } from '../../group-commit.ts';
import { openForReading } from '../../sqlite.ts';
import { ACTIVATION_COLUMNS, type ActivationRow } from './activations.ts';
import type { StoredEvent } from './events.ts';
import { INQUIRY_COLUMNS, type Inquiry } from './number-inquiries.ts';
import { OUTGOING_COLUMNS, type OutgoingPart, sendableSince } from './outgoing.ts';
import type { RuleSources, WorkerData } from './rules.ts';
import { SIM_COLUMNS, type SimFilter, type SimRow } from './sims.ts';
import type { BankVerbs } from './verbs.ts';

export interface BankStore {
  readonly write: Remote<BankVerbs>;
  /** Resolves when the writing thread has ended by itself. */
  readonly ended: Promise<SimbankError>;
  /** Events of an epoch behind `after`, in order. */
  eventsAfter(epoch: string, after: number, limit: number): StoredEvent[];
  /** The span of an epoch that is still here; null when nothing is. */
  eventSpan(epoch: string): { first: number; last: number } | null;
  /** All, unless some are meant. */
  sims(filter?: SimFilter): SimRow[];
  /** When which source of these SIMs' numbers was asked last. */
  inquiries(iccids: readonly string[]): Inquiry[];
  /** What is open, oldest first; on some SIMs only where they are named. */
  activations(iccids?: readonly string[]): ActivationRow[];
  /** SIMs on which anything is open, with their next expiry. */
  openSims(): { iccid: string; expiresAt: string }[];
  /** By ICCID: the codes of services that were received for; on some SIMs only where they are named. */
  usedServices(iccids?: readonly string[]): Map<string, string[]>;
  /** Slots an operator has switched off. */
  isDisabled(slot: string): boolean;
  /**
   * The next part of each of these SIMs: of its oldest message that may go now, else of the one that may go soonest. Not of what
   * is to be given up.
   */
  outgoing(iccids: readonly string[], now: string): OutgoingPart[];
  /** A message that this card sent within two days wants a report. */
  awaitsReport(iccid: string): boolean;
  /** The data of the newest messages, newest first. */
  recentMessages(limit: number): string[];
  /** From now on a missing database is a fault, not a first start. */
  markInUse(instance: string): void;
  close(): Promise<void>;
}

/** Service centres report for as long as a message is valid, which is two days by most. */
const REPORTS_MS = 2 * 86_400_000;

const WORKER = new URL(`./worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/** Where a gateway keeps its events and messages. */
export function databaseOf(dataDir: string): string {
  return join(dataDir, 'gateway.db');
}

/** A file beside the database that says whose it is: it tells a first start from a database that is gone. */
export function markerOf(dataDir: string): string {
  return join(dataDir, 'instance');
}

/**
 * Opens `<dataDir>/gateway.db`. The caller holds the lock of the directory.
 *
 * @param rules - where the catalogue is, and what is refused.
 * @param answered - told of every answer of the worker.
 * @throws SimbankError `store.missing` when the directory was in use and its database is gone: beginning silently with
 *   an empty one would give numbers a second meaning, and messages up that wait in a file somebody only moved.
 */
export async function openBankStore(
  dataDir: string,
  rules: RuleSources = {},
  answered?: (fault: Fault | null) => void,
): Promise<BankStore> {
  const path = databaseOf(dataDir);
  const marker = markerOf(dataDir);
  if (existsSync(marker) && !(existsSync(path) && statSync(path).size > 0)) {
    throw new SimbankError(
      'store.missing',
      `${path} is gone, but ${dataDir} was in use before: put a backup there with "simbankd store restore", ` +
        `or remove ${marker} to begin with an empty one (what the hub has not got yet is then lost)`,
      { path },
    );
  }
  const handle = await startStore<BankVerbs>(WORKER, { path, rules } satisfies WorkerData, answered);
  const db = openForReading(path);
  const after = db.prepare<[string, number, number], StoredEvent>(
    'SELECT epoch, seq, id, type, time, data FROM event WHERE epoch = ? AND seq > ? ORDER BY seq LIMIT ?',
  );
  const span = db.prepare<[string], { first: number | null; last: number | null }>(
    'SELECT min(seq) AS first, max(seq) AS last FROM event WHERE epoch = ?',
  );
  const sims = db.prepare<[], SimRow>(`SELECT ${SIM_COLUMNS} FROM sim ORDER BY iccid`);
  const someSims = db.prepare<[string, string], SimRow>(
    `SELECT ${SIM_COLUMNS} FROM sim WHERE iccid IN (SELECT value FROM json_each(?))
       OR slot IN (SELECT value FROM json_each(?)) ORDER BY iccid`,
  );
  const inquiries = db.prepare<[string], Inquiry>(
    `SELECT ${INQUIRY_COLUMNS} FROM number_inquiry WHERE iccid IN (SELECT value FROM json_each(?))`,
  );
  // What waits is little; what a SIM has sent since its rows were purged is much.
  const outgoing = db.prepare<[{ iccids: string; now: string; since: string }], OutgoingPart>(`
    SELECT * FROM (
      SELECT ${OUTGOING_COLUMNS}, row_number() OVER (PARTITION BY message.iccid
        ORDER BY iif(part.not_before <= @now, '', part.not_before), message.accepted_at, message.rowid) AS place
      FROM outgoing AS message INDEXED BY outgoing_waiting JOIN outgoing_part AS part USING (command_id)
      WHERE message.state = 'waiting' AND message.accepted_at >= @since
        AND message.iccid IN (SELECT value FROM json_each(@iccids)) AND part.state = 'waiting' AND part.number =
        (SELECT min(number) FROM outgoing_part WHERE command_id = message.command_id AND state IN ('waiting', 'sending')))
    WHERE place = 1`);
  const awaitsReport = db.prepare<[string, string]>(
    "SELECT 1 FROM outgoing WHERE iccid = ? AND report = 1 AND (accepted_at > ? OR state = 'waiting') LIMIT 1",
  );
  // Of one SIM at a time: an index finds them, where a list of all that might be meant would be read through.
  const activations = db.prepare<[], ActivationRow>(
    `SELECT ${ACTIVATION_COLUMNS} FROM activation ORDER BY opened_at, id`,
  );
  const activationsOn = db.prepare<[string], ActivationRow>(
    `SELECT ${ACTIVATION_COLUMNS} FROM activation WHERE iccid = ? ORDER BY opened_at, id`,
  );
  const openSims = db.prepare<[], { iccid: string; expiresAt: string }>(
    'SELECT iccid, min(expires_at) AS expiresAt FROM activation GROUP BY iccid',
  );
  const used = db.prepare<[], { iccid: string; service: string }>(
    "SELECT iccid, service FROM used_service WHERE service <> '' ORDER BY iccid, service",
  );
  const usedOn = db.prepare<[string], { iccid: string; service: string }>(
    "SELECT iccid, service FROM used_service WHERE iccid = ? AND service <> '' ORDER BY service",
  );
  const disabled = db.prepare<[string]>('SELECT slot FROM disabled_slot WHERE slot = ?');
  const recent = db.prepare<[number], { data: string }>(
    `SELECT data FROM event WHERE epoch = (SELECT value FROM meta WHERE key = 'epoch')
       AND type IN ('sms.received', 'sms.updated') ORDER BY seq DESC LIMIT ?`,
  );
  return {
    write: handle.verbs,
    ended: handle.ended,
    eventsAfter: (epoch, seq, limit) => after.all(epoch, seq, limit),
    eventSpan(epoch) {
      const row = span.get(epoch);
      return row?.first == null || row.last == null ? null : { first: row.first, last: row.last };
    },
    sims(filter) {
      if (filter === undefined) return sims.all();
      return someSims.all(JSON.stringify(filter.iccids ?? []), JSON.stringify(filter.slots ?? []));
    },
    inquiries: (iccids) => inquiries.all(JSON.stringify(iccids)),
    activations: (iccids) => iccids?.flatMap((iccid) => activationsOn.all(iccid)) ?? activations.all(),
    openSims: () => openSims.all(),
    usedServices(iccids) {
      const rows = iccids?.flatMap((iccid) => usedOn.all(iccid)) ?? used.all();
      const bySim = Map.groupBy(rows, ({ iccid }) => iccid);
      return new Map([...bySim].map(([iccid, of]) => [iccid, of.map(({ service }) => service)]));
    },
    isDisabled: (slot) => disabled.get(slot) !== undefined,
    outgoing: (iccids, now) =>
      outgoing.all({ iccids: JSON.stringify(iccids), now, since: sendableSince(now) }),
    awaitsReport: (iccid) =>
      awaitsReport.get(iccid, new Date(Date.now() - REPORTS_MS).toISOString()) !== undefined,
    recentMessages: (limit) => recent.all(limit).map(({ data }) => data),
    markInUse(instance) {
      if (!existsSync(marker)) writeFileSync(marker, `${instance}\n`, { mode: 0o600, flush: true });
    },
    async close() {
      db.close();
      await handle.close();
    },
  };
}
