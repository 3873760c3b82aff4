/** Requests that may come again (api-conventions section 2.3): what a request says of it, and the answer that was given before. */
import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Idempotency } from '../store/idempotency.ts';
import type { HubStore } from '../store/store.ts';
import { ProblemError } from './problem.ts';

/** What a purchase answers. */
export interface Answer {
  readonly status: number;
  readonly body: object;
}

const MOST = 255;

/**
 * The key of a request: its header, bare or quoted (H-23), or the member of the body that stands for it; null without either.
 *
 * @param route - the same on every path that leads to it.
 * @throws ProblemError 400
 */
export function idempotencyOf(
  request: FastifyRequest,
  route: string,
  token: string | undefined,
): Idempotency | null {
  const header = request.headers['idempotency-key'];
  const key = typeof header === 'string' ? header.trim().replace(/^"(.*)"$/, '$1') : token;
  if (key === undefined) return null;
  if (key === '' || key.length > MOST || !/^[\x21-\x7e]+$/.test(key)) {
    throw new ProblemError(
      'INVALID_REQUEST',
      `Idempotency-Key must have 1 to ${MOST} visible ASCII characters`,
    );
  }
  return { key, route, hash: createHash('sha256').update(canonical(request.body)).digest('hex') };
}

/** The same text for the same members, in whatever order they came. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`;
}

/** Answers a purchase, and keeps the answer for when the request comes again. */
export async function answerOnce(
  store: HubStore,
  reply: FastifyReply,
  { account, idempotency }: { account: string; idempotency: Idempotency | null },
  { status, body }: Answer,
): Promise<FastifyReply> {
  if (idempotency !== null) {
    await store.verbs.keepAnswer({ account, key: idempotency.key, status, body: JSON.stringify(body) });
  }
  return reply.code(status).send(body);
}

/**
 * Answers what was answered before.
 *
 * @param again - makes the answer anew where none was kept (its hub did not live to give it, or it was a refusal, which it
 *   throws); null while it is worked on.
 */
export async function answerAgain(
  reply: FastifyReply,
  earlier: { readonly status: number | null; readonly body: string | null },
  again: () => Promise<Answer | null>,
): Promise<FastifyReply> {
  const { status, body } = earlier;
  const made = async () => await again().catch((error) => refuseAgain(reply, error));
  const answer =
    status === null || body === null ? await made() : { status, body: JSON.parse(body) as object };
  if (answer === null) {
    throw new ProblemError(
      'REQUEST_IN_PROGRESS',
      'the first request with this idempotency key is still under way',
      {
        retryAfter: 2,
      },
    );
  }
  return reply.header('idempotent-replayed', 'true').code(answer.status).send(answer.body);
}

function refuseAgain(reply: FastifyReply, error: unknown): never {
  if (error instanceof ProblemError) void reply.header('idempotent-replayed', 'true');
  throw error;
}
