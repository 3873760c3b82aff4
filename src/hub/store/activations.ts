/**
 * One step of one activation: what transitions.ts allows, carried out with all its effects in the transaction of whoever
 * calls. Every façade, the projector and the scheduler come through here; nothing else writes `activation.state`.
 */
import type { Selectable } from 'kysely';
import { dueAt } from '../activations/due.ts';
import { type Effect, type Input, next } from '../activations/transitions.ts';
import { formatAmount } from '../money.ts';
import { enqueue } from './commands.ts';
import { post } from './ledger.ts';
import { type HubEventData, type HubEventType, tell } from './notify.ts';
import { mirrorNumber, numberOf } from './numbers.ts';
import { countOutcome } from './outcomes.ts';
import type { Db, Tables } from './schema.ts';

export type ActivationRow = Selectable<Tables['activation']>;

/** Holds an activation until the end of the transaction, on either database. */
export async function lockActivation(db: Db, id: string): Promise<ActivationRow | undefined> {
  // As lockGateway: an update locks the row, and gives it as it is after whoever had it before.
  return await db
    .updateTable('activation')
    .set((eb) => ({ updated_at: eb.ref('updated_at') }))
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
}

/** What a step writes besides the state. */
export type Change = Partial<
  Pick<
    ActivationRow,
    | 'attempt'
    | 'gateway'
    | 'iccid'
    | 'msisdn'
    | 'operator'
    | 'opened_at'
    | 'expires_at'
    | 'received_at'
    | 'message'
    | 'sender'
    | 'code'
    | 'text'
    | 'messages'
    | 'resends'
    | 'reason'
  >
>;

export interface Step {
  readonly now: string;
  readonly change?: Change;
  /** For a state that waits for an answer. */
  readonly answerBy?: string;
}

/**
 * Takes a locked activation one step on.
 *
 * @returns the row as it is now; null where the step is not legal, and nothing was done.
 */
export async function advance(
  db: Db,
  row: ActivationRow,
  input: Input,
  { now, change = {}, answerBy }: Step,
): Promise<ActivationRow | null> {
  const transition = next(row.mode, row.state, input);
  if (transition === null) return null;
  const { to, effects } = transition;
  const money = effects.includes('capture')
    ? 'captured'
    : effects.includes('release')
      ? 'released'
      : row.money;
  const isEnd = ENDS.has(to) && row.closed_at === null;
  const expiresAt = change.expires_at === undefined ? row.expires_at : change.expires_at;
  const after = await db
    .updateTable('activation')
    .set({
      ...change,
      state: to,
      money,
      updated_at: now,
      ...(isEnd ? { closed_at: now } : {}),
      due_at: dueAt({ state: to, expiresAt, answerBy: answerBy ?? null }, now),
    })
    .where('id', '=', row.id)
    .returningAll()
    .executeTakeFirstOrThrow();
  if (after.mode === 'continuous') await mirrorNumber(db, after, now);
  for (const effect of effects) await carryOut(db, effect, after, now);
  return after;
}

const ENDS: ReadonlySet<string> = new Set(['completed', 'cancelled', 'expired', 'failed', 'released']);

async function carryOut(db: Db, effect: Effect, row: ActivationRow, now: string): Promise<void> {
  switch (effect) {
    case 'capture':
      await post(db, { ...entryOf(row), kind: 'capture', amount: 0, held: 0 - row.cost, now });
      break;
    case 'release':
      await post(db, { ...entryOf(row), kind: 'release', amount: row.cost, held: 0 - row.cost, now });
      break;
    case 'close':
      await closeAtGateway(db, row, now);
      break;
    case 'rearm':
      if (row.attempt !== null && row.gateway !== null) {
        const args = { activationId: row.attempt, ttlSeconds: row.ttl };
        await enqueue(db, {
          gateway: row.gateway,
          name: 'activation.rearm',
          args,
          attempt: row.attempt,
          now,
        });
      }
      break;
    case 'served':
      await noteServed(db, row, now);
      break;
    case 'missed':
      if (row.gateway !== null)
        await countOutcome(db, { ...row, gateway: row.gateway, result: 'missed', now });
      break;
    case 'tell':
      await tellState(db, row, now);
      break;
  }
}

export function entryOf(row: Pick<ActivationRow, 'account' | 'id'>) {
  return { account: row.account, reference: row.id };
}

/** Every attempt that may be open at a gateway is closed there, and not free before the gateway has said so. */
async function closeAtGateway(db: Db, row: ActivationRow, now: string): Promise<void> {
  const open = await db
    .updateTable('attempt')
    .set({ state: 'closing' })
    .where('activation', '=', row.id)
    .where('state', 'in', ['asked', 'open'])
    .returning(['id', 'gateway'])
    .execute();
  for (const { id, gateway } of open) {
    await enqueueClose(db, {
      gateway,
      attempt: id,
      reason: row.state === 'completed' ? 'completed' : 'cancelled',
      now,
    });
  }
}

export async function enqueueClose(
  db: Db,
  arg: { gateway: string; attempt: string; reason: 'completed' | 'cancelled'; now: string },
): Promise<void> {
  const { gateway, attempt, reason, now } = arg;
  const args = { activationId: attempt, reason };
  await enqueue(db, { gateway, name: 'activation.close', args, attempt, now });
}

async function noteServed(db: Db, row: ActivationRow, now: string): Promise<void> {
  const { gateway, iccid, service, country, opened_at: openedAt, received_at: receivedAt } = row;
  if (gateway === null || iccid === null) return;
  const arrivalMs = Date.parse(receivedAt ?? now) - Date.parse(openedAt ?? now);
  await countOutcome(db, { gateway, service, country, result: 'received', arrivalMs, now });
  if (service === null) return;
  await db
    .insertInto('used_sim')
    .values({ iccid, service, account: '', why: 'received', at: now })
    .onConflict((conflict) => conflict.columns(['service', 'iccid', 'account']).doNothing())
    .execute();
}

async function tellState(db: Db, row: ActivationRow, now: string): Promise<void> {
  const number = row.mode === 'continuous' ? await numberOf(db, row.id) : null;
  const type = number === null ? ACTIVATION_EVENTS[row.state] : NUMBER_EVENTS[row.state];
  if (type === undefined) return;
  await tell(
    db,
    {
      account: row.account,
      type,
      // An activation may come to `received` again, and a kept number may be away more than once.
      reference: `${number ?? row.id} ${row.resends} ${row.attempt ?? ''}`,
      activation: row.id,
      number,
      message: null,
      sequence: row.messages,
      data: eventData(row, number, null),
    },
    now,
  );
}

const ACTIVATION_EVENTS: Readonly<Record<string, HubEventType | undefined>> = {
  waiting: 'activation.waiting',
  received: 'activation.received',
  completed: 'activation.completed',
  cancelled: 'activation.cancelled',
  expired: 'activation.expired',
};
const NUMBER_EVENTS: Readonly<Record<string, HubEventType | undefined>> = {
  kept: 'number.active',
  suspended: 'number.suspended',
  released: 'number.released',
};

export function eventData(
  row: ActivationRow,
  number: string | null,
  message: HubEventData['message'],
): HubEventData {
  const { id, n, state, service, country, currency, markup, facade } = row;
  return {
    activation:
      row.mode === 'continuous'
        ? null
        : {
            id,
            n,
            state,
            service,
            country,
            cost: formatAmount(row.cost),
            currency,
            charged: row.money === 'captured',
            markup,
            orderId: row.order_id,
            facade,
          },
    number: number === null ? null : { id: number },
    phone: row.msisdn,
    iccid: row.iccid,
    message,
  };
}
