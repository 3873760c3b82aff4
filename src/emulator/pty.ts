/**
 * A pseudo-terminal whose master is the modem's side of the cable; made by libc through koffi, no package needed.
 *
 * Nothing here knows AT. Output is never lost nor reordered: what the kernel does not take (it holds about 15 kB
 * that nobody has read) waits here, and one timer for the whole process looks after all ptys that wait.
 */
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import koffi from 'koffi';
import { SimbankError } from '../errors.ts';

/** The functions of the C library; this file alone knows how they are called from here. */
export const libc = koffi.load(null);
const posixOpenpt = libc.func('int posix_openpt(int flags)');
const grantpt = libc.func('int grantpt(int fd)');
const unlockpt = libc.func('int unlockpt(int fd)');
const ptsnameR = libc.func('int ptsname_r(int fd, _Out_ uint8_t *name, size_t length)');
const tcgetattr = libc.func('int tcgetattr(int fd, _Out_ uint8_t *termios)');
const cfmakeraw = libc.func('void cfmakeraw(_Inout_ uint8_t *termios)');
const tcsetattr = libc.func('int tcsetattr(int fd, int when, const uint8_t *termios)');
const ioctl = libc.func('int ioctl(int fd, unsigned long request, void *value)');
const pollFds = libc.func('int poll(void *fds, unsigned long count, int timeoutMs)');

const O_CLOEXEC = 0o2000000;
const FIONREAD = 0x541b;
const TIOCNXCL = 0x540d;
const POLLOUT = 4;
/** struct termios is 60 octets in glibc and musl; some room is left. */
const TERMIOS_OCTETS = 128;

/** Bytes the client may leave unread before the device stops adding notices (see `hasReader`). */
const UNREAD_LIMIT = 512;
/** What is written counts as unread only after this time, when the kernel has passed it on. */
const BURST_MS = 5;
/** Silence after which a client may be another one. */
const PAUSE_MS = 20;
const LOOK_MIN_MS = 1;
const LOOK_MAX_MS = 250;

/** One buffer serves all masters: it is read out before the next read can start. */
const readBuffer = Buffer.allocUnsafe(16_384);
const unreadCount = new Int32Array(1);

export interface PtyListener {
  /** What the client wrote, one character an octet. */
  onInput(text: string): void;
  /** Everything written is in the kernel, and the client is reading again. */
  onRoom(): void;
}

export class Pty {
  readonly slavePath: string;
  readonly #master: number;
  readonly #slave: number;
  readonly #stream: ReadStream;
  readonly #listener: PtyListener;
  #waiting = '';
  #lastInputAt = 0;
  #burstAt = 0;
  #burst = 0;
  #closed = false;

  constructor(listener: PtyListener) {
    this.#listener = listener;
    this.#master = openMaster();
    try {
      this.slavePath = slaveOf(this.#master);
      // Held open for the life of the pty: without it the first client that leaves would hang up the master.
      this.#slave = openSync(
        this.slavePath,
        constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK | O_CLOEXEC,
      );
    } catch (error) {
      closeSync(this.#master);
      throw error;
    }
    makeRaw(this.#slave);
    this.#stream = new ReadStream(this.#master, {
      onread: {
        buffer: readBuffer,
        callback: (count: number) => {
          this.#releaseLock();
          this.#listener.onInput(readBuffer.toString('latin1', 0, count));
          return !this.#closed;
        },
      },
    });
    // The master fails only when the kernel hangs it up (vhangup): the device is deaf from then on, as after an unplug.
    this.#stream.on('error', () => this.#stream.destroy());
    this.#stream.resume();
  }

  /** True while the kernel has not taken everything. */
  get blocked(): boolean {
    return this.#waiting !== '';
  }

  /**
   * False when the client has left much unread: it is gone or stuck. Who has the tty open cannot be seen while
   * this side keeps a descriptor on it. After a false answer `onRoom` follows as soon as it becomes true.
   */
  hasReader(): boolean {
    const now = performance.now();
    if (now - this.#burstAt > BURST_MS) {
      this.#burstAt = now;
      this.#burst = 0;
    }
    if (this.#waiting === '' && this.#burst <= UNREAD_LIMIT && this.unread() <= UNREAD_LIMIT) return true;
    lookAfter(this);
    return false;
  }

  /** Sends a notice, which `hasReader` takes into account. */
  notice(text: string): void {
    this.#burst += text.length;
    this.write(text);
  }

  /** Bytes in the line discipline that no client has read. */
  unread(): number {
    if (this.#closed) return 0;
    return ioctl(this.#slave, FIONREAD, unreadCount) === 0 ? (unreadCount[0] ?? 0) : 0;
  }

  /** Sends one character an octet. */
  write(text: string): void {
    if (this.#closed || text === '') return;
    this.#waiting = this.#waiting === '' ? this.#push(text) : this.#waiting + text;
    if (this.#waiting !== '') lookAfter(this);
  }

  /** Stops taking input: the client's writes then fill the kernel's buffer and block there. */
  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    if (!this.#closed) this.#stream.resume();
  }

  /** The unplug: clients see a hang-up, and the name is gone when the promise resolves. */
  close(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#closed = true;
    this.#waiting = '';
    watched.delete(this);
    return new Promise((resolve) => {
      this.#stream.once('close', () => {
        closeSync(this.#slave);
        resolve();
      });
      this.#stream.destroy();
    });
  }

  /** The master's descriptor, for the one `poll` that serves all. */
  get descriptor(): number {
    return this.#master;
  }

  /** Called by the common timer; true when there was progress. */
  look(writable: boolean): boolean {
    if (this.#waiting !== '') {
      if (!writable) return false;
      const before = this.#waiting.length;
      this.#waiting = this.#push(this.#waiting);
      if (this.#waiting !== '') return this.#waiting.length < before;
    }
    if (this.unread() > UNREAD_LIMIT) return false;
    watched.delete(this);
    this.#listener.onRoom();
    return true;
  }

  /**
   * Takes a client's TIOCEXCL back, which would outlive it because this side never closes its descriptor: gammu
   * sets it, and nobody but root could open the tty afterwards. A new client speaks after a pause.
   */
  #releaseLock(): void {
    const now = performance.now();
    if (now - this.#lastInputAt > PAUSE_MS) ioctl(this.#slave, TIOCNXCL, null);
    this.#lastInputAt = now;
  }

  /** Writes until the kernel is full, and returns the rest. */
  #push(text: string): string {
    let rest = text;
    while (rest !== '') {
      try {
        const count = writeSync(this.#master, rest, null, 'latin1');
        rest = count >= rest.length ? '' : rest.slice(count);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return rest;
        return '';
      }
    }
    return rest;
  }
}

function openMaster(): number {
  // glibc and musl hand the flags to open(2), so that the master is non-blocking and not inherited from the start.
  const fd = posixOpenpt(constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK | O_CLOEXEC) as number;
  if (fd < 0) {
    throw new SimbankError(
      'emulator.no_pty',
      'no pseudo-terminal is left; /proc/sys/kernel/pty/max is the limit of the host, "ulimit -n" that of the process',
    );
  }
  return fd;
}

function slaveOf(master: number): string {
  const name = Buffer.alloc(128);
  if (grantpt(master) !== 0 || unlockpt(master) !== 0 || ptsnameR(master, name, name.length) !== 0) {
    throw new SimbankError(
      'emulator.no_pty',
      'the pseudo-terminal just made has no name: is /dev/pts mounted?',
    );
  }
  return name.toString('latin1', 0, name.indexOf(0));
}

function makeRaw(slave: number): void {
  const termios = Buffer.alloc(TERMIOS_OCTETS);
  if (tcgetattr(slave, termios) !== 0) return;
  cfmakeraw(termios);
  tcsetattr(slave, 0, termios);
}

// Node cannot wait for a master to become writable (libuv spins on EAGAIN there), hence a timer. It runs only while
// a pty waits, asks for all that are due in one poll(2), and looks ever more seldom at those that do not move.
const watched = new Map<Pty, { dueAt: number; delayMs: number }>();
let timer: NodeJS.Timeout | null = null;
let timerDueAt = 0;

function lookAfter(pty: Pty): void {
  if (watched.has(pty)) return;
  watched.set(pty, { dueAt: performance.now() + LOOK_MIN_MS, delayMs: LOOK_MIN_MS });
  lookIn(LOOK_MIN_MS);
}

function lookIn(delayMs: number): void {
  const dueAt = performance.now() + delayMs;
  if (timer !== null) {
    if (timerDueAt <= dueAt) return;
    clearTimeout(timer);
  }
  timerDueAt = dueAt;
  timer = setTimeout(lookAtDue, delayMs);
}

function lookAtDue(): void {
  timer = null;
  const now = performance.now();
  const due = [...watched].filter(([, { dueAt }]) => dueAt <= now + LOOK_MIN_MS / 2);
  const fds = new Int32Array(due.length * 2);
  for (const [i, [pty]] of due.entries()) {
    fds[2 * i] = pty.descriptor;
    fds[2 * i + 1] = POLLOUT;
  }
  if (due.length > 0) pollFds(fds, due.length, 0);
  for (const [i, [pty, watch]] of due.entries()) {
    if (!watched.has(pty)) continue;
    // The upper half of the second word is `revents`.
    const writable = (((fds[2 * i + 1] ?? 0) >> 16) & POLLOUT) !== 0;
    watch.delayMs = pty.look(writable) ? LOOK_MIN_MS : Math.min(watch.delayMs * 2, LOOK_MAX_MS);
    watch.dueAt = now + watch.delayMs;
  }
  if (watched.size === 0) return;
  let nextAt = Number.POSITIVE_INFINITY;
  for (const { dueAt } of watched.values()) nextAt = Math.min(nextAt, dueAt);
  lookIn(Math.max(LOOK_MIN_MS, nextAt - performance.now()));
}
