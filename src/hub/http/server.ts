/** The hub's HTTP server: how requests are read, who may ask, how errors look, and which routes there are. No route has SQL. */
import type { Socket } from 'node:net';
import formbody from '@fastify/formbody';
import rateLimit from '@fastify/rate-limit';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import {
  hasZodFastifySchemaValidationErrors,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod';
import { z } from 'zod';
import { messageOf } from '../../errors.ts';
import { Access, challenge, type Need, requireScope } from './access.ts';
import { activationRoutes } from './activations.ts';
import { type Api, type Routes, routesOf } from './api.ts';
import { catalogueRoutes } from './catalogue.ts';
import { deedRoutes } from './deeds.ts';
import { deliveryRoutes } from './deliveries.ts';
import { keyRoutes } from './keys.ts';
import { type Limiter, limiterOf, OpenStreams, type Quota } from './limits.ts';
import { numberRoutes } from './numbers.ts';
import { describe } from './openapi.ts';
import { orderRoutes } from './orders.ts';
import { type ProblemCode, ProblemError, translated } from './problem.ts';
import { provisionRoutes } from './provision.ts';
import { sketchRoutes } from './sketch.ts';
import { streamRoutes } from './stream.ts';
import { walletRoutes } from './wallet.ts';
import { webhookRoutes } from './webhooks.ts';

const ROUTES = [
  orderRoutes,
  activationRoutes,
  deedRoutes,
  numberRoutes,
  provisionRoutes,
  catalogueRoutes,
  walletRoutes,
  webhookRoutes,
  deliveryRoutes,
  keyRoutes,
  streamRoutes,
];

export interface ServerOptions extends Omit<Api, 'closing' | 'streams' | 'stillAdmits'> {
  readonly health: () => { readonly connected: boolean; readonly storeProblem: string | null };
  /** For tests. */
  readonly quotas?: Readonly<Record<Quota, number>>;
}

/** Builds the server; it does not listen yet. */
export function buildServer({ health, quotas, ...rest }: ServerOptions): FastifyInstance {
  const { store, log } = rest;
  const fail = (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const problem = problemOf(error);
    if (problem.status >= 500) {
      log.error({ route: request.routeOptions.url, error: messageOf(error) }, 'a request failed');
    }
    if (problem.status === 401) reply.header('www-authenticate', challenge(request));
    if (problem.retryAfter !== null) reply.header('retry-after', problem.retryAfter);
    return send(reply.code(problem.status), problem, request);
  };
  const server = Fastify({
    bodyLimit: 256 * 1024,
    routerOptions: { maxParamLength: 200 },
    return503OnClosing: true,
    forceCloseConnections: 'idle',
    // Whatever encrypts stands before the hub on the same host, and says who asked it.
    trustProxy: 'loopback',
    // What ends before there is a route: a path that cannot be decoded, an id longer than any.
    frameworkErrors: (error, request, reply) => void fail(error, request, reply),
  });
  server.setValidatorCompiler(validatorCompiler);
  server.setSerializerCompiler(serializerCompiler);
  server.decorateRequest('owner', null);
  readBodies(server);

  server.setErrorHandler(fail);
  server.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0];
    return send(
      reply.code(404),
      new ProblemError('NOT_FOUND', `there is no ${request.method} ${path}`),
      request,
    );
  });

  const closing = new AbortController();
  closeSoon(server, closing);
  const access = new Access(store, log);
  const api: Api = {
    ...rest,
    streams: new OpenStreams(),
    stillAdmits: (request) => access.stillAdmits(request, needOf(request)),
    closing: closing.signal,
  };
  void server.register(rateLimit, { global: false });
  describe(server);
  server.get(
    '/healthz',
    { schema: { hide: true, response: { 200: Health, 503: Health } } },
    (_request, reply) => {
      // A broker that is away is told, and does not make the hub unfit: it answers for what it has.
      const { connected, storeProblem } = health();
      return reply.code(storeProblem === null ? 200 : 503).send({
        status: storeProblem === null ? 'ok' : 'the store does not take what arrives',
        mqtt: connected ? 'connected' : 'disconnected',
      });
    },
  );

  let limit: Limiter | undefined;
  const open = (prefix: string, fill: (routes: Routes) => void): void => {
    void server.register(
      async (scope) => {
        // One for all paths.
        limit ??= limiterOf(scope, quotas);
        const count = limit;
        scope.addHook('onRequest', async (request, reply) => {
          const need = needOf(request);
          request.owner = await access.admit(request, need);
          const usual = ['GET', 'HEAD'].includes(request.method) ? 'read' : 'write';
          await count(request, reply, request.routeOptions.config.policy ?? usual);
          // What a key may not do counts as well.
          requireScope(request.owner, need);
        });
        scope.addHook('preValidation', async (request) => {
          request.body = withoutAliases(request.body ?? {}, request.routeOptions.config.aliases ?? {});
        });
        fill(routesOf(scope));
      },
      { prefix },
    );
  };
  for (const prefix of ['/v1', '/api/v1']) {
    open(prefix, (routes) => {
      for (const add of ROUTES) add(routes, api);
    });
  }
  open('/sketch', (routes) => sketchRoutes(routes, api));
  return server;
}

/** Longer than any purchase takes (flow.ts). */
const FAREWELL_MS = 20_000;

/** Lets the server close although streams have no end, some wait for a code, and browsers connect in advance without asking. */
function closeSoon(server: FastifyInstance, closing: AbortController): void {
  const silent = new Set<Socket>();
  server.server.on('connection', (socket: Socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  server.server.on('request', ({ socket }) => silent.delete(socket));
  server.addHook('preClose', async () => {
    closing.abort();
    for (const socket of silent) socket.destroy();
    setTimeout(() => server.server.closeAllConnections(), FAREWELL_MS).unref();
  });
}

function needOf(request: FastifyRequest): Need {
  return request.routeOptions.config.need ?? 'read';
}

const Health = z.object({ status: z.string(), mqtt: z.string() });

/** JSON or forms; nothing at all is an empty body, whatever type it says it has (A-13, api-conventions H-40, H-41). */
function readBodies(server: FastifyInstance): void {
  void server.register(formbody);
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeContentTypeParser('application/json');
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (String(body).trim() === '') done(null, undefined);
    else void parse(request, String(body), done);
  });
}

function withoutAliases(body: unknown, aliases: Readonly<Record<string, string>>): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  const members: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body)) {
    const known = aliases[name] ?? name;
    // What is named as it should be counts.
    if (known === name || !(known in body)) members[known] = value;
  }
  return members;
}

function problemOf(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  const known = translated(error);
  if (known !== null) return known;
  if (hasZodFastifySchemaValidationErrors(error)) {
    const errors = error.validation.map((fault) => ({
      pointer: `#/${error.validationContext === 'querystring' ? 'query' : error.validationContext}${fault.instancePath}`,
      detail: fault.message ?? 'is not valid',
    }));
    const text = errors.map(({ pointer, detail }) => `${pointer.split('/').at(-1)} ${detail}`).join('; ');
    return new ProblemError('INVALID_REQUEST', text, { errors });
  }
  const status = (error as { statusCode?: number }).statusCode ?? 500;
  // What went wrong inside is for the log only.
  if (status >= 500) return new ProblemError('INTERNAL_ERROR', 'the hub failed; this is not your fault');
  const code: ProblemCode =
    status === 413
      ? 'PAYLOAD_TOO_LARGE'
      : status === 415
        ? 'UNSUPPORTED_MEDIA_TYPE'
        : status === 404 || status === 414
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
