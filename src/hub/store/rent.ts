/** What a kept number costs: each period of 30 days once, in advance. It rests while the number's SIM is away. */
import type { Selectable } from 'kysely';
import { after } from '../activations/due.ts';
import type { ActivationRow } from './activations.ts';
import { post } from './ledger.ts';
import type { Db, Tables } from './schema.ts';

const PERIOD_MS = 30 * 86_400_000;

/**
 * Takes the money of the next period when the one before is over.
 *
 * @returns false when the balance does not suffice, and the number must go.
 */
export async function chargePeriod(db: Db, row: ActivationRow, now: string): Promise<boolean> {
  const number = await db
    .selectFrom('kept_number')
    .select(['id', 'paid_until', 'periods', 'active_at', 'created_at'])
    .where('activation', '=', row.id)
    .executeTakeFirst();
  if (number === undefined || row.cost === 0) return true;
  const paidUntil = paidUntilOf(number);
  if (paidUntil > now) return true;
  const period = Math.max(1, number.periods) + 1;
  const paid = await post(db, {
    account: row.account,
    kind: 'charge',
    reference: row.id,
    period,
    amount: 0 - row.cost,
    held: 0,
    now,
  });
  if (paid === null) return false;
  await db
    .updateTable('kept_number')
    .set({ paid_until: after(paidUntil, PERIOD_MS), periods: period, updated_at: now })
    .where('id', '=', number.id)
    .execute();
  return true;
}

/** A number is about to be active: where it was suspended, what is paid for goes on from where it stopped. */
export async function resumeRent(
  db: Db,
  row: Pick<ActivationRow, 'id' | 'cost'>,
  now: string,
): Promise<void> {
  if (row.cost === 0) return;
  const number = await db
    .selectFrom('kept_number')
    .select(['id', 'paid_until', 'active_at', 'created_at', 'updated_at'])
    .where('activation', '=', row.id)
    .where('state', '=', 'suspended')
    .executeTakeFirst();
  if (number === undefined) return;
  // Several hubs, several clocks.
  const awayMs = Math.max(0, Date.parse(now) - Date.parse(number.updated_at));
  await db
    .updateTable('kept_number')
    .set({ paid_until: after(paidUntilOf(number), awayMs) })
    .where('id', '=', number.id)
    .execute();
}

type Paid = Pick<Selectable<Tables['kept_number']>, 'paid_until' | 'active_at' | 'created_at'>;

/** The first period was paid by the hold. */
function paidUntilOf({ paid_until, active_at, created_at }: Paid): string {
  return paid_until ?? after(active_at ?? created_at, PERIOD_MS);
}
