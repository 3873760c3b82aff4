/**
 * Power off and on for one USB device: the last thing to do about a modem that answers nothing.
 *
 * The hub's port is switched where the kernel (6.0 and later) and the hub can; where they cannot, the device is deauthorised
 * and authorised again, which makes the kernel set it up anew, though its power stays.
 */
import { accessSync, constants, realpathSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, SimbankError } from '../../errors.ts';

/** Long enough for the capacitors of a modem to run empty. */
const OFF_MS = 3_000;

export const POWER_REMEDY =
  'let the gateway’s user write it: take in the last lines of systemd/70-simbankd.rules, and under systemd ReadWritePaths=/sys/devices';

/**
 * @param dir - the device's folder in sysfs.
 * @throws SimbankError `usb.missing`, `usb.denied` or `usb.failed`, which name the file and what to do.
 */
export async function powerCycle(dir: string, offMs = OFF_MS): Promise<void> {
  const [file, off, on] = switchOf(dir);
  await write(file, off);
  try {
    await sleep(offMs);
  } finally {
    await write(file, on);
  }
}

/** Whether this user may. */
export function canPowerCycle(dir: string): boolean {
  try {
    accessSync(switchOf(dir)[0], constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** The `port` link is there for every device but a root hub; `disable` below it since Linux 6.0. */
function switchOf(dir: string): [file: string, off: string, on: string] {
  try {
    return [realpathSync(join(dir, 'port', 'disable')), '1', '0'];
  } catch {
    // An older kernel.
  }
  return [join(dir, 'authorized'), '0', '1'];
}

/** The kernel answers when the device is gone, which may take as long as its ttys need to close: never on the main thread. */
async function write(file: string, value: string): Promise<void> {
  try {
    // A file that is not there is not made: a folder that stands for /sys would take it.
    await writeFile(file, value, { flag: 'r+' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const detail = { file };
    if (code === 'ENOENT' || code === 'ENODEV') {
      throw new SimbankError('usb.missing', `${dirname(file)} is not there any more`, detail, {
        cause: error,
      });
    }
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
      throw new SimbankError('usb.denied', `${file} may not be written: ${POWER_REMEDY}`, detail, {
        cause: error,
      });
    }
    throw new SimbankError('usb.failed', `${file}: ${messageOf(error)}`, detail, { cause: error });
  }
}
