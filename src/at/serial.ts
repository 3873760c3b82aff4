/**
 * A modem's port as a stream of bytes: a tty, or a TCP connection to a serial server.
 *
 * Knows nothing of AT. The one file that knows about serialport: its native open locks (flock), and sets raw mode and
 * speed; a `tty.ReadStream` on a second descriptor reads and writes. serialport's own stream reads through the thread
 * pool: four calls that hang there (a USB close may drain for 30 s) would stop every port, a port that vanishes while busy
 * is often never reported and burns a core, and on Node 26 data waits for some other event. Nor is its binding's class
 * used: each of its objects keeps a poller that is never freed (bindings-cpp 13, «TODO Fix destruction Segfault»), and a
 * modem that stays silent is opened thousands of times a day.
 */
import { constants, close as fsClose, open as fsOpen } from 'node:fs';
import { connect } from 'node:net';
import { ReadStream } from 'node:tty';
import { promisify } from 'node:util';
import { asyncOpen } from '@serialport/bindings-cpp/dist/load-bindings.js';
import { messageOf, SimbankError } from '../errors.ts';
import { lockHolder } from '../lock-file.ts';
import { Gate } from './gate.ts';

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

/** Three quarters of libuv's thread pool, which is 4 threads unless main.ts or the environment asks for more. */
const gate = new Gate(Math.max(1, Math.floor(((Number(process.env.UV_THREADPOOL_SIZE) || 4) * 3) / 4)));
const CONNECT_MS = 10_000;

/**
 * Opens `path` (a tty, or `tcp://host:port`), exclusively; given up after ten seconds. An open that comes back later than
 * that is closed again.
 *
 * @throws SimbankError `port.missing`, `port.busy`, `port.denied` or `port.failed`.
 */
export async function openPort(
  path: string,
  options: { baudRate: number },
  events: PortEvents,
): Promise<Port> {
  return path.startsWith('tcp://') ? openTcp(path, events) : openTty(path, options.baudRate, events);
}

/** Two descriptors: one holds the lock, the other reads and writes. */
interface Opened {
  readonly locked: number;
  readonly fd: number;
}

/** Eight bits, no parity, one stop bit, no flow control; a close leaves DTR as it is. The path is opened without waiting. */
const LINE = {
  dataBits: 8,
  parity: 'none',
  stopBits: 1,
  rtscts: false,
  xon: false,
  xoff: false,
  xany: false,
  hupcl: false,
  lock: true,
  vmin: 1,
  vtime: 0,
} as const;
const openLocked = asyncOpen as (
  path: string,
  options: { baudRate: number } & typeof LINE,
) => Promise<number>;
const close = promisify(fsClose);

async function openTty(path: string, baudRate: number, events: PortEvents): Promise<Port> {
  const holder = lockHolder(path);
  if (holder !== null) {
    const message = `${path} is held by the process ${holder}, as its lock file says`;
    throw new SimbankError('port.busy', message, { path, pid: holder });
  }
  const closeAgain = (opened: Opened): Promise<void> => gate.close(path, () => closeBoth(opened));
  const opened = await gate.open(path, () => openBoth(path, baudRate), closeAgain);
  let stream: ReadStream;
  try {
    stream = new ReadStream(opened.fd);
  } catch (error) {
    await closeAgain(opened);
    throw openFailure(path, error);
  }

  let done = false;
  const release = async (): Promise<void> => {
    // libuv re-opens the tty and leaves our descriptor to us. Its own is closed in the main thread, and at once: what
    // drains is the last close.
    stream.destroy();
    await closeAgain(opened);
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

async function openBoth(path: string, baudRate: number): Promise<Opened> {
  let locked: number;
  try {
    locked = await openLocked(path, { ...LINE, baudRate });
  } catch (error) {
    throw openFailure(path, error);
  }
  // Only after the first has set CLOCAL: without it an open may block until the carrier is there. A second descriptor,
  // because handing over the first would drop its lock (libuv dups over it).
  try {
    const flags = constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK;
    return { locked, fd: await promisify(fsOpen)(path, flags) };
  } catch (error) {
    await close(locked);
    throw openFailure(path, error);
  }
}

/** One after the other, for a place at the gate is one thread. */
async function closeBoth({ locked, fd }: Opened): Promise<void> {
  await close(locked).catch(() => {});
  await close(fd);
}

async function openTcp(path: string, events: PortEvents): Promise<Port> {
  const { host, port } = tcpAddress(path);
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    const deadline = setTimeout(
      () => socket.destroy(new Error(`no connection within ${CONNECT_MS / 1_000} s`)),
      CONNECT_MS,
    );
    const refuse = (error: Error): void => {
      clearTimeout(deadline);
      reject(new SimbankError('port.failed', `${path}: ${error.message}`, { path }, { cause: error }));
    };
    socket.once('error', refuse);
    socket.once('connect', () => {
      clearTimeout(deadline);
      // A serial server that loses power says nothing: keep-alive finds it.
      socket.setKeepAlive(true, 15_000);
      socket.removeListener('error', refuse);
      let done = false;
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
  });
}

function tcpAddress(path: string): { host: string; port: number } {
  const { hostname, port } = URL.canParse(path) ? new URL(path) : { hostname: '', port: '' };
  if (hostname === '' || port === '') {
    const message = `${path} names no host and port: write tcp://192.0.2.7:5001`;
    throw new SimbankError('port.failed', message, { path });
  }
  // An address of IPv6 stands in brackets.
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) };
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
