/** The Node binaries of this host, for what must hold under an old one and a new one alike. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

export interface HostNode {
  /** As a test's title says it. */
  readonly name: string;
  readonly path: string;
  /** The folder of that `node`, to be put first on a PATH. */
  readonly folder: string;
}

/** The Node that runs these tests. */
export const newNode: HostNode = {
  name: `Node ${process.versions.node}`,
  path: process.execPath,
  folder: dirname(process.execPath),
};

/** A Node on this host that is too old for simbankd, or null. The launcher put a newer one in front of it on PATH. */
export const oldNode: HostNode | null = findOldNode();

/** Old and new, for `describe.each`; the old one is left out, with the reason, where there is none. */
export function hostNodes(): HostNode[] {
  if (oldNode !== null) return [oldNode, newNode];
  const reason = 'this host has no Node older than 22.19 on its PATH';
  if (process.env.CI === 'true') throw new Error(`under CI=true nothing is skipped: ${reason}`);
  console.warn(`skipped: the launcher under an old Node, for ${reason}`);
  return [newNode];
}

function findOldNode(): HostNode | null {
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), '/usr/local/bin', '/usr/bin']) {
    const path = join(folder, 'node');
    try {
      accessSync(path, constants.X_OK);
    } catch {
      continue;
    }
    const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' });
    const [, major, minor] = /^v(\d+)\.(\d+)/.exec(stdout ?? '') ?? [];
    const number = Number(major) + Number(minor) / 100;
    if (number < 22.19) return { name: `Node ${stdout.trim().slice(1)}`, path, folder };
  }
  return null;
}
