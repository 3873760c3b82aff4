/** Gateways that are asked for an activation, one after another, and what they answer. */
import { after } from '../activations/due.ts';
import type { State } from '../activations/transitions.ts';
import { type ActivationRow, advance, enqueueClose, lockActivation } from './activations.ts';
import { forget } from './idempotency.ts';
import { countOutcome } from './outcomes.ts';
import type { Db, Tables } from './schema.ts';

/** A gateway is about to be asked, for every activation of a batch by one command. */
export interface Ask {
  readonly gateway: string;
  /** The id of the command. */
  readonly command: string;
  /** Without an answer by then the next one is asked. */
  readonly answerBy: string;
}

/** An activation and the id of its attempt at the gateway. */
export interface NewAttempt {
  readonly activation: string;
  readonly attempt: string;
}

/** What the gateway says of what it opened; the times, by its own clock, in RFC 3339. */
export interface Opened {
  readonly iccid: string;
  readonly msisdn: string;
  readonly operator: string | null;
  readonly countryIso: string | null;
  readonly openedAt: string;
  readonly expiresAt: string;
}

type AttemptRow = Tables['attempt'];

export async function insertAttempt(
  db: Db,
  { gateway, command, answerBy }: Ask,
  { activation, attempt }: NewAttempt,
  n: number,
  now: string,
): Promise<void> {
  await db
    .insertInto('attempt')
    .values({
      id: attempt,
      activation,
      gateway,
      n,
      command,
      state: 'asked',
      iccid: null,
      msisdn: null,
      reason: null,
      asked_at: now,
      answer_by: answerBy,
      opened_at: null,
      expires_at: null,
      closed_at: null,
    })
    .execute();
}

/**
 * The next gateway is about to be asked.
 *
 * @param arg.from - the state that they must be in: `queued`, `asking` or, for a kept number, `suspended`.
 * @returns false when they are not: cancelled meanwhile, given up, or in the hands of another hub. Then nothing may be sent.
 */
export async function ask(
  db: Db,
  arg: Ask & { attempts: readonly NewAttempt[]; from: State; now: string },
): Promise<boolean> {
  const { gateway, answerBy, now } = arg;
  const rows: ActivationRow[] = [];
  for (const { activation } of sorted(arg.attempts, 'activation')) {
    const row = await lockActivation(db, activation);
    if (row === undefined || row.state !== arg.from) return false;
    rows.push(row);
  }
  for (const row of rows) {
    const { attempt } = arg.attempts.find(({ activation }) => activation === row.id)!;
    const { n } = await db
      .selectFrom('attempt')
      .select((eb) => eb.fn.coalesce(eb.fn.max('n'), eb.lit(0)).as('n'))
      .where('activation', '=', row.id)
      .executeTakeFirstOrThrow();
    await insertAttempt(db, arg, { activation: row.id, attempt }, n + 1, now);
    const change = { attempt, gateway };
    if (row.state === 'queued') await advance(db, row, 'ask', { now, change, answerBy });
    else {
      await db
        .updateTable('activation')
        .set({ ...change, due_at: after(answerBy, 5_000), updated_at: now })
        .where('id', '=', row.id)
        .execute();
    }
  }
  return true;
}

const ASKABLE: ReadonlySet<string> = new Set(['queued', 'asking', 'suspended']);

/**
 * A gateway opened some attempts, by its answer or by its event, whichever comes first. One that is not wanted any more is
 * closed there.
 *
 * @returns the activations that have their number by it now.
 */
export async function opened(
  db: Db,
  arg: { attempts: readonly string[]; gateway: string; result: Opened; now: string },
): Promise<ActivationRow[]> {
  const answer: ActivationRow[] = [];
  for (const id of [...arg.attempts].sort()) {
    const found = await lockAttempt(db, id, arg.gateway);
    if (found === null) continue;
    const row = await openOne(db, found, arg.result, arg.now);
    if (row !== null) answer.push(row);
  }
  return answer;
}

async function openOne(
  db: Db,
  { attempt, row }: { attempt: AttemptRow; row: ActivationRow },
  result: Opened,
  now: string,
): Promise<ActivationRow | null> {
  const { iccid, msisdn, operator, countryIso } = result;
  const { openedAt, expiresAt } = byOurClock(attempt, result, now);
  // Said before, by the event or by the answer.
  if (attempt.opened_at !== null) return row.attempt === attempt.id ? row : null;
  const isWanted = attempt.state === 'asked' && row.attempt === attempt.id && ASKABLE.has(row.state);
  await db
    .updateTable('attempt')
    .set({
      iccid,
      msisdn,
      opened_at: openedAt,
      expires_at: expiresAt,
      state: isWanted ? 'open' : 'closing',
      closed_at: null,
    })
    .where('id', '=', attempt.id)
    .execute();
  if (!isWanted) {
    // A close that is under way is enough; one that was answered came before this was opened.
    if (attempt.state !== 'closing') {
      await enqueueClose(db, { gateway: attempt.gateway, attempt: attempt.id, reason: 'cancelled', now });
    }
    return null;
  }
  const change = {
    gateway: attempt.gateway,
    iccid,
    msisdn,
    operator,
    opened_at: row.opened_at ?? openedAt,
    expires_at: expiresAt,
    ...(row.country === null && countryIso !== null ? { country: countryIso } : {}),
  };
  return await advance(db, row, 'opened', { now, change });
}

/**
 * Its times by this clock, for a gateway's may be hours off, and what is due goes by them: how long it lasts is the gateway's
 * word, when it began is known from the question.
 */
function byOurClock(
  attempt: AttemptRow,
  result: Opened,
  now: string,
): Pick<Opened, 'openedAt' | 'expiresAt'> {
  const openedAt = now < attempt.answer_by ? now : attempt.answer_by;
  return { openedAt, expiresAt: after(openedAt, Date.parse(result.expiresAt) - Date.parse(result.openedAt)) };
}

/** A gateway has no number: the next one may be asked. */
export async function refused(
  db: Db,
  arg: { attempts: readonly string[]; gateway: string; code: string; now: string },
): Promise<void> {
  for (const id of [...arg.attempts].sort()) {
    const found = await lockAttempt(db, id, arg.gateway);
    if (found === null || found.attempt.opened_at !== null) continue;
    const { attempt, row } = found;
    if (attempt.state !== 'asked' && attempt.state !== 'closing') continue;
    await db
      .updateTable('attempt')
      .set({ state: 'refused', reason: arg.code, closed_at: arg.now })
      .where('id', '=', id)
      .execute();
    if (attempt.state === 'asked') await countRefusal(db, attempt, row, arg.now);
  }
}

/**
 * A gateway did not answer in time. Whether it opened something is not known: it is closed until it says that it is.
 *
 * @returns the activations that have their number all the same, because its event came where its answer did not.
 */
export async function unanswered(
  db: Db,
  arg: { attempts: readonly string[]; now: string },
): Promise<ActivationRow[]> {
  const answer: ActivationRow[] = [];
  for (const id of [...arg.attempts].sort()) {
    const found = await lockAttempt(db, id, null);
    if (found === null) continue;
    const { attempt, row } = found;
    if (attempt.state === 'open' && row.attempt === id) answer.push(row);
    if (attempt.state !== 'asked') continue;
    await db
      .updateTable('attempt')
      .set({ state: 'closing', reason: 'unanswered' })
      .where('id', '=', id)
      .execute();
    await enqueueClose(db, { gateway: attempt.gateway, attempt: id, reason: 'cancelled', now: arg.now });
    await countRefusal(db, attempt, row, arg.now);
  }
  return answer;
}

/** No gateway is left to ask: the money goes back; a priority request goes back to the queue. */
export async function exhausted(
  db: Db,
  arg: { activations: readonly string[]; reason: string; now: string },
): Promise<ActivationRow[]> {
  const { reason, now } = arg;
  const rows: ActivationRow[] = [];
  for (const id of [...arg.activations].sort()) {
    const row = await lockActivation(db, id);
    if (row === undefined) continue;
    const requeued =
      row.markup > 0
        ? await advance(db, row, 'requeue', { now, change: { attempt: null, gateway: null } })
        : null;
    const after = requeued ?? (await advance(db, row, 'exhausted', { now, change: { reason } }));
    rows.push(after ?? row);
    if (after?.state === 'failed') await forget(db, row.batch);
  }
  return rows;
}

async function countRefusal(db: Db, attempt: AttemptRow, row: ActivationRow, now: string): Promise<void> {
  const { service, country } = row;
  await countOutcome(db, { gateway: attempt.gateway, service, country, result: 'refused', now });
}

/** An attempt, with its activation held; null where it is none of ours, or another gateway speaks of it. */
export async function lockAttempt(
  db: Db,
  id: string,
  gateway: string | null,
): Promise<{ attempt: AttemptRow; row: ActivationRow } | null> {
  const known = await db.selectFrom('attempt').select('activation').where('id', '=', id).executeTakeFirst();
  if (known === undefined) return null;
  const row = await lockActivation(db, known.activation);
  // Read again under the lock.
  const attempt = await db.selectFrom('attempt').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined || attempt === undefined) return null;
  return gateway === null || attempt.gateway === gateway ? { attempt, row } : null;
}

/** One order for all, so that two transactions cannot wait for each other. */
function sorted<T, K extends keyof T>(list: readonly T[], key: K): T[] {
  return [...list].sort((a, b) => (a[key] < b[key] ? -1 : 1));
}
