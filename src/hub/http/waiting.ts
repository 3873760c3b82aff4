/** Answers that are held back until there is something to tell. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { waitFor } from '../news.ts';
import type { EventRow } from '../store/event-reads.ts';
import { type Api, goneSignal, ownerOf } from './api.ts';
import { ProblemError } from './problem.ts';

/**
 * What `read` gives as soon as it is `done`; at the latest after so many seconds, or when whoever asked is gone.
 *
 * @throws ProblemError 401 when the key has ended meanwhile; what `read` throws.
 */
export async function awaited<T>(
  api: Api,
  request: FastifyRequest,
  reply: FastifyReply,
  what: {
    readonly seconds: number;
    readonly concerns: (event: EventRow) => boolean;
    readonly read: () => Promise<T>;
    readonly done: (value: T) => boolean;
  },
): Promise<T> {
  const { seconds, ...rest } = what;
  const found = await waitFor({
    ...rest,
    news: api.news,
    account: ownerOf(request).account,
    ms: seconds * 1_000,
    gone: goneSignal(reply, api.closing),
  });
  if (seconds > 0 && !(await api.stillAdmits(request))) {
    throw new ProblemError('UNAUTHENTICATED', 'this API key is not valid any more');
  }
  return found;
}
