import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Discovery, type FoundPort } from '../../../src/bank/discovery/discovery.ts';
import type { LeftAlone } from '../../../src/bank/discovery/left-alone.ts';
import type { PortList } from '../../../src/bank/discovery/named.ts';
import { loadDrivers } from '../../../src/commands/drivers.ts';
import { type EmulatedModem, startBank as startEmulatedBank } from '../../../src/emulator/bank.ts';
import { createLog } from '../../../src/log.ts';
import { type Driver, defineDriver } from '../../../src/modem/driver.ts';
import { eventually } from '../../rig.ts';
import { temporaryDir } from '../../temporary.ts';
import { Ear, qualcomm, UsbHost } from './tree.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

function ear(answer?: (text: string) => string): Ear {
  const made = new Ear(answer);
  undo.push(() => made.close());
  return made;
}

async function modems(count: number): Promise<readonly EmulatedModem[]> {
  const emulated = await startEmulatedBank({
    modems: count,
    dir: join(temporaryDir(), 'tty'),
    seed: 'discovery',
  });
  undo.push(() => emulated.close());
  return emulated.modems;
}

/** Discovery on a host of its own; what it told by name. */
async function discover(
  host: UsbHost,
  options: { ports?: PortList; hotplug?: boolean; drivers?: Driver[] } = {},
) {
  const found = new Map<string, FoundPort>();
  const told: { left: readonly LeftAlone[] } = { left: [] };
  const discovery = new Discovery({
    gateway: { ports: options.ports, hotplug: options.hotplug ?? true },
    drivers: options.drivers ?? (await loadDrivers()),
    log: createLog(process.env.TEST_LOG ?? 'silent'),
    root: host.root,
    found: (port) => {
      expect(found.has(port.name)).toBe(false);
      found.set(port.name, port);
    },
    leftAlone: (left) => {
      told.left = left;
    },
  });
  undo.push(() => discovery.stop());
  await discovery.start();
  const paths = () =>
    Object.fromEntries(
      [...found].map(([name, port]) => [name, port.path()?.slice(host.root.length) ?? null]),
    );
  return { discovery, found, paths, told };
}

const A = 'pci-0000:00:14.0-usb-0:4.1';
const B = 'pci-0000:00:14.0-usb-0:4.2';

describe('modems on USB', () => {
  it('are found by place, and found again there whatever number their ttys get', async () => {
    const host = new UsbHost(temporaryDir());
    host.plug(qualcomm('1-4.1', 0));
    const { found, paths } = await discover(host);
    expect(paths()).toEqual({ [A]: '/dev/ttyUSB2' });

    host.plug(qualcomm('1-4.2', 4));
    await eventually(() => found.size === 2, paths);
    expect(paths()).toEqual({ [A]: '/dev/ttyUSB2', [B]: '/dev/ttyUSB6' });

    // Both are pulled out, and come back the other way round.
    host.unplug('1-4.1');
    host.unplug('1-4.2');
    // At once, though nothing has been looked at since: the number is nobody's.
    expect(paths()).toEqual({ [A]: null, [B]: null });
    host.plug(qualcomm('1-4.2', 0));
    expect(paths()[A]).toBeNull();
    host.plug(qualcomm('1-4.1', 4));
    await eventually(() => paths()[A] === '/dev/ttyUSB6', paths);
    expect(paths()).toEqual({ [A]: '/dev/ttyUSB6', [B]: '/dev/ttyUSB2' });
  });

  it('say what is the matter with their place', async () => {
    const host = new UsbHost(temporaryDir());
    host.plug(qualcomm('1-4.1', 0));
    const { discovery, found, paths } = await discover(host);
    host.unplug('1-4.1');
    await discovery.look();
    expect(paths()).toEqual({ [A]: null });
    expect(await found.get(A)!.explain({ code: 'port.missing' })).toBe(`nothing is plugged in at ${A}`);
  });

  it('are the ports there were at the start without hotplug, and still found again', async () => {
    const host = new UsbHost(temporaryDir());
    host.plug(qualcomm('1-4.1', 0));
    const { discovery, paths } = await discover(host, { hotplug: false });
    host.unplug('1-4.1');
    host.plug(qualcomm('1-4.2', 0));
    host.plug(qualcomm('1-4.1', 4));
    await discovery.look();
    expect(paths()).toEqual({ [A]: '/dev/ttyUSB6' });
  });

  it('have a switch for their power, and boards of several lines have none', async () => {
    const host = new UsbHost(temporaryDir());
    host.plug(qualcomm('1-4.1', 0));
    host.plug({
      address: '1-5',
      id: '0403:6011',
      interfaces: [{ number: 0, driver: 'ftdi_sio', ttys: { ttyUSB9: null } }],
    });
    const { found } = await discover(host, { ports: ['usb', join(host.root, 'dev/ttyUSB9')] });
    expect(found.get(A)!.power).toBeTypeOf('function');
    expect(found.get('ttyUSB9')!.power).toBeUndefined();
    host.unplug('1-4.1');
    await eventually(() => found.get(A)!.path() === null);
    await expect(found.get(A)!.power!()).rejects.toMatchObject({ code: 'usb.missing' });
  });

  it('in router mode are named, and the mode they are switched to makes them a port', async () => {
    const host = new UsbHost(temporaryDir());
    host.plug({
      address: '1-4.1',
      id: '12d1:14dc',
      manufacturer: 'HUAWEI_MOBILE',
      product: 'HUAWEI_MOBILE',
      interfaces: [{ number: 0, class: 2, driver: 'cdc_ether' }],
    });
    const { found, told } = await discover(host);
    expect(found.size).toBe(0);
    expect(told.left).toMatchObject([
      { code: 'usb.router_mode', where: A, what: 'HUAWEI_MOBILE (12d1:14dc)' },
    ]);
    host.unplug('1-4.1');
    host.plug({
      address: '1-4.1',
      id: '12d1:1506',
      interfaces: [0, 1].map((number) => ({
        number,
        protocol: number + 1,
        ttys: { [`ttyUSB${number}`]: null },
      })),
    });
    await eventually(
      () => found.has(A) && told.left.length === 0,
      () => told,
    );
    expect(found.get(A)!.path()).toBe(join(host.root, 'dev/ttyUSB1'));
  });

  it('in download mode are never opened, not even where their port is named', async () => {
    const host = new UsbHost(temporaryDir());
    host.plug({ address: '1-4.1', id: '05c6:9008', interfaces: [{ number: 0, ttys: { ttyUSB0: null } }] });
    const path = host.byPath(`${A}:1.0-port0`, 'ttyUSB0');
    const { found, paths, told } = await discover(host, {
      ports: [{ path, slot: 'A01', baudRate: 115_200 }, 'usb'],
    });
    expect(paths()).toEqual({ A01: null });
    expect(await found.get('A01')!.explain({ code: 'port.missing' })).toMatch(/download mode.*flash/);
    expect(told.left).toMatchObject([{ code: 'usb.download_mode' }]);
  });
});

describe('the tty that speaks AT, where no table tells', () => {
  const secretive = defineDriver({
    name: 'secretive',
    title: 'Secretive',
    usb: [{ id: '2c7c:7777', at: [], never: [0] }],
  });
  const composite = (targets: readonly (string | null)[]) => qualcomm('1-4.1', 0, targets, '2c7c:7777');

  it('is found by asking one after another, and what must not be written to is not', async () => {
    const host = new UsbHost(temporaryDir());
    const [modem] = await modems(1);
    const [diagnostics, position] = [ear(), ear()];
    // Takes commands of its own kind and knows no card: a tty for sound, say.
    const other = ear((text) => (text.includes('CPIN') ? '' : '\r\nOK\r\n'));
    host.plug(composite([diagnostics.path, modem!.path, position.path, other.path]));
    const { discovery, found, paths } = await discover(host, { drivers: [secretive] });
    expect(found.size).toBe(0);
    await discovery.settled();
    expect(paths()).toEqual({ [A]: '/dev/ttyUSB1' });
    expect(diagnostics.heard).toBe('');
    expect(position.heard.replaceAll('AT\r', '')).toBe('');
    expect(other.heard).toMatch(/^AT\r(AT\+CPIN\?\r)+$/);

    // The answer holds for the same model at the same place: nobody is asked again.
    const [heardBefore, askedBefore] = [position.heard, modem!.counters().commands];
    host.unplug('1-4.1');
    host.plug(qualcomm('1-4.1', 8, [diagnostics.path, modem!.path, position.path, other.path], '2c7c:7777'));
    await discovery.look();
    expect(paths()).toEqual({ [A]: '/dev/ttyUSB9' });
    expect(position.heard).toBe(heardBefore);
    expect(modem!.counters().commands).toBe(askedBefore);
  });

  it('gives its name to the slot where a glob has found them all', async () => {
    const host = new UsbHost(temporaryDir());
    const [modem] = await modems(1);
    host.plug(composite([ear().path, modem!.path, ear().path, null]));
    for (const n of [0, 1, 2]) host.byPath(`x:1.${n}-port0`, `ttyUSB${n}`);
    const { discovery, paths } = await discover(host, {
      ports: [join(host.root, 'dev/serial/by-path/*')],
      drivers: [secretive],
    });
    await discovery.settled();
    expect(paths()).toEqual({ 'x:1.1-port0': '/dev/serial/by-path/x:1.1-port0' });
  });

  it('may not answer yet: it is asked again, and said what was tried', async () => {
    const host = new UsbHost(temporaryDir());
    const [modem] = await modems(1);
    modem!.faults.hang = true;
    host.plug({
      address: '1-4.1',
      id: '2c7c:7777',
      product: 'Secretive',
      interfaces: [{ number: 2, ttys: { ttyUSB0: modem!.path } }],
    });
    const { discovery, found, told } = await discover(host, { drivers: [secretive] });
    await discovery.settled();
    expect(found.size).toBe(0);
    await eventually(
      () => told.left[0]?.code === 'usb.silent',
      () => told,
      40_000,
    );
    expect(told.left[0]!.why).toContain('dev/ttyUSB0');
    modem!.faults.hang = false;
    await eventually(
      () => found.has(A),
      () => told,
      40_000,
    );
  }, 120_000);

  it('is another one when the first falls silent for good', async () => {
    const host = new UsbHost(temporaryDir());
    const [modem] = await modems(1);
    const stuck = ear();
    host.plug(qualcomm('1-4.1', 0, [null, null, stuck.path, modem!.path]));
    const { discovery, found, paths } = await discover(host);
    expect(paths()).toEqual({ [A]: '/dev/ttyUSB2' });
    await found.get(A)!.explain({ code: 'modem.silent' });
    await discovery.settled();
    expect(paths()).toEqual({ [A]: '/dev/ttyUSB3' });
    expect(stuck.heard).toBe('');
    host.unplug('1-4.1');
    host.plug(qualcomm('1-4.1', 4, [null, null, stuck.path, modem!.path]));
    await discovery.look();
    expect(paths()).toEqual({ [A]: '/dev/ttyUSB6' });
  });
});

describe('ports that are named', () => {
  it('keep their names, and are found when they appear', async () => {
    const host = new UsbHost(temporaryDir());
    const { found, paths } = await discover(host, {
      ports: [
        join(host.root, 'dev/serial/by-path/*'),
        { path: join(host.root, 'dev/ttyS7'), slot: 'A07', baudRate: 9600, driver: 'generic' },
        { path: 'tcp://10.0.0.9:4001', slot: 'B01', baudRate: 115_200 },
      ],
    });
    expect([...found.keys()]).toEqual(['A07', 'B01']);
    expect(found.get('A07')).toMatchObject({ baudRate: 9600, driver: 'generic' });
    expect(found.get('B01')!.path()).toBe('tcp://10.0.0.9:4001');
    host.plug(qualcomm('1-4.1', 0));
    for (const n of [0, 1, 2, 3]) host.byPath(`${A}:1.${n}-port0`, `ttyUSB${n}`);
    await eventually(() => found.size === 3, paths);
    expect(paths()[`${A}:1.2-port0`]).toBe(`/dev/serial/by-path/${A}:1.2-port0`);
  });

  it('are not opened by a second name', async () => {
    const host = new UsbHost(temporaryDir());
    host.plug({
      address: '1-5',
      id: '1a86:7523',
      interfaces: [{ number: 0, driver: 'ch341', ttys: { ttyUSB0: null } }],
    });
    const link = host.byPath('x', 'ttyUSB0');
    const { found, told } = await discover(host, { ports: [join(host.root, 'dev/ttyUSB0'), link] });
    expect([...found.keys()]).toEqual(['ttyUSB0']);
    expect(told.left).toMatchObject([{ code: 'port.twice', where: link }]);
  });

  it('say who has them', async () => {
    const host = new UsbHost(temporaryDir());
    const line = ear();
    host.plug(qualcomm('1-4.1', 0, [null, null, line.path, null]));
    const { found } = await discover(host);
    const port = found.get(A)!;
    expect(await port.explain({ code: 'port.busy' })).toContain('is held by another program');
    const script = `require('fs').openSync('${line.path}', 'r+'); console.log('open'); setInterval(() => {}, 1000)`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    undo.push(() => child.kill('SIGKILL'));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const other = (await discover(host)).found.get(A)!;
    expect(await other.explain({ code: 'port.busy' })).toContain(`(process ${child.pid}`);
  });
});
