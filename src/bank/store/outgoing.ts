/**
 * Messages on their way out. What is sent costs money and cannot be taken back: a part is marked before the modem gets it, and
 * one that was marked when the gateway died is in doubt, said so, and never sent again by itself.
 */
import type { CommandArgs } from '../../protocol/commands.ts';
import type { SmsOutcome } from '../../protocol/events.ts';
import { encodeSubmit } from '../../sms/submit.ts';
import type { StatusReport } from '../../sms/tpdu.ts';
import type { Database } from '../../sqlite.ts';
import type { Order, Outcome } from './commands.ts';
import type { eventStore, StoredEvent } from './events.ts';

export interface SendLimits {
  readonly perSimPerHour: number;
  readonly perSimPerDay: number;
}

/** A part that is to go. */
export interface OutgoingPart {
  readonly commandId: string;
  readonly iccid: string;
  readonly number: number;
  readonly pdu: string;
  readonly length: number;
  readonly report: 0 | 1;
  readonly attempts: number;
  /** RFC 3339; empty for «now». */
  readonly notBefore: string;
}

export const OUTGOING_COLUMNS = `part.command_id AS commandId, message.iccid, part.number, part.pdu, part.length, message.report,
  part.attempts, part.not_before AS notBefore`;

export type PartResult =
  | { readonly kind: 'sent'; readonly reference: number }
  | { readonly kind: 'later'; readonly status: string; readonly notBefore: string }
  | { readonly kind: 'refused' | 'doubt'; readonly status: string };

/** What became of a marked part. */
export interface Settlement {
  readonly commandId: string;
  readonly number: number;
  readonly result: PartResult;
  readonly now: string;
}

interface MessageRow {
  readonly command_id: string;
  readonly iccid: string;
  readonly recipient: string;
  readonly parts: number;
  readonly state: string;
}

const HOUR_MS = 3_600_000;
/** A message whose SIM does not come back is not sent out of the blue days later. */
const GIVE_UP_MS = 24 * HOUR_MS;

/** What was accepted before is to be given up. */
export function sendableSince(now: string): string {
  return new Date(Date.parse(now) - GIVE_UP_MS).toISOString();
}

/** 23.040 leaves the address of a report to the service centre: with or without the country code. */
const SAME_DIGITS = 7;

export function outgoingStore(db: Database, events: ReturnType<typeof eventStore>) {
  const simOf = db.prepare<[string], { slot: string | null; held: string | null }>(
    'SELECT slot, held FROM sim WHERE iccid = ?',
  );
  const activationOf = db.prepare<[string], { iccid: string }>('SELECT iccid FROM activation WHERE id = ?');
  const countSince = db.prepare<[string, string], { n: number; first: string | null }>(
    'SELECT count(*) AS n, min(accepted_at) AS first FROM outgoing WHERE iccid = ? AND accepted_at > ?',
  );
  const lastReference = db.prepare<[], { reference: number | null }>(
    'SELECT max(rowid) AS reference FROM outgoing',
  );
  const insert =
    db.prepare(`INSERT INTO outgoing (command_id, iccid, recipient, report, parts, state, accepted_at)
    VALUES (@id, @iccid, @to, @report, @parts, 'waiting', @now)`);
  const insertPart = db.prepare(`INSERT INTO outgoing_part (command_id, number, pdu, length, state)
    VALUES (?, ?, ?, ?, 'waiting')`);
  const find = db.prepare<[string], MessageRow>('SELECT * FROM outgoing WHERE command_id = ?');
  const mark = db.prepare(
    `UPDATE outgoing_part SET state = 'sending', attempts = attempts + 1 WHERE command_id = ? AND number = ? AND state = 'waiting'`,
  );
  const setPart = db.prepare(
    `UPDATE outgoing_part SET state = @state, reference = @reference, not_before = @notBefore, at = @now,
       pdu = CASE WHEN @state = 'waiting' THEN pdu ELSE '' END
     WHERE command_id = @commandId AND number = @number AND state IN ('sending', 'doubt')`,
  );
  const setState = db.prepare('UPDATE outgoing SET state = ?, ended_at = ? WHERE command_id = ?');
  const forgetBodies = db.prepare(`UPDATE outgoing_part SET pdu = '' WHERE command_id = ?`);
  const references = db.prepare<[string], { number: number; reference: number | null }>(
    `SELECT number, reference FROM outgoing_part WHERE command_id = ? AND state = 'sent' ORDER BY number`,
  );
  const marked = db.prepare<[], { command_id: string; number: number }>(
    `SELECT command_id, number FROM outgoing_part WHERE state = 'sending'`,
  );
  const uncertain = db.prepare<[string], { number: number }>(
    `SELECT number FROM outgoing_part WHERE command_id = ? AND state IN ('sending', 'doubt')`,
  );
  const stale = db.prepare<[string], MessageRow>(
    `SELECT * FROM outgoing WHERE state = 'waiting' AND accepted_at < ?`,
  );
  const reportedPart = db.prepare<[string, number], MessageRow & { number: number }>(`
    SELECT message.*, part.number FROM outgoing_part AS part JOIN outgoing AS message USING (command_id)
    WHERE message.iccid = ? AND part.reference = ? AND part.state = 'sent' ORDER BY part.at DESC LIMIT 5`);
  const setReport = db.prepare('UPDATE outgoing_part SET report = ? WHERE command_id = ? AND number = ?');
  const purge = db.prepare(`DELETE FROM outgoing WHERE ended_at < ?`);

  const tell = (
    type: 'sms.sent' | 'sms.failed' | 'sms.report',
    row: MessageRow,
    told: readonly number[],
    status: string,
    now: string,
  ): StoredEvent => {
    const { command_id: commandId, iccid, recipient: to, parts } = row;
    const data = { commandId, iccid, to, parts, references: [...told], status, at: now };
    return events.append(type, data satisfies SmsOutcome, now);
  };

  const sentReferences = (commandId: string): number[] =>
    references.all(commandId).flatMap(({ reference }) => (reference === null ? [] : [reference]));

  const fail = (row: MessageRow, state: 'failed' | 'doubt', status: string, now: string): StoredEvent => {
    setState.run(state, now, row.command_id);
    forgetBodies.run(row.command_id);
    const gone = references.all(row.command_id).length;
    const before = gone > 0 && row.parts > 1 ? `; ${gone} of ${row.parts} parts went before` : '';
    return tell('sms.failed', row, sentReferences(row.command_id), `${status}${before}`, now);
  };

  /** Nobody knows whether these parts went. */
  const doubt = (row: MessageRow, parts: readonly number[], status: string, now: string): StoredEvent => {
    const { command_id: commandId } = row;
    for (const number of parts)
      setPart.run({ commandId, number, state: 'doubt', reference: null, notBefore: '', now });
    return fail(row, 'doubt', status, now);
  };

  /** Why this SIM may not send now; null when it may. */
  const limitOf = (iccid: string, limits: SendLimits, nowMs: number): string | null => {
    const spans = [
      ['hour', HOUR_MS, limits.perSimPerHour],
      ['day', 24 * HOUR_MS, limits.perSimPerDay],
    ] as const;
    for (const [span, ms, limit] of spans) {
      const { n, first } = countSince.get(iccid, new Date(nowMs - ms).toISOString())!;
      if (n < limit) continue;
      const member = span === 'hour' ? 'perSimPerHour' : 'perSimPerDay';
      const next =
        first === null ? '' : `; the next may go at ${new Date(Date.parse(first) + ms).toISOString()}`;
      return `this SIM has sent ${n} messages within a ${span}, and may send ${limit} (gateway.sendLimits.${member})${next}`;
    }
    return null;
  };

  return {
    /** @throws SimbankError `sms.too_long` and others of the encoder. */
    acceptSend({
      order,
      args,
      limits,
    }: {
      order: Order;
      args: CommandArgs<'sms.send'>;
      limits: SendLimits;
    }): Outcome {
      const { id, now } = order;
      const iccid = args.iccid ?? activationOf.get(args.activationId!)?.iccid;
      if (iccid === undefined)
        return {
          refusal: { code: 'send.no_activation', message: `no activation ${args.activationId} is open` },
        };
      const sim = simOf.get(iccid);
      if (sim === undefined || sim.slot === null)
        return { refusal: { code: 'sim.absent', message: `the SIM ${iccid} is in no slot of this gateway` } };
      if (sim.held === 'retired')
        return { refusal: { code: 'sim.retired', message: `the SIM ${iccid} is retired` } };
      const objection = limitOf(iccid, limits, Date.parse(now));
      if (objection !== null) return { refusal: { code: 'send.limit', message: objection } };
      // A reference of its own for each long message: rows count up.
      const reference = (lastReference.get()?.reference ?? 0) + 1;
      const { parts } = encodeSubmit({ to: args.to, text: args.text, reference, statusReport: args.report });
      insert.run({ id, iccid, to: args.to, report: args.report ? 1 : 0, parts: parts.length, now });
      for (const [i, { pdu, length }] of parts.entries()) insertPart.run(id, i + 1, pdu, length);
      return { result: { accepted: true } };
    },

    /** From here on the part may be out. False when somebody else has it, or it is no longer to go. */
    markSending(arg: { commandId: string; number: number }): boolean {
      return mark.run(arg.commandId, arg.number).changes === 1;
    },

    /** The same again changes nothing, and tells of nothing. */
    settlePart({ commandId, number, result, now }: Settlement): { events: StoredEvent[] } {
      const row = find.get(commandId);
      // Of one that was given up meanwhile, as in doubt, only that it went is news.
      if (row === undefined || (row.state !== 'waiting' && result.kind !== 'sent')) return { events: [] };
      const reference = result.kind === 'sent' && result.reference >= 0 ? result.reference : null;
      const notBefore = result.kind === 'later' ? result.notBefore : '';
      const state = result.kind === 'later' ? 'waiting' : result.kind === 'refused' ? 'failed' : result.kind;
      const { changes } = setPart.run({ commandId, number, state, reference, notBefore, now });
      if (changes === 0 || result.kind === 'later') return { events: [] };
      if (result.kind !== 'sent')
        return { events: [fail(row, result.kind === 'doubt' ? 'doubt' : 'failed', result.status, now)] };
      if (number < row.parts) return { events: [] };
      setState.run('sent', now, commandId);
      return { events: [tell('sms.sent', row, sentReferences(commandId), 'sent', now)] };
    },

    /** At the start: what a crash caught between the modem and the disk. */
    settleInterrupted({ now }: { now: string }): { events: StoredEvent[] } {
      const status = 'in doubt: the gateway was stopped while it went out; it is not sent again by itself';
      return {
        events: marked.all().map(({ command_id: commandId, number }) => {
          return doubt(find.get(commandId)!, [number], status, now);
        }),
      };
    },

    /**
     * What waited for its SIM too long: it must not go out of the blue when the SIM comes back. One of which a part was given
     * to the modem, and nobody knows what became of that, is in doubt.
     */
    giveUpSends({ now }: { now: string }): { events: StoredEvent[] } {
      const events = stale.all(sendableSince(now)).map((row) => {
        const parts = uncertain.all(row.command_id).map(({ number }) => number);
        if (parts.length === 0) return fail(row, 'failed', 'its SIM was not ready for a day', now);
        const status =
          'in doubt: the modem had it, and nothing is known of it; it is not sent again by itself';
        return doubt(row, parts, status, now);
      });
      return { events };
    },

    /** What a status report says of a part that went out (23.040 §9.2.3.15); nothing where it is of none of ours. */
    reported(iccid: string, report: StatusReport, now: string): StoredEvent[] {
      const tail = (digits: string): string => digits.replace(/\D/g, '').slice(-SAME_DIGITS);
      const part = reportedPart
        .all(iccid, report.mr)
        .find(({ recipient }) => tail(recipient) === tail(report.ra.value));
      if (part === undefined) return [];
      const status = describeStatus(report.status);
      setReport.run(status, part.command_id, part.number);
      return [tell('sms.report', part, [report.mr], status, now)];
    },

    purgeOutgoing({ before }: { before: string }): null {
      purge.run(before);
      return null;
    },
  };
}

/** 23.040 §9.2.3.15: delivered, still trying, or given up. */
function describeStatus(status: number): string {
  const known: Record<number, string> = {
    0: 'delivered',
    1: 'delivered, as far as the service centre can tell',
    2: 'replaced by the service centre',
    32: 'pending: congestion',
    33: 'pending: the recipient is busy',
    34: 'pending: no answer of the recipient',
    64: 'failed: remote procedure error',
    65: 'failed: incompatible destination',
    66: 'failed: rejected by the recipient',
    67: 'failed: not obtainable',
    70: 'failed: its validity expired',
    71: 'failed: deleted by its sender',
    72: 'failed: deleted by the service centre',
    73: 'failed: the service centre does not know it',
  };
  const group = status < 32 ? 'delivered' : status < 64 ? 'pending' : 'failed';
  return known[status] ?? `${group} (status ${status})`;
}
