/** Why a place for data cannot be used: what is in the way, for which user, and what to do. Only looks. */
import { accessSync, constants, readFileSync, type Stats, statfsSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { messageOf, SimbankError } from './errors.ts';

export interface Obstacle {
  readonly what: string;
  readonly remedy: string;
}

const { R_OK, W_OK, X_OK } = constants;
/** Less than SQLite needs to begin with: it may then report anything but a full disk. */
const NOTHING_FREE = 128 * 1024;

/**
 * What was thrown over the file or folder `path`, in words: a `store.failed` whose `detail` has the `path`, SQLite's code as
 * `sqlite`, and `what` and `remedy` apart where they are known. What is a SimbankError already stays as it is.
 */
export function storeFault(error: unknown, path: string): SimbankError {
  if (error instanceof SimbankError) return error;
  const code = String((error as { code?: unknown } | null)?.code ?? '');
  // SQLite's own codes and the system's; a fault of the SQL is neither about the disk nor about rights.
  const isPlace = !code.startsWith('SQLITE_') || /^SQLITE_(FULL|IOERR|READONLY|CANTOPEN|PERM)/.test(code);
  const found = isPlace ? (fullDisk(code, path) ?? obstacle(path)) : null;
  const message = found === null ? `${path}: ${messageOf(error)}` : `${found.what}: ${found.remedy}`;
  const detail = { path, ...(code.startsWith('SQLITE_') ? { sqlite: code } : {}), ...found };
  return new SimbankError('store.failed', message, detail, { cause: error });
}

function fullDisk(code: string, path: string): Obstacle | null {
  const isSaid = /^(SQLITE_FULL|ENOSPC|EDQUOT)$/.test(code);
  const { place, stats } = nearest(path);
  const folder = stats.isDirectory() ? place : dirname(place);
  const free = freeBytes(folder);
  // A disk of no size at all is one of the kernel's own, such as /proc.
  if (!isSaid && (free >= NOTHING_FREE || !code.startsWith('SQLITE_'))) return null;
  return {
    what: `${path}: the disk is full, or the user’s share of it (${(free / 2 ** 20).toFixed(1)} MB are free in ${folder})`,
    remedy: 'make room there',
  };
}

/** Whether this user can read and write `path`, and make it where it is not there; null when nothing is in the way. */
export function obstacle(path: string): Obstacle | null {
  const { place, stats, isShut } = nearest(path);
  const user = userName();
  if (isShut) return denied(`${user} may not look for ${path} in ${place}`, place, stats);
  if (!stats.isDirectory()) {
    if (place !== path) return { what: `${path} cannot be: ${place} is no folder`, remedy: 'name another' };
    const refused = refusal(place, R_OK | W_OK);
    if (refused === null) return obstacle(dirname(path));
    if (refused === 'EROFS') return readOnly(path);
    return denied(`${user} may not read and write ${path}`, place, stats);
  }
  const refused = refusal(place, R_OK | W_OK | X_OK);
  if (refused === null) return null;
  if (refused === 'EROFS') return readOnly(path);
  if (place === path) return denied(`${user} may not read and write in ${path}`, place, stats);
  return {
    what: `${path} is not there, and ${user} may not make it in ${place}`,
    remedy: `as root: install -d -m 0700 -o ${user} FOLDER, for the folder that is missing`,
  };
}

/** The nearest of a path and its parents that is there; `isShut`: what is in it cannot be seen. */
function nearest(path: string): { place: string; stats: Stats; isShut: boolean } {
  let isShut = false;
  for (let place = path; ; place = dirname(place)) {
    try {
      return { place, stats: statSync(place), isShut };
    } catch (error) {
      if (place === dirname(place)) throw error;
      isShut = (error as NodeJS.ErrnoException).code === 'EACCES';
    }
  }
}

/** The system's name for why not; null when it may be. */
function refusal(path: string, mode: number): string | null {
  try {
    accessSync(path, mode);
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'EACCES';
  }
}

function denied(what: string, place: string, { uid }: Stats): Obstacle {
  if (process.getuid?.() === uid) return { what, remedy: `chmod u+rwX ${place}` };
  const owner = nameOf(uid);
  return {
    what: `${what}, which belongs to ${owner}`,
    remedy: `do it as that user (sudo -u ${owner} …), or, if it is to be this one’s, as root: chown -R ${userName()} ${place}`,
  };
}

function readOnly(path: string): Obstacle {
  return {
    what: `${path} is on a file system that cannot be written to`,
    remedy:
      'mount it for writing (the kernel log says why it is not), allow it in the unit (ReadWritePaths=), or name another ' +
      'place in gateway.dataDir or hub.database',
  };
}

function freeBytes(folder: string): number {
  try {
    const { bavail, bsize, blocks } = statfsSync(folder);
    return blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** Who looks; a container may run as a number that has no name. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.()}`;
  }
}

/** As `sudo -u` takes it. */
function nameOf(uid: number): string {
  try {
    const line = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((entry) => entry.split(':')[2] === String(uid));
    if (line !== undefined) return line.split(':')[0]!;
  } catch {
    // Then by its number.
  }
  return `'#${uid}'`;
}
