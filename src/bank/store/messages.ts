/** Parts, messages, and the events that tell of them: one verb, one transaction, from a TPDU to its event. */
import { createHash } from 'node:crypto';
import { SimbankError } from '../../errors.ts';
import { ulid } from '../../protocol/ulid.ts';
import { concatKey } from '../../sms/concat.ts';
import { type Deliver, partIdentity, type StatusReport } from '../../sms/tpdu.ts';
import type { Database } from '../../sqlite.ts';
import type { Arrival } from '../activations/matching.ts';
import type { StoredEvent } from './events.ts';
import { orPlain } from './faults.ts';
import type { matchStore } from './matching.ts';
import { contentOf, joinedContent, read, tpduOf, unreadContent } from './reading.ts';

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

/** A row of `part` but for where it belongs. */
interface PartToInsert {
  readonly iccid: string;
  readonly identity: string;
  readonly tpdu: string;
  readonly slot: string;
  readonly store: string;
  readonly now: string;
  readonly dated: 0 | 1;
}

const UNREAD = 'a fault of the gateway kept it from being read: see its log';
const DAY_MS = 86_400_000;
const TOGETHER_MS = 15 * 60_000;
/** Clocks of one service centre's machines differ by no more. */
const CLOCKS_MS = 120_000;

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
  // A reference comes round again, soon where a sender counts to 255 over all its recipients, at once where it always is the
  // same: parts of one message were stamped by the service centre within minutes, in their order, and of several messages
  // which lack this part it is of the one that was stamped nearest. Where there is no possible time, the last day decides. What
  // cannot be decided is a part that fits the one message that is open here although it is of another, whose parts come later.
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
      AND (coalesce(abs(sent_ms - @sentMs), 0) <= ${CLOCKS_MS} OR (sent_ms < @sentMs) =
        ((SELECT number FROM part WHERE message_id = message.id ORDER BY id LIMIT 1) < @number))
    ORDER BY attribution = @attribution DESC, abs(sent_ms - @sentMs) NULLS LAST, last_at DESC LIMIT 1`);
  const addPart = db.prepare(
    'UPDATE message SET received = received + 1, last_at = ?, state = ?, attribution = ? WHERE id = ?',
  );
  const setState = db.prepare('UPDATE message SET state = ? WHERE id = ?');
  const setActivations = db.prepare('UPDATE message SET activations = ? WHERE id = ?');
  // A part whose text is forgotten is missing.
  const partsOf = db.prepare<[string], { number: number; tpdu: string }>(
    "SELECT number, tpdu FROM part WHERE message_id = ? AND tpdu <> '' ORDER BY number",
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
    // The first part to arrive says when the message came.
    const message = {
      ...envelope(row),
      ...joinedContent(partsOf.all(row.id), row.total),
      receivedAt: row.first_at,
    };
    const before = row.activations === null ? [] : (JSON.parse(row.activations) as string[]);
    const { events, activations } = matching.tell(type, message, { arrival: arrivalOfRow(row), before, now });
    if (activations.length > before.length) setActivations.run(JSON.stringify(activations), row.id);
    return events;
  };

  const publishUnread = (row: MessageRow, now: string): StoredEvent => {
    const pdus = partsOf.all(row.id).map(({ tpdu }) => tpdu);
    const content = unreadContent(pdus, UNREAD, { total: row.total, received: row.received });
    const message = { ...envelope(row), ...content, receivedAt: row.first_at };
    return matching.tellPlainly('sms.received', message, now);
  };

  const single = (arg: ReceivedPart, tpdu: string, message: Deliver | SimbankError): StoredEvent[] => {
    const { receivedAt, now } = arg;
    const isRead = !(message instanceof SimbankError);
    const content = isRead ? contentOf(tpdu, message) : unreadContent([tpdu], message.message);
    const readable = { ...envelopeOfPart(arg), ...content, receivedAt };
    const arrival = arrivalOfPart(arg, isRead ? message : null);
    return matching.tell('sms.received', readable, { arrival, before: [], now }).events;
  };

  const singleUnread = (arg: ReceivedPart, tpdu: string): StoredEvent => {
    const { receivedAt, now } = arg;
    const message = { ...envelopeOfPart(arg), ...unreadContent([tpdu], UNREAD), receivedAt };
    return matching.tellPlainly('sms.received', message, now);
  };

  const envelopeOfPart = (arg: ReceivedPart) => envelope({ ...arg, id: ulid(Date.parse(arg.now)) });

  const arrivalOfPart = ({ iccid, receivedAt, live }: ReceivedPart, message: Deliver | null): Arrival =>
    matching.arrival({ iccid, receivedAt, live, sentMs: message?.scts?.epochMs ?? null });

  return {
    /** One entry of a modem's store. After this has been answered, and only then, may it be deleted there. */
    receivePart(arg: ReceivedPart): PartOutcome {
      const tpdu = tpduOf(arg.pdu, arg.length);
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

      const part = { iccid, identity, tpdu, slot: arg.slot, store: arg.store, now: arg.now };
      return orPlain(
        db,
        () => keepPart(arg, part),
        () => {
          insertPart.run({ ...part, dated: 0, messageId: null, number: 1 });
          return { outcome: 'message', events: [singleUnread(arg, tpdu)], long: null };
        },
      );
    },

    /** Long messages whose parts were waited for long enough: what is there is published, and may still grow. */
    publishOverdue(arg: { before: string; now: string }): { events: StoredEvent[] } {
      const events = overdue.all(arg.before).flatMap((message) => {
        setState.run('partial', message.id);
        return orPlain(
          db,
          () => publish(message, arg.now, 'sms.received'),
          () => [publishUnread(message, arg.now)],
        );
      });
      return { events };
    },
  };

  function keepPart(arg: ReceivedPart, common: Omit<PartToInsert, 'dated'>): PartOutcome {
    const message = read(arg.pdu, arg.length);
    const dated = message instanceof SimbankError || message.scts === null ? 0 : 1;
    const part: PartToInsert = { ...common, dated };
    if (!(message instanceof SimbankError)) {
      if (message.type === 'STATUS-REPORT') {
        insertPart.run({ ...part, messageId: null, number: 1 });
        return { outcome: 'report', events: reported(part.iccid, message, arg.now), long: null };
      }
      if (message.concat !== null && message.concat.total > 1) return joinPart(arg, part, message);
    }
    insertPart.run({ ...part, messageId: null, number: 1 });
    return { outcome: 'message', events: single(arg, part.tpdu, message), long: null };
  }

  function joinPart(arg: ReceivedPart, part: PartToInsert, message: Deliver): PartOutcome {
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
