/** Endpoints of webhooks as their owners keep them. */
import type { Selectable } from 'kysely';
import { SimbankError } from '../../errors.ts';
import { type EndpointOptions, type RenderingName, renderingOf } from '../webhooks/renderings.ts';
import { newWebhookSecret } from './accounts.ts';
import type { Db, Tables } from './schema.ts';
import { rotateSecret, signing } from './signing.ts';

type Endpoint = Selectable<Tables['webhook_endpoint']>;

export interface NewEndpoint {
  /** `we_<ulid>` */
  readonly id: string;
  readonly account: string;
  /** A kept number whose webhook this is; null: of the whole account. */
  readonly number: string | null;
  /** As `Deliverer.admit` has returned it. */
  readonly url: string;
  readonly rendering: RenderingName;
  /** Event types; null: all that the rendering has words for. */
  readonly events: readonly string[] | null;
  readonly options: EndpointOptions;
  readonly description: string;
  /** One of its own; null: the account's. */
  readonly secret: { readonly id: string; readonly value: string } | null;
  readonly now: string;
}

/** Endpoints of one account that are not those of a number. Each event goes to all of them. */
const MAX_ENDPOINTS = 20;

/** @throws SimbankError `webhook.too_many`, `webhook.no_secret` */
export async function createEndpoint(db: Db, arg: NewEndpoint): Promise<void> {
  const { id, account, number, url, rendering, now } = arg;
  if (number === null) {
    const there = await db
      .selectFrom('webhook_endpoint')
      .select('id')
      .where('account', '=', account)
      .where('state', 'in', ['active', 'disabled'])
      .where('number', 'is', null)
      .limit(MAX_ENDPOINTS)
      .execute();
    if (there.length === MAX_ENDPOINTS) {
      throw new SimbankError(
        'webhook.too_many',
        `an account has at most ${MAX_ENDPOINTS} webhooks: delete one that is not needed`,
      );
    }
  }
  await db
    .insertInto('webhook_endpoint')
    .values({
      id,
      account,
      number,
      url,
      rendering,
      events: wanted(rendering, arg.events),
      options: JSON.stringify(arg.options),
      description: arg.description,
      disabled_reason: null,
      failing_since: null,
      created_at: now,
      updated_at: now,
    })
    .execute();
  if (arg.secret !== null) {
    await newWebhookSecret(db, { ...arg.secret, account, endpoint: id, now, overlapUntil: now });
  } else if ((await signing(db, [{ id, account }], now)).length === 0) {
    throw new SimbankError('webhook.no_secret', 'there is nothing to sign with: make a webhook secret first');
  }
}

/** As the table has them. Without a choice those that the rendering has words for. */
function wanted(rendering: RenderingName, events: readonly string[] | null): string {
  return (events ?? renderingOf(rendering).speaks)?.join(' ') ?? '*';
}

/**
 * Changes what is given; with another rendering the events are chosen anew. `active: true` also lets an endpoint go on that was turned off for its failures.
 *
 * @throws SimbankError `webhook.unknown`
 */
export async function updateEndpoint(
  db: Db,
  arg: {
    readonly id: string;
    readonly account: string;
    readonly url?: string;
    readonly rendering?: RenderingName;
    readonly events?: readonly string[] | null;
    readonly options?: EndpointOptions;
    readonly description?: string;
    readonly active?: boolean;
    readonly now: string;
  },
): Promise<void> {
  const { id, account, url, rendering, events, options, description, active, now } = arg;
  const known = await knownEndpoint(db, account, id);
  const form = rendering ?? (known.rendering as RenderingName);
  await db
    .updateTable('webhook_endpoint')
    .set({
      updated_at: now,
      ...(url === undefined ? {} : { url }),
      rendering: form,
      ...(events === undefined && rendering === undefined ? {} : { events: wanted(form, events ?? null) }),
      ...(options === undefined ? {} : { options: JSON.stringify(options) }),
      ...(description === undefined ? {} : { description }),
      ...(active === undefined
        ? {}
        : active
          ? { state: 'active', disabled_reason: null, failing_since: null }
          : { state: 'disabled', disabled_reason: 'customer' }),
    })
    .where('id', '=', id)
    .execute();
}

/**
 * Its deliveries stay to be seen; those that wait are ended by the next claim.
 *
 * @throws SimbankError `webhook.unknown`
 */
export async function deleteEndpoint(
  db: Db,
  arg: { id: string; account: string; now: string },
): Promise<void> {
  await knownEndpoint(db, arg.account, arg.id);
  await db
    .updateTable('webhook_endpoint')
    .set({ state: 'deleted', updated_at: arg.now })
    .where('id', '=', arg.id)
    .execute();
  await db.deleteFrom('webhook_secret').where('endpoint', '=', arg.id).execute();
}

/**
 * Gives an endpoint a secret of its own, or a new one: rotateSecret of signing.ts.
 *
 * @throws SimbankError `webhook.unknown`, `webhook.too_many`
 */
export async function rotateEndpointSecret(
  db: Db,
  arg: { endpoint: string; account: string; id: string; value: string; now: string; overlapUntil: string },
): Promise<void> {
  await knownEndpoint(db, arg.account, arg.endpoint);
  await rotateSecret(db, arg);
}

/** @throws SimbankError `webhook.unknown` */
export async function knownEndpoint(db: Db, account: string, id: string): Promise<Endpoint> {
  const row = await db
    .selectFrom('webhook_endpoint')
    .selectAll()
    .where('id', '=', id)
    .where('account', '=', account)
    .where('state', '!=', 'deleted')
    .executeTakeFirst();
  if (row === undefined) throw new SimbankError('webhook.unknown', `there is no webhook ${id.slice(0, 64)}`);
  return row;
}

/** @throws SimbankError `webhook.off` */
export function mustBeActive({ id, state }: Endpoint): void {
  if (state === 'active') return;
  throw new SimbankError('webhook.off', `the webhook ${id} is turned off: turn it on again first`);
}
