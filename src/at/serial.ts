/**
 * A modem's port as a stream of bytes: a tty, or a TCP connection to a serial server.
 *
 * Knows nothing of AT. The one file that knows about serialport: its binding opens, locks (flock), and sets raw mode
 * and speed; a `tty.ReadStream` on a second descriptor reads and writes. serialport's own stream reads through the
 * thread pool: four calls that hang there (a USB close may drain for 30 s) would stop every port, a port that vanishes
 * while busy is often never reported and burns a core, and on Node 26 data waits for some other event.
 */
import { constants, close as fsClose, open as fsOpen } from 'node:fs';
import { connect } from 'node:net';
import { ReadStream } from 'node:tty';
import { promisify } from 'node:util';
import { SerialPort } from 'serialport';
import { messageOf, SimbankError } from '../errors.ts';
import { lockHolder } from '../lock-file.ts';

export interface PortEvents {
  data(chunk: Buffer): void;
  /** Once, when the port is gone for whatever reason but `close()`. The port object is then dead: open a new one. */
  lost(error: SimbankError): void;
}

export interface Port {
  readonly path: string;
  write(bytes: string): void;
  close(): Promise<void>;
}

/** Opens and closes run on libuv's thread pool (4 by default): fewer at a time than that, or a stuck one stops DNS and files too. */
const gate = semaphore(3);

/**
 * Opens `path` (a tty, or `tcp://host:port`), exclusively.
 *
 * @throws SimbankError `port.missing`, `port.busy`, `port.denied` or `port.failed`.
 */
export async function openPort(
  path: string,
  options: { baudRate: number },
  events: PortEvents,
): Promise<Port> {
  return path.startsWith('tcp://')
    ? openTcp(path, events)
    : gate(() => openTty(path, options.baudRate, events));
}

async function openTty(path: string, baudRate: number, events: PortEvents): Promise<Port> {
  const holder = lockHolder(path);
  if (holder !== null) {
    const message = `${path} is held by the process ${holder}, as its lock file says`;
    throw new SimbankError('port.busy', message, { path, pid: holder });
  }
  let binding: Awaited<ReturnType<typeof SerialPort.binding.open>>;
  try {
    binding = await SerialPort.binding.open({ path, baudRate, lock: true, hupcl: false });
  } catch (error) {
    throw openFailure(path, error);
  }
  // Only after the binding has set CLOCAL: without it an open may block until the carrier is there. A second
  // descriptor, because handing over the binding's own would drop its lock (libuv dups over it).
  let fd: number;
  try {
    fd = await promisify(fsOpen)(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  } catch (error) {
    await binding.close();
    throw openFailure(path, error);
  }
  let stream: ReadStream;
  try {
    stream = new ReadStream(fd);
  } catch (error) {
    await Promise.all([binding.close(), promisify(fsClose)(fd)]);
    throw openFailure(path, error);
  }

  let done = false;
  const release = async (): Promise<void> => {
    stream.destroy();
    // libuv re-opens the tty and leaves our descriptor to us.
    await gate(() => Promise.all([binding.close().catch(() => {}), promisify(fsClose)(fd).catch(() => {})]));
  };
  const lost = (reason: string): void => {
    if (done) return;
    done = true;
    void release();
    events.lost(new SimbankError('port.lost', `${path}: ${reason}`, { path }));
  };
  stream.on('data', (chunk: Buffer) => events.data(chunk));
  stream.on('error', (error) => lost(error.message));
  stream.on('end', () => lost('the device is gone'));
  stream.on('close', () => lost('the device is gone'));

  return {
    path,
    write: (bytes) => void (done || stream.write(bytes, 'latin1')),
    async close() {
      if (done) return;
      done = true;
      await release();
    },
  };
}

function openTcp(path: string, events: PortEvents): Promise<Port> {
  const url = new URL(path);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
    let done = false;
    const connectDeadline = setTimeout(() => socket.destroy(new Error('no connection within 10 s')), 10_000);
    socket.once('connect', () => {
      clearTimeout(connectDeadline);
      // A serial server that loses power says nothing: keep-alive finds it.
      socket.setKeepAlive(true, 15_000);
      socket.removeListener('error', refuse);
      const lost = (reason: string): void => {
        if (done) return;
        done = true;
        socket.destroy();
        events.lost(new SimbankError('port.lost', `${path}: ${reason}`, { path }));
      };
      socket.on('error', (error) => lost(error.message));
      socket.on('close', () => lost('the connection is gone'));
      socket.on('data', (chunk) => events.data(chunk));
      resolve({
        path,
        write: (bytes) => void (done || socket.write(bytes, 'latin1')),
        async close() {
          done = true;
          socket.destroy();
        },
      });
    });
    const refuse = (error: Error): void => {
      clearTimeout(connectDeadline);
      reject(new SimbankError('port.failed', `${path}: ${error.message}`, { path }));
    };
    socket.once('error', refuse);
  });
}

function openFailure(path: string, error: unknown): SimbankError {
  const message = messageOf(error);
  if (/No such file|ENOENT|cannot open.*No such|ENODEV|ENXIO/i.test(message)) {
    return new SimbankError('port.missing', `${path} is not there`, { path }, { cause: error });
  }
  if (/lock|temporarily unavailable|EBUSY|busy/i.test(message)) {
    return new SimbankError('port.busy', `${path} is held by another program`, { path }, { cause: error });
  }
  if (/EACCES|EPERM|Permission denied/i.test(message)) {
    const remedy = 'add the user to the group that owns it (dialout on Debian)';
    return new SimbankError(
      'port.denied',
      `${path}: permission denied; ${remedy}`,
      { path },
      { cause: error },
    );
  }
  return new SimbankError('port.failed', `${path}: ${message}`, { path }, { cause: error });
}

function semaphore(places: number): <T>(action: () => Promise<T>) => Promise<T> {
  let free = places;
  const waiting: (() => void)[] = [];
  return async (action) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await action();
    } finally {
      // The place goes straight to the next in line, so that nobody can slip in between.
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
