/**
 * How often one may ask: a quota a minute for each key, and for each address where there is no key. Polls of one number or
 * activation count by themselves, so that many numbers may be watched (customer-apis M-39, api-conventions H-13), and all polls
 * of a key together, for whoever asks after ids that there are not.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { KeyOwner } from '../store/account-reads.ts';
import { networkOf } from './access.ts';
import { ProblemError } from './problem.ts';

/** customer-apis A-15. */
export const QUOTAS = { read: 300, write: 60, poll: 60, polls: 3_000, public: 120 } as const;
export type Quota = keyof typeof QUOTAS;
/** What a route counts against. */
export type Policy = Exclude<Quota, 'polls'>;
const WINDOW_S = 60;

/** Streams that one key may have open at a time. */
export const MOST_STREAMS = 20;

interface Count {
  readonly isAllowed: boolean;
  readonly max: number;
  readonly remaining: number;
  readonly ttlInSeconds: number;
  readonly isExceeded: boolean;
}

/** Counts a request; to be called once whose key it bears is known. */
export type Limiter = (request: FastifyRequest, reply: FastifyReply, policy: Policy) => Promise<void>;

/** Needs @fastify/rate-limit with `global: false`. Keys with the scope `admin` are the operator's own, and not counted. */
export function limiterOf(
  server: FastifyInstance,
  quotas: Readonly<Record<Quota, number>> = QUOTAS,
): Limiter {
  const counters = Object.fromEntries(
    (Object.keys(quotas) as Quota[]).map((quota) => [
      quota,
      server.createRateLimit({
        max: quotas[quota],
        timeWindow: WINDOW_S * 1_000,
        keyGenerator: (request) => partition(request, quota),
      }),
    ]),
  ) as Record<Quota, (request: FastifyRequest) => Promise<unknown>>;

  const count = async (request: FastifyRequest, reply: FastifyReply, quota: Quota): Promise<void> => {
    const counted = (await counters[quota](request)) as Count;
    if (counted.isAllowed) return;
    const { max, remaining, ttlInSeconds } = counted;
    reply.headers({
      // The names of an older draft, which many clients know, and the fields of the present one.
      'ratelimit-limit': max,
      'ratelimit-remaining': remaining,
      'ratelimit-reset': ttlInSeconds,
      'ratelimit-policy': `"${quota}";q=${max};w=${WINDOW_S}`,
      ratelimit: `"${quota}";r=${remaining};t=${ttlInSeconds}`,
    });
    if (!counted.isExceeded) return;
    throw new ProblemError('RATE_LIMITED', `more than ${max} requests in a minute (${SAYS[quota]})`, {
      retryAfter: Math.max(1, ttlInSeconds),
    });
  };

  return async (request, reply, wanted) => {
    if (isOperators(request.owner)) return;
    const policy = request.owner === null ? 'public' : wanted;
    if (policy === 'poll') await count(request, reply, 'polls');
    await count(request, reply, policy);
  };
}

function isOperators(owner: KeyOwner | null): boolean {
  return owner?.scopes.includes('admin') === true;
}

const SAYS: Readonly<Record<Quota, string>> = {
  read: 'reads of one key',
  write: 'changes by one key',
  poll: 'polls of one number or activation',
  polls: 'polls by one key',
  public: 'requests without a key from one address',
};

function partition(request: FastifyRequest, quota: Quota): string {
  if (request.owner === null) return networkOf(request.ip);
  const { id } = request.owner;
  if (quota !== 'poll') return id;
  const what = (request.params as { id?: string }).id ?? (request.query as { id?: string }).id ?? '';
  return `${id} ${what}`;
}

/** When a place may be free again that a broken connection holds: the next heartbeat finds it out. */
const PLACE_RETRY_S = 15;

/** The streams that are open in this process, by key. */
export class OpenStreams {
  readonly #open = new Map<string, number>();

  /**
   * Takes a place; the answer gives it back.
   *
   * @throws ProblemError 429 when the key has as many as it may; those of the operator's keys are not counted.
   */
  enter(owner: KeyOwner): () => void {
    if (isOperators(owner)) return () => {};
    const open = this.#open.get(owner.id) ?? 0;
    if (open >= MOST_STREAMS) {
      throw new ProblemError(
        'TOO_MANY_STREAMS',
        `this key has ${MOST_STREAMS} streams open, which is as many as it may: close one, or let one stream serve all`,
        { retryAfter: PLACE_RETRY_S },
      );
    }
    this.#open.set(owner.id, open + 1);
    return () => {
      const left = this.#open.get(owner.id)! - 1;
      if (left === 0) this.#open.delete(owner.id);
      else this.#open.set(owner.id, left);
    };
  }
}
