/**
 * The local page: what the bank looks like from within, without a cloud.
 *
 * Reads a `GatewayView` and nothing else: it cannot change the bank, and knows neither its store nor its modems. Texts
 * reach it masked.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fastify, { type FastifyInstance } from 'fastify';
import { isLoopback, type Listen } from '../config.ts';
import { messageOf, SimbankError } from '../errors.ts';
import type { GatewayView } from '../protocol/state.ts';
import { readToken } from './token.ts';

export interface StatusOptions {
  readonly listen: Listen;
  /** A file with the token that whoever wants to see the state must know; without it the page is for loopback only. */
  readonly tokenFile?: string | undefined;
  readonly view: GatewayView;
}

export interface StatusServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** All there is to serve, read once: a request's path never becomes a file's path. */
const FILES = [
  file('/', 'index.html', 'text/html; charset=utf-8'),
  file('/icon.svg', 'icon.svg', 'image/svg+xml'),
  ...['colours.css', 'page.css', 'sign-in.css', 'tables.css', 'narrow.css'].map((name) =>
    file(`/${name}`, name, 'text/css; charset=utf-8'),
  ),
  ...['page.js', 'connection.js', 'slots.js', 'tables.js', 'words.js', 'rows.js'].map((name) =>
    file(`/${name}`, name, 'text/javascript; charset=utf-8'),
  ),
];
/** What needs no token: the page, which asks for it, and a supervisor's question, which tells nobody's number. */
const OPEN = new Set([...FILES.map(({ path }) => path), '/healthz']);
const MESSAGES = 50;

const HEADERS = {
  'cache-control': 'no-store',
  // SMS texts are written by strangers: no script but ours runs, and none may turn text into markup.
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/**
 * @throws SimbankError `listen.in_use` when the port is taken, `listen.failed` when it cannot be had for another reason,
 *   `status.token` when the token cannot be read.
 */
export async function startStatus(options: StatusOptions): Promise<StatusServer> {
  const { listen, view } = options;
  const token = options.tokenFile === undefined ? null : digest(readToken(options.tokenFile));
  const app = fastify({ forceCloseConnections: true });
  app.setErrorHandler((error, _request, reply) => {
    const status = (error as { statusCode?: number }).statusCode ?? 500;
    const code = error instanceof SimbankError ? error.code : 'status.failed';
    return reply.code(status).send({ error: messageOf(error), code });
  });
  app.setNotFoundHandler((request, reply) =>
    reply
      .code(404)
      .send({ error: `nothing here answers ${request.method} ${request.url}`, code: 'status.not_found' }),
  );
  guard(app, listen, token);

  for (const { path, type, body } of FILES) {
    app.get(path, (_request, reply) => reply.type(type).send(body));
  }
  app.get('/status.json', () => ({
    gateway: view.gateway,
    version: view.version,
    startedAt: view.startedAt,
    time: new Date().toISOString(),
    problem: view.problem(),
    uplink: view.uplink(),
    ttys: view.ttys(),
    slots: view.slots(),
    sims: view.sims(),
    messages: view.messages(MESSAGES),
  }));
  app.get('/healthz', (_request, reply) => {
    const slots = view.slots();
    const ready = slots.filter(({ phase }) => phase === 'ready').length;
    const { connected, waiting } = view.uplink();
    // Alive is what a supervisor needs to know; neither a modem in trouble nor a full disk is helped by a restart.
    return reply.send({
      ok: true,
      problem: view.problem()?.code ?? null,
      slots: slots.length,
      ready,
      uplink: connected ? 'connected' : 'waiting',
      waiting,
    });
  });

  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  try {
    await app.listen({ host: listen.host, port: listen.port });
  } catch (error) {
    await app.close();
    throw listenFailure(`${host}:${listen.port}`, error);
  }
  const { port } = app.server.address() as { port: number };
  return { url: `http://${host}:${port}`, stop: () => app.close() };
}

function guard(app: FastifyInstance, listen: Listen, token: Buffer | null): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(HEADERS);
    // A page elsewhere whose name was made to resolve to this host would otherwise read everything here.
    const host = request.hostname.replace(/^\[|\]$/g, '').toLowerCase();
    if (token === null && isLoopback(listen.host) && !isLoopback(host)) {
      return reply
        .code(403)
        .send({ error: 'this page answers on loopback names only, such as localhost', code: 'status.host' });
    }
    if (token === null || OPEN.has(request.routeOptions.url ?? '')) return;
    // Only as a header: an address with a token in it is kept by histories, logs and proxies.
    const given = /^Bearer +(.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if (timingSafeEqual(digest(given), token)) return;
    return reply
      .code(401)
      .header('www-authenticate', 'Bearer')
      .send({ error: 'the token of status.tokenFile is needed', code: 'status.token_needed' });
  });
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function listenFailure(where: string, error: unknown): SimbankError {
  switch ((error as { code?: string }).code) {
    case 'EADDRINUSE':
      return new SimbankError('listen.in_use', `${where} is in use: give status.listen another port`, {
        where,
      });
    case 'EACCES':
      return new SimbankError(
        'listen.failed',
        `${where} is not allowed for this user: give status.listen a port of 1024 or more`,
        { where },
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new SimbankError(
        'listen.failed',
        `${where} is no address of this host: give status.listen one that is`,
        { where },
      );
    default:
      return new SimbankError(
        'listen.failed',
        `status.listen: ${where}: ${messageOf(error)}`,
        { where },
        { cause: error },
      );
  }
}

function file(path: string, name: string, type: string): { path: string; type: string; body: Buffer } {
  return { path, type, body: readFileSync(new URL(`./web/${name}`, import.meta.url)) };
}
