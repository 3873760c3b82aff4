/**
 * A store that has been used: kept numbers and activations with their messages, put into the hub's own tables in bulk. Raw
 * events, which a hub keeps as well, are left out: no poll reads them.
 */
import { sql } from 'kysely';
import type { Db } from '../../../src/hub/store/schema.ts';
import { sms } from '../../hub/events.ts';

export const NUMBERS = 500;
/** What a poll finds. */
const NEW = 5;
/** Moments of arrival in one transaction, each with a message to every number. */
const MOMENTS = 40;

export interface Filled {
  /** Ids of kept numbers and of activations whose code is there. */
  readonly numbers: readonly string[];
  readonly activations: readonly string[];
  /** Since then each number has had NEW messages. */
  readonly since: string;
  readonly seconds: number;
}

export async function fill(db: Db, account: string, messages: number): Promise<Filled> {
  const started = performance.now();
  const each = Math.floor(messages / NUMBERS);
  const end = Math.floor(Date.now() / 1_000) * 1_000;
  const at = (n: number): string => new Date(end - (each - n) * 1_000).toISOString();
  const all = Array.from({ length: NUMBERS }, (_, k) => k);
  for (let k = 0; k < NUMBERS; k += 50) await addNumbers(db, account, all.slice(k, k + 50), at(each));
  for (let n = 1; n <= each; n += MOMENTS) {
    await db.transaction().execute(async (transaction) => {
      for (let m = n; m < Math.min(n + MOMENTS, each + 1); m++) await addMessages(transaction, m, at(m));
    });
  }
  const inboxes = all.map((k) => ({ iccid: iccidOf(k), messages: each, listed_at: at(each) }));
  await db.insertInto('inbox').values(inboxes).execute();
  return {
    numbers: all.map((k) => `num_${idOf(k)}`),
    activations: all.map((k) => `act_${idOf(k)}`),
    since: at(each - NEW + 1),
    seconds: (performance.now() - started) / 1_000,
  };
}

/** In the shape of a ULID, and in the order of `k`. */
function idOf(k: number): string {
  return `01JD8Z6Q3V${String(k).padStart(16, '0')}`;
}

function iccidOf(k: number): string {
  return `8901260${String(900_000 + k).padStart(12, '0')}`;
}

async function addNumbers(db: Db, account: string, ks: readonly number[], at: string): Promise<void> {
  const common = (k: number) => ({
    account,
    api_key: null,
    facade: 'rest',
    country: 'US',
    wish: '{}',
    ttl: 1_200,
    cost: 0,
    currency: 'USD',
    money: 'captured' as const,
    order_id: null,
    attempt: null,
    gateway: 'far-away',
    iccid: iccidOf(k),
    msisdn: `+1303555${String(k).padStart(4, '0')}`,
    operator: 'Example Mobile',
    message: null,
    created_at: at,
    opened_at: at,
    received_at: at,
    reason: null,
    updated_at: at,
    due_at: null,
  });
  const rest = { sender: '72941', code: '123456', text: '123456 is your code. Do not share it.' };
  const singles = ks.map((k) => ({
    ...common(k),
    ...rest,
    id: `act_${idOf(k)}`,
    batch: idOf(k),
    mode: 'single' as const,
    state: 'received' as const,
    service: 'tg',
    messages: 1,
    expires_at: at,
    closed_at: null,
  }));
  const kept = singles.map((row, i) => ({
    ...row,
    id: `act_${idOf(NUMBERS + ks[i]!)}`,
    batch: idOf(NUMBERS + ks[i]!),
    mode: 'continuous' as const,
    state: 'kept' as const,
    service: null,
    expires_at: null,
  }));
  await db
    .insertInto('activation')
    .values([...singles, ...kept])
    .execute();
  const numbers = kept.map(({ id, iccid, msisdn }, i) => ({
    id: `num_${idOf(ks[i]!)}`,
    account,
    activation: id,
    state: 'active' as const,
    iccid,
    msisdn,
    country: 'US',
    endpoint: null,
    created_at: at,
    active_at: at,
    released_at: null,
    paid_until: null,
    updated_at: at,
  }));
  await db.insertInto('kept_number').values(numbers).execute();
}

/** The n-th message of every number: the database itself makes the rows, so that millions take minutes. */
async function addMessages(db: Db, n: number, at: string): Promise<void> {
  // Ids grow with time, as ULIDs do.
  const id = sql`cast(${String(10 ** 14 + n)} as text) || substr(iccid, 9)`;
  const text = (value: string) => sql`cast(${value} as text)`;
  const { messageId: _, ...data } = sms(n, {
    text: `Acme: ${n} is your code. Do not share it.`,
    receivedAt: at,
  });
  await sql`
    insert into message (id, iccid, n, listed_at, received_at, gateway, parts_received, stored_at, data)
    select ${id}, iccid, cast(${n} as bigint), ${text(at)}, ${text(at)}, 'far-away', 1, ${text(at)}, ${text(JSON.stringify(data))}
    from kept_number`.execute(db);
  await sql`
    insert into attribution (activation, n, message, account, listed_at, late, stored_at)
    select activation, cast(${n} as bigint), ${id}, account, ${text(at)}, 0, ${text(at)} from kept_number`.execute(
    db,
  );
}
