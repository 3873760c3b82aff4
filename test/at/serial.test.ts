import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Channel } from '../../src/at/channel.ts';
import { openPort } from '../../src/at/serial.ts';
import type { SimbankError } from '../../src/errors.ts';
import { DIALECT } from './wire.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** A serial server on this host, and what its clients say and how they end. */
async function serialServer(onClient: (socket: Socket) => void = () => {}, host = '127.0.0.1') {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onClient(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const close = (): Promise<unknown> => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  };
  undo.push(close);
  const { port } = server.address() as { port: number };
  return { path: `tcp://${host.includes(':') ? `[${host}]` : host}:${port}`, close, sockets };
}

/** An open port, what it said, and how it was lost. */
async function opened(path: string) {
  const said: Buffer[] = [];
  const losses: SimbankError[] = [];
  let changed = (): void => {};
  const port = await openPort(
    path,
    { baudRate: 115_200 },
    {
      data: (chunk) => {
        said.push(chunk);
        changed();
      },
      lost: (error) => {
        losses.push(error);
        changed();
      },
    },
  );
  undo.push(() => port.close());
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        changed = resolve;
      });
    }
  };
  return { port, said, losses, until };
}

const failure = (path: string): Promise<unknown> =>
  openPort(path, { baudRate: 115_200 }, { data: () => {}, lost: () => {} }).catch((error) => error);

describe('a port over TCP', () => {
  it.each(['127.0.0.1', '::1'])('carries every octet both ways (%s)', async (host) => {
    const octets = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const { path } = await serialServer((socket) => socket.on('data', (chunk) => socket.write(chunk)), host);
    const { port, said, until } = await opened(path);
    port.write(octets.toString('latin1'));
    await until(() => Buffer.concat(said).length === 256);
    expect(Buffer.concat(said)).toEqual(octets);
  });

  it('that nobody listens on says so', async () => {
    const { path, close } = await serialServer();
    await close();
    expect(await failure(path)).toMatchObject({
      code: 'port.failed',
      message: expect.stringMatching(`^${path}: .*ECONNREFUSED`),
    });
  });

  it.each(['tcp://', 'tcp://host', 'tcp://host:99999', 'tcp://:5001'])(
    'must be named in full: %s',
    async (path) => {
      expect(await failure(path)).toMatchObject({
        code: 'port.failed',
        message: expect.stringContaining(`${path} names no host and port`),
      });
    },
  );

  it.each([
    ['ends', (socket: Socket) => socket.end()],
    ['is reset', (socket: Socket) => socket.resetAndDestroy()],
  ])('whose other side %s is lost, once', async (_, leave) => {
    const { path, sockets } = await serialServer();
    const { port, losses, until } = await opened(path);
    for (const socket of sockets) leave(socket);
    await until(() => losses.length > 0);
    port.write('AT\r');
    await port.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(losses).toMatchObject([{ code: 'port.lost', detail: { path } }]);
    // The server is still there: whoever opens it anew has a port.
    await opened(path);
  });

  it('that is closed here is not lost', async () => {
    let left = false;
    const { path } = await serialServer((socket) => socket.on('close', () => (left = true)));
    const { port, losses } = await opened(path);
    await port.close();
    await port.close();
    while (!left) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(losses).toEqual([]);
  });

  it('whose other side hears nothing any more can still be closed', async () => {
    const { path } = await serialServer((socket) => socket.pause());
    const { port, losses } = await opened(path);
    for (let i = 0; i < 100; i++) port.write('A'.repeat(100_000));
    await port.close();
    expect(losses).toEqual([]);
  });

  it('is all a dialogue needs', async () => {
    const { path } = await serialServer((socket) =>
      socket.on('data', (chunk) => {
        for (const command of chunk.toString().split('\r').filter(Boolean)) {
          const name = /\+\w+/.exec(command)?.[0];
          // In pieces, as a slow line gives them.
          for (const char of `${command}\r\r\n${name}: 7\r\n\r\nOK\r\n`) socket.write(char);
        }
      }),
    );
    const channel: Channel = new Channel(DIALECT, {
      write: (bytes) => port.write(bytes),
      urc: () => {},
      outOfStep: () => {},
    });
    const port = await openPort(
      path,
      { baudRate: 115_200 },
      { data: (chunk) => channel.feed(chunk), lost: () => {} },
    );
    undo.push(() => port.close());
    expect(await channel.command('AT+CSQ')).toEqual(['+CSQ: 7']);
  });
});
