/** What a kept number costs: each period of 30 days once, in advance. */
import { after } from '../activations/due.ts';
import type { ActivationRow } from './activations.ts';
import { post } from './ledger.ts';
import type { Db } from './schema.ts';

const PERIOD_MS = 30 * 86_400_000;

/**
 * Takes the money of the next period when the one before is over.
 *
 * @returns false when the balance does not suffice, and the number must go.
 */
export async function chargePeriod(db: Db, row: ActivationRow, now: string): Promise<boolean> {
  const number = await db
    .selectFrom('kept_number')
    .select(['id', 'paid_until', 'periods', 'active_at'])
    .where('activation', '=', row.id)
    .executeTakeFirst();
  if (number === undefined || row.cost === 0) return true;
  // The first one was paid by the hold.
  const paidUntil = number.paid_until ?? after(number.active_at ?? row.created_at, PERIOD_MS);
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
