/** `/deliveries`: what was sent to webhooks, attempt by attempt, and sending it again. */
import { z } from 'zod';
import { ulid } from '../../protocol/ulid.ts';
import type { DeliveryRow } from '../store/webhook-reads.ts';
import { type Api, now, ownerOf, type Routes } from './api.ts';
import { Cursor, encodeCursor, Limit } from './page.ts';
import { ProblemError } from './problem.ts';
import { unknownWebhook } from './webhooks.ts';

const tags = ['Webhooks'];
const Id = z.object({ id: z.string() });

const STATES = ['pending', 'delivered', 'failed', 'aborted'] as const;
const Delivery = z
  .object({
    id: z.string(),
    webhook_id: z.string(),
    event_id: z.string().describe('the header webhook-id of every attempt'),
    type: z.string(),
    state: z.enum(STATES),
    attempts: z.number().int(),
    next_attempt_at: z.string().nullable(),
    created_at: z.string(),
    done_at: z.string().nullable(),
  })
  .meta({ id: 'Delivery' });

const Attempt = z
  .object({
    n: z.number().int(),
    at: z.string(),
    ms: z.number().int(),
    status: z.number().int().nullable(),
    error: z.string().nullable().describe('null: it was taken'),
    answer: z.string().nullable().describe('the beginning of what was answered'),
  })
  .meta({ id: 'DeliveryAttempt' });

export function deliveryRoutes(routes: Routes, api: Api): void {
  const { reads, verbs } = api.store;

  routes.get(
    '/webhooks/:id/deliveries',
    {
      schema: {
        tags,
        operationId: 'listDeliveries',
        summary: 'What was sent to a webhook, the newest first',
        params: Id,
        querystring: z.object({
          limit: Limit(100, 25),
          cursor: Cursor('delivery', /^del_[0-9A-Z]{26}$/),
          state: z.enum(STATES).optional(),
        }),
        response: {
          200: z.object({ deliveries: z.array(Delivery), next_cursor: z.string().nullable() }),
        },
      },
    },
    async (request) => {
      const { account } = ownerOf(request);
      const { limit, cursor, state } = request.query;
      const endpoint = request.params.id;
      if ((await reads.webhookEndpoint({ account, id: endpoint })) === null) throw unknownWebhook(endpoint);
      const rows = await reads.deliveries({
        account,
        endpoint,
        before: cursor ?? null,
        limit: limit + 1,
        ...(state === undefined ? {} : { state }),
      });
      const page = rows.slice(0, limit);
      const nextCursor = rows.length > limit ? encodeCursor('delivery', page.at(-1)!.id) : null;
      return { deliveries: page.map(deliveryOf), next_cursor: nextCursor };
    },
  );

  routes.get(
    '/deliveries/:id',
    {
      schema: {
        tags,
        operationId: 'getDelivery',
        summary: 'One delivery, with its body and every attempt',
        params: Id,
        response: {
          200: Delivery.extend({ body: z.string().nullable(), log: z.array(Attempt) }).meta({
            id: 'DeliveryWithLog',
          }),
        },
      },
    },
    async (request) => {
      const row = await reads.delivery({ account: ownerOf(request).account, id: request.params.id });
      if (row === null) {
        throw new ProblemError(
          'DELIVERY_NOT_FOUND',
          `there is no delivery ${request.params.id.slice(0, 64)}`,
        );
      }
      return { ...deliveryOf(row), body: row.body, log: row.log };
    },
  );

  routes.post(
    '/deliveries/:id/replay',
    {
      config: { need: 'buy' },
      schema: {
        tags,
        operationId: 'replayDelivery',
        summary: 'Send the same once more',
        description:
          'The same octets under the same `webhook-id`, signed anew. One that still waits is sent now.',
        params: Id,
        response: { 202: z.object({ delivery_id: z.string() }) },
      },
    },
    async (request, reply) => {
      const { delivery, endpoint } = await verbs.replayDelivery({
        delivery: request.params.id,
        account: ownerOf(request).account,
        id: `del_${ulid(Date.now())}`,
        now: now(),
      });
      api.deliver([endpoint]);
      return reply.code(202).send({ delivery_id: delivery });
    },
  );
}

function deliveryOf(row: DeliveryRow): z.infer<typeof Delivery> {
  return {
    id: row.id,
    webhook_id: row.endpoint,
    event_id: row.event,
    type: row.type,
    state: row.state,
    attempts: row.attempts,
    next_attempt_at: row.nextAt,
    created_at: row.createdAt,
    done_at: row.doneAt,
  };
}
