/** Parts, messages, and the events that tell of them: one verb, one transaction, from a TPDU to its event. */
import { createHash } from 'node:crypto';
import { SimbankError } from '../../errors.ts';
import { ulid } from '../../protocol/ulid.ts';
import { assemble, concatKey, type Part } from '../../sms/concat.ts';
import { type Deliver, decodePdu, partIdentity, type StatusReport, tpduHexOf } from '../../sms/tpdu.ts';
import type { Database } from '../../sqlite.ts';
import type { Arrival } from '../activations/matching.ts';
import type { StoredEvent } from './events.ts';
import type { matchStore, Readable } from './matching.ts';

export interface ReceivedPart {
  readonly slot: string;
  readonly iccid: string | null;
  readonly imei: string | null;
  readonly store: string;
  readonly attribution: 'certain' | 'doubtful';
  /** Hex as the modem gave it, with the SMSC prefix, and its own count of the TPDU's octets. */
  readonly pdu: string;
  readonly length: number;
  /** When it was announced, or read where nothing announced it. */
  readonly receivedAt: string;
  /** It was announced, on a SIM that had been ready for five minutes. */
  readonly live: boolean;
  readonly now: string;
}

export interface PartOutcome {
  /** `waiting`: other parts are to come. `report`: a status report, kept. `resend`: it was here already. */
  readonly outcome: 'message' | 'waiting' | 'report' | 'resend';
  readonly events: StoredEvent[];
  /** The long message of which it is a part, and whether others are still waited for; null: it is one by itself. */
  readonly long: { readonly messageId: string; readonly isCollecting: boolean } | null;
}

interface PartRow {
  readonly id: number;
  readonly dated: number;
  readonly received_at: string;
  readonly message_id: string | null;
}

interface MessageRow {
  readonly id: string;
  readonly iccid: string | null;
  readonly imei: string | null;
  readonly slot: string;
  readonly attribution: 'certain' | 'doubtful';
  readonly total: number;
  readonly received: number;
  readonly state: 'collecting' | 'partial' | 'complete';
  readonly first_at: string;
  readonly arrived_ms: number | null;
  readonly opened_by_ms: number | null;
  /** JSON; null before it was told of, and where it belongs to none. */
  readonly activations: string | null;
}

const DAY_MS = 86_400_000;
const TOGETHER_MS = 15 * 60_000;

export function messageStore(
  db: Database,
  matching: ReturnType<typeof matchStore>,
  reported: (iccid: string, report: StatusReport, now: string) => StoredEvent[],
) {
  const samePart = db.prepare<[string, string], PartRow>(
    'SELECT id, dated, received_at, message_id FROM part WHERE identity = ? AND iccid = ? ORDER BY id DESC LIMIT 1',
  );
  const sameInSlot = db.prepare<[string, string], PartRow>(
    'SELECT id, dated, received_at, message_id FROM part WHERE identity = ? AND slot = ? ORDER BY id DESC LIMIT 1',
  );
  const isCollecting = db.prepare<[string], { 1: 1 }>(
    "SELECT 1 FROM message WHERE id = ? AND state = 'collecting'",
  );
  const countResend = db.prepare('UPDATE part SET resends = resends + 1, seen_at = ? WHERE id = ?');
  const insertPart = db.prepare(`
    INSERT INTO part (iccid, identity, tpdu, slot, store, received_at, seen_at, dated, message_id, number)
    VALUES (@iccid, @identity, @tpdu, @slot, @store, @now, @now, @dated, @messageId, @number)`);
  const insertMessage = db.prepare<[Record<string, unknown>], MessageRow>(`
    INSERT INTO message (id, iccid, imei, slot, attribution, concat, total, received, sent_ms, state, first_at, last_at,
      arrived_ms, opened_by_ms)
    VALUES (@id, @iccid, @imei, @slot, @attribution, @concat, @total, 1, @sentMs, 'collecting', @receivedAt, @now,
      @atMs, @openedByMs)
    RETURNING *`);
  // A reference comes round again, soon where a sender counts to 255 over all its recipients: parts of one message were
  // stamped by the service centre within minutes. Where it gave no possible time, the last day decides.
  const openMessage = db.prepare<
    [
      {
        iccid: string | null;
        concat: string;
        attribution: string;
        since: string;
        sentMs: number | null;
        number: number;
      },
    ],
    MessageRow
  >(`
    SELECT * FROM message WHERE iccid IS @iccid AND concat = @concat AND state <> 'complete'
      AND (abs(sent_ms - @sentMs) < ${TOGETHER_MS} OR ((sent_ms IS NULL OR @sentMs IS NULL) AND last_at > @since))
      AND NOT EXISTS (SELECT 1 FROM part WHERE message_id = message.id AND number = @number)
    ORDER BY attribution = @attribution DESC, last_at DESC LIMIT 1`);
  const addPart = db.prepare(
    'UPDATE message SET received = received + 1, last_at = ?, state = ?, attribution = ? WHERE id = ?',
  );
  const setState = db.prepare('UPDATE message SET state = ? WHERE id = ?');
  const setActivations = db.prepare('UPDATE message SET activations = ? WHERE id = ?');
  const partsOf = db.prepare<[string], { number: number; tpdu: string }>(
    'SELECT number, tpdu FROM part WHERE message_id = ? ORDER BY number',
  );
  const numberOf = db.prepare<[string], { msisdn: string | null }>('SELECT msisdn FROM sim WHERE iccid = ?');
  const overdue = db.prepare<[string], MessageRow>(
    `SELECT * FROM message WHERE state = 'collecting' AND first_at <= ? ORDER BY first_at LIMIT 100`,
  );

  const envelope = (row: Pick<MessageRow, 'id' | 'iccid' | 'imei' | 'slot' | 'attribution'>) => ({
    messageId: row.id,
    iccid: row.iccid,
    attribution: row.attribution,
    msisdn: row.iccid === null ? null : (numberOf.get(row.iccid)?.msisdn ?? null),
    imei: row.imei,
    slot: row.slot,
  });

  /** The events of a message as far as its parts are here. */
  const publish = (row: MessageRow, now: string, type: 'sms.received' | 'sms.updated'): StoredEvent[] => {
    const stored = partsOf.all(row.id);
    const parts: Part[] = stored.map(({ number, tpdu }) => ({ index: number, tpdu: deliverOf(tpdu) }));
    const joined = assemble(parts, row.total);
    const first = parts[0]!.tpdu;
    const message: Readable = {
      ...envelope(row),
      ...headOf(first),
      text: joined.text,
      encoding: joined.encoding,
      dataHex: hexOf(joined.data),
      parts: { total: row.total, received: joined.received },
      complete: joined.complete,
      // The first part to arrive says when the message came; its own stamp when it was sent.
      receivedAt: row.first_at,
      error: joined.partial ? 'a part is damaged: the text may be incomplete' : null,
      pdus: stored.map(({ tpdu }) => tpdu),
    };
    const before = row.activations === null ? [] : (JSON.parse(row.activations) as string[]);
    const { events, activations } = matching.tell(type, message, { arrival: arrivalOfRow(row), before, now });
    if (activations.length > before.length) setActivations.run(JSON.stringify(activations), row.id);
    return events;
  };

  const single = (
    arg: ReceivedPart,
    id: string,
    tpdu: string,
    message: Deliver | SimbankError,
  ): StoredEvent[] => {
    const unreadable = message instanceof SimbankError;
    const readable: Readable = {
      ...envelope({ ...arg, id }),
      ...(unreadable ? NO_HEAD : headOf(message)),
      text: unreadable ? null : message.text,
      encoding: unreadable ? '8bit' : message.dcs.encoding,
      dataHex: unreadable ? null : hexOf(message.data),
      parts: { total: 1, received: 1 },
      complete: true,
      receivedAt: arg.receivedAt,
      error: unreadable ? message.message : message.partial ? 'the PDU is cut short' : null,
      pdus: [tpdu],
    };
    const arrival = arrivalOfPart(arg, unreadable ? null : message);
    return matching.tell('sms.received', readable, { arrival, before: [], now: arg.now }).events;
  };

  const arrivalOfPart = ({ iccid, receivedAt, live }: ReceivedPart, message: Deliver | null): Arrival =>
    matching.arrival({ iccid, receivedAt, live, sentMs: message?.scts?.epochMs ?? null });

  return {
    /** One entry of a modem's store. After this has been answered, and only then, may it be deleted there. */
    receivePart(arg: ReceivedPart): PartOutcome {
      const { tpdu, message } = read(arg.pdu, arg.length);
      const identity = createHash('sha256').update(partIdentity(tpdu)).digest('base64url');
      const iccid = arg.iccid ?? '';
      // Modem memory outlives a swap: what was seen in this slot under another card is that old message.
      const known =
        samePart.get(identity, iccid) ??
        (arg.attribution === 'doubtful' ? sameInSlot.get(identity, arg.slot) : undefined);
      const isFresh = (at: string): boolean => Date.parse(arg.now) - Date.parse(at) < DAY_MS;
      if (known !== undefined && (known.dated === 1 || isFresh(known.received_at))) {
        countResend.run(arg.now, known.id);
        const { message_id: messageId } = known;
        const long =
          messageId === null ? null : { messageId, isCollecting: isCollecting.get(messageId) !== undefined };
        return { outcome: 'resend', events: [], long };
      }

      const dated = message instanceof SimbankError || message.scts === null ? 0 : 1;
      const part = { iccid, identity, tpdu, slot: arg.slot, store: arg.store, now: arg.now, dated };
      if (!(message instanceof SimbankError) && message.type === 'STATUS-REPORT') {
        insertPart.run({ ...part, messageId: null, number: 1 });
        return { outcome: 'report', events: reported(iccid, message, arg.now), long: null };
      }
      if (message instanceof SimbankError || message.concat === null || message.concat.total === 1) {
        const id = ulid(Date.parse(arg.now));
        insertPart.run({ ...part, messageId: null, number: 1 });
        return { outcome: 'message', events: single(arg, id, tpdu, message), long: null };
      }
      return joinPart(arg, part, message);
    },

    /** Long messages whose parts were waited for long enough: what is there is published, and may still grow. */
    publishOverdue(arg: { before: string; now: string }): { events: StoredEvent[] } {
      const rows = overdue.all(arg.before);
      return {
        events: rows.flatMap((message) => {
          setState.run('partial', message.id);
          return publish(message, arg.now, 'sms.received');
        }),
      };
    },
  };

  function joinPart(arg: ReceivedPart, part: Record<string, unknown>, message: Deliver): PartOutcome {
    const concat = message.concat!;
    const key = concatKey(message.oa, concat);
    const since = new Date(Date.parse(arg.now) - DAY_MS).toISOString();
    const { iccid, attribution } = arg;
    const sentMs = message.scts?.epochMs ?? null;
    const open = openMessage.get({ iccid, attribution, concat: key, since, sentMs, number: concat.seq });
    const id = open?.id ?? ulid(Date.parse(arg.now));
    // One part in doubt puts the whole in doubt; yet parts that arrived while the stores were being set must find together.
    const joint = open?.attribution === 'doubtful' ? 'doubtful' : attribution;
    let grown: MessageRow;
    if (open === undefined) {
      const arrival = arrivalOfPart(arg, message);
      const { total } = concat;
      grown = insertMessage.get({ ...row(arg), ...arrival, id, concat: key, total, sentMs })!;
    } else {
      const received = open.received + 1;
      const state = received === open.total ? 'complete' : open.state;
      addPart.run(arg.now, state, joint, id);
      grown = { ...open, received, state, attribution: joint };
    }
    insertPart.run({ ...part, messageId: id, number: concat.seq });
    const long = { messageId: id, isCollecting: grown.state === 'collecting' };
    if (long.isCollecting) return { outcome: 'waiting', events: [], long };
    const type = open?.state === 'partial' ? 'sms.updated' : 'sms.received';
    return { outcome: 'message', events: publish(grown, arg.now, type), long };
  }
}

function arrivalOfRow({ first_at, arrived_ms, opened_by_ms }: MessageRow): Arrival {
  // Those that began to come before there were activations.
  const firstMs = Date.parse(first_at);
  return { atMs: arrived_ms ?? firstMs, openedByMs: opened_by_ms ?? firstMs };
}

function row(arg: ReceivedPart) {
  const { iccid, imei, slot, attribution, receivedAt, now } = arg;
  return { iccid, imei, slot, attribution, receivedAt, now };
}

/** The TPDU without its SMSC, and what it says; or the raw hex and why it cannot be read. */
function read(pdu: string, length: number): { tpdu: string; message: Deliver | StatusReport | SimbankError } {
  // A length of 0 is a modem that does not say.
  const options = { direction: 'mt' as const, ...(length > 0 ? { length } : {}) };
  try {
    const decoded = decodePdu(pdu, options);
    if (decoded.tpdu.type === 'SUBMIT')
      throw new SimbankError('sms.malformed', 'an SMS-SUBMIT among received messages');
    return { tpdu: decoded.tpduHex, message: decoded.tpdu };
  } catch (error) {
    if (error instanceof SimbankError) return { tpdu: tpduHexOf(pdu, options), message: error };
    throw error;
  }
}

function deliverOf(tpdu: string): Deliver {
  return decodePdu(tpdu, { tpdu: true, direction: 'mt' }).tpdu as Deliver;
}

const NO_HEAD = { from: '', fromType: 'unknown', class: null, sentAt: null, ports: null } as const;

function headOf(message: Deliver) {
  return {
    from: message.oa.value,
    fromType: message.oa.type,
    class: message.dcs.class,
    sentAt: message.scts?.iso ?? null,
    ports: message.ports === null ? null : { dst: message.ports.dst, src: message.ports.src },
  };
}

function hexOf(data: Uint8Array | null): string | null {
  return data === null ? null : Buffer.from(data).toString('hex').toUpperCase();
}
