/**
 * `/stream`: server-sent events of an account's activations and messages. What happens comes from the hub's news; what a client
 * missed, from the store. An event's place holds how many stood just before it: where that differs at the return, hubs committed
 * out of order meanwhile, and the last seconds are sent again rather than one of them lost. A stream has no end, but a key may:
 * it is looked up again before anything is told, and with each sign of life.
 */
import type { ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { before, LATE_MS, timeOf } from '../news.ts';
import type { EventRow } from '../store/event-reads.ts';
import { renderingOf } from '../webhooks/renderings.ts';
import { type Api, goneSignal, ownerOf, type Routes } from './api.ts';
import { ProblemError } from './problem.ts';

const HEARTBEAT_MS = 15_000;
const RETRY_MS = 2_000;
/** Events of one read from the store. */
const PAGE = 500;
/** A client that takes so much less than comes is let go; it resumes where it was. */
const MOST_UNSENT = 4 * 1024 * 1024;

/** Behind all ids, by whatever order of letters a database has. */
const LAST = 'evt_ZZ';

/** A ULID has no I, L, O, U, and its time ends with 48 bits. */
const PLACE = /^(evt_[0-7][0-9A-HJKMNP-TV-Z]{25})(?:~(\d{1,9}))?$/;

export function streamRoutes(routes: Routes, api: Api): void {
  routes.get(
    '/stream',
    {
      // Which would be an answer without an end, and without a word.
      exposeHeadRoute: false,
      schema: {
        tags: ['Stream'],
        operationId: 'stream',
        summary: 'Everything that happens to the account, as server-sent events',
        description:
          'Each event has its type as `event`, and the body of a webhook of the rendering `standard` as `data`, with its `id`. After a ' +
          'break clients send `Last-Event-ID` (EventSource does so by itself) and get what they missed. An event may come twice; its id ' +
          'tells. A comment every 15 seconds keeps the connection alive. When the key ends, so does the stream.',
        querystring: z.object({
          types: z
            .string()
            .max(400)
            .optional()
            .describe('only these, with commas between; sms.* stands for all of a kind'),
          last_event_id: z.string().optional().describe('for clients that cannot send the header'),
        }),
        response: {
          200: {
            description: 'A stream without an end',
            content: { 'text/event-stream': { schema: z.string() } },
          },
        },
      },
    },
    async (request, reply) => {
      const header = request.headers['last-event-id'];
      const last = typeof header === 'string' && header !== '' ? header : request.query.last_event_id;
      const place = last === undefined ? null : readPlace(last);
      const leave = api.streams.enter(ownerOf(request));
      const stream = new Stream(reply, filterOf(request.query.types));
      try {
        await pour(api, request, place, stream, goneSignal(reply, api.closing));
      } catch (error) {
        if (!stream.isOpen) throw error;
        // The headers are out: all that is left to say is that it ends here.
      } finally {
        leave();
      }
      stream.end();
    },
  );
}

function readPlace(text: string): { id: string; count: number | null } {
  const match = PLACE.exec(text);
  if (match === null) {
    throw new ProblemError('INVALID_REQUEST', 'Last-Event-ID is none that this stream gave out', {
      errors: [{ pointer: '#/headers/last-event-id', detail: 'is none that this stream gave out' }],
    });
  }
  return { id: match[1]!, count: match[2] === undefined ? null : Number(match[2]) };
}

function filterOf(types: string | undefined): (type: string) => boolean {
  if (types === undefined || types === '') return () => true;
  const wanted = types.split(',').map((type) => type.trim());
  return (type) =>
    wanted.some((one) => one === type || (one.endsWith('.*') && type.startsWith(one.slice(0, -1))));
}

/** Ends when the client is gone or takes too little, the server closes, or the key may not read any more. */
async function pour(
  api: Api,
  request: FastifyRequest,
  place: { id: string; count: number | null } | null,
  stream: Stream,
  gone: AbortSignal,
): Promise<void> {
  const { account } = ownerOf(request);
  const { reads } = api.store;
  const waiting: EventRow[] = [];
  const expelled = new AbortController();
  const over = AbortSignal.any([gone, expelled.signal]);
  let wake = () => {};
  over.addEventListener('abort', () => wake(), { once: true });
  // First the ear, then the look: nothing falls between them.
  const end = api.news.listen(account, (event) => {
    waiting.push(event);
    wake();
  });
  const beat = async () => {
    // A store that is away says nothing of the key; without it there are no events to keep from anybody.
    if (await api.stillAdmits(request).catch(() => true)) stream.beat();
    else expelled.abort('the key');
  };
  const pulse = setInterval(beat, api.heartbeatMs ?? HEARTBEAT_MS);
  /** False when nobody may have them any more. */
  const send = async (events: readonly EventRow[]): Promise<boolean> => {
    if (events.length > 0 && !(await api.stillAdmits(request))) return false;
    for (const event of events) stream.send(event);
    return true;
  };
  try {
    let after = before(Date.now() - LATE_MS);
    if (place === null) {
      stream.know(await reads.eventIds({ account, after, upTo: LAST }));
      stream.open();
    } else {
      after = before(timeOf(place.id) - LATE_MS);
      const there = await reads.eventIds({ account, after, upTo: place.id });
      if (place.count === null || place.count === there.length) {
        stream.know(there);
        after = place.id;
      }
      stream.open();
      for (;;) {
        const page = await reads.eventsOf({ account, after, limit: PAGE });
        if (!(await send(page))) return;
        const last = page.at(-1);
        if (last === undefined || page.length < PAGE || over.aborted) break;
        after = last.id;
        await stream.drained(over);
      }
    }
    while (!over.aborted && !stream.isStuck) {
      if (waiting.length > 0) {
        if (!(await send(waiting.splice(0)))) return;
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    clearInterval(pulse);
    end();
  }
}

/** One client: what it was sent lately, so that it gets nothing twice. */
class Stream {
  readonly #reply: FastifyReply;
  readonly #out: ServerResponse;
  readonly #wanted: (type: string) => boolean;
  /** Ids of the last seconds before the newest. */
  readonly #recent = new Set<string>();
  #newest = '';

  constructor(reply: FastifyReply, wanted: (type: string) => boolean) {
    this.#reply = reply;
    this.#out = reply.raw;
    this.#wanted = wanted;
  }

  get isOpen(): boolean {
    return this.#out.headersSent;
  }

  /** Says that it is there: whatever happens from now on is told. */
  open(): void {
    this.#reply.hijack();
    this.#out.on('error', () => {});
    for (const [name, value] of Object.entries(this.#reply.getHeaders()))
      this.#out.setHeader(name, value ?? '');
    this.#out.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      // Proxies that gather answers before they pass them on would pass on nothing.
      'x-accel-buffering': 'no',
    });
    this.#out.write(`retry: ${RETRY_MS}\n\n`);
  }

  get isStuck(): boolean {
    return this.#out.destroyed || this.#out.writableLength > MOST_UNSENT;
  }

  /** Events that the client has, or does not ask for. */
  know(ids: readonly string[]): void {
    for (const id of ids) this.#note(id);
  }

  send(event: EventRow): void {
    if (this.#recent.has(event.id)) return;
    this.#note(event.id);
    if (!this.#wanted(event.type) || this.#out.destroyed) return;
    const { id, type, at } = event;
    const body = renderingOf('standard').body({ id, type, at, data: JSON.parse(event.data) });
    if (body === null) return;
    const data = `{"id":${JSON.stringify(id)},${body.slice(1)}`;
    this.#out.write(`id: ${this.#newest}~${this.#recent.size}\nevent: ${type}\ndata: ${data}\n\n`);
  }

  beat(): void {
    if (this.isOpen && !this.#out.destroyed) this.#out.write(':\n\n');
  }

  /** A client that does not take what it was sent is not waited for. */
  end(): void {
    if (this.#out.writableNeedDrain) this.#out.destroy();
    else this.#out.end();
  }

  /** Resolves when the client has taken what was written. */
  async drained(gone: AbortSignal): Promise<void> {
    if (this.#out.destroyed || !this.#out.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      this.#out.once('drain', resolve);
      gone.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  #note(id: string): void {
    this.#recent.add(id);
    if (id < this.#newest) return;
    this.#newest = id;
    const oldest = before(timeOf(id) - LATE_MS);
    // A Set keeps the order in which it was filled, which is about that of the ids.
    for (const other of this.#recent) {
      if (other > oldest) break;
      this.#recent.delete(other);
    }
  }
}
