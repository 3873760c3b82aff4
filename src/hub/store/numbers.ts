/** The row of a kept number follows its activation: the customer's name for it, and what stays the same about it. */
import type { Selectable } from 'kysely';
import type { State } from '../activations/transitions.ts';
import { resumeRent } from './rent.ts';
import type { Db, Tables } from './schema.ts';

export type NumberState = Tables['kept_number']['state'];

/** The kept number that an activation is the inside of. */
export async function numberOf(db: Db, activation: string): Promise<string | null> {
  const row = await db
    .selectFrom('kept_number')
    .select('id')
    .where('activation', '=', activation)
    .executeTakeFirst();
  return row?.id ?? null;
}

const STATE: Readonly<Partial<Record<State, NumberState>>> = {
  asking: 'provisioning',
  kept: 'active',
  suspended: 'suspended',
  released: 'released',
  cancelled: 'released',
  failed: 'failed',
};

export async function mirrorNumber(
  db: Db,
  row: Pick<Selectable<Tables['activation']>, 'id' | 'state' | 'cost' | 'iccid' | 'msisdn' | 'country'>,
  now: string,
): Promise<void> {
  const state = STATE[row.state];
  if (state === undefined) return;
  if (state === 'active') await resumeRent(db, row, now);
  const { iccid, msisdn, country } = row;
  const number = await db
    .updateTable('kept_number')
    .set((eb) => ({
      state,
      iccid,
      msisdn,
      country,
      updated_at: now,
      ...(state === 'active' ? { active_at: eb.fn.coalesce('active_at', eb.val(now)) } : {}),
      ...(state === 'released' || state === 'failed' ? { released_at: now } : {}),
    }))
    .where('activation', '=', row.id)
    .returning('id')
    .executeTakeFirst();
  if (number === undefined || state !== 'failed') return;
  // The customer never had it, nor its webhook. That of a released one stays: what it received is still on its way.
  await db
    .updateTable('webhook_endpoint')
    .set({ state: 'deleted', updated_at: now })
    .where('number', '=', number.id)
    .execute();
}
