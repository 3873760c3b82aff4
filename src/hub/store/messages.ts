/** What `sms.received` and `sms.updated` make of the message table: one row a message, in order of arrival. */
import { z } from 'zod';
import { faultsOf } from '../../protocol/commands.ts';
import { SmsReceived } from '../../protocol/events.ts';
import type { Db, Tables } from './schema.ts';
import { together } from './transaction.ts';

export interface SmsEvent {
  readonly type: 'sms.received' | 'sms.updated';
  readonly gateway: string;
  readonly data: SmsReceived;
}

const Body = z.object({ data: SmsReceived });

/** The message in an event's payload; null for events of other types; what is wrong with it, in one line. */
export function readMessage(
  type: string,
  body: string,
): Pick<SmsEvent, 'type' | 'data'> | { faults: string } | null {
  if (type !== 'sms.received' && type !== 'sms.updated') return null;
  const parsed = Body.safeParse(JSON.parse(body));
  return parsed.success ? { type, data: parsed.data.data } : { faults: faultsOf(parsed.error) };
}

/**
 * Adds and updates messages, in the order given. The same event again changes nothing, and an older picture of a message
 * never replaces a newer one: across epochs `sms.updated` can be applied before its `sms.received`.
 */
export async function applyMessages(db: Db, events: readonly SmsEvent[], now: string): Promise<void> {
  if (events.length === 0) return;
  const pictures = new Map<string, SmsEvent>();
  for (const event of events) {
    const earlier = pictures.get(event.data.messageId);
    // A Map keeps the place of a key that is set again: the message arrived with its first event.
    if (earlier === undefined || isNewer(event, earlier.data.parts.received)) {
      pictures.set(event.data.messageId, event);
    }
  }
  const stored = await db
    .selectFrom('message')
    .select(['id', 'parts_received'])
    .where('id', 'in', [...pictures.keys()])
    .execute();
  for (const row of stored) {
    const event = pictures.get(row.id)!;
    pictures.delete(row.id);
    if (!isNewer(event, row.parts_received)) continue;
    await db
      .updateTable('message')
      .set({
        parts_received: event.data.parts.received,
        updated_at: now,
        data: JSON.stringify(event.data),
      })
      .where('id', '=', row.id)
      .execute();
  }
  await insertMessages(db, [...pictures.values()], now);
}

function isNewer(event: SmsEvent, parts: number): boolean {
  const received = event.data.parts.received;
  return received > parts || (received === parts && event.type === 'sms.updated');
}

const ROWS = 100;

async function insertMessages(db: Db, events: readonly SmsEvent[], now: string): Promise<void> {
  if (events.length === 0) return;
  const counts = new Map<string, number>();
  for (const { data } of events) counts.set(inboxOf(data), (counts.get(inboxOf(data)) ?? 0) + 1);
  // Counting the number's row up takes its lock, so that numbers become visible in the order they were given out: a
  // reader who continues after `n` misses nothing.
  const inboxes = await db
    .insertInto('inbox')
    .values(
      [...counts.keys()].sort().map((iccid) => ({ iccid, messages: counts.get(iccid)!, listed_at: '' })),
    )
    .onConflict((conflict) =>
      conflict
        .column('iccid')
        .doUpdateSet({ messages: (eb) => eb('inbox.messages', '+', eb.ref('excluded.messages')) }),
    )
    .returningAll()
    .execute();
  const places = new Map(
    inboxes.map(({ iccid, messages, listed_at }) => [
      iccid,
      { n: messages - counts.get(iccid)!, listedAt: listed_at },
    ]),
  );
  const latest = new Date(Date.parse(now) + FUTURE_MS).toISOString();
  const rows = events.map(({ gateway, data }): Tables['message'] => {
    const place = places.get(inboxOf(data))!;
    const claimed = new Date(data.receivedAt).toISOString();
    const receivedAt = claimed > latest ? latest : claimed;
    place.n += 1;
    place.listedAt = receivedAt > place.listedAt ? receivedAt : place.listedAt;
    return {
      id: data.messageId,
      iccid: data.iccid,
      n: place.n,
      listed_at: place.listedAt,
      received_at: receivedAt,
      gateway,
      parts_received: data.parts.received,
      stored_at: now,
      updated_at: null,
      data: JSON.stringify(data),
    };
  });
  const parts: Promise<unknown>[] = [];
  for (let i = 0; i < rows.length; i += ROWS) {
    const some = db
      .insertInto('message')
      .values(rows.slice(i, i + ROWS))
      // Another hub may have added it this moment, from a copy of the same gateway's database.
      .onConflict((conflict) => conflict.column('id').doNothing());
    parts.push(some.execute());
  }
  const latestOf = db
    .insertInto('inbox')
    .values([...places].map(([iccid, { listedAt }]) => ({ iccid, messages: 0, listed_at: listedAt })))
    .onConflict((conflict) =>
      conflict.column('iccid').doUpdateSet({ listed_at: (eb) => eb.ref('excluded.listed_at') }),
    );
  await together(...parts, latestOf.execute());
}

/**
 * How far ahead of the hub's clock a gateway's may be before its times are not believed, neither shown nor searched by.
 *
 * `listed_at` is the moment by which `since` finds a message. Customers ask for what came since the last time they saw
 * (customer-apis M-35, A-33). A message that reaches the hub after a younger one (a long one that was waiting for its parts,
 * a gateway that was offline, a clock that began in 1970) would be behind them for ever: so it never goes back within a
 * number. It never runs far ahead either, or one wrong clock would put every later message at its time.
 */
const FUTURE_MS = 3_600_000;

function inboxOf(data: SmsReceived): string {
  return data.iccid ?? '';
}
