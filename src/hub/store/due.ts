/**
 * What falls due although nobody calls: taken up by whichever hub looks first, done in the transaction that found it. Rows
 * that another hub has in hand are left to it.
 */
import { sql } from 'kysely';
import { ulid } from '../../protocol/ulid.ts';
import { after, RELEASE_AFTER_ALL_MS, REOPEN_EVERY_MS } from '../activations/due.ts';
import { type ActivationRow, advance } from './activations.ts';
import { exhausted, unanswered } from './attempts.ts';
import { claiming } from './dialect.ts';
import { raiseAlarm } from './epochs.ts';
import { isolated } from './isolation.ts';
import { chargePeriod } from './rent.ts';
import type { Db } from './schema.ts';

/** Rows of one transaction: it bounds how long anything is locked. */
const LIMIT = 50;
const LOOK_AGAIN_MS = 60_000;
/** One that could not be taken on, and needs somebody to look at it. */
const STUCK_MS = 3_600_000;

export interface Worked {
  /** True when there may be more that is due. */
  readonly more: boolean;
  /** Kept numbers without their SIM, to be opened again where it is now. */
  readonly reopen: readonly ActivationRow[];
  /** How many were taken on. */
  readonly done: number;
}

/** Takes up activations that are due. The same again finds none. */
export async function workOff(db: Db, arg: { now: string }): Promise<Worked> {
  const { now } = arg;
  await closeUnanswered(db, now);
  const rows = await claiming(
    db,
    db.selectFrom('activation').selectAll().where('due_at', '<=', now).orderBy('due_at').limit(LIMIT),
  ).execute();
  const reopen: ActivationRow[] = [];
  for (const row of rows) {
    if (row.state === 'suspended') {
      await lookAgain(db, row, after(now, REOPEN_EVERY_MS));
      reopen.push(row);
      continue;
    }
    const fault = await isolated(db, () => workOne(db, row, now));
    if (fault === null) continue;
    await lookAgain(db, row, after(now, STUCK_MS));
    await raiseAlarm(db, {
      id: ulid(Date.parse(now)),
      gateway: row.gateway,
      kind: 'activation.stuck',
      detail: `${row.id}, ${row.state}: ${fault}`,
      at: now,
    });
  }
  return { more: rows.length === LIMIT, reopen, done: rows.length };
}

async function workOne(db: Db, row: ActivationRow, now: string): Promise<void> {
  switch (row.state) {
    case 'queued':
      await advance(db, row, 'overdue', { now, change: { reason: 'no-numbers' } });
      break;
    case 'asking':
      // Whoever asked is gone.
      await exhausted(db, { activations: [row.id], reason: 'unanswered', now });
      break;
    case 'waiting':
    case 'received':
    case 'waiting-again': {
      const latest = after(row.expires_at ?? now, RELEASE_AFTER_ALL_MS);
      // While its gateway is there, its word may be on the way behind a backlog; though not for ever.
      if (latest > now && (await isOnline(db, row.gateway)))
        await lookAgain(db, row, after(now, LOOK_AGAIN_MS));
      else await advance(db, row, 'overdue', { now, change: { reason: 'overdue' } });
      break;
    }
    case 'cancelled':
    case 'expired':
      await advance(db, row, 'settle', { now });
      break;
    case 'kept':
      // Each day: it also finds out a gateway that has lost its database, and this number with it.
      if (await chargePeriod(db, row, now)) await advance(db, row, 'renew', { now });
      else await advance(db, row, 'cancel', { now, change: { reason: 'unpaid' } });
      break;
    default:
      await lookAgain(db, row, null);
  }
}

async function lookAgain(db: Db, { id }: ActivationRow, at: string | null): Promise<void> {
  await db.updateTable('activation').set({ due_at: at }).where('id', '=', id).execute();
}

async function isOnline(db: Db, gateway: string | null): Promise<boolean> {
  if (gateway === null) return false;
  const row = await db.selectFrom('gateway').select('online').where('id', '=', gateway).executeTakeFirst();
  return row?.online === 1;
}

/** Attempts whose hub did not live to hear the answer: the gateway may have opened them. */
async function closeUnanswered(db: Db, now: string): Promise<void> {
  const lapsed = await db
    .selectFrom('attempt')
    .select('id')
    // A literal, so that SQLite sees that its partial index holds them all.
    .where('state', '=', sql.lit('asked'))
    .where('answer_by', '<', after(now, -LAPSE_MS))
    .limit(LIMIT)
    .execute();
  await unanswered(db, { attempts: lapsed.map(({ id }) => id), now });
}

/** The hub that asked deals with it by itself, and needs a moment for that. */
const LAPSE_MS = 3_000;
