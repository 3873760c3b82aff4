/**
 * Says when something may have come or gone: folders are watched (inotify), and there is a slow tick as a net under that.
 *
 * Knows no devices. A burst of changes is told once, when it is over, but not later than a second after it began.
 */
import { type FSWatcher, watch as fsWatch, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../errors.ts';
import type { Logger } from '../../log.ts';

export interface WatchOptions {
  readonly log: Logger;
  readonly changed: () => void;
  /** Names in a folder that do not matter. */
  readonly ignored: (folder: string, name: string) => boolean;
  /** How often it says so without having seen anything; by default every 10 s. */
  readonly netMs?: number;
}

const QUIET_MS = 200;
const AT_LATEST_MS = 1_000;
const NET_MS = 10_000;

export class Watch {
  readonly #options: WatchOptions;
  readonly #watchers = new Map<string, { identity: string; watcher: FSWatcher }>();
  readonly #net: NodeJS.Timeout;
  #due: NodeJS.Timeout | undefined;
  #since = 0;
  #failed = false;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#net = setInterval(options.changed, options.netMs ?? NET_MS);
  }

  /** Watches those of the folders that are there; call it again whenever one may have come or gone. */
  over(folders: readonly string[]): void {
    for (const folder of new Set(folders)) {
      const identity = identityOf(folder);
      const before = this.#watchers.get(folder);
      if (before !== undefined) {
        if (before.identity === identity) continue;
        before.watcher.close();
        this.#watchers.delete(folder);
      }
      if (identity !== null) this.#watch(folder, identity);
    }
  }

  stop(): void {
    clearInterval(this.#net);
    clearTimeout(this.#due);
    for (const { watcher } of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #watch(folder: string, identity: string): void {
    try {
      const watcher = fsWatch(folder, (_event, name) => {
        if (name === null || !this.#options.ignored(folder, name)) this.#soon();
      });
      watcher.on('error', () => this.#soon());
      this.#watchers.set(folder, { identity, watcher });
    } catch (error) {
      // Out of watches (fs.inotify.max_user_watches): the net is slower, and serves.
      if (!this.#failed) this.#options.log.warn({ folder }, `cannot be watched: ${messageOf(error)}`);
      this.#failed = true;
    }
  }

  #soon(): void {
    const now = performance.now();
    if (this.#due === undefined) this.#since = now;
    clearTimeout(this.#due);
    const waitMs = Math.max(0, Math.min(QUIET_MS, this.#since + AT_LATEST_MS - now));
    this.#due = setTimeout(() => {
      this.#due = undefined;
      this.#options.changed();
    }, waitMs);
  }
}

/** Tells a folder from the next one of its name, which may well get the same inode. */
function identityOf(folder: string): string | null {
  try {
    const { ino, birthtimeNs } = statSync(folder, { bigint: true });
    return `${ino} ${birthtimeNs}`;
  } catch {
    return null;
  }
}

/** Where what is plugged into USB shows: ttys, udev's names for them, and a file for each device, with a folder for each bus. */
export function foldersOfUsb(root: string): string[] {
  const folders = [
    '/dev',
    '/dev/serial',
    '/dev/serial/by-path',
    '/dev/serial/by-id',
    '/dev/bus',
    '/dev/bus/usb',
  ];
  let buses: string[] = [];
  try {
    buses = readdirSync(join(root, '/dev/bus/usb')).map((bus) => `/dev/bus/usb/${bus}`);
  } catch {
    // Not yet, or never.
  }
  return [...folders, ...buses].map((folder) => join(root, folder));
}
