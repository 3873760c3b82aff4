/** What people are told when a place for data cannot be used: on real file systems, and as a user who may not. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lockDataDirectory, openForWriting } from '../src/sqlite.ts';
import { freePort } from './mosquitto.ts';
import { temporaryDir } from './temporary.ts';

const MAIN = join(import.meta.dirname, '../src/main.ts');
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

function simbankd(args: readonly string[], as: { uid?: number } = {}) {
  const ids = as.uid === undefined ? {} : { uid: as.uid, gid: as.uid };
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    encoding: 'utf8',
    env: { ...process.env, XDG_STATE_HOME: '/nowhere' },
    cwd: '/',
    ...ids,
  });
  return { status, stdout, stderr };
}

/** A configuration that everybody may read, for a gateway and a hub with their data in `data`. */
async function configure(dir: string, data: string): Promise<string> {
  chmodSync(dir, 0o755);
  const file = join(dir, 'simbankd.yaml');
  const content = {
    gateway: { dataDir: data, ports: [] },
    mqtt: { url: `mqtt://127.0.0.1:${await freePort()}` },
    status: { listen: '127.0.0.1:0' },
    hub: { listen: '127.0.0.1:0', database: `sqlite:${join(data, 'hub.db')}` },
  };
  writeFileSync(file, JSON.stringify(content));
  return file;
}

/** A real, small file system; null where this user may not mount one. */
function smallDisk(options: string): string | null {
  const path = join(temporaryDir(), 'disk');
  mkdirSync(path);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path], { stdio: 'pipe' });
  } catch {
    return null;
  }
  onTestFinished(() => void execFileSync('umount', [path]));
  return path;
}

function fill(disk: string): void {
  for (let size = 2 ** 16; size >= 1; size = Math.floor(size / 2)) {
    try {
      for (;;) writeFileSync(join(disk, 'ballast'), Buffer.alloc(size), { flag: 'a' });
    } catch {
      // Smaller pieces may still fit.
    }
  }
}

describe('a database that is not there', () => {
  it.each(['account list', 'key list', 'account top-up acme 1', 'audit', 'store check', 'store check --hub'])(
    'is not made by %s, which says what to do',
    async (command) => {
      const dir = temporaryDir();
      const data = join(dir, 'data');
      const { status, stdout, stderr } = simbankd([
        ...command.split(' '),
        '--config',
        await configure(dir, data),
      ]);
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toMatch(
        /^\S+\/data\/(hub|gateway)\.db is not there: no (hub|gateway) has run on it yet\. Start one \("simbankd \1/,
      );
      expect(existsSync(data)).toBe(false);
    },
  );

  it.skipIf(!isRoot)('is made by root for the owner of the folder', async () => {
    const dir = temporaryDir();
    const data = join(dir, 'data');
    mkdirSync(data);
    chownSync(data, NOBODY, NOBODY);
    const file = await configure(dir, data);
    expect(simbankd(['account', 'create', 'acme', '--config', file])).toMatchObject({ status: 0 });
    expect(readdirSync(data).sort()).toEqual(['hub-lock.db', 'hub.db']);
    for (const name of readdirSync(data)) expect(statSync(join(data, name)).uid).toBe(NOBODY);
    openForWriting(join(data, 'a/b/c.db'), []).close();
    for (const name of ['a', 'a/b', 'a/b/c.db']) expect(statSync(join(data, name)).uid).toBe(NOBODY);
    const listed = simbankd(['account', 'list', '--config', file], { uid: NOBODY });
    expect(listed).toMatchObject({ status: 0, stdout: expect.stringContaining('acme') });
  });
});

describe.skipIf(!isRoot)('a folder that this user may not use', () => {
  it.each(['gateway', 'hub', 'account list', 'audit', 'store check'])(
    'is named by %s, with the user and what to do',
    async (command) => {
      const dir = temporaryDir();
      const data = join(dir, 'data');
      const file = await configure(dir, data);
      openForWriting(join(data, 'hub.db'), []).close();
      openForWriting(join(data, 'gateway.db'), []).close();
      const { status, stdout, stderr } = simbankd([...command.split(' '), '--config', file], { uid: NOBODY });
      expect(status).toBe(1);
      const told = command === 'store check' ? `${stdout}${stderr}` : stderr;
      expect(told).toMatch(
        new RegExp(
          `^\\S+ may not look for ${data}/\\S+ in ${data}, which belongs to root: do it as that user \\(sudo -u root …\\), or, .*chown -R \\S+ ${data}\\n$`,
        ),
      );
    },
  );

  it('that cannot be made is told as such, with the folder it would be in', async () => {
    const dir = temporaryDir();
    const { stderr } = simbankd(['gateway', '--config', await configure(dir, join(dir, 'data'))], {
      uid: NOBODY,
    });
    expect(stderr).toMatch(
      /data\/lock\.db is not there, and \S+ may not make it in \S+: as root: install -d/,
    );
  });
});

describe('a disk', () => {
  it('that is full is told with its path and what is free', async ({ skip }) => {
    const disk = smallDisk('size=256k');
    if (disk === null) return skip('this user may not mount a tmpfs');
    chmodSync(disk, 0o700);
    fill(disk);
    const file = await configure(temporaryDir(), disk);
    for (const command of ['hub', 'gateway']) {
      const { status, stderr } = simbankd([command, '--config', file]);
      expect(status).toBe(1);
      expect(stderr.trim().split('\n').at(-1)).toMatch(
        new RegExp(`^${disk}/\\S+: the disk is full, .*\\(0\\.0 MB are free in ${disk}\\): make room there$`),
      );
    }
    const { stdout } = simbankd(['doctor', '--config', file]);
    expect(stdout).toContain('make room');
    expect(stdout).not.toContain('the rights of the files');
  });

  it('that cannot be written to is told as such', async ({ skip }) => {
    const disk = smallDisk('size=1m');
    if (disk === null) return skip('this user may not mount a tmpfs');
    chmodSync(disk, 0o700);
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    const file = await configure(temporaryDir(), join(disk, 'data'));
    for (const args of [['hub'], ['gateway'], ['account', 'create', 'acme']]) {
      const { status, stderr } = simbankd([...args, '--config', file]);
      expect(status).toBe(1);
      expect(stderr).toMatch(
        /\/disk\/data\/\S+ is on a file system that cannot be written to: mount it for writing/,
      );
    }
    expect(simbankd(['doctor', '--config', file]).stdout).toMatch(/fault +data .*cannot be written to/);
    expect(() => lockDataDirectory(join(disk, 'data'))).toThrow(/cannot be written to/);
  });
});
