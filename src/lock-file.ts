/**
 * Lock files of the UUCP kind (FHS 5.9): `LCK..ttyUSB0` with the holder's process number, as minicom, gammu and pppd
 * write them. They are honoured, and none is written: our own lock is flock, which the kernel drops with the process,
 * while a file stays behind a kill and lies in a folder that a confined daemon may not write to. (TIOCEXCL would keep out
 * nobody who is root, as ModemManager is: for that one there are the udev rules.)
 */
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

const FOLDERS = ['/var/lock', '/run/lock', '/var/spool/lock'];

/**
 * The process that holds `path` by a lock file; null where there is none, or only one that a process left behind.
 *
 * @param root - the folder that stands for the host in tests.
 */
export function lockHolder(path: string, root = process.env.SIMBANKD_SYSROOT ?? ''): number | null {
  let device = path;
  try {
    device = realpathSync(path);
  } catch {
    // What is not there may still be locked by the name it is known by.
  }
  // `/dev/pts/3` is `LCK..pts_3`, and with some programs `LCK..3`.
  const names = [path, device].flatMap((name) => [
    name.slice(name.lastIndexOf('/') + 1),
    name.replace(/^.*?\/dev\//, '').replaceAll('/', '_'),
  ]);
  for (const folder of FOLDERS) {
    for (const name of new Set(names)) {
      const holder = readLock(join(root, folder, `LCK..${name}`));
      if (holder !== null && holder !== process.pid && isAlive(holder)) return holder;
    }
  }
  return null;
}

/** Ten characters and a line end; older programs write the number as four octets. */
function readLock(file: string): number | null {
  let content: Buffer;
  try {
    content = readFileSync(file);
  } catch {
    return null;
  }
  // No text has a zero in it, and every number that Linux gives (below 2^22) has one in its four octets.
  if (content.length === 4 && content.includes(0)) return content.readInt32LE() || null;
  const pid = Number(/^\s*(\d+)/.exec(content.toString('latin1'))?.[1] ?? 0);
  return pid > 0 ? pid : null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
