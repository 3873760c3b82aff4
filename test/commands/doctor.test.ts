import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkKernelLog } from '../../src/bank/discovery/kernel-log.ts';
import { checkUsb } from '../../src/bank/discovery/usb-check.ts';
import type { Finding } from '../../src/bank/finding.ts';
import { startBroker } from '../../src/broker.ts';
import { loadDrivers } from '../../src/commands/drivers.ts';
import { qualcomm, UsbHost } from '../bank/discovery/tree.ts';
import { startMosquitto } from '../mosquitto.ts';
import { needs } from '../programs.ts';
import { configFile, eventually, Program } from '../rig.ts';
import { temporaryDir } from '../temporary.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
const undo: (() => unknown)[] = [];
let host: UsbHost;
beforeEach(() => {
  host = new UsbHost(temporaryDir());
});
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function doctor(...args: string[]): Promise<{ status: unknown; findings: Finding[] }> {
  const program = new Program('doctor', '--json', ...args);
  undo.push(() => program.end());
  program.start({ SIMBANKD_SYSROOT: host.root });
  const status = await program.ended();
  return { status, ...(JSON.parse(program.output) as { findings: Finding[] }) };
}
const of = (check: string, { findings }: { findings: readonly Finding[] }) =>
  findings.filter((finding) => finding.check === check);

/** The host's side alone; `proc` holds the processes that it is to have. */
async function usb(proc = '/proc'): Promise<{ findings: Finding[] }> {
  return { findings: await checkUsb(['usb'], await loadDrivers(), { root: host.root, proc }) };
}

describe('simbankd doctor', () => {
  it('runs without configuration, without modems and anywhere', async () => {
    const { status, findings } = await doctor();
    const checks = [
      'node',
      'usb',
      'modemmanager',
      'autosuspend',
      'ttys',
      'driver',
      'kernel',
      'data',
      'clock',
      'broker',
    ];
    expect(findings.map(({ check }) => check)).toEqual(expect.arrayContaining(checks));
    expect(status).toBe(findings.some((finding) => finding.status === 'fault') ? 1 : 0);
    for (const { remedy, status } of findings) expect(remedy === null).toBe(status === 'ok');
  });

  it('tells people what to do, one thing below the other', () => {
    host.plug(qualcomm('1-4.1', 0));
    const { stdout } = spawnSync(process.execPath, [MAIN, 'doctor'], {
      encoding: 'utf8',
      env: { ...process.env, SIMBANKD_SYSROOT: host.root },
    });
    expect(stdout).toMatch(/^ok {7}node {10}Node \d+/);
    expect(stdout).toMatch(
      /\nwarning {2}autosuspend {3}.*usb-0:4\.1.*\n {25}install systemd\/70-simbankd\.rules/,
    );
    expect(stdout).toMatch(/\nskipped {2}broker {8}not looked at.*\n {25}name one: --config FILE\n/);
    expect(stdout).toMatch(/\n\d+ faults?, \d+ warnings?\n$/);

    const file = join(temporaryDir(), 'mqtt.yaml');
    const files = { passwordFile: '/nowhere/p', caFile: '/nowhere/ca' };
    const mqtt = { ...files, username: 'ann', url: 'mqtts://127.0.0.1:9' };
    writeFileSync(file, JSON.stringify({ gateway: { ports: [] }, mqtt }));
    const told = spawnSync(process.execPath, [MAIN, 'doctor', '--config', file], { encoding: 'utf8' });
    expect(told.stdout).toMatch(
      /\nfault {4}broker {8}.*passwordFile.*\n {25}.*caFile.*\n {25}correct the mqtt/,
    );
  });

  it('looks for the broker and the hub where the configuration says, and what the gateway keeps', async () => {
    const broker = await startBroker({ host: '127.0.0.1', port: 0 });
    undo.push(() => broker.stop());
    const dir = temporaryDir();
    const good = await doctor('--config', configFile({ dir, url: broker.url, ports: [] }));
    expect(of('broker', good)).toMatchObject([{ status: 'ok', what: expect.stringContaining('MQTT 3.1.1') }]);
    expect(of('hub', good)).toMatchObject([{ status: 'warning' }]);
    expect(of('gateway', good)).toMatchObject([{ status: 'ok', what: expect.stringContaining('has used') }]);

    const bad = await doctor('--config', configFile({ dir, url: 'mqtt://127.0.0.1:9', ports: [] }));
    expect(bad.status).toBe(1);
    expect(of('broker', bad)).toMatchObject([
      { status: 'fault', what: expect.stringMatching(/mqtt:\/\/127\.0\.0\.1:9.*ECONNREFUSED/) },
    ]);
  });

  it.skipIf(!needs('mosquitto'))('tells a broker that refuses from one that is not there', async () => {
    const mosquitto = await startMosquitto(['password_file $dir/nobody', 'allow_anonymous false'], {
      files: { nobody: '' },
    });
    undo.push(() => mosquitto.remove());
    const refused = await doctor(
      '--config',
      configFile({ dir: temporaryDir(), url: mosquitto.url, ports: [] }),
    );
    expect(of('broker', refused)).toMatchObject([
      { status: 'fault', remedy: expect.stringContaining('mqtt.username') },
    ]);
  });

  it('finds a gateway that runs, and others who could read along', async () => {
    const dir = temporaryDir();
    const file = configFile({ dir, url: 'mqtt://127.0.0.1:9', ports: [] });
    const gateway = new Program('gateway', '--config', file);
    undo.push(() => gateway.end());
    gateway.start({ SIMBANKD_SYSROOT: host.root });
    await eventually(() => gateway.output.includes('the gateway runs'));
    chmodSync(join(dir, 'gateway'), 0o755);
    const found = await doctor('--config', file);
    expect(of('gateway', found)).toMatchObject([
      { status: 'ok', what: expect.stringContaining('a gateway runs on') },
    ]);
    expect(of('data', found)).toContainEqual(
      expect.objectContaining({ status: 'warning', remedy: `chmod 700 ${join(dir, 'gateway')}` }),
    );
    expect(gateway.running).toBe(true);
  });

  it('a configuration with faults ends it as it ends every command', async () => {
    const file = join(temporaryDir(), 'bad.yaml');
    writeFileSync(file, 'gateway: { id: Host A }');
    const program = new Program('doctor', '--config', file);
    program.start();
    expect(await program.ended()).toBe(78);
  });

  // Root may open everything; the tests may run as root or not.
  it('names the group that a user lacks', () => {
    host.plug(qualcomm('1-4.1', 0));
    for (const n of [0, 1, 2, 3]) chmodSync(join(host.root, `dev/ttyUSB${n}`), 0o060);
    chmodSync(host.root, 0o755);
    const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    const { stdout } = spawnSync(process.execPath, [MAIN, 'doctor', '--json'], {
      encoding: 'utf8',
      env: { ...process.env, SIMBANKD_SYSROOT: host.root },
      ...nobody,
    });
    expect(of('power', JSON.parse(stdout))).toMatchObject([{ status: 'warning' }]);
    expect(of('permissions', JSON.parse(stdout))).toMatchObject([
      {
        status: 'fault',
        what: expect.stringContaining('ttyUSB2'),
        remedy: expect.stringMatching(/^usermod -aG \S+ /),
      },
    ]);
  });
});

describe('ModemManager', () => {
  function process612(held: string | null): string {
    const proc = temporaryDir();
    mkdirSync(join(proc, '612/fd'), { recursive: true });
    writeFileSync(join(proc, '612/comm'), 'ModemManager\n');
    if (held !== null) symlinkSync(held, join(proc, '612/fd/9'));
    return proc;
  }

  it('that runs is to be told to leave the modems alone', async () => {
    host.plug(qualcomm('1-4.1', 0));
    expect(of('modemmanager', await usb(process612(null)))).toMatchObject([
      { status: 'warning', what: expect.stringContaining('process 612') },
    ]);
  });

  it('that was told so by the rules is as it should be', async () => {
    host.plug(qualcomm('1-4.1', 0));
    mkdirSync(join(host.root, 'etc/udev/rules.d'), { recursive: true });
    writeFileSync(join(host.root, 'etc/udev/rules.d/70-simbankd.rules'), '');
    expect(of('modemmanager', await usb(process612(null)))).toMatchObject([{ status: 'ok' }]);
    // The rules are there, and were not there when this one was plugged in: udev's notes on the device say so.
    mkdirSync(join(host.root, 'run/udev/data'), { recursive: true });
    writeFileSync(join(host.root, 'run/udev/data/c189:1'), 'E:ID_VENDOR=Quectel\n');
    expect(of('modemmanager', await usb(process612(null)))).toMatchObject([{ status: 'warning' }]);
    writeFileSync(join(host.root, 'run/udev/data/c189:1'), 'E:ID_MM_DEVICE_IGNORE=1\n');
    expect(of('modemmanager', await usb(process612(null)))).toMatchObject([{ status: 'ok' }]);
  });

  it('that holds a port is a fault', async () => {
    host.plug(qualcomm('1-4.1', 0));
    const found = await usb(process612(join(host.root, 'dev/ttyUSB2')));
    expect(of('modemmanager', found)).toMatchObject([
      {
        status: 'fault',
        what: expect.stringContaining('ttyUSB2'),
        remedy: expect.stringContaining('mask --now'),
      },
    ]);
  });
});

describe('the USB of the host', () => {
  it('has a fixed number of ttys', async () => {
    for (let i = 0; i < 116; i++) host.plug(qualcomm(`1-${1 + Math.floor(i / 16)}.${1 + (i % 16)}`, 4 * i));
    expect(of('ttys', await usb())).toMatchObject([
      { status: 'warning', what: '464 of 512 ttyUSB numbers are in use' },
      { status: 'ok' },
    ]);
    for (let i = 116; i < 128; i++) host.plug(qualcomm(`1-${1 + Math.floor(i / 16)}.${1 + (i % 16)}`, 4 * i));
    expect(of('ttys', await usb())[0]).toMatchObject({ status: 'fault' });
  });

  it('may have devices that cannot be used, each with its remedy', async () => {
    host.plug({ address: '1-4.1', id: '2ecc:3012', interfaces: [{ number: 2 }] });
    expect(of('devices', await usb())).toMatchObject([
      {
        status: 'warning',
        what: expect.stringContaining('option driver'),
        remedy: expect.stringContaining('new_id'),
      },
    ]);
  });

  it('is told about by the kernel', () => {
    const log = join(temporaryDir(), 'kmsg');
    expect(checkKernelLog(log)).toMatchObject([
      { status: 'ok', what: expect.stringContaining('cannot be read') },
    ]);
    writeFileSync(log, '6,1,100,-;usb 1-4: new high-speed USB device number 5 using xhci_hcd\n');
    expect(checkKernelLog(log)).toMatchObject([{ status: 'ok' }]);
    writeFileSync(
      log,
      [
        '3,2,200,-;usb 1-4: Not enough host controller resources for new device state.',
        '3,3,300,-;usb 1-5: Not enough bandwidth for new device state.',
        '3,4,400,-;usb usb1-port7: over-current condition',
        '3,5,500,-;usb 1-7: device descriptor read/64, error -110',
        '',
      ].join('\n'),
    );
    const findings = checkKernelLog(log);
    expect(findings.map(({ status }) => status)).toEqual(['fault', 'warning', 'warning']);
    expect(findings[0]!.what).toMatch(/2 times .*«usb 1-5: Not enough bandwidth/);
  });
});
