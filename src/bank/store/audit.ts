/** The audit: who had which SIM for what, and how it ended. Only added to; no texts, no codes, numbers masked. */
import { maskNumber } from '../../log.ts';
import type { Database } from '../../sqlite.ts';

export interface AuditRow {
  readonly at: string;
  readonly what: 'opened' | 'rearmed' | 'matched' | 'closed' | 'refused';
  readonly activationId: string;
  /** The command that asked for it; null where the gateway acted by itself. */
  readonly commandId: string | null;
  readonly iccid: string | null;
  /** Masked. */
  readonly number: string | null;
  readonly service: string | null;
  readonly mode: string | null;
  readonly expiresAt: string | null;
  /** How it ended, or why it was refused. */
  readonly reason: string | null;
  readonly messageId: string | null;
}

/** What every row says; the rest is said where it applies. The number comes as it is. */
export type AuditEntry = Pick<AuditRow, 'at' | 'what' | 'activationId'> &
  Partial<Omit<AuditRow, 'number'>> & { readonly msisdn?: string | null };

export function auditStore(db: Database) {
  const insert = db.prepare(`
    INSERT INTO audit (at, what, activation_id, command_id, iccid, number, service, mode, expires_at, reason, message_id)
    VALUES (@at, @what, @activationId, @commandId, @iccid, @number, @service, @mode, @expiresAt, @reason, @messageId)`);
  return {
    add({ msisdn, ...entry }: AuditEntry): void {
      const number = msisdn == null ? null : maskNumber(msisdn);
      insert.run({ ...NOTHING, ...entry, number });
    },
  };
}

const NOTHING = {
  commandId: null,
  iccid: null,
  service: null,
  mode: null,
  expiresAt: null,
  reason: null,
  messageId: null,
};

/**
 * The audit in the order it was written, of one SIM or (null) of all; row by row, for it may be long. `db` may be open
 * for reading only.
 */
export function readAudit(db: Database, iccid: string | null): IterableIterator<AuditRow> {
  return db
    .prepare<[{ iccid: string | null }], AuditRow>(`
      SELECT at, what, activation_id AS activationId, command_id AS commandId, iccid, number, service, mode,
        expires_at AS expiresAt, reason, message_id AS messageId
      FROM audit WHERE @iccid IS NULL OR iccid = @iccid ORDER BY id`)
    .iterate({ iccid });
}
