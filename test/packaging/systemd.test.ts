import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT_CONFIG } from '../../src/config.ts';
import { needs, pathOf } from '../programs.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const units = ['simbankd-gateway.service', 'simbankd-hub.service'];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'simbankd-systemd-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = (name: string): string => readFileSync(join(root, 'systemd', name), 'utf8');

function run(program: string, args: string[]) {
  return spawnSync(pathOf(program)!, args, { encoding: 'utf8', timeout: 20_000 });
}

/** The last value of a setting, as systemd takes it. */
function setting(unit: string, name: string): string | undefined {
  return [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].at(-1)?.[1];
}

describe.each(units)('%s', (name) => {
  const unit = read(name);

  it('starts a command that there is, with options that it takes', () => {
    const [program, ...args] = setting(unit, 'ExecStart')!.split(' ');
    expect(program).toBe('simbankd');
    const [command, option] = args;
    const help = spawnSync(process.execPath, [join(root, 'src/main.ts'), command!, '--help'], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect(help.stdout).toContain(`Usage: simbankd ${command} `);
    expect(help.stdout).toContain(` ${option} <file>`);
  });

  it('is not started again with a configuration that cannot be used', () => {
    expect(setting(unit, 'Restart')).toBe('always');
    expect(setting(unit, 'RestartPreventExitStatus')).toBe(String(EXIT_CONFIG));
  });

  it('has the descriptors and the threads that 512 ports want', () => {
    expect(Number(setting(unit, 'LimitNOFILE'))).toBeGreaterThanOrEqual(4096);
    expect(setting(unit, 'Environment')).toBe('UV_THREADPOOL_SIZE=16');
  });
});

describe.skipIf(!needs('systemd-analyze'))('as systemd reads them', () => {
  /** The units as they are, but for a program that is not installed where the tests run. */
  function installed(): string[] {
    return units.map((name) => {
      const path = join(folder, name);
      writeFileSync(path, read(name).replace('ExecStart=simbankd', `ExecStart=${process.execPath}`));
      return path;
    });
  }

  it('the units have no fault', () => {
    const { status, stderr } = run('systemd-analyze', ['verify', ...installed()]);
    expect(stderr.split('\n').filter((line) => line.includes('simbankd'))).toEqual([]);
    expect(status).toBe(0);
  });

  it.each([
    ['simbankd-gateway.service', 25],
    ['simbankd-hub.service', 20],
  ])('%s is exposed no more than %i of 100', (name, threshold) => {
    installed();
    const args = ['security', '--offline=true', `--threshold=${threshold}`, join(folder, name)];
    const { status, stdout } = run('systemd-analyze', args);
    expect({ status, verdict: /Overall.*/.exec(stdout)?.[0] }).toMatchObject({ status: 0 });
  });

  // Giving a folder to another user is for root.
  it.skipIf(process.getuid?.() !== 0)('the user and the folders are made', () => {
    const host = join(folder, 'host');
    mkdirSync(join(host, 'etc'), { recursive: true });
    expect(run('systemd-sysusers', [`--root=${host}`, join(root, 'systemd/sysusers.conf')])).toMatchObject({
      status: 0,
    });
    const passwd = readFileSync(join(host, 'etc/passwd'), 'utf8');
    const [, uid, gid] = /^simbankd:[^:]*:(\d+):(\d+):.*:\/usr\/sbin\/nologin$/m.exec(passwd) ?? [];
    expect(readFileSync(join(host, 'etc/group'), 'utf8')).toMatch(/^dialout:[^:]*:\d+:simbankd$/m);

    const conf = join(root, 'systemd/tmpfiles.conf');
    expect(run('systemd-tmpfiles', ['--create', `--root=${host}`, conf])).toMatchObject({ status: 0 });
    const owned = (path: string) => {
      const { mode, uid, gid } = statSync(join(host, path));
      return [(mode & 0o7777).toString(8), uid, gid];
    };
    expect(owned('var/lib/simbankd')).toEqual(['700', Number(uid), Number(gid)]);
    expect(owned('etc/simbankd')).toEqual(['750', 0, Number(gid)]);
  });
});

describe('70-simbankd.rules', () => {
  const [name = ''] = readdirSync(join(root, 'systemd')).filter((file) => file.endsWith('.rules'));
  const rules = read(name)
    .split('\n')
    .filter((line) => !/^\s*(#|$)/.test(line))
    .map((line) => line.split(', '));

  it('comes before the rules in which ModemManager looks', () => {
    expect(Number.parseInt(name, 10)).toBeLessThan(77);
  });

  it('is written as udev reads it', () => {
    for (const part of rules.flat()) expect(part).toMatch(/^[A-Z]+(\{[\w/]+\})?(==|!=|=)"[\w/]+"$/);
  });

  it('jumps only forward, and to labels that there are', () => {
    const label = (target: string) => rules.findIndex(([part]) => part === `LABEL="${target}"`);
    rules.forEach((parts, line) => {
      const target = /^GOTO="(\w+)"$/.exec(parts.at(-1)!)?.[1];
      if (target !== undefined) expect(label(target)).toBeGreaterThan(line);
    });
  });

  it('names each vendor once, as lsusb does', () => {
    const vendors = rules.flatMap(([part]) => /^ATTR\{idVendor\}=="(.*)"$/.exec(part!)?.[1] ?? []);
    expect(new Set(vendors).size).toBe(vendors.length);
    for (const vendor of vendors) expect(vendor).toMatch(/^[0-9a-f]{4}$/);
    expect(vendors).toEqual(expect.arrayContaining(['2c7c', '1e0e', '12d1', '19d2']));
  });
});
