/** A purchase begins: money is held, the request is remembered, and the first gateway is about to be asked, all or nothing. */
import { dueAt } from '../activations/due.ts';
import type { Mode } from '../activations/transitions.ts';
import { pricedOperators, type Wish } from '../activations/wish.ts';
import { withMarkup } from '../money.ts';
import type { ActivationRow } from './activations.ts';
import { type Ask, insertAttempt } from './attempts.ts';
import { type Earlier, forget, type Idempotency, remember } from './idempotency.ts';
import { post } from './ledger.ts';
import { priceOf } from './prices.ts';
import type { Db } from './schema.ts';
import { createEndpoint, type NewEndpoint } from './webhooks.ts';

export interface Reservation {
  readonly account: string;
  readonly apiKey: string | null;
  /** Who asks: `rest`, `sms-activate`, … */
  readonly facade: string;
  /** A ULID for the request as a whole: its activations get one SIM, or none. */
  readonly batch: string;
  /** 1 to 5, each for another service. */
  readonly items: readonly {
    /** `act_<ulid>` */
    readonly id: string;
    /** The ULID of its first attempt. */
    readonly attempt: string;
    /** null: any sender. */
    readonly service: string | null;
  }[];
  readonly mode: Mode;
  /** ISO 3166-1 alpha-2 in capitals; null: any. */
  readonly country: string | null;
  readonly wish: Wish;
  /** Seconds to wait for a message. */
  readonly ttl: number;
  /** Most that one activation may cost, micro-units; null: whatever it costs. */
  readonly maxCost: number | null;
  readonly orderId: string | null;
  readonly idempotency: Idempotency | null;
  /** A kept number's id, and its webhook. */
  readonly number: {
    /** `num_<ulid>` */
    readonly id: string;
    readonly endpoint: NumberEndpoint | null;
  } | null;
  /** Percent above the price for which it waits in the queue when no number is free; 0: it does not wait. */
  readonly markup: number;
  /** The gateway that is asked; null: none has a number, and it waits in the queue until `queueUntil`. */
  readonly ask: Ask | null;
  readonly queueUntil: string | null;
  readonly now: string;
}

/** Its URL is one that `Deliverer.admit` has returned. */
export type NumberEndpoint = Omit<NewEndpoint, 'account' | 'number' | 'now'>;

export type Reserved =
  | { readonly outcome: 'reserved'; readonly activations: readonly ActivationRow[] }
  | Earlier
  /** The balance does not suffice for `cost`; micro-units. */
  | { readonly outcome: 'no-funds'; readonly balance: number; readonly cost: number }
  /** One of them costs more than `maxCost`. */
  | { readonly outcome: 'too-expensive'; readonly cost: number }
  /** The price book has no price for this service. */
  | { readonly outcome: 'no-price'; readonly service: string | null }
  /** The account is suspended or closed, or was never there. */
  | { readonly outcome: 'not-active' };

export async function reserve(db: Db, arg: Reservation): Promise<Reserved> {
  const { account, batch, now } = arg;
  const owner = await db
    .selectFrom('account')
    .select(['status', 'currency'])
    .where('id', '=', account)
    .executeTakeFirst();
  if (owner?.status !== 'active') return { outcome: 'not-active' };
  if (arg.idempotency !== null) {
    const earlier = await remember(db, { ...arg.idempotency, account, batch, now });
    if (earlier !== null) return earlier;
  }
  const costs = await costsOf(db, arg);
  if ('outcome' in costs) {
    await forget(db, batch);
    return costs;
  }
  const total = costs.reduce((sum, cost) => sum + cost, 0);
  // Held until the end: what is seen here is what the holds below take from.
  const wallet = await db
    .updateTable('wallet')
    .set({ updated_at: now })
    .where('account', '=', account)
    .returning('balance')
    .executeTakeFirstOrThrow();
  if (wallet.balance < total) {
    await forget(db, batch);
    return { outcome: 'no-funds', balance: wallet.balance, cost: total };
  }
  const activations: ActivationRow[] = [];
  for (const [i, item] of arg.items.entries()) {
    const row = await insert(db, arg, item, costs[i]!, owner.currency);
    await post(db, { account, reference: row.id, kind: 'hold', amount: 0 - row.cost, held: row.cost, now });
    if (arg.ask !== null) {
      await insertAttempt(db, arg.ask, { activation: row.id, attempt: item.attempt }, 1, now);
    }
    activations.push(row);
  }
  if (arg.number !== null) await insertNumber(db, arg, arg.number, activations[0]!.id);
  return { outcome: 'reserved', activations };
}

async function costsOf(db: Db, arg: Reservation): Promise<number[] | Reserved> {
  const { account, country, mode, wish, maxCost, markup } = arg;
  const costs: number[] = [];
  for (const { service } of arg.items) {
    const price = await priceOf(db, {
      account,
      product: mode === 'continuous' ? 'number' : 'activation',
      service,
      country,
      operators: pricedOperators(wish),
    });
    if (price === null) return { outcome: 'no-price', service };
    // A bid is paid where it was needed: a number that is free at once costs what it costs.
    const cost = arg.ask === null ? withMarkup(price, markup) : price;
    if (maxCost !== null && cost > maxCost) return { outcome: 'too-expensive', cost };
    costs.push(cost);
  }
  return costs;
}

async function insert(
  db: Db,
  arg: Reservation,
  { id, attempt, service }: Reservation['items'][number],
  cost: number,
  currency: string,
): Promise<ActivationRow> {
  const { ask, now } = arg;
  const state = ask === null ? 'queued' : 'asking';
  return await db
    .insertInto('activation')
    .values({
      id,
      account: arg.account,
      api_key: arg.apiKey,
      facade: arg.facade,
      batch: arg.batch,
      mode: arg.mode,
      state,
      service,
      country: arg.country,
      wish: JSON.stringify(arg.wish),
      ttl: arg.ttl,
      cost,
      currency,
      money: 'held',
      order_id: arg.orderId,
      markup: ask === null ? arg.markup : 0,
      attempt: ask === null ? null : attempt,
      gateway: ask?.gateway ?? null,
      iccid: null,
      msisdn: null,
      operator: null,
      message: null,
      sender: null,
      code: null,
      text: null,
      created_at: now,
      opened_at: null,
      expires_at: ask === null ? arg.queueUntil : null,
      received_at: null,
      closed_at: null,
      reason: null,
      updated_at: now,
      due_at: dueAt({ state, expiresAt: arg.queueUntil, answerBy: ask?.answerBy ?? null }, now),
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

async function insertNumber(
  db: Db,
  { account, country, now }: Reservation,
  { id, endpoint }: NonNullable<Reservation['number']>,
  activation: string,
): Promise<void> {
  await db
    .insertInto('kept_number')
    .values({
      id,
      account,
      activation,
      state: 'provisioning',
      iccid: null,
      msisdn: null,
      country,
      endpoint: endpoint?.id ?? null,
      created_at: now,
      active_at: null,
      released_at: null,
      paid_until: null,
      updated_at: now,
    })
    .execute();
  if (endpoint === null) return;
  await createEndpoint(db, { ...endpoint, account, number: id, now });
}
