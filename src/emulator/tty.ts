/** A pty behind a name in the bank's folder: what udev does for a real one. */
import { lstat, readlink, rename, symlink, unlink } from 'node:fs/promises';
import { SimbankError } from '../errors.ts';
import { Pty, type PtyListener } from './pty.ts';

export class Tty {
  readonly path: string;
  readonly pty: Pty;

  private constructor(path: string, pty: Pty) {
    this.path = path;
    this.pty = pty;
  }

  /** @throws SimbankError `emulator.path_taken` when something else than a link is there. */
  static async open(path: string, listener: PtyListener): Promise<Tty> {
    const pty = new Pty(listener);
    try {
      await link(pty.slavePath, path);
    } catch (error) {
      await pty.close();
      throw error;
    }
    return new Tty(path, pty);
  }

  /** The path is gone, and clients see a hang-up. */
  async close(): Promise<void> {
    // Another bank may have been started on the same folder: its link stays.
    const target = await readlink(this.path).catch(() => null);
    if (target === this.pty.slavePath) await unlink(this.path).catch(() => {});
    await this.pty.close();
  }
}

/** Makes or moves a link without a moment in which it points nowhere. */
async function link(target: string, path: string): Promise<void> {
  const existing = await lstat(path).catch(() => null);
  if (existing !== null && !existing.isSymbolicLink()) {
    throw new SimbankError(
      'emulator.path_taken',
      `${path} exists and is not a link of an emulator; remove it first`,
    );
  }
  const temporary = `${path}.new`;
  await unlink(temporary).catch(() => {});
  await symlink(target, temporary);
  await rename(temporary, path);
}
