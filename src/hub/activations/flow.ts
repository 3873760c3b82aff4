/**
 * Buying a number: which gateways may have one, asking them one after another, and what becomes of their answers. The money and
 * every state are the store's; a hub that dies in the middle leaves nothing that its scheduler, or another hub's, does not end.
 */
import type { Logger } from '../../log.ts';
import { ulid } from '../../protocol/ulid.ts';
import type { Commander } from '../commander.ts';
import type { KeptNumberRow } from '../store/activation-reads.ts';
import type { ActivationRow } from '../store/activations.ts';
import type { Ask } from '../store/attempts.ts';
import type { Earlier, Idempotency } from '../store/idempotency.ts';
import type { Product } from '../store/prices.ts';
import type { NumberEndpoint, Reservation, Reserved } from '../store/reserve.ts';
import type { HubStore } from '../store/store.ts';
import { countriesFor } from './countries.ts';
import { gatewaysFor, type Wanted } from './gateways.ts';
import { openArgs, readOpened } from './opening.ts';
import type { State } from './transitions.ts';
import type { Wish } from './wish.ts';

/** How long a gateway may take to answer, and a customer has to wait at most until there is no number. */
const ANSWER_MS = 5_000;
const PATIENCE_MS = 15_000;
/** How long a gateway keeps a number before it must be told again: twice what a hub may be away. */
const KEPT_SECONDS = 60 * 86_400;
/** customer-apis A-18. */
const QUEUE_MS = 1_800_000;
/** What a gateway refused to the queue is not asked for again so soon. */
const BARREN_MS = 10_000;

export { WINDOW_MS } from './gateways.ts';

export interface Order {
  readonly account: string;
  readonly apiKey: string | null;
  /** Who asks: `rest`, `sms-activate`, … */
  readonly facade: string;
  /** 1 to 5 different ones, all on one number; null: any sender. */
  readonly services: readonly (string | null)[];
  readonly country: string | null;
  readonly wish: Wish;
  /** Seconds; without it as configured. */
  readonly ttl?: number;
  /** Most that one activation may cost, micro-units. */
  readonly maxCost?: number | null;
  readonly orderId?: string | null;
  readonly idempotency?: Idempotency | null;
  /** Percent: when no number is free it waits for one, offering so much more; 0: it does not wait. */
  readonly markup?: number;
}

export type Bought =
  | { readonly outcome: 'bought'; readonly activations: readonly ActivationRow[] }
  /** It waits for a number (only with a markup). */
  | { readonly outcome: 'queued'; readonly activations: readonly ActivationRow[] }
  | Unopened
  | Exclude<Reserved, { outcome: 'reserved' }>;

/** No gateway has a number, or the customer has cancelled before one was found. */
export type Unopened = { readonly outcome: 'no-numbers' } | { readonly outcome: 'cancelled' };

export type Provisioned =
  | { readonly outcome: 'bought'; readonly number: KeptNumberRow; readonly activation: ActivationRow }
  | Unopened
  | Exclude<Reserved, { outcome: 'reserved' }>;

export interface FlowOptions {
  readonly store: HubStore;
  readonly commander: Commander;
  readonly log: Logger;
  /** Seconds that an activation lives where its order does not say. */
  readonly ttl: number;
  /** How long a gateway may take to answer; for tests. */
  readonly answerMs?: number;
}

export class Flow {
  readonly #options: FlowOptions;
  /** What the queue asks for in vain, and until when it is not asked again. */
  readonly #barren = new Map<string, number>();

  constructor(options: FlowOptions) {
    this.#options = options;
  }

  /** Buys activations. Rejects only when the store fails: then it is not known whether something was bought. */
  async buy(order: Order): Promise<Bought> {
    return await this.#inCountries({ ...order, product: 'activation' }, (placed) => this.#buy(placed));
  }

  async #buy(order: Order): Promise<Bought> {
    const { services, account, markup = 0 } = order;
    const gateways = await this.#gateways(order);
    if (gateways.length === 0) {
      if (markup > 0 && order.country !== null) return await this.#enqueue(order);
      return (await this.#earlier(account, order.idempotency)) ?? { outcome: 'no-numbers' };
    }
    const ask = this.#newAsk(gateways[0]!);
    const reserved = await this.#reserve(order, {
      ask,
      items: newItems(services),
      mode: 'single',
      number: null,
    });
    if (reserved.outcome !== 'reserved') return reserved;
    const pursued = await this.#pursue(reserved.activations, gateways, ask);
    return pursued.outcome === 'no-numbers' && markup > 0 ? await this.#enqueue(order) : pursued;
  }

  async #enqueue(order: Order): Promise<Bought> {
    const items = newItems(order.services);
    const reserved = await this.#reserve(order, { ask: null, items, mode: 'single', number: null });
    return reserved.outcome === 'reserved'
      ? { outcome: 'queued', activations: reserved.activations }
      : reserved;
  }

  /** Gets a number to keep. `endpoint`: its webhook, or none. */
  async provision(
    order: Omit<Order, 'services' | 'markup' | 'ttl'> & { endpoint: NumberEndpoint | null },
  ): Promise<Provisioned> {
    const any = { ...order, services: [null], ttl: KEPT_SECONDS, idle: true, product: 'number' as const };
    return await this.#inCountries(any, (placed) => this.#provision(placed));
  }

  async #provision(order: Order & { endpoint: NumberEndpoint | null; idle: boolean }): Promise<Provisioned> {
    const { account, services, endpoint } = order;
    const gateways = await this.#gateways(order);
    if (gateways.length === 0) {
      return (await this.#earlier(account, order.idempotency)) ?? { outcome: 'no-numbers' };
    }
    const ask = this.#newAsk(gateways[0]!);
    const number = { id: `num_${ulid(Date.now())}`, endpoint };
    const items = newItems(services);
    const reserved = await this.#reserve(order, { ask, items, mode: 'continuous', number });
    if (reserved.outcome !== 'reserved') return reserved;
    const pursued = await this.#pursue(reserved.activations, gateways, ask);
    if (pursued.outcome !== 'bought') return pursued;
    const row = await this.#options.store.reads.keptNumber({ account, id: number.id });
    return { outcome: 'bought', number: row!, activation: pursued.activations[0]! };
  }

  /** Priority requests get what has become free: the highest offer first. */
  async serveQueue(): Promise<void> {
    const now = Date.now();
    for (const [kind, until] of this.#barren) if (until <= now) this.#barren.delete(kind);
    for (const row of await this.#options.store.reads.queue({ limit: 100 })) {
      const wish = JSON.parse(row.wish) as Wish;
      const kind = JSON.stringify([row.service, row.country, wish]);
      if (this.#barren.has(kind)) continue;
      const gateways = await this.#gateways({ ...row, wish, services: [row.service] });
      const ask = gateways.length === 0 ? null : this.#newAsk(gateways[0]!);
      const isServed =
        ask !== null &&
        (await this.#next([row], ask, 'queued')) &&
        (await this.#pursue([row], gateways, ask)).outcome === 'bought';
      // Who stands behind it wants the same. Refused by a gateway, it has a reason that stays for a while.
      if (!isServed) this.#barren.set(kind, ask === null ? now : now + BARREN_MS);
    }
  }

  /** A kept number whose SIM was away: asks for that SIM where it is now. */
  async reopen(row: ActivationRow): Promise<void> {
    if (row.iccid === null) return;
    const wish = { iccid: row.iccid };
    const [gateway] = await this.#gateways({ ...row, wish, services: [null] });
    if (gateway === undefined) return;
    const ask = this.#newAsk(gateway);
    if (await this.#next([row], ask, 'suspended'))
      await this.#ask([{ ...row, wish: JSON.stringify(wish) }], ask);
  }

  /** Asks for a number in one country after another, where the order names none. */
  async #inCountries<O extends Wanted & { product: Product }, R extends { outcome: string }>(
    order: O,
    ask: (placed: O) => Promise<R>,
  ): Promise<R> {
    const until = Date.now() + ANSWER_MS;
    const [first, ...others] = await countriesFor(this.#options.store.reads, order);
    let answer = await ask({ ...order, country: first! });
    for (const country of others) {
      if (answer.outcome !== 'no-numbers' || Date.now() >= until) break;
      answer = await ask({ ...order, country });
    }
    return answer;
  }

  #gateways(wanted: Wanted): Promise<string[]> {
    return gatewaysFor(this.#options.store.reads, wanted, new Date());
  }

  async #earlier(account: string, idempotency: Idempotency | null | undefined): Promise<Earlier | null> {
    if (idempotency == null) return null;
    return await this.#options.store.reads.earlier({ account, ...idempotency });
  }

  async #reserve(
    order: Omit<Order, 'services'>,
    rest: Pick<Reservation, 'ask' | 'items' | 'mode' | 'number'>,
  ): Promise<Reserved> {
    const now = Date.now();
    return await this.#options.store.verbs.reserve({
      account: order.account,
      apiKey: order.apiKey,
      facade: order.facade,
      batch: ulid(now),
      country: order.country,
      wish: order.wish,
      ttl: order.ttl ?? this.#options.ttl,
      maxCost: order.maxCost ?? null,
      orderId: order.orderId ?? null,
      idempotency: order.idempotency ?? null,
      markup: order.markup ?? 0,
      queueUntil: rest.ask === null ? iso(now + QUEUE_MS) : null,
      now: iso(now),
      ...rest,
    });
  }

  /** Asks the first gateway, which the store knows of, and then the others, as long as nobody cancels. */
  async #pursue(
    rows: readonly ActivationRow[],
    gateways: readonly string[],
    first: Ask,
  ): Promise<Unopened | { readonly outcome: 'bought'; readonly activations: readonly ActivationRow[] }> {
    const until = Date.now() + PATIENCE_MS;
    let ask = first;
    for (const next of [...gateways.slice(1), null]) {
      const activations = await this.#ask(rows, ask);
      if (activations !== null) return { outcome: 'bought', activations };
      if (next === null || Date.now() >= until) break;
      ask = this.#newAsk(next);
      if (!(await this.#next(rows, ask, 'asking'))) break;
    }
    const ended = await this.#options.store.verbs.exhausted({
      activations: rows.map(({ id }) => id),
      reason: 'no-numbers',
      now: iso(Date.now()),
    });
    if (ended.some(({ state }) => state === 'cancelled' || state === 'refunded'))
      return { outcome: 'cancelled' };
    return { outcome: 'no-numbers' };
  }

  #newAsk(gateway: string): Ask {
    const now = Date.now();
    return { gateway, command: ulid(now), answerBy: iso(now + (this.#options.answerMs ?? ANSWER_MS)) };
  }

  async #next(rows: readonly ActivationRow[], ask: Ask, from: State): Promise<boolean> {
    const now = Date.now();
    const attempts = rows.map(({ id }) => ({ activation: id, attempt: ulid(now) }));
    return await this.#options.store.verbs.ask({ ...ask, attempts, from, now: iso(now) });
  }

  /** Asks one gateway; the activations that have their number now, or null. */
  async #ask(rows: readonly ActivationRow[], ask: Ask): Promise<readonly ActivationRow[] | null> {
    const { store, log, commander } = this.#options;
    const { gateway, command } = ask;
    const attempts = await store.reads.attemptsOf(command);
    const args = await openArgs(store.reads, rows, attempts, gateway);
    const wait = Date.parse(ask.answerBy) - Date.now();
    const answer = await commander.send(gateway, { id: command, name: 'activation.open', args }, wait);
    const now = iso(Date.now());
    const ids = attempts.map(({ id }) => id);
    const read = readOpened(answer);
    if (read !== null) {
      const opened = await store.verbs.opened({ attempts: ids, gateway, result: read, now });
      return opened.length > 0 ? opened : null;
    }
    if (answer?.ok === false) {
      if (answer.code !== 'activation.no_sim') {
        log.warn({ gateway, code: answer.code }, 'a gateway refuses to open an activation');
      }
      await store.verbs.refused({ attempts: ids, gateway, code: answer.code, now });
      return null;
    }
    log.warn({ gateway }, 'a gateway did not answer in time: its attempt is closed');
    // Its event may have come where its answer did not.
    const opened = await store.verbs.unanswered({ attempts: ids, now });
    return opened.length > 0 ? opened : null;
  }
}

function newItems(services: Order['services']): Reservation['items'] {
  return services.map((service) => ({ id: `act_${ulid(Date.now())}`, attempt: ulid(Date.now()), service }));
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
