import { spawn } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openPort } from '../../../src/at/serial.ts';
import { describeHolders, holdersOf, processesNamed, suspects } from '../../../src/bank/discovery/holders.ts';
import { lockHolder } from '../../../src/lock-file.ts';
import { temporaryDir } from '../../temporary.ts';
import { Ear } from './tree.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
  delete process.env.SIMBANKD_SYSROOT;
});

function ear(): Ear {
  const made = new Ear();
  undo.push(() => made.close());
  return made;
}

/** Another program that has the tty open. */
async function holding(path: string, ...args: string[]): Promise<number> {
  const script = `require('fs').openSync(${JSON.stringify(path)}, 'r+'); console.log('open'); setInterval(() => {}, 1000)`;
  const child = spawn(process.execPath, ['-e', script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  undo.push(() => child.kill('SIGKILL'));
  await new Promise((resolve) => child.stdout!.once('data', resolve));
  return child.pid!;
}

describe('who has a port open', () => {
  it('is found by the device, whatever name it is known by', async () => {
    const port = ear();
    const link = join(temporaryDir(), 'ttyUSB3');
    symlinkSync(port.path, link);
    expect(await holdersOf([link])).toEqual(new Map());
    const pid = await holding(port.path);
    const found = await holdersOf([link, '/dev/nothing']);
    expect([...found.keys()]).toEqual([link]);
    expect(found.get(link)).toMatchObject([{ pid, ours: false }]);
    expect(describeHolders(link, found.get(link)!, [])).toContain(`process ${pid}`);
  });

  it('is told from another simbankd by its command', async () => {
    const port = ear();
    const pid = await holding(port.path, '/opt/simbankd/src/main.ts', 'gateway');
    const holders = (await holdersOf([port.path])).get(port.path)!;
    expect(holders).toMatchObject([{ pid, ours: true }]);
    expect(describeHolders(port.path, holders, [])).toContain('another simbankd');
  });

  it('is named with its unit and what to do about it', async () => {
    const port = ear();
    const proc = temporaryDir();
    const process612 = join(proc, '612');
    mkdirSync(join(process612, 'fd'), { recursive: true });
    writeFileSync(join(process612, 'comm'), 'ModemManager\n');
    writeFileSync(join(process612, 'cmdline'), '/usr/sbin/ModemManager\0');
    writeFileSync(join(process612, 'cgroup'), '0::/system.slice/ModemManager.service\n');
    symlinkSync(port.path, join(process612, 'fd/17'));
    const holders = (await holdersOf([port.path], proc)).get(port.path)!;
    expect(holders).toEqual([
      { pid: 612, program: 'ModemManager', unit: 'ModemManager.service', ours: false },
    ]);
    expect(processesNamed('ModemManager', proc)).toEqual(holders);
    const sentence = describeHolders('/dev/ttyUSB2', holders, []);
    expect(sentence).toContain('/dev/ttyUSB2 is held by ModemManager (process 612, ModemManager.service)');
    expect(sentence).toContain('70-simbankd.rules');
    expect(sentence).toContain('systemctl mask --now ModemManager');
  });

  it('may be somebody only root can see', () => {
    expect(describeHolders('/dev/ttyUSB2', [], [])).toContain('sudo fuser -v /dev/ttyUSB2');
    const proc = temporaryDir();
    mkdirSync(join(proc, '612'), { recursive: true });
    writeFileSync(join(proc, '612/comm'), 'ModemManager\n');
    const suspected = suspects(proc);
    expect(suspected).toMatchObject([{ pid: 612 }]);
    expect(describeHolders('/dev/ttyUSB2', [], suspected)).toMatch(
      /most likely ModemManager \(process 612\): .*mask --now/,
    );
  });
});

describe('lock files', () => {
  function locked(name: string, content: string | Buffer): string {
    const root = temporaryDir();
    mkdirSync(join(root, 'var/lock'), { recursive: true });
    writeFileSync(join(root, 'var/lock', name), content);
    return root;
  }
  const gone = async (): Promise<number> => {
    const child = spawn('true');
    await new Promise((resolve) => child.once('exit', resolve));
    return child.pid!;
  };
  const alive = process.ppid;

  it.each([
    ['as minicom and gammu write it', 'LCK..ttyUSB0', `${String(alive).padStart(10)}\n`],
    ['with the program behind it', 'LCK..ttyUSB0', `${String(alive).padStart(10)} minicom root\n`],
    ['in four octets', 'LCK..ttyUSB0', Buffer.from(new Int32Array([alive]).buffer)],
  ])('of a living process counts: %s', (_how, name, content) => {
    expect(lockHolder('/dev/ttyUSB0', locked(name, content))).toBe(alive);
    expect(lockHolder('/dev/ttyUSB1', locked(name, content))).toBeNull();
  });

  it('in four octets is one number, whatever characters they would be', () => {
    for (const pid of [20_020, 2_612, 12_849, 3_289_649]) {
      const root = locked('LCK..ttyUSB0', Buffer.from(new Int32Array([pid]).buffer));
      expect([null, pid]).toContain(lockHolder('/dev/ttyUSB0', root));
    }
  });

  it('that a process left behind, that is ours, or that says nothing, does not', async () => {
    expect(lockHolder('/dev/ttyUSB0', locked('LCK..ttyUSB0', `${await gone()}\n`))).toBeNull();
    expect(lockHolder('/dev/ttyUSB0', locked('LCK..ttyUSB0', `${process.pid}\n`))).toBeNull();
    expect(lockHolder('/dev/ttyUSB0', locked('LCK..ttyUSB0', ''))).toBeNull();
    expect(lockHolder('/dev/ttyUSB0', temporaryDir())).toBeNull();
  });

  it('keep a port from being opened, and name who holds it', async () => {
    const port = ear();
    process.env.SIMBANKD_SYSROOT = locked(
      `LCK..${port.path.replace('/dev/', '').replace('/', '_')}`,
      `${alive}\n`,
    );
    const opening = openPort(port.path, { baudRate: 115_200 }, { data() {}, lost() {} });
    await expect(opening).rejects.toMatchObject({ code: 'port.busy', detail: { pid: alive } });
    expect((await holdersOf([port.path])).get(port.path)).toMatchObject([{ pid: alive }]);
  });
});
