/** One POST, with receivers of every bad habit. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { resolveBySystem } from '../../../src/hub/webhooks/address.ts';
import { Sender } from '../../../src/hub/webhooks/sender.ts';
import { needs } from '../../programs.ts';
import { temporaryDir } from '../../temporary.ts';
import { until } from '../gateway.ts';
import { type Receiver, startReceiver } from './receiver.ts';

let receiver: Receiver;
let sender: Sender;

const senderFor = (ports: readonly number[], ca?: string) =>
  new Sender({
    policy: { allowHttp: true, allowPrivate: true, ports },
    resolve: resolveBySystem,
    ...(ca === undefined ? {} : { ca }),
  });
const post = (url: string, timeoutMs = 5_000, by = sender) =>
  by.post({
    url,
    body: '{"a":"ü"}',
    headers: { 'content-type': 'application/json', 'x-one': '1' },
    timeoutMs,
  });

beforeEach(async () => {
  receiver = await startReceiver();
  sender = senderFor([receiver.port]);
});
afterEach(async () => {
  await sender.close();
  await receiver.close();
});

describe('an ordinary answer', () => {
  test('gives the status and the beginning of the body; the octets arrive as they are', async () => {
    receiver.answer = (_request, response) => void response.writeHead(201).end('thanks');
    expect(await post(`${receiver.url}/hook?a=1`)).toMatchObject({
      outcome: { status: 201, retryAfterMs: null },
      excerpt: 'thanks',
    });
    expect(receiver.received).toMatchObject([
      { path: '/hook?a=1', body: '{"a":"ü"}', headers: { 'x-one': '1', 'content-length': '10' } },
    ]);
  });

  test('leaves the connection open for those that come after', async () => {
    receiver.answer = (_request, response) => void response.end('x'.repeat(20_000));
    for (let i = 0; i < 20; i += 1) await post(receiver.url);
    // A request that comes before the last answer is quite over gets a connection of its own.
    expect(receiver.received).toHaveLength(20);
    expect(receiver.connections).toBeLessThan(5);
  });

  test('that asks to wait says how long', async () => {
    receiver.answer = (_request, response) => void response.writeHead(429, { 'retry-after': '7' }).end();
    expect((await post(receiver.url)).outcome).toEqual({ status: 429, retryAfterMs: 7_000 });
  });
});

describe('an answer without end', () => {
  test('is read no further than 64 kB, of which 1 kB is kept, and its connection is closed', async () => {
    let written = 0;
    let closed = false;
    receiver.answer = (_request, response) => {
      const chunk = 'y'.repeat(16_384);
      const write = (): void => {
        while (!closed && response.write(chunk)) written += chunk.length;
        if (!closed) response.once('drain', write);
      };
      response.once('close', () => {
        closed = true;
      });
      write();
    };
    const answer = await post(receiver.url);
    expect(answer.outcome).toEqual({ status: 200, retryAfterMs: null });
    expect(answer.excerpt).toBe('y'.repeat(1_024));
    await until(
      () => closed,
      (done) => done,
    );
    // What the sockets of both sides hold, and not what the receiver would like to send.
    expect(written).toBeLessThan(16 * 1024 * 1024);
  });

  test('that trickles on after its status is over with the time for it, and is what its status says', async () => {
    receiver.answer = (_request, response) => void response.writeHead(200).write('so');
    expect(await post(receiver.url, 300)).toMatchObject({ outcome: { status: 200 }, excerpt: 'so' });
  });

  test('in its headers is no HTTP', async () => {
    const { port, close } = await tcp((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const timer = setInterval(() => socket.write(`x-${'z'.repeat(1_000)}: 1\r\n`), 1);
      socket.on('close', () => clearInterval(timer));
    });
    const own = senderFor([port]);
    expect((await post(`http://127.0.0.1:${port}/`, 5_000, own)).outcome).toEqual({ failure: 'protocol' });
    await own.close();
    await close();
  });
});

describe('no answer', () => {
  test('from a receiver that takes the request and says nothing', async () => {
    receiver.answer = () => {};
    expect(await post(receiver.url, 200)).toMatchObject({ outcome: { failure: 'timeout' }, excerpt: null });
  });

  test('from one that closes instead', async () => {
    receiver.answer = (_request, response) => void response.socket?.destroy();
    expect((await post(receiver.url)).outcome).toEqual({ failure: 'closed' });
  });

  test('where nobody listens', async () => {
    await receiver.close();
    expect((await post(receiver.url)).outcome).toEqual({ failure: 'refused' });
    receiver = await startReceiver();
  });

  test('in HTTP', async () => {
    const { port, close } = await tcp((socket) => void socket.write('220 smtp.example ESMTP\r\n'));
    const own = senderFor([port]);
    expect((await post(`http://127.0.0.1:${port}/`, 5_000, own)).outcome).toEqual({ failure: 'protocol' });
    await own.close();
    await close();
  });

  test('on a kept connection that the receiver has just given up: asked again at once, on a new one', async () => {
    // Ends each connection over its second request: what a server's keep-alive timeout looks like.
    let cut = 0;
    let answered = 0;
    const { port, close } = await tcp((socket) => {
      let requests = 0;
      socket.on('data', () => {
        requests += 1;
        if (requests === 2) {
          cut += 1;
          socket.destroy();
          return;
        }
        answered += 1;
        socket.write('HTTP/1.1 204 No Content\r\nconnection: keep-alive\r\n\r\n');
      });
    });
    const own = senderFor([port]);
    for (let i = 1; i <= 10 || cut === 0; i += 1) {
      expect((await post(`http://127.0.0.1:${port}/`, 5_000, own)).outcome).toMatchObject({ status: 204 });
      expect(answered).toBe(i);
      // Until then the connection of the answer is not free.
      await nextTurn();
    }
    await own.close();
    await close();
  });
});

describe.skipIf(!needs('openssl'))('HTTPS', () => {
  test('needs a certificate that is trusted and names the host', async () => {
    const dir = temporaryDir();
    const make = (name: string, san: string) => {
      const [key, cert] = [join(dir, `${name}.key`), join(dir, `${name}.crt`)];
      execFileSync(
        'openssl',
        `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -keyout ${key} -out ${cert} -subj /CN=${name} -addext subjectAltName=${san}`.split(
          ' ',
        ),
        { stdio: 'pipe' },
      );
      return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
    };
    const [right, wrong] = [
      make('right', 'DNS:localhost,IP:127.0.0.1'),
      make('wrong', 'DNS:elsewhere.example'),
    ];
    const [one, other] = [await startReceiver({ tls: right }), await startReceiver({ tls: wrong })];
    const ports = [one.port, other.port];
    const trusting = senderFor(ports, `${right.cert}${wrong.cert}`);
    const usual = senderFor(ports);
    expect((await post(one.url, 5_000, trusting)).outcome).toMatchObject({ status: 200 });
    expect((await post(one.url.replace('127.0.0.1', 'localhost'), 5_000, trusting)).outcome).toMatchObject({
      status: 200,
    });
    expect((await post(one.url, 5_000, usual)).outcome).toEqual({ failure: 'tls' });
    expect((await post(other.url, 5_000, trusting)).outcome).toEqual({ failure: 'tls' });
    expect((await post(one.url.replace('https', 'http'), 5_000, trusting)).outcome).toMatchObject({
      failure: expect.stringMatching(/^(closed|protocol)$/),
    });
    expect(
      (await post(receiver.url.replace('http', 'https'), 5_000, senderFor([receiver.port]))).outcome,
    ).toEqual({
      failure: 'tls',
    });
    expect([one.received.length, other.received.length, receiver.received.length]).toEqual([2, 0, 0]);
    await Promise.all([trusting.close(), usual.close(), one.close(), other.close()]);
  });
});

/** A server of octets. */
async function tcp(serve: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    port,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
