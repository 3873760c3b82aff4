/** `simbankd audit`: who had which SIM for what, from when to when, and how it ended. */
import { type AuditRow, readAudit } from '../bank/store/audit.ts';
import { databaseOf } from '../bank/store/store.ts';
import { SimbankError } from '../errors.ts';
import { isThere, openForReading } from '../sqlite.ts';
import { installation, noDatabase, sayWhich } from './running-up.ts';

export interface AuditOptions {
  readonly config?: string;
  readonly iccid?: string;
  /** RFC 3339: what had ended before is left out. */
  readonly since?: string;
  readonly json?: boolean;
}

/** One activation, or one that was refused. Numbers are masked; there is nothing of what was in messages. */
export interface AuditRecord {
  readonly activationId: string;
  readonly iccid: string | null;
  readonly number: string | null;
  /** Null: any service. */
  readonly service: string | null;
  readonly mode: string | null;
  /** Null where that is older than the audit. */
  readonly openedAt: string | null;
  /** The command that opened it. */
  readonly openedBy: string | null;
  readonly expiresAt: string | null;
  readonly rearmedAt: readonly string[];
  /** Messages it waited for, and when they came. */
  readonly matched: readonly { readonly messageId: string; readonly at: string }[];
  /** Null while it is open. */
  readonly endedAt: string | null;
  /** How it ended, `refused` included. */
  readonly end: string | null;
  /** The command that ended it; null where the gateway did. */
  readonly endedBy: string | null;
}

/** Prints the audit, in the order of the ends, and last what is open. Works while the daemon runs. */
export async function audit(options: AuditOptions): Promise<number> {
  const meant = installation(options.config);
  const path = databaseOf(meant.config.gateway.dataDir);
  if (!isThere(path)) throw noDatabase(path, 'gateway');
  const db = openForReading(path);
  if (options.json !== true) sayWhich(path, options.config, meant);
  const { stdout } = process;
  try {
    if (Number(db.pragma('user_version', { simple: true })) < 2) {
      throw new SimbankError('store.older', `${path} is of an older version: start the gateway once`);
    }
    let count = 0;
    for (const record of records(readAudit(db, options.iccid ?? null), options.since ?? '')) {
      if (options.json === true) stdout.write(`${count === 0 ? '[' : ','}\n  ${JSON.stringify(record)}`);
      else stdout.write(`${count === 0 ? `${HEAD}\n` : ''}${line(record)}\n`);
      count += 1;
    }
    if (options.json === true) stdout.write(count === 0 ? '[]\n' : '\n]\n');
    else if (count === 0) stdout.write('nothing was opened\n');
  } finally {
    db.close();
  }
  return 0;
}

/** Joins what was written at different times. What ended before `since` is left out. */
export function* records(rows: Iterable<AuditRow>, since: string): Generator<AuditRecord> {
  const open = new Map<string, AuditRecord>();
  for (const row of rows) {
    const known = open.get(row.activationId) ?? begun(row);
    const { at, what, commandId } = row;
    if (what === 'closed' || what === 'refused') {
      open.delete(row.activationId);
      const end = what === 'refused' ? what : row.reason;
      if (at >= since) yield { ...known, endedAt: at, end, endedBy: what === 'closed' ? commandId : null };
    } else if (what === 'matched') {
      const matched = [...known.matched, { messageId: row.messageId ?? '', at }];
      open.set(row.activationId, { ...known, matched });
    } else if (what === 'rearmed') {
      const rearmedAt = [...known.rearmedAt, at];
      open.set(row.activationId, { ...known, rearmedAt, expiresAt: row.expiresAt });
    } else open.set(row.activationId, known);
  }
  yield* open.values();
}

function begun({ activationId, iccid, number, service, mode, ...row }: AuditRow): AuditRecord {
  const isOpening = row.what === 'opened' || row.what === 'refused';
  return {
    activationId,
    iccid,
    number,
    service,
    mode,
    openedAt: isOpening ? row.at : null,
    openedBy: isOpening ? row.commandId : null,
    expiresAt: row.expiresAt,
    rearmedAt: [],
    matched: [],
    endedAt: null,
    end: null,
    endedBy: null,
  };
}

const COLUMNS: readonly (readonly [title: string, width: number, of: (record: AuditRecord) => string])[] = [
  ['OPENED', 24, ({ openedAt }) => openedAt ?? ''],
  ['ENDED', 24, ({ endedAt }) => endedAt ?? ''],
  ['HOW', 10, ({ end }) => end ?? 'open'],
  ['SIM', 20, ({ iccid }) => iccid ?? ''],
  ['NUMBER', 16, ({ number }) => number ?? ''],
  ['SERVICE', 10, ({ service }) => service ?? '(any)'],
  ['MODE', 10, ({ mode }) => mode ?? ''],
  ['MESSAGES', 8, ({ matched }) => String(matched.length)],
  ['COMMAND', 26, ({ openedBy }) => openedBy ?? ''],
];
const HEAD = COLUMNS.map(([title, width]) => title.padEnd(width))
  .join('  ')
  .trimEnd();

function line(record: AuditRecord): string {
  return COLUMNS.map(([, width, of]) => of(record).padEnd(width))
    .join('  ')
    .trimEnd();
}
