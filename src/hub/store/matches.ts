/**
 * Many messages and whose they are, in few statements: what attributions.ts does with each, for a run of them that is as usual.
 * Everything is read and held at the beginning, decided here, and written at the end.
 */
import type { Insertable } from 'kysely';
import { isOver } from '../activations/transitions.ts';
import { type ActivationRow, advance } from './activations.ts';
import { attribute, type Match, messageEvent, type Stored } from './attributions.ts';
import { holding, updateEach } from './dialect.ts';
import { type HubEvent, tellAll } from './notify.ts';
import type { Db, Tables } from './schema.ts';
import { together } from './transaction.ts';

/** Carries out matches of one moment, in their order. */
export async function attributeAll(db: Db, matches: readonly Match[]): Promise<void> {
  const begin = matches.length < 2 ? 0 : await attributeUsual(db, matches);
  for (const match of matches.slice(begin)) await attribute(db, match);
}

interface Held {
  /** As it is now, with what is still to be written. */
  row: ActivationRow;
  number: string | null;
  /** The place and the moment of its last message. */
  n: number;
  listedAt: string;
}

interface Attempt {
  readonly activation: string;
  readonly gateway: string;
  readonly iccid: string | null;
}

/** @returns how many of them were carried out: the first that is not as usual ends it. */
async function attributeUsual(db: Db, matches: readonly Match[]): Promise<number> {
  const now = matches[0]!.now;
  const messages = [...new Set(matches.map(({ message }) => message))];
  const { held, attempts } = await hold(db, [...new Set(matches.map(({ attempt }) => attempt))]);
  const [stored, known] = await together(storedOf(db, messages), pairsOf(db, messages), placesOf(db, held));
  const attributions: Insertable<Tables['attribution']>[] = [];
  const changed = new Set<Held>();
  const events: HubEvent[] = [];
  let done = 0;
  for (const { attempt: id, gateway, message, code, own } of matches) {
    const attempt = attempts.get(id);
    const place = attempt === undefined ? undefined : held.get(attempt.activation);
    if (attempt === undefined || place === undefined || attempt.gateway !== gateway) {
      done += 1;
      continue;
    }
    const { row } = place;
    const isKnown = known.has(`${row.id} ${message}`);
    // Opened unheard, or its match was told before it was.
    if ((row.state === 'asking' && row.attempt === id) || (isKnown && own)) break;
    done += 1;
    // What comes to a number that the customer never got is nobody's.
    if (isKnown || attempt.iccid === null || attempt.iccid !== row.iccid) continue;
    known.add(`${row.id} ${message}`);
    const it = stored.get(message) ?? null;
    const received = it?.receivedAt ?? now;
    place.n += 1;
    if (received > place.listedAt) place.listedAt = received;
    attributions.push({
      activation: row.id,
      n: place.n,
      message,
      account: row.account,
      listed_at: place.listedAt,
      late: isOver(row.state) ? 1 : 0,
      stored_at: now,
    });
    const shown = {
      message,
      messages: place.n,
      code: it?.data.code?.value ?? code,
      text: it?.data.text ?? null,
      sender: it?.data.from ?? null,
    };
    const change = { ...shown, received_at: row.received_at ?? received };
    const after = await advance(db, row, 'matched', { now, change });
    if (after === null) changed.add(place);
    place.row = after ?? { ...row, ...shown, updated_at: now };
    if (it !== null) events.push(messageEvent(place.row, place.number, it, place.n, 'sms.received'));
  }
  await together(
    attributions.length === 0
      ? Promise.resolve()
      : db.insertInto('attribution').values(attributions).execute(),
    updateEach(
      db,
      'activation',
      [...changed].map(({ row }) => {
        const { id, message, messages: count, code, text, sender, updated_at } = row;
        return { id, message, messages: count, code, text, sender, updated_at };
      }),
    ),
    tellAll(db, events, now),
  );
  return done;
}

/** Attempts and their activations, which nobody else changes until the end of the transaction. */
async function hold(db: Db, ids: readonly string[]) {
  const query = db
    .selectFrom('activation')
    .innerJoin('attempt', 'attempt.activation', 'activation.id')
    .leftJoin('kept_number', 'kept_number.activation', 'activation.id')
    .selectAll('activation')
    .select(['attempt.id as attempt_id', 'attempt.gateway as attempt_gateway'])
    .select(['attempt.iccid as attempt_iccid', 'kept_number.id as number'])
    .where('attempt.id', 'in', ids)
    // One order for all, so that two transactions cannot wait for each other.
    .orderBy('activation.id')
    .orderBy('attempt.id');
  const held = new Map<string, Held>();
  const attempts = new Map<string, Attempt>();
  for (const found of await holding(db, query, ['activation', 'attempt']).execute()) {
    const { attempt_id, attempt_gateway, attempt_iccid, number, ...row } = found;
    attempts.set(attempt_id, {
      activation: row.id,
      gateway: attempt_gateway,
      iccid: attempt_iccid,
    });
    const kept = row.mode === 'continuous' ? number : null;
    held.set(row.id, { row, number: kept, n: 0, listedAt: '' });
  }
  return { held, attempts };
}

/** Where the last message of each stands. One look into an index for each, however many there were. */
async function placesOf(db: Db, held: ReadonlyMap<string, Held>): Promise<void> {
  if (held.size === 0) return;
  const rows = await db
    .selectFrom('activation')
    .innerJoin('attribution', 'attribution.activation', 'activation.id')
    .select(['attribution.activation', 'attribution.n', 'attribution.listed_at'])
    .where('activation.id', 'in', [...held.keys()])
    .where('attribution.n', '=', (eb) =>
      eb
        .selectFrom('attribution as other')
        .select((inner) => inner.fn.max('other.n').as('n'))
        .whereRef('other.activation', '=', 'activation.id'),
    )
    .execute();
  for (const { activation, n, listed_at } of rows) {
    Object.assign(held.get(activation)!, { n, listedAt: listed_at });
  }
}

/** Messages that are here, as they are now. */
async function storedOf(db: Db, ids: readonly string[]): Promise<Map<string, Stored>> {
  const rows = await db
    .selectFrom('message')
    .select(['id', 'data', 'received_at'])
    .where('id', 'in', ids)
    .execute();
  return new Map(
    rows.map(({ id, data, received_at }) => [id, { receivedAt: received_at, data: JSON.parse(data) }]),
  );
}

/** What was attributed before: activation and message. */
async function pairsOf(db: Db, messages: readonly string[]): Promise<Set<string>> {
  const rows = await db
    .selectFrom('attribution')
    .select(['activation', 'message'])
    .where('message', 'in', messages)
    .execute();
  return new Set(rows.map(({ activation, message }) => `${activation} ${message}`));
}
