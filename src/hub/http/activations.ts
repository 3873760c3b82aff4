/** `/activations`: what was bought for one service each, and whether its code is there (customer-apis section 3). */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ActivationRow } from '../store/activations.ts';
import { Activation, activationOf, isPending, STATUSES, type Status, statesOf } from './activation-view.ts';
import { type Api, ownerOf, type Routes } from './api.ts';
import { Message, messageOf } from './messages.ts';
import { Cursor, encodeCursor, Limit, Wait } from './page.ts';
import { ProblemError } from './problem.ts';
import { awaited } from './waiting.ts';

const tags = ['Activations'];
const Id = z.object({ id: z.string() });

const StatusList = z
  .string()
  .transform((text, context): Status[] => {
    const wanted = text
      .toUpperCase()
      .split(',')
      .map((part) => part.trim());
    const unknown = wanted.filter((part) => !STATUSES.includes(part as Status));
    if (unknown.length === 0) return wanted as Status[];
    context.addIssue({ code: 'custom', message: `must be of ${STATUSES.join(', ')}, with commas between` });
    return z.NEVER;
  })
  .optional();

export function activationRoutes(routes: Routes, api: Api): void {
  const { reads } = api.store;

  routes.get(
    '/activations',
    {
      schema: {
        tags,
        operationId: 'listActivations',
        summary: 'List activations, the newest first',
        querystring: z.object({
          limit: Limit(100, 25),
          cursor: Cursor('activation', /^\d{1,15}$/),
          status: StatusList.describe(`of ${STATUSES.join(', ')}, with commas between`),
        }),
        response: {
          200: z.object({
            data: z.array(Activation),
            nextCursor: z.string().nullable(),
            hasMore: z.boolean(),
          }),
        },
      },
    },
    async (request) => {
      const { limit, cursor, status } = request.query;
      const rows = await reads.activations({
        account: ownerOf(request).account,
        before: cursor === undefined ? null : Number(cursor),
        limit: limit + 1,
        ...(status === undefined ? {} : { states: status.flatMap(statesOf) }),
      });
      const page = rows.slice(0, limit);
      const hasMore = rows.length > limit;
      const nextCursor = hasMore ? encodeCursor('activation', String(page.at(-1)!.n)) : null;
      return { data: page.map(activationOf), nextCursor, hasMore };
    },
  );

  routes.get(
    '/activations/:id',
    {
      config: { policy: 'poll' },
      schema: {
        tags,
        operationId: 'getActivation',
        summary: 'Read an activation, or wait for its code',
        description:
          'With `wait` it answers as soon as there is a code or the activation has ended, at the latest after so many seconds.',
        params: Id,
        querystring: z.object({ wait: Wait }),
        response: { 200: Activation },
      },
    },
    async (request, reply) => {
      const wanted = { id: request.params.id, seconds: request.query.wait };
      return activationOf(await awaitedActivation(api, request, reply, wanted));
    },
  );

  routes.get(
    '/activations/:id/messages',
    {
      config: { policy: 'poll' },
      schema: {
        tags,
        operationId: 'listActivationMessages',
        summary: 'All messages of an activation, in order of arrival',
        params: Id,
        response: { 200: z.object({ messages: z.array(Message) }) },
      },
    },
    async (request) => {
      const { account } = ownerOf(request);
      const { id: activation } = await knownActivation(api, account, request.params.id);
      const rows = await reads.messagesOf({ account, activation, since: null, after: null, limit: 1_000 });
      return { messages: rows.map((row) => messageOf(row)) };
    },
  );
}

/**
 * The activation, as soon as there is a code or it has ended; at the latest after so many seconds, or when whoever asked is gone.
 *
 * @throws ProblemError as `awaited` and `knownActivation`.
 */
export async function awaitedActivation(
  api: Api,
  request: FastifyRequest,
  reply: FastifyReply,
  { id, seconds }: { readonly id: string; readonly seconds: number },
): Promise<ActivationRow> {
  const { account } = ownerOf(request);
  return await awaited(api, request, reply, {
    seconds,
    concerns: (event) => event.activation === id,
    read: () => knownActivation(api, account, id),
    done: (found) => !isPending(found),
  });
}

/** @throws ProblemError 404; also for a kept number's. */
export async function knownActivation(api: Api, account: string, id: string): Promise<ActivationRow> {
  const row = await api.store.reads.activation({ account, id });
  if (row === null || row.mode !== 'single') throw unknownActivation(id);
  return row;
}

export function unknownActivation(id: string): ProblemError {
  return new ProblemError('ACTIVATION_NOT_FOUND', `there is no activation with the id ${id.slice(0, 64)}`);
}
