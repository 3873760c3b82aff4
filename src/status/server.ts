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

export interface StatusOptions {
  readonly listen: Listen;
  /** A file with the token that every request must carry; without it the page is for loopback only. */
  readonly tokenFile?: string | undefined;
  readonly view: GatewayView;
}

export interface StatusServer {
  readonly url: string;
  stop(): Promise<void>;
}

const PAGE = readFileSync(new URL('./web/index.html', import.meta.url), 'utf8');
const MESSAGES = 50;

/** @throws SimbankError `listen.in_use` when the port is taken, `status.token` when the token cannot be read. */
export async function startStatus(options: StatusOptions): Promise<StatusServer> {
  const { listen, view } = options;
  const token = options.tokenFile === undefined ? null : readToken(options.tokenFile);
  const app = fastify({ forceCloseConnections: true });
  guard(app, listen, token);

  app.get('/', (_request, reply) => reply.type('text/html; charset=utf-8').send(PAGE));
  app.get('/status.json', () => ({
    gateway: view.gateway,
    version: view.version,
    startedAt: view.startedAt,
    time: new Date().toISOString(),
    uplink: view.uplink(),
    slots: view.slots(),
    sims: view.sims(),
    messages: view.messages(MESSAGES),
  }));
  app.get('/healthz', (_request, reply) => {
    const slots = view.slots();
    const ready = slots.filter(({ phase }) => phase === 'ready').length;
    const { connected, waiting } = view.uplink();
    // Alive is what a supervisor needs to know; how well the modems do is a matter of state, not of restarting.
    return reply.send({
      ok: true,
      slots: slots.length,
      ready,
      uplink: connected ? 'connected' : 'waiting',
      waiting,
    });
  });

  try {
    await app.listen({ host: listen.host, port: listen.port });
  } catch (error) {
    if ((error as { code?: string }).code !== 'EADDRINUSE') throw error;
    const where = `${listen.host}:${listen.port}`;
    throw new SimbankError('listen.in_use', `${where} is in use: give status.listen another port`, { where });
  }
  const { port } = app.server.address() as { port: number };
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  return { url: `http://${host}:${port}`, stop: () => app.close() };
}

function guard(app: FastifyInstance, listen: Listen, token: Buffer | null): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    reply.header('content-security-policy', "default-src 'self' 'unsafe-inline'; frame-ancestors 'none'");
    reply.header('x-content-type-options', 'nosniff');
    // A page elsewhere whose name was made to resolve to this host would otherwise read everything here.
    const host = request.hostname.replace(/^\[|\]$/g, '');
    if (token === null && isLoopback(listen.host) && !isLoopback(host)) {
      return reply.code(403).send({ error: 'this page answers on loopback names only' });
    }
    if (token === null || request.url === '/healthz') return;
    const given = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
    const query = (request.query as { token?: string }).token ?? '';
    if (same(given, token) || same(query, token)) return;
    return reply
      .code(401)
      .header('www-authenticate', 'Bearer')
      .send({ error: 'the token of status.tokenFile is needed' });
  });
}

function readToken(path: string): Buffer {
  let token: string;
  try {
    token = readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new SimbankError('status.token', `status.tokenFile: ${path} cannot be read: ${messageOf(error)}`);
  }
  if (token.length < 16)
    throw new SimbankError('status.token', `status.tokenFile: ${path} holds fewer than 16 characters`);
  return digest(token);
}

function same(given: string, token: Buffer): boolean {
  return timingSafeEqual(digest(given), token);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
