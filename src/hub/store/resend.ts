/** What is sent on somebody's word: a test of an endpoint, a delivery once more. And what is no longer kept. */
import { SimbankError } from '../../errors.ts';
import { TEST } from '../webhooks/events.ts';
import type { Db } from './schema.ts';
import { knownEndpoint, mustBeActive } from './webhooks.ts';

/**
 * Sends an endpoint a test, once.
 *
 * @throws SimbankError `webhook.unknown`, `webhook.off`
 */
export async function testEndpoint(
  db: Db,
  arg: { endpoint: string; account: string; event: string; delivery: string; now: string },
): Promise<void> {
  const { account, event, delivery, now } = arg;
  const endpoint = await knownEndpoint(db, account, arg.endpoint);
  mustBeActive(endpoint);
  const { id, number } = endpoint;
  const data = { endpoint: { id }, number: number === null ? null : { id: number } };
  await db
    .insertInto('webhook_event')
    .values({
      id: event,
      account,
      type: TEST,
      reference: event,
      activation: null,
      number,
      message: null,
      sequence: 0,
      at: now,
      data: JSON.stringify(data),
    })
    .execute();
  await db
    .insertInto('delivery')
    .values({ ...NEW_DELIVERY, id: delivery, event, endpoint: id, account, next_at: now, created_at: now })
    .execute();
}

/**
 * Sends the same octets under the same `webhook-id` once more, as a delivery of its own with all its attempts. One that is
 * still waiting is sent now instead.
 *
 * @param id - that of the new delivery.
 * @returns the delivery that is sent, and its endpoint.
 * @throws SimbankError `delivery.unknown`, `webhook.off`
 */
export async function replayDelivery(
  db: Db,
  arg: { delivery: string; account: string; id: string; now: string },
): Promise<{ delivery: string; endpoint: string }> {
  const { account, id, now } = arg;
  const row = await db
    .selectFrom('delivery')
    .select(['id', 'event', 'endpoint', 'state', 'body', 'content_type'])
    .where('id', '=', arg.delivery)
    .where('account', '=', account)
    .executeTakeFirst();
  if (row === undefined) {
    throw new SimbankError('delivery.unknown', `there is no delivery ${arg.delivery.slice(0, 64)}`);
  }
  const { event, endpoint, state, body, content_type } = row;
  mustBeActive(await knownEndpoint(db, account, endpoint));
  if (state === 'pending') {
    await db
      .updateTable('delivery')
      .set({ next_at: now })
      .where('id', '=', row.id)
      .where('claimed_by', 'is', null)
      .execute();
    return { delivery: row.id, endpoint };
  }
  await db
    .insertInto('delivery')
    .values({
      ...NEW_DELIVERY,
      id,
      event,
      endpoint,
      account,
      next_at: now,
      created_at: now,
      body,
      content_type,
    })
    .execute();
  return { delivery: id, endpoint };
}

const NEW_DELIVERY = {
  claimed_by: null,
  claimed_until: null,
  body: null,
  content_type: null,
  done_at: null,
};

/** Events that are taken out in one call, each with a few deliveries and their attempts. */
const PURGE = 100;

/**
 * Takes out events that are older than `before`, with their deliveries and the log of the attempts (W-52), and endpoints that
 * were deleted and have nothing to show any more. A bounded number a call.
 *
 * @returns true when there was no more.
 */
export async function purgeWebhooks(db: Db, arg: { before: string }): Promise<boolean> {
  const old = await db
    .selectFrom('webhook_event')
    .select('id')
    .where('at', '<', arg.before)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('delivery')
            .select('delivery.id')
            .whereRef('delivery.event', '=', 'webhook_event.id')
            .where('delivery.state', '=', 'pending'),
        ),
      ),
    )
    .orderBy('at')
    .limit(PURGE)
    .execute();
  if (old.length > 0) {
    const events = old.map(({ id }) => id);
    await db
      .deleteFrom('delivery_attempt')
      .where('delivery', 'in', (eb) => eb.selectFrom('delivery').select('id').where('event', 'in', events))
      .execute();
    await db.deleteFrom('delivery').where('event', 'in', events).execute();
    await db.deleteFrom('webhook_event').where('id', 'in', events).execute();
  }
  await db
    .deleteFrom('webhook_endpoint')
    .where('state', '=', 'deleted')
    .where('updated_at', '<', arg.before)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('delivery')
            .select('delivery.id')
            .whereRef('delivery.endpoint', '=', 'webhook_endpoint.id'),
        ),
      ),
    )
    .execute();
  return old.length < PURGE;
}
