/**
 * Sees a client close a tty and open it again, which the master's side cannot: it keeps the slave open itself.
 *
 * inotify(7), looked at by a timer for as long as somebody waits for it.
 */
import { closeSync, readSync } from 'node:fs';
import { SimbankError } from '../errors.ts';
import { libc } from './pty.ts';

const inotifyInit = libc.func('int inotify_init1(int flags)');
const inotifyAddWatch = libc.func('int inotify_add_watch(int fd, const char *path, uint32_t mask)');

const IN_NONBLOCK = 0o4000;
const IN_CLOEXEC = 0o2000000;
const IN_CLOSE = 0x18;
const IN_OPEN = 0x20;
/** struct inotify_event without a name: wd, mask, cookie, len. */
const EVENT_OCTETS = 16;
const LOOK_MS = 10;

/** Calls `then` once when the tty was closed and then opened; the function returned gives up waiting. */
export function onceReopened(path: string, then: () => void): () => void {
  const fd = inotifyInit(IN_NONBLOCK | IN_CLOEXEC) as number;
  if (fd < 0 || (inotifyAddWatch(fd, path, IN_CLOSE | IN_OPEN) as number) < 0) {
    if (fd >= 0) closeSync(fd);
    throw new SimbankError(
      'emulator.no_inotify',
      'the tty cannot be watched; fs.inotify.max_user_instances is the limit of the host',
    );
  }
  const events = Buffer.alloc(256 * EVENT_OCTETS);
  let closed = false;
  let stopped = false;
  const stop = (): void => {
    if (stopped) return;
    stopped = true;
    clearInterval(timer);
    closeSync(fd);
  };
  const timer = setInterval(() => {
    for (let at = 0, end = readEvents(fd, events); at < end; at += EVENT_OCTETS) {
      const mask = events.readUInt32LE(at + 4);
      if ((mask & IN_CLOSE) !== 0) closed = true;
      else if (closed && (mask & IN_OPEN) !== 0) {
        stop();
        then();
        return;
      }
    }
  }, LOOK_MS);
  return stop;
}

function readEvents(fd: number, into: Buffer): number {
  try {
    return readSync(fd, into);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
    throw error;
  }
}
