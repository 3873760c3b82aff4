/**
 * `/numbers`: what receives, and what it received (customer-apis, section 1.3). Customers see the numbers that they keep; a key
 * with the scope `admin` sees every SIM as well, under its ICCID.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { KeptNumberRow } from '../store/activation-reads.ts';
import type { MessageRow } from '../store/reads.ts';
import { hyphenated } from '../webhooks/renderings.ts';
import { type Api, ownerOf, type Routes } from './api.ts';
import { Message, messageOf } from './messages.ts';
import { KeptNumber, keptNumberOf, Sim, simOf } from './number-view.ts';
import { Cursor, encodeCursor, Limit, Since, Wait } from './page.ts';
import { ProblemError } from './problem.ts';
import { awaited } from './waiting.ts';

const tags = ['Numbers'];
const Id = z.object({ id: z.string() });
const PREFIX = 'num_';
const NumbersQuery = z.object({
  limit: Limit(1000, 1000),
  after: Cursor('number', /^(num_[0-9A-Z]*|[0-9A-F]*)$/),
});
const MessagesQuery = z.object({
  since: Since,
  limit: Limit(1000, 100),
  after: Cursor('message', /^\d{1,15}$/),
  wait: Wait,
});

export function numberRoutes(routes: Routes, api: Api): void {
  const { reads } = api.store;

  routes.get(
    '/numbers',
    {
      schema: {
        tags,
        operationId: 'listNumbers',
        summary: 'Numbers that are kept; for the operator every SIM as well',
        querystring: NumbersQuery,
        response: {
          200: z.object({ numbers: z.array(z.union([KeptNumber, Sim])), next_cursor: z.string().nullable() }),
        },
      },
    },
    async (request) => {
      const { limit, after } = request.query;
      const { account } = ownerOf(request);
      const numbers: (z.infer<typeof KeptNumber> | z.infer<typeof Sim>)[] = [];
      // One more than asked tells whether there is a next page. Kept numbers first, then SIMs.
      if (after === undefined || after.startsWith(PREFIX)) {
        const rows = await reads.keptNumbers({ account, after: after ?? '', limit: limit + 1 });
        const urls = await urlsOf(api, account);
        numbers.push(...rows.map((row) => keptNumberOf(row, urls.get(row.id) ?? null)));
      }
      const left = limit + 1 - numbers.length;
      if (left > 0 && isOperator(request)) {
        const from = after === undefined || after.startsWith(PREFIX) ? '' : after;
        numbers.push(...(await reads.numbers({ after: from, limit: left })).map(simOf));
      }
      const page = numbers.slice(0, limit);
      const last = page.at(-1);
      const more = numbers.length > limit && last !== undefined;
      return { numbers: page, next_cursor: more ? encodeCursor('number', last.id) : null };
    },
  );

  routes.get(
    '/numbers/:id',
    {
      config: { policy: 'poll' },
      schema: {
        tags,
        operationId: 'getNumber',
        summary: 'One number',
        params: Id,
        response: { 200: z.union([KeptNumber, Sim]) },
      },
    },
    async (request) => {
      const { id } = request.params;
      if (id.startsWith(PREFIX)) return await shownNumber(api, await knownNumber(api, request, id));
      const row = isOperator(request) ? await reads.number(id) : null;
      if (row === null) throw unknownNumber(id);
      return simOf(row);
    },
  );

  routes.get(
    '/numbers/:id/messages',
    {
      config: { policy: 'poll' },
      schema: {
        tags,
        operationId: 'listMessages',
        summary: 'Messages of a number in order of arrival',
        description:
          '`since` gives those received at or after that moment, and any that arrived late behind one of them. `next_cursor` is there ' +
          'while more is waiting; `cursor` also at the end, to ask later for what came after. With `wait` an empty answer is held back ' +
          'so many seconds for the next message. Messages are kept for 30 days.',
        params: Id,
        querystring: MessagesQuery,
        response: {
          200: z.object({
            messages: z.array(Message),
            next_cursor: z.string().nullable(),
            cursor: z.string().nullable(),
          }),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { since, limit, after } = request.query;
      const place = {
        since: since ?? null,
        after: after === undefined ? null : Number(after),
        limit: limit + 1,
      };
      const isKept = id.startsWith(PREFIX);
      const rows = isKept
        ? await keptMessages(api, request, reply, place)
        : await simMessages(api, request, place);
      const page = rows.slice(0, limit);
      const last = page.at(-1)?.n ?? place.after;
      const cursor = last === null ? null : encodeCursor('message', String(last));
      return {
        messages: page.map((row) => messageOf(row, isKept ? hyphenated : undefined)),
        next_cursor: rows.length > limit ? cursor : null,
        cursor,
      };
    },
  );
}

interface Place {
  readonly since: string | null;
  readonly after: number | null;
  readonly limit: number;
}
type MessagesRequest = FastifyRequest & { params: { id: string }; query: z.output<typeof MessagesQuery> };

async function keptMessages(
  api: Api,
  request: MessagesRequest,
  reply: FastifyReply,
  place: Place,
): Promise<MessageRow[]> {
  const { account } = ownerOf(request);
  const number = await knownNumber(api, request, request.params.id);
  return await awaited(api, request, reply, {
    seconds: request.query.wait,
    concerns: (event) => event.number === number.id,
    read: () => api.store.reads.messagesOf({ account, activation: number.activation, ...place }),
    done: (rows) => rows.length > 0,
  });
}

/** Without waiting: what comes to a SIM that nobody bought is told to nobody. */
async function simMessages(api: Api, request: MessagesRequest, place: Place): Promise<MessageRow[]> {
  const { reads } = api.store;
  const iccid = request.params.id;
  if (!isOperator(request)) throw unknownNumber(iccid);
  const rows = await reads.messages({ iccid, ...place });
  if (rows.length === 0 && !(await reads.isNumber(iccid))) throw unknownNumber(iccid);
  return rows;
}

/** @throws ProblemError 404; also for one that was never had. */
export async function knownNumber(api: Api, request: FastifyRequest, id: string): Promise<KeptNumberRow> {
  const row = await api.store.reads.keptNumber({ account: ownerOf(request).account, id });
  if (row === null || row.state === 'failed') throw unknownNumber(id);
  return row;
}

export async function shownNumber(api: Api, row: KeptNumberRow): Promise<z.infer<typeof KeptNumber>> {
  const [endpoint] = await api.store.reads.webhookEndpoints({ account: row.account, number: row.id });
  return keptNumberOf(row, endpoint?.url ?? null);
}

async function urlsOf(api: Api, account: string): Promise<Map<string, string>> {
  const endpoints = await api.store.reads.webhookEndpoints({ account });
  return new Map(endpoints.flatMap(({ number, url }) => (number === null ? [] : [[number, url] as const])));
}

function isOperator(request: FastifyRequest): boolean {
  return ownerOf(request).scopes.includes('admin');
}

function unknownNumber(id: string): ProblemError {
  return new ProblemError('NUMBER_NOT_FOUND', `there is no number with the id ${id.slice(0, 64)}`);
}
