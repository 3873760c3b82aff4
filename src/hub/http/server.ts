/** The hub's HTTP server: who may ask, how errors look, and which façades there are. No route reads the database itself. */
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import {
  hasZodFastifySchemaValidationErrors,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod';
import { z } from 'zod';
import { messageOf } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import { hashKey } from '../secrets.ts';
import type { HubStore } from '../store/store.ts';
import { numberRoutes } from './numbers.ts';
import { type ProblemCode, ProblemError } from './problem.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The account whose key came with the request; '' on routes without one. */
    account: string;
  }
}

export interface ServerOptions {
  readonly store: HubStore;
  readonly log: Logger;
  readonly health: () => { readonly connected: boolean; readonly storeProblem: string | null };
}

/** Builds the server; it does not listen yet. */
export function buildServer({ store, log, health }: ServerOptions): FastifyInstance {
  const server = Fastify({
    bodyLimit: 256 * 1024,
    routerOptions: { maxParamLength: 200 },
    return503OnClosing: true,
    forceCloseConnections: 'idle',
  });
  server.setValidatorCompiler(validatorCompiler);
  server.setSerializerCompiler(serializerCompiler);
  server.decorateRequest('account', '');

  server.setErrorHandler((error: unknown, request, reply) => {
    const problem = problemOf(error);
    if (problem.status >= 500) {
      log.error({ route: request.routeOptions.url, error: messageOf(error) }, 'a request failed');
    }
    if (problem.status === 401) reply.header('www-authenticate', challenge(request));
    return send(reply.code(problem.status), problem, request);
  });
  server.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0];
    return send(
      reply.code(404),
      new ProblemError('NOT_FOUND', `there is no ${request.method} ${path}`),
      request,
    );
  });

  const Health = z.object({ status: z.string(), mqtt: z.string() });
  server.get('/healthz', { schema: { response: { 200: Health, 503: Health } } }, async (_request, reply) => {
    // A broker that is away is told, and does not make the hub unfit: it answers for what it has.
    const { connected, storeProblem } = health();
    return reply.code(storeProblem === null ? 200 : 503).send({
      status: storeProblem === null ? 'ok' : 'the store does not take what arrives',
      mqtt: connected ? 'connected' : 'disconnected',
    });
  });

  for (const prefix of ['/v1', '/api/v1']) {
    void server.register(
      async (api) => {
        api.addHook('onRequest', async (request) => {
          request.account = await authenticate(request, store);
        });
        numberRoutes(api, store);
      },
      { prefix },
    );
  }
  return server;
}

async function authenticate(request: FastifyRequest, store: HubStore): Promise<string> {
  const key = keyOf(request);
  if (key === null) {
    throw new ProblemError(
      'UNAUTHENTICATED',
      'an API key is needed: send it as "Authorization: Bearer KEY" or as "X-API-Key: KEY"',
    );
  }
  // Looked up by its hash: how long that takes says nothing about the keys there are.
  const account = await store.reads.accountOfKey(hashKey(key));
  if (account === null) throw new ProblemError('UNAUTHENTICATED', 'this API key is not valid');
  return account;
}

function keyOf(request: FastifyRequest): string | null {
  const bearer = /^bearer +(\S+) *$/i.exec(request.headers.authorization ?? '');
  if (bearer !== null) return bearer[1]!;
  const header = request.headers['x-api-key'];
  return typeof header === 'string' && header !== '' ? header : null;
}

/** RFC 6750 §3: a request without credentials is told no error code. */
function challenge(request: FastifyRequest): string {
  return keyOf(request) === null
    ? 'Bearer realm="simbankd"'
    : 'Bearer realm="simbankd", error="invalid_token"';
}

function problemOf(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (hasZodFastifySchemaValidationErrors(error)) {
    const errors = error.validation.map((fault) => ({
      pointer: `#/${error.validationContext === 'querystring' ? 'query' : error.validationContext}${fault.instancePath}`,
      detail: fault.message ?? 'is not valid',
    }));
    const text = errors.map(({ pointer, detail }) => `${pointer.split('/').at(-1)} ${detail}`).join('; ');
    return new ProblemError('INVALID_REQUEST', text, errors);
  }
  const status = (error as { statusCode?: number }).statusCode ?? 500;
  // What went wrong inside is for the log only.
  if (status >= 500) return new ProblemError('INTERNAL_ERROR', 'the hub failed; this is not your fault');
  const code: ProblemCode =
    status === 413
      ? 'PAYLOAD_TOO_LARGE'
      : status === 415
        ? 'UNSUPPORTED_MEDIA_TYPE'
        : status === 404
          ? 'NOT_FOUND'
          : 'INVALID_REQUEST';
  return new ProblemError(code, messageOf(error));
}

function send(reply: FastifyReply, problem: ProblemError, request: FastifyRequest): FastifyReply {
  // As octets: the serializers of a route know only its own answers, and a text would be given a charset, which this media
  // type does not have (RFC 9457 §6.1).
  const body = problem.body(request.url.split('?')[0]!, request.id);
  return reply.header('content-type', 'application/problem+json').send(Buffer.from(JSON.stringify(body)));
}
