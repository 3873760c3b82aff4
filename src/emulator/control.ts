/**
 * The control socket of a bank: one JSON request a line, one JSON answer a line, in order.
 *
 * `{"id":1,"op":"deliver","modem":0,"from":"+12025550143","text":"hello"}` is answered
 * `{"id":1,"ok":true,"result":{…}}`, or `{"id":1,"ok":false,"error":"…"}`. The operations are in operations.ts.
 */
import { lstat, unlink } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { messageOf, SimbankError } from '../errors.ts';
import type { EmulatedModem } from './modem.ts';
import { carryOut, type Request } from './operations.ts';

export interface ControlServer {
  close(): Promise<void>;
}

const LINE_LIMIT = 1024 * 1024;

export async function listenForControl(
  modems: readonly EmulatedModem[],
  path: string,
): Promise<ControlServer> {
  if (await answers(path)) {
    throw new SimbankError(
      'emulator.control_in_use',
      `the control socket ${path} is in use: another bank runs there`,
    );
  }
  const existing = await lstat(path).catch(() => null);
  if (existing !== null) {
    if (!existing.isSocket()) {
      throw new SimbankError(
        'emulator.bad_control',
        `${path} exists and is no socket: choose another control socket`,
      );
    }
    // What a killed emulator left behind.
    await unlink(path);
  }
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serve(socket, modems);
  });
  await listen(server, path);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        new SimbankError(
          'emulator.bad_control',
          `the control socket cannot be made at ${path}: ${error.code} (a path has at most 107 octets)`,
          { path },
        ),
      );
    });
    server.listen(path, resolve);
  });
}

function serve(socket: Socket, modems: readonly EmulatedModem[]): void {
  let input = '';
  // Answers keep the order of their requests, so one is carried out after the other.
  let queue = Promise.resolve();
  socket.setEncoding('utf8');
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: string) => {
    input += chunk;
    const lines = input.split('\n');
    input = lines.pop() ?? '';
    for (const line of lines) {
      if (line.trim() === '') continue;
      queue = queue.then(async () => {
        const answer = await respond(modems, line);
        if (!socket.destroyed) socket.write(`${answer}\n`);
      });
    }
    if (input.length > LINE_LIMIT) socket.destroy();
  });
}

async function respond(modems: readonly EmulatedModem[], line: string): Promise<string> {
  let id: unknown;
  try {
    const request: unknown = JSON.parse(line);
    if (typeof request !== 'object' || request === null || Array.isArray(request)) {
      throw new SimbankError('emulator.bad_request', 'a request is one JSON object a line');
    }
    id = (request as Request).id;
    const result = await carryOut(modems, request as Request);
    return JSON.stringify({ id, ok: true, result: result ?? {} });
  } catch (error) {
    return JSON.stringify({ id, ok: false, error: messageOf(error) });
  }
}
