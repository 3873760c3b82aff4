import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { SimbankError } from '../../src/errors.ts';
import type { GatewayView } from '../../src/protocol/state.ts';
import { type StatusServer, startStatus } from '../../src/status/server.ts';
import { glance, shownGateway, slotInEveryPhase, slotState } from './view.ts';

const TOKEN = 'Tb9-a_token.of/some+length=';
const LOOPBACK = { host: '127.0.0.1', port: 0 };
let dir: string;
let tokenFile: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'simbankd-status-'));
  tokenFile = join(dir, 'token');
  writeFileSync(tokenFile, `${TOKEN}\n`);
});
afterAll(() => rmSync(dir, { recursive: true }));

const running: StatusServer[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
});

async function serve(view: GatewayView = shownGateway(), withToken = false): Promise<StatusServer> {
  const server = await startStatus({
    listen: LOOPBACK,
    tokenFile: withToken ? tokenFile : undefined,
    view,
  });
  running.push(server);
  return server;
}

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

/** fetch sets its own Host header; this sends what it is told. */
function get(server: StatusServer, path: string, headers: Record<string, string> = {}, method = 'GET') {
  return new Promise<Answer>((resolve, reject) => {
    const asked = request(`${server.url}${path}`, { headers, method }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
    asked.on('error', reject).end();
  });
}

/** Every file the page loads, as a browser would find them: from the page, and from each script. */
async function pageFiles(server: StatusServer): Promise<string[]> {
  const found: string[] = [];
  const toRead = ['/'];
  for (let path = toRead.pop(); path !== undefined; path = toRead.pop()) {
    found.push(path);
    const { status, body } = await get(server, path);
    expect([path, status]).toEqual([path, 200]);
    for (const [, name] of body.matchAll(/(?:src="|rel="[^>]*href="|from '\.\/)([\w.-]+)["']/g)) {
      if (!found.includes(`/${name}`) && !toRead.includes(`/${name}`)) toRead.push(`/${name}`);
    }
  }
  return found;
}

test('serves the page with all it loads, and every file of its folder', async () => {
  const server = await serve();
  const found = await pageFiles(server);
  const folder = readdirSync(new URL('../../src/status/web/', import.meta.url));
  expect(found.sort()).toEqual(['/', ...folder.filter((n) => n !== 'index.html').map((n) => `/${n}`)].sort());
  for (const [path, type] of [
    ['/', 'text/html'],
    ['/page.js', 'text/javascript'],
    ['/page.css', 'text/css'],
    ['/icon.svg', 'image/svg+xml'],
  ] as const) {
    expect((await get(server, path)).headers['content-type']).toContain(type);
  }
});

test('every answer forbids scripts but its own, markup from text, framing, guessing types and caching', async () => {
  const server = await serve();
  for (const path of ['/', '/page.js', '/status.json', '/healthz', '/nothing']) {
    const { headers } = await get(server, path);
    const policy = String(headers['content-security-policy']);
    expect(policy).not.toContain('unsafe');
    for (const rule of [
      "default-src 'none'",
      "script-src 'self'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
    ]) {
      expect(policy).toContain(rule);
    }
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['cross-origin-resource-policy']).toBe('same-origin');
    expect(headers['access-control-allow-origin']).toBeUndefined();
  }
});

test('the page keeps to its policy: no inline script or style, nothing from elsewhere, no markup from text', () => {
  const folder = new URL('../../src/status/web/', import.meta.url);
  for (const name of readdirSync(folder)) {
    const text = readFileSync(new URL(name, folder), 'utf8').replace('http://www.w3.org/2000/svg', '');
    expect([name, /https?:\/\//.test(text)]).toEqual([name, false]);
    expect([name, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(/.test(text)]).toEqual([
      name,
      false,
    ]);
    if (name.endsWith('.html')) expect(text).not.toMatch(/<style|style=|\son\w+=|<script(?![^>]*\ssrc=)/);
  }
});

test('says the state as data', async () => {
  const view = shownGateway([slotState('A01')]);
  view.shown.messages = Array.from({ length: 80 }, (_, i) => glance(`text ${i}`));
  const { status, headers, body } = await get(await serve(view), '/status.json');
  expect(status).toBe(200);
  expect(headers['content-type']).toContain('application/json');
  const state = JSON.parse(body);
  expect(state).toMatchObject({ gateway: 'host-a', version: '0.1.0', uplink: { connected: true }, sims: [] });
  expect(state.slots).toHaveLength(1);
  expect(state.messages).toHaveLength(50);
  expect(Math.abs(Date.parse(state.time) - Date.now())).toBeLessThan(5_000);
});

test('a hostile text stays a text', async () => {
  const hostile = `<img src=x onerror="alert('!')"></script>\u2028\u202e`;
  const view = shownGateway();
  view.shown.messages = [glance(hostile, { from: hostile })];
  const { headers, body } = await get(await serve(view), '/status.json');
  expect(headers['content-type']).toContain('application/json');
  expect(JSON.parse(body).messages[0]).toMatchObject({ text: hostile, from: hostile });
});

test('is healthy as long as it answers, whatever the modems do', async () => {
  const view = shownGateway(slotInEveryPhase());
  view.shown.uplink = { ...view.shown.uplink, connected: false, waiting: 12 };
  const { status, body } = await get(await serve(view), '/healthz');
  expect(status).toBe(200);
  expect(JSON.parse(body)).toEqual({
    ok: true,
    problem: null,
    slots: 9,
    ready: 1,
    uplink: 'waiting',
    waiting: 12,
  });
});

test('says what keeps the gateway as a whole from its work', async () => {
  const view = shownGateway();
  const problem = {
    code: 'store.failed',
    message: 'the disk is full: make room',
    since: new Date().toISOString(),
  };
  view.shown.problem = problem;
  const server = await serve(view);
  expect(JSON.parse((await get(server, '/status.json')).body).problem).toEqual(problem);
  const { status, body } = await get(server, '/healthz');
  expect([status, JSON.parse(body).problem]).toEqual([200, 'store.failed']);
});

test('on loopback it answers to loopback names only', async () => {
  const server = await serve();
  const { port } = new URL(server.url);
  for (const host of [`localhost:${port}`, `LOCALHOST:${port}`, '127.0.0.1', '[::1]:8480']) {
    expect([host, (await get(server, '/status.json', { host })).status]).toEqual([host, 200]);
  }
  for (const host of ['bank.example.com', `bank.example.com:${port}`, '127.0.0.1.example.com', '192.0.2.1']) {
    for (const path of ['/', '/status.json', '/healthz', '/nothing']) {
      const { status, body } = await get(server, path, { host });
      expect([host, path, status]).toEqual([host, path, 403]);
      expect(JSON.parse(body).code).toBe('status.host');
    }
  }
});

test('a request without a Host header is not from a browser on a loopback name', async () => {
  const { port } = new URL((await serve()).url);
  const answer = await new Promise<string>((resolve) => {
    let text = '';
    const socket = connect(Number(port), '127.0.0.1', () =>
      socket.write('GET /status.json HTTP/1.0\r\n\r\n'),
    );
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('close', () => resolve(text));
  });
  expect(answer).toMatch(/^HTTP\/1\.[01] 403 /);
});

test('with a token only the page and healthz are open', async () => {
  const view = shownGateway([slotState('A01')]);
  const server = await serve(view, true);
  await pageFiles(server);
  expect((await get(server, '/healthz')).status).toBe(200);

  const refused = async (path: string, headers: Record<string, string> = {}) => {
    const answer = await get(server, path, headers);
    expect([path, headers, answer.status]).toEqual([path, headers, 401]);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(JSON.parse(answer.body).code).toBe('status.token_needed');
    expect(answer.body).not.toContain('A01');
  };
  await refused('/status.json');
  await refused('/status.json?');
  await refused('/nothing');
  await refused('/status.json', { authorization: `Bearer ${TOKEN}x` });
  await refused('/status.json', { authorization: `Bearer ${TOKEN.slice(0, -1)}` });
  await refused('/status.json', { authorization: 'Bearer ' });
  await refused('/status.json', { authorization: TOKEN });
  // An address with a token in it is kept where nobody looks after it.
  await refused(`/status.json?token=${encodeURIComponent(TOKEN)}`);

  for (const scheme of ['Bearer', 'bearer']) {
    const { status, body } = await get(server, '/status.json', { authorization: `${scheme} ${TOKEN}` });
    expect(status).toBe(200);
    expect(body).toContain('A01');
  }
  // Behind a proxy it has the proxy's name.
  const headers = { host: 'bank.example.com', authorization: `Bearer ${TOKEN}` };
  expect((await get(server, '/status.json', headers)).status).toBe(200);
});

test('a token that cannot be used is said at start', async () => {
  const bad = join(dir, 'bad');
  const start = (path: string) => startStatus({ listen: LOOPBACK, tokenFile: path, view: shownGateway() });
  const fault = async (path: string) => {
    const error = await start(path).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(SimbankError);
    expect((error as SimbankError).code).toBe('config.invalid');
    return (error as SimbankError).message;
  };
  expect(await fault(join(dir, 'none'))).toContain('cannot be read');
  writeFileSync(bad, 'short\n');
  expect(await fault(bad)).toContain('fewer than 16');
  writeFileSync(bad, 'two words of a token file\n');
  expect(await fault(bad)).toContain('one word');
  writeFileSync(bad, 'schlüsselwortmitumlaut\n');
  expect(await fault(bad)).toContain('one word');
});

test('what is not there is a JSON error, whatever the path looks like', async () => {
  const server = await serve();
  for (const path of [
    '/nothing',
    '/index.html',
    '/server.ts',
    '/..%2fserver.ts',
    '/../../package.json',
    '//etc/passwd',
    '/%',
    '/page.js/',
    '/__proto__',
  ]) {
    const { status, headers, body } = await get(server, path);
    expect([path, status === 404 || status === 400]).toEqual([path, true]);
    expect([path, headers['content-type']]).toEqual([path, expect.stringContaining('application/json')]);
    expect(JSON.parse(body).error).toBeTypeOf('string');
  }
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
    expect([method, (await get(server, '/status.json', {}, method)).status]).toEqual([method, 404]);
  }
});

test('a view that fails is a JSON error with its code', async () => {
  const view: GatewayView = {
    ...shownGateway(),
    sims: () => {
      throw new SimbankError('store.failed', 'disk I/O error');
    },
  };
  const server = await serve(view);
  const { status, body } = await get(server, '/status.json');
  expect(status).toBe(500);
  expect(JSON.parse(body)).toEqual({ error: 'disk I/O error', code: 'store.failed' });
  expect((await get(server, '/healthz')).status).toBe(200);
});

test('a taken port, and an address that is not here, name the member to change', async () => {
  const first = await serve();
  const port = Number(new URL(first.url).port);
  const fault = async (listen: { host: string; port: number }) => {
    const error = await startStatus({ listen, view: shownGateway() }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(SimbankError);
    return error as SimbankError;
  };
  const taken = await fault({ host: '127.0.0.1', port });
  expect(taken.code).toBe('listen.in_use');
  expect(taken.message).toBe(`127.0.0.1:${port} is in use: give status.listen another port`);
  const elsewhere = await fault({ host: '192.0.2.1', port: 8480 });
  expect(elsewhere.code).toBe('listen.failed');
  expect(elsewhere.message).toContain('status.listen');
});
