/** What the routes of the API work with, and what each of them says of itself. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Catalogue } from '../../catalogue.ts';
import type { Logger } from '../../log.ts';
import type { Flow } from '../activations/flow.ts';
import type { News } from '../news.ts';
import type { KeyOwner } from '../store/account-reads.ts';
import type { HubStore } from '../store/store.ts';
import type { Need } from './access.ts';
import type { OpenStreams, Policy } from './limits.ts';

export interface Api {
  readonly store: HubStore;
  readonly log: Logger;
  readonly flow: Pick<Flow, 'buy' | 'provision'>;
  readonly catalogue: Catalogue;
  readonly news: News;
  /** Checks a webhook's URL; its spelling to keep. Throws SimbankError `webhook.url_refused`. */
  readonly admit: (url: string) => Promise<string>;
  /** Gateways have to be told something. */
  readonly wake: () => void;
  /** Webhooks have to be told something at these endpoints. */
  readonly deliver: (endpoints: readonly string[]) => void;
  readonly streams: OpenStreams;
  /** Whether whoever was let in with that request would be let in again now. */
  readonly stillAdmits: (request: FastifyRequest) => Promise<boolean>;
  /** Between two signs of life of a stream; for tests. */
  readonly heartbeatMs?: number;
  /** Aborts when the server closes: nobody waits longer. */
  readonly closing: AbortSignal;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Whoever bears the key of the request; null without one, on routes that need none. */
    owner: KeyOwner | null;
  }
  interface FastifyContextConfig {
    /** What its caller needs; `read` unless it says. */
    need?: Need;
    /** Which quota it counts against: `read` for GET, `write` for all else, unless it says. */
    policy?: Policy;
    /** Members of the body by another name, and the name that counts. */
    aliases?: Readonly<Record<string, string>>;
  }
}

export type Routes = ReturnType<typeof routesOf>;

export function routesOf(server: FastifyInstance) {
  return server.withTypeProvider<ZodTypeProvider>();
}

/** The bearer of a request's key, on a route that needs one. */
export function ownerOf(request: FastifyRequest): KeyOwner {
  if (request.owner === null) throw new Error('a route that needs an owner must not be open to all');
  return request.owner;
}

export function now(): string {
  return new Date().toISOString();
}

/** Aborts when whoever asked has gone or has the answer, or the server closes. */
export function goneSignal(reply: FastifyReply, closing: AbortSignal): AbortSignal {
  const gone = new AbortController();
  const leave = () => {
    closing.removeEventListener('abort', leave);
    // Without a reason one would be made, with a stack, for every request.
    gone.abort('gone');
  };
  reply.raw.once('close', leave);
  closing.addEventListener('abort', leave);
  if (closing.aborted || reply.raw.destroyed) leave();
  return gone.signal;
}
