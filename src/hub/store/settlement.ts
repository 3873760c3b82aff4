/** What came of an attempt: logged, the next one arranged, and what it says of the endpoint. */
import { DISABLED } from '../webhooks/events.ts';
import { tell } from './notify.ts';
import type { Db } from './schema.ts';

export interface Settlement {
  readonly delivery: string;
  readonly claim: string;
  readonly attempt: {
    /** `att_<ulid>` */
    readonly id: string;
    readonly at: string;
    readonly ms: number;
    readonly status: number | null;
    /** Why it was a failure; null: it was taken. */
    readonly error: string | null;
    readonly answer: string | null;
  };
  readonly state: 'delivered' | 'failed' | 'pending';
  /** When `pending`: the time of the next attempt. */
  readonly nextAt: string | null;
  /** The endpoint was failing when the claim was made. */
  readonly wasFailing: boolean;
  /** The endpoint asked for nothing more. */
  readonly gone: boolean;
  /** An endpoint that took nothing since this moment, over at least so many attempts, is turned off. */
  readonly patience: { readonly since: string; readonly failures: number };
  readonly now: string;
}

/** Why an endpoint was turned off; null: it was not. */
export type Off = 'gone' | 'failing' | null;

/**
 * Logs attempts and what follows from each. A claim that ran out and went to somebody else decides nothing any more, unless
 * the delivery was taken.
 *
 * @returns for each of them, in their order, why its endpoint was turned off by it.
 */
export async function settleDeliveries(db: Db, arg: { settlements: readonly Settlement[] }): Promise<Off[]> {
  const simple = new Map<string, Settlement>();
  for (const settlement of arg.settlements) {
    const { delivery, state, wasFailing } = settlement;
    if (state === 'delivered' && !wasFailing && !simple.has(delivery)) simple.set(delivery, settlement);
  }
  const noted = await noteTaken(db, [...simple.values()]);
  const answers: Off[] = [];
  for (const settlement of arg.settlements) {
    answers.push(noted.has(settlement) ? null : await settle(db, settlement));
  }
  return answers;
}

/** What most attempts come to: it was taken, by an endpoint that is well. Those that are not as simple are left out. */
async function noteTaken(db: Db, settlements: readonly Settlement[]): Promise<ReadonlySet<Settlement>> {
  // For one alone the usual way is as short.
  if (settlements.length < 2) return new Set();
  const now = settlements.at(-1)!.now;
  const rows = await db
    .updateTable('delivery')
    .set((eb) => ({
      attempts: eb('attempts', '+', 1),
      state: 'delivered',
      claimed_by: null,
      claimed_until: null,
      done_at: now,
    }))
    .where(
      'id',
      'in',
      settlements.map(({ delivery }) => delivery),
    )
    .where('state', '=', 'pending')
    .returning(['id', 'endpoint', 'account', 'attempts'])
    .execute();
  if (rows.length === 0) return new Set();
  const byId = new Map(settlements.map((settlement) => [settlement.delivery, settlement]));
  await db
    .insertInto('delivery_attempt')
    .values(
      rows.map(({ id, endpoint, account, attempts }) => ({
        ...byId.get(id)!.attempt,
        delivery: id,
        endpoint,
        account,
        n: attempts,
      })),
    )
    .execute();
  return new Set(rows.map(({ id }) => byId.get(id)!));
}

async function settle(db: Db, arg: Settlement): Promise<Off> {
  const row = (await noteOutcome(db, arg)) ?? (await noteAttempt(db, arg));
  if (row === undefined) return null;
  const { endpoint, account, attempts } = row;
  await db
    .insertInto('delivery_attempt')
    .values({ ...arg.attempt, delivery: arg.delivery, endpoint, account, n: attempts })
    .execute();
  return await judge(db, endpoint, arg);
}

async function noteOutcome(db: Db, { delivery, claim, state, nextAt, now }: Settlement) {
  const update = db
    .updateTable('delivery')
    .set((eb) => ({
      attempts: eb('attempts', '+', 1),
      state,
      claimed_by: null,
      claimed_until: null,
      ...(nextAt === null ? { done_at: now } : { next_at: nextAt }),
    }))
    .where('id', '=', delivery)
    .where('state', '=', 'pending');
  // Whoever claimed it since may be sending it too: once it was taken that changes nothing.
  const mine = state === 'delivered' ? update : update.where('claimed_by', '=', claim);
  return await mine.returning(['endpoint', 'account', 'attempts']).executeTakeFirst();
}

/** The claim was lost, or this was noted before and the answer to it was lost: undefined then. */
async function noteAttempt(db: Db, { delivery, attempt }: Settlement) {
  const before = await db
    .selectFrom('delivery_attempt')
    .select('id')
    .where('id', '=', attempt.id)
    .executeTakeFirst();
  if (before !== undefined) return undefined;
  return await db
    .updateTable('delivery')
    .set((eb) => ({ attempts: eb('attempts', '+', 1) }))
    .where('id', '=', delivery)
    .returning(['endpoint', 'account', 'attempts'])
    .executeTakeFirst();
}

/** What an attempt says of its endpoint. */
async function judge(db: Db, endpoint: string, arg: Settlement): Promise<Off> {
  const rows = db.updateTable('webhook_endpoint').where('id', '=', endpoint);
  if (arg.attempt.error === null) {
    // Not for every success: the row of a busy endpoint must not be one that everybody waits for.
    if (arg.wasFailing) await rows.set({ failing_since: null }).execute();
    return null;
  }
  await rows.set({ failing_since: arg.attempt.at }).where('failing_since', 'is', null).execute();
  const reason = arg.gone ? 'gone' : (await isHopeless(db, endpoint, arg.patience)) ? 'failing' : null;
  if (reason === null) return null;
  const off = await rows
    .set({ state: 'disabled', disabled_reason: reason, updated_at: arg.now })
    .where('state', '=', 'active')
    .returning(['id', 'account', 'url', 'failing_since'])
    .executeTakeFirst();
  if (off === undefined) return null;
  // It is off by now: only the account's other endpoints hear of it.
  const data = {
    activation: null,
    number: null,
    phone: null,
    iccid: null,
    message: null,
    endpoint: { id: off.id, url: off.url, reason, failingSince: off.failing_since },
  };
  await tell(
    db,
    {
      account: off.account,
      type: DISABLED,
      reference: `${off.id} ${arg.now}`,
      activation: null,
      number: null,
      message: null,
      sequence: 0,
      data,
    },
    arg.now,
  );
  return reason;
}

/** Nothing taken for long, and not for want of attempts. */
async function isHopeless(db: Db, endpoint: string, { since, failures }: Settlement['patience']) {
  const row = await db
    .selectFrom('webhook_endpoint')
    .select('failing_since')
    .where('id', '=', endpoint)
    .where('failing_since', '<', since)
    .executeTakeFirst();
  if (row === undefined) return false;
  const attempts = await db
    .selectFrom('delivery')
    .innerJoin('delivery_attempt', 'delivery_attempt.delivery', 'delivery.id')
    .select('delivery_attempt.id')
    .where('delivery.endpoint', '=', endpoint)
    .where('delivery.state', 'in', ['failed', 'pending'])
    .where('delivery_attempt.at', '>=', row.failing_since!)
    .limit(failures)
    .execute();
  return attempts.length >= failures;
}
