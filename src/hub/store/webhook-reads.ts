/** What owners see of their webhooks, and what is due. Secrets are in none of it. */
import type { Selectable } from 'kysely';
import type { Db, Tables } from './schema.ts';

export type EndpointRow = Selectable<Tables['webhook_endpoint']>;
export type AttemptRow = Pick<
  Selectable<Tables['delivery_attempt']>,
  'n' | 'at' | 'ms' | 'status' | 'error' | 'answer'
>;

export interface DeliveryRow {
  readonly id: string;
  readonly event: string;
  readonly type: string;
  readonly endpoint: string;
  readonly state: 'pending' | 'delivered' | 'failed' | 'aborted';
  readonly attempts: number;
  /** When the next attempt is due; null: there is none. */
  readonly nextAt: string | null;
  readonly createdAt: string;
  readonly doneAt: string | null;
}

export function webhookReadsOn(db: Db) {
  const deliveries = () =>
    db
      .selectFrom('delivery')
      .innerJoin('webhook_event', 'webhook_event.id', 'delivery.event')
      .select([
        'delivery.id',
        'delivery.event',
        'webhook_event.type',
        'delivery.endpoint',
        'delivery.state',
        'delivery.attempts',
        'delivery.next_at',
        'delivery.created_at',
        'delivery.done_at',
      ]);

  return {
    /** The endpoints of an account in the order in which they were made; those of one number only with `number`. */
    async webhookEndpoints(arg: { account: string; number?: string }): Promise<EndpointRow[]> {
      let query = db
        .selectFrom('webhook_endpoint')
        .selectAll()
        .where('account', '=', arg.account)
        .where('state', 'in', ['active', 'disabled'])
        .orderBy('id');
      if (arg.number !== undefined) query = query.where('number', '=', arg.number);
      return await query.execute();
    },

    async webhookEndpoint(arg: { account: string; id: string }): Promise<EndpointRow | null> {
      const row = await db
        .selectFrom('webhook_endpoint')
        .selectAll()
        .where('id', '=', arg.id)
        .where('account', '=', arg.account)
        .where('state', '!=', 'deleted')
        .executeTakeFirst();
      return row ?? null;
    },

    /** At most `limit` deliveries, the newest first, before the one with the id `before`. */
    async deliveries(arg: {
      account: string;
      endpoint?: string;
      state?: DeliveryRow['state'];
      before: string | null;
      limit: number;
    }): Promise<DeliveryRow[]> {
      let query = deliveries()
        .where('delivery.account', '=', arg.account)
        .orderBy('delivery.id', 'desc')
        .limit(arg.limit);
      if (arg.endpoint !== undefined) query = query.where('delivery.endpoint', '=', arg.endpoint);
      if (arg.state !== undefined) query = query.where('delivery.state', '=', arg.state);
      if (arg.before !== null) query = query.where('delivery.id', '<', arg.before);
      return (await query.execute()).map(deliveryOf);
    },

    /** One delivery, with every attempt that is still in the log and the body that was sent; null body: none was sent yet. */
    async delivery(arg: {
      account: string;
      id: string;
    }): Promise<(DeliveryRow & { body: string | null; log: AttemptRow[] }) | null> {
      const row = await deliveries()
        .select('delivery.body')
        .where('delivery.id', '=', arg.id)
        .where('delivery.account', '=', arg.account)
        .executeTakeFirst();
      if (row === undefined) return null;
      const log = await db
        .selectFrom('delivery_attempt')
        .select(['n', 'at', 'ms', 'status', 'error', 'answer'])
        .where('delivery', '=', arg.id)
        .orderBy('n')
        .orderBy('at')
        .execute();
      return { ...deliveryOf(row), body: row.body, log };
    },

    /** The endpoints of the `limit` rows that became due last, one for each: the newest first, so that no backlog hides them. */
    async newlyDue(arg: { now: string; limit: number }): Promise<string[]> {
      const rows = await db
        .selectFrom('delivery')
        .select('endpoint')
        .where('state', '=', 'pending')
        .where('next_at', '<=', arg.now)
        .orderBy('next_at', 'desc')
        .limit(arg.limit)
        .execute();
      return rows.map(({ endpoint }) => endpoint);
    },

    /**
     * Of at most `limit` endpoints after `after`, in the order of their ids: when the first of what waits for each is due. One
     * look into an index for each, however much waits.
     */
    async dueDeliveries(arg: {
      after: string;
      limit: number;
    }): Promise<{ endpoint: string; at: string | null }[]> {
      return await db
        .selectFrom('webhook_endpoint')
        .select('webhook_endpoint.id as endpoint')
        .select((eb) =>
          eb
            .selectFrom('delivery')
            .select((inner) => inner.fn.min('next_at').as('at'))
            .whereRef('delivery.endpoint', '=', 'webhook_endpoint.id')
            .where('delivery.state', '=', 'pending')
            .as('at'),
        )
        .where('webhook_endpoint.id', '>', arg.after)
        .orderBy('webhook_endpoint.id')
        .limit(arg.limit)
        .execute();
    },
  };
}

function deliveryOf(
  row: Pick<
    Selectable<Tables['delivery']>,
    'id' | 'event' | 'endpoint' | 'state' | 'attempts' | 'next_at' | 'created_at' | 'done_at'
  > & { type: string },
): DeliveryRow {
  return {
    id: row.id,
    event: row.event,
    type: row.type,
    endpoint: row.endpoint,
    state: row.state,
    attempts: row.attempts,
    nextAt: row.state === 'pending' ? row.next_at : null,
    createdAt: row.created_at,
    doneAt: row.done_at,
  };
}
