/**
 * How often one may ask: a quota a minute for each key, and for each address where there is no key. Polls of one number or
 * activation count by themselves, so that many numbers may be watched (customer-apis M-39, api-conventions H-13).
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { networkOf } from './access.ts';
import { ProblemError } from './problem.ts';

/** customer-apis A-15. */
export const QUOTAS = { read: 300, write: 60, poll: 60, public: 120 } as const;
export type Policy = keyof typeof QUOTAS;
const WINDOW_S = 60;

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
  quotas: Readonly<Record<Policy, number>> = QUOTAS,
): Limiter {
  const counters = Object.fromEntries(
    (Object.keys(quotas) as Policy[]).map((policy) => [
      policy,
      server.createRateLimit({
        max: quotas[policy],
        timeWindow: WINDOW_S * 1_000,
        keyGenerator: (request) => partition(request, policy),
      }),
    ]),
  ) as Record<Policy, (request: FastifyRequest) => Promise<unknown>>;

  return async (request, reply, wanted) => {
    if (request.owner?.scopes.includes('admin') === true) return;
    const policy = request.owner === null ? 'public' : wanted;
    const count = (await counters[policy](request)) as Count;
    if (count.isAllowed) return;
    const { max, remaining, ttlInSeconds } = count;
    reply.headers({
      // The names of an older draft, which many clients know, and the fields of the present one.
      'ratelimit-limit': max,
      'ratelimit-remaining': remaining,
      'ratelimit-reset': ttlInSeconds,
      'ratelimit-policy': `"${policy}";q=${max};w=${WINDOW_S}`,
      ratelimit: `"${policy}";r=${remaining};t=${ttlInSeconds}`,
    });
    if (!count.isExceeded) return;
    throw new ProblemError('RATE_LIMITED', `more than ${max} requests in a minute (${SAYS[policy]})`, {
      retryAfter: Math.max(1, ttlInSeconds),
    });
  };
}

const SAYS: Readonly<Record<Policy, string>> = {
  read: 'reads of one key',
  write: 'changes by one key',
  poll: 'polls of one number or activation',
  public: 'requests without a key from one address',
};

function partition(request: FastifyRequest, policy: Policy): string {
  if (request.owner === null) return networkOf(request.ip);
  const { id } = request.owner;
  if (policy !== 'poll') return id;
  const what = (request.params as { id?: string }).id ?? (request.query as { id?: string }).id ?? '';
  return `${id} ${what}`;
}
