/**
 * `/numbers`: what can receive, and what it received (customer-apis, section 1.3). Until there are activations an account
 * sees every SIM, and a number's id is its ICCID.
 */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { MessageRow, NumberRow } from '../store/reads.ts';
import type { HubStore } from '../store/store.ts';
import { Cursor, encodeCursor, Limit, Since, wholeSeconds } from './page.ts';
import { ProblemError } from './problem.ts';

const PhoneNumber = z.object({
  id: z.string(),
  iccid: z.string(),
  phone: z.string().nullable().describe('E.164; null until it is known'),
  msisdn: z.string().nullable().describe('the same as phone'),
  state: z.string().describe('ready, registering, locked, absent, disabled, quarantined or retired'),
  online: z.boolean().describe('whether the gateway that has the SIM is there'),
  gateway: z.string(),
  slot: z.string().nullable(),
  operator: z.string().nullable(),
  country: z.string().nullable().describe('ISO 3166-1 alpha-2'),
  updated_at: z.string(),
});

const Message = z.object({
  id: z.string(),
  from: z.string(),
  from_type: z.string(),
  text: z.string().nullable().describe('null for binary messages and those that could not be decoded'),
  received_at: z.string(),
  sequence: z.number().int().describe('1, 2, 3… within the number, in order of arrival'),
  complete: z.boolean(),
  parts: z.object({ total: z.number().int(), received: z.number().int() }),
  code: z.string().nullable().describe('the one-time code in the text'),
  encoding: z.string(),
  data_hex: z.string().nullable(),
  class: z.number().int().nullable(),
  sent_at: z.string().nullable().describe('by the service centre’s clock, with its own offset'),
  updated_at: z.string().nullable().describe('when a late part was added'),
  attribution: z.string().describe('doubtful: it may have been meant for the SIM before this one'),
  error: z.string().nullable(),
});

const Id = z.object({ id: z.string() });
const NumbersQuery = z.object({ limit: Limit(1000, 1000), after: Cursor('number', /^[0-9A-F]+$/) });
const MessagesQuery = z.object({
  since: Since,
  limit: Limit(1000, 100),
  after: Cursor('message', /^\d{1,15}$/),
});

export function numberRoutes(server: FastifyInstance, store: HubStore): void {
  const routes = server.withTypeProvider<ZodTypeProvider>();

  routes.get(
    '/numbers',
    {
      schema: {
        querystring: NumbersQuery,
        response: { 200: z.object({ numbers: z.array(PhoneNumber), next_cursor: z.string().nullable() }) },
      },
    },
    async (request) => {
      const { limit, after } = request.query;
      // One more than asked tells whether there is a next page.
      const rows = await store.reads.numbers({ after: after ?? '', limit: limit + 1 });
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      const more = rows.length > limit && last !== undefined;
      return {
        numbers: page.map(phoneNumberOf),
        next_cursor: more ? encodeCursor('number', last.sim.iccid) : null,
      };
    },
  );

  routes.get('/numbers/:id', { schema: { params: Id, response: { 200: PhoneNumber } } }, async (request) => {
    const row = await store.reads.number(request.params.id);
    if (row === null) throw unknownNumber(request.params.id);
    return phoneNumberOf(row);
  });

  routes.get(
    '/numbers/:id/messages',
    {
      schema: {
        description:
          'Messages in order of arrival. `since` gives those received at or after that moment, and any that arrived late ' +
          'behind one of them. `next_cursor` is there while more is waiting; `cursor` also at the end, to ask later for ' +
          'what came after.',
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
    async (request) => {
      const iccid = request.params.id;
      const { since, limit, after } = request.query;
      const rows = await store.reads.messages({
        iccid,
        since: since ?? null,
        after: after === undefined ? null : Number(after),
        limit: limit + 1,
      });
      if (rows.length === 0 && !(await store.reads.isNumber(iccid))) throw unknownNumber(iccid);
      const page = rows.slice(0, limit);
      const last = page.at(-1)?.n ?? (after === undefined ? null : Number(after));
      const cursor = last === null ? null : encodeCursor('message', String(last));
      return {
        messages: page.map(messageOf),
        next_cursor: rows.length > limit ? cursor : null,
        cursor,
      };
    },
  );
}

function unknownNumber(id: string): ProblemError {
  return new ProblemError('NUMBER_NOT_FOUND', `there is no number with the id ${id.slice(0, 64)}`);
}

function phoneNumberOf({ sim, gateway, online, gone }: NumberRow): z.infer<typeof PhoneNumber> {
  return {
    id: sim.iccid,
    iccid: sim.iccid,
    phone: sim.msisdn,
    msisdn: sim.msisdn,
    state: gone ? 'absent' : sim.state,
    online: online && !gone,
    gateway,
    slot: gone ? null : sim.slot,
    operator: sim.operator,
    country: sim.countryIso,
    updated_at: wholeSeconds(sim.updatedAt),
  };
}

function messageOf({ id, n, receivedAt, updatedAt, data }: MessageRow): z.infer<typeof Message> {
  return {
    id,
    from: data.from,
    from_type: data.fromType,
    text: data.text,
    received_at: wholeSeconds(receivedAt),
    sequence: n,
    complete: data.complete,
    parts: data.parts,
    code: data.code?.value ?? null,
    encoding: data.encoding,
    data_hex: data.dataHex,
    class: data.class,
    sent_at: data.sentAt,
    updated_at: updatedAt === null ? null : wholeSeconds(updatedAt),
    attribution: data.attribution,
    error: data.error,
  };
}
