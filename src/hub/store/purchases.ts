/** What a customer does to what was bought. */
import { type ActivationRow, advance, lockActivation } from './activations.ts';
import { countOutcome } from './outcomes.ts';
import type { Db } from './schema.ts';

export interface Wanted {
  readonly account: string;
  /** `act_<ulid>` */
  readonly id: string;
  readonly now: string;
}

export type Done =
  | { readonly outcome: 'done'; readonly activation: ActivationRow }
  /** Not in the state that it is in; nothing was done. */
  | { readonly outcome: 'illegal'; readonly activation: ActivationRow }
  | { readonly outcome: 'unknown' };

/** From then on a number counts as having waited in vain when its customer gives it up. */
const PATIENCE_MS = 60_000;

/**
 * Cancels one without a message, or gives a kept number back. The money comes back at once; the gateway is told until it
 * says that it has closed.
 *
 * @param arg.never - this account does not want this number again for this service.
 */
export async function cancel(db: Db, arg: Wanted & { never?: boolean }): Promise<Done> {
  const { now } = arg;
  const row = await owned(db, arg);
  if (row === undefined) return { outcome: 'unknown' };
  const activation = await advance(db, row, 'cancel', { now });
  if (activation === null) return { outcome: 'illegal', activation: row };
  const { gateway, iccid, service, opened_at: openedAt } = row;
  if (gateway !== null && openedAt !== null && row.mode === 'single') {
    const waited = Date.parse(now) - Date.parse(openedAt) >= PATIENCE_MS;
    if (waited) await countOutcome(db, { ...row, gateway, result: 'missed', now });
  }
  if (arg.never === true && iccid !== null && service !== null) {
    await db
      .insertInto('used_sim')
      .values({ iccid, service, account: row.account, why: 'rejected', at: now })
      .onConflict((conflict) => conflict.columns(['service', 'iccid', 'account']).doNothing())
      .execute();
  }
  return { outcome: 'done', activation };
}

/** The code was used: the number is free. */
export async function complete(db: Db, arg: Wanted): Promise<Done> {
  const row = await owned(db, arg);
  if (row === undefined) return { outcome: 'unknown' };
  const activation = await advance(db, row, 'complete', { now: arg.now });
  return activation === null ? { outcome: 'illegal', activation: row } : { outcome: 'done', activation };
}

/**
 * Waits for one more message on the same number, for nothing. Asked again while it waits, nothing more happens.
 *
 * @param arg.most - how often an activation may ask; beyond it the outcome is `illegal`.
 */
export async function rearm(db: Db, arg: Wanted & { most: number }): Promise<Done> {
  const { now } = arg;
  const row = await owned(db, arg);
  if (row === undefined) return { outcome: 'unknown' };
  if (row.state === 'waiting-again') return { outcome: 'done', activation: row };
  if (row.resends >= arg.most) return { outcome: 'illegal', activation: row };
  const expiresAt = new Date(Date.parse(now) + row.ttl * 1_000).toISOString();
  const change = { resends: row.resends + 1, expires_at: expiresAt };
  const activation = await advance(db, row, 'rearm', { now, change });
  return activation === null ? { outcome: 'illegal', activation: row } : { outcome: 'done', activation };
}

async function owned(db: Db, { account, id }: Wanted): Promise<ActivationRow | undefined> {
  const row = await lockActivation(db, id);
  return row?.account === account ? row : undefined;
}
