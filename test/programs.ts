/**
 * Programs that some tests need and `npm ci` does not bring: Debian packages.
 *
 * Without one its tests are skipped on a user's machine, with the reason; under CI=true they fail.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

// Daemons live where an ordinary user's PATH does not look.
const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/sbin'];

/** Where a program is, or null. */
export function pathOf(program: string): string | null {
  for (const folder of FOLDERS) {
    if (folder === '') continue;
    const path = join(folder, program);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return null;
}

/** Whether the program is here; use as `describe.skipIf(!needs('gammu'))`. `debian`: its package, where that is called otherwise. */
export function needs(program: string, debian = program): boolean {
  if (pathOf(program) !== null) return true;
  const reason = `${program} is not installed (Debian: apt-get install ${debian})`;
  if (process.env.CI === 'true') throw new Error(`under CI=true nothing is skipped: ${reason}`);
  console.warn(`skipped: ${reason}`);
  return false;
}
