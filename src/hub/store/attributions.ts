/** Whose message it is: which activation got it, what is shown of it there, and who is told. */
import type { SmsReceived } from '../../protocol/events.ts';
import { isOver } from '../activations/transitions.ts';
import { type ActivationRow, advance, eventData } from './activations.ts';
import { lockAttempt } from './attempts.ts';
import { type HubEvent, type HubEventData, tell } from './notify.ts';
import { numberOf } from './numbers.ts';
import type { Db } from './schema.ts';

export interface Match {
  readonly gateway: string;
  /** The gateway's `activationId`. */
  readonly attempt: string;
  readonly message: string;
  /** What the gateway found, where the message itself is not here yet. */
  readonly code: string | null;
  /** This is the message's own event, so that it is here. */
  readonly own: boolean;
  readonly now: string;
}

/**
 * A message belongs to an activation. The first one is paid; one that comes after the end is shown, and never charged. The same
 * message again changes nothing.
 */
export async function attribute(db: Db, arg: Match): Promise<void> {
  const { message, now } = arg;
  const found = await lockAttempt(db, arg.attempt, arg.gateway);
  if (found === null) return;
  const { attempt, row } = found;
  const isUnopened = row.state === 'asking' && row.attempt === attempt.id;
  // What comes to a number that the customer never got is nobody's.
  if (!isUnopened && (attempt.iccid === null || attempt.iccid !== row.iccid)) return;
  const stored = await messageOf(db, message);
  const received = stored?.receivedAt ?? now;
  const before = await db
    .selectFrom('attribution')
    .select(['n', 'listed_at', 'message'])
    .where('activation', '=', row.id)
    .orderBy('n', 'desc')
    .executeTakeFirst();
  const n = (before?.n ?? 0) + 1;
  const made = await db
    .insertInto('attribution')
    .values({
      activation: row.id,
      n,
      message,
      account: row.account,
      listed_at: before !== undefined && before.listed_at > received ? before.listed_at : received,
      late: isOver(row.state) ? 1 : 0,
      stored_at: now,
    })
    .onConflict((conflict) => conflict.columns(['activation', 'message']).doNothing())
    .returning('n')
    .executeTakeFirst();
  if (made === undefined) {
    // Its match was told before it was: now there is something to show.
    if (arg.own) await updateAttributed(db, message, 'sms.received', now);
    return;
  }
  const shown = {
    message,
    messages: n,
    code: stored?.data.code?.value ?? arg.code,
    text: stored?.data.text ?? null,
    sender: stored?.data.from ?? null,
  };
  const change = { ...shown, received_at: row.received_at ?? received };
  const number = isUnopened ? await openedUnheard(db, attempt.id, stored, now) : {};
  const after =
    (await advance(db, row, 'matched', { now, change: { ...change, ...number } })) ??
    (await show(db, row, shown, now));
  if (stored !== null) await tellMessage(db, after, stored, n, 'sms.received', now);
}

/** The word that it was opened is lost with older events of the gateway; the message says what is needed of it. */
async function openedUnheard(
  db: Db,
  attempt: string,
  stored: Stored | null,
  now: string,
): Promise<Pick<ActivationRow, 'iccid' | 'msisdn' | 'opened_at'>> {
  const iccid = stored?.data.iccid ?? null;
  const msisdn = stored?.data.msisdn ?? null;
  await db
    .updateTable('attempt')
    .set({ state: 'open', iccid, msisdn, opened_at: now })
    .where('id', '=', attempt)
    .execute();
  return { iccid, msisdn, opened_at: now };
}

/** Wherever the message is shown, it is shown as it is now: complete after a late part, or there at last. */
export async function updateAttributed(
  db: Db,
  message: string,
  type: 'sms.received' | 'sms.updated',
  now: string,
): Promise<void> {
  const stored = await messageOf(db, message);
  const places = await db
    .selectFrom('attribution')
    .innerJoin('activation', 'activation.id', 'attribution.activation')
    .selectAll('activation')
    .select('attribution.n as place')
    .where('attribution.message', '=', message)
    .orderBy('activation.id')
    .execute();
  if (stored === null) return;
  for (const { place, ...row } of places) {
    const isLast = row.message === message;
    const shown = {
      message,
      messages: row.messages,
      code: stored.data.code?.value ?? row.code,
      text: stored.data.text,
      sender: stored.data.from,
    };
    const after = isLast ? await show(db, row, shown, now) : row;
    await tellMessage(db, after, stored, place, type, now);
  }
}

type Shown = Pick<ActivationRow, 'message' | 'messages' | 'code' | 'text' | 'sender'>;

async function show(db: Db, row: ActivationRow, shown: Shown, now: string): Promise<ActivationRow> {
  return await db
    .updateTable('activation')
    .set({ ...shown, updated_at: now })
    .where('id', '=', row.id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** A message as it is in its table. */
export interface Stored {
  readonly receivedAt: string;
  readonly data: SmsReceived;
}

/** The newest picture of a message; null while it is not here. */
async function messageOf(db: Db, id: string): Promise<Stored | null> {
  const row = await db
    .selectFrom('message')
    .select(['data', 'received_at'])
    .where('id', '=', id)
    .executeTakeFirst();
  return row === undefined
    ? null
    : { receivedAt: row.received_at, data: JSON.parse(row.data) as SmsReceived };
}

async function tellMessage(
  db: Db,
  row: ActivationRow,
  stored: Stored,
  sequence: number,
  type: 'sms.received' | 'sms.updated',
  now: string,
): Promise<void> {
  const number = row.mode === 'continuous' ? await numberOf(db, row.id) : null;
  await tell(db, messageEvent(row, number, stored, sequence, type), now);
}

/** What is told of a message of an activation, or of the kept number that the activation is the inside of. */
export function messageEvent(
  row: ActivationRow,
  number: string | null,
  { receivedAt, data }: Stored,
  sequence: number,
  type: 'sms.received' | 'sms.updated',
): HubEvent {
  const message: HubEventData['message'] = {
    id: data.messageId,
    from: data.from,
    fromType: data.fromType,
    text: data.text,
    code: data.code?.value ?? null,
    codeRaw: data.code?.raw ?? null,
    receivedAt,
    complete: data.complete,
    parts: data.parts,
    sequence,
    late: isOver(row.state),
  };
  return {
    account: row.account,
    type,
    reference: `${data.messageId} ${row.id}${type === 'sms.updated' ? ` ${data.parts.received}` : ''}`,
    activation: row.id,
    number,
    message: data.messageId,
    sequence,
    data: eventData(row, number, message),
  };
}
