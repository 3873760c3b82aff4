/** A gateway that finds its modems itself, on a folder that stands for the host. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bank } from '../../../src/bank/bank.ts';
import { type EmulatedModem, startBank as startEmulatedBank } from '../../../src/emulator/bank.ts';
import type { SlotState } from '../../../src/protocol/state.ts';
import { configFile, eventually, gatewayFrom } from '../../rig.ts';
import { temporaryDir } from '../../temporary.ts';
import { Ear, qualcomm, UsbHost } from './tree.ts';

const undo: (() => unknown)[] = [];
let host: UsbHost;
beforeEach(() => {
  host = new UsbHost(temporaryDir());
  process.env.SIMBANKD_SYSROOT = host.root;
});
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
  delete process.env.SIMBANKD_SYSROOT;
});

async function modems(count: number): Promise<readonly EmulatedModem[]> {
  const emulated = await startEmulatedBank({
    modems: count,
    dir: join(temporaryDir(), 'tty'),
    seed: 'gateway',
  });
  undo.push(() => emulated.close());
  return emulated.modems;
}

/** Without `gateway.ports`: what is on USB. */
async function gateway(): Promise<Bank> {
  const dir = temporaryDir();
  const file = configFile({ dir, url: 'mqtt://127.0.0.1:9', ports: [], gateway: { ports: undefined } });
  const bank = await gatewayFrom(file);
  undo.push(() => bank.stop());
  return bank;
}

const slots = (bank: Bank) =>
  Object.fromEntries(
    bank
      .view()
      .slots()
      .map((slot) => [slot.slot, slot]),
  );
const slot = (bank: Bank, name: string): SlotState | undefined => slots(bank)[name];
const ready = (bank: Bank, ...names: string[]): Promise<void> =>
  eventually(
    () => names.every((name) => slot(bank, name)?.phase === 'ready'),
    () => slots(bank),
    30_000,
  );
const A = 'pci-0000:00:14.0-usb-0:4.1';
const B = 'pci-0000:00:14.0-usb-0:4.2';
const tty = (number: number): string => join(host.root, `dev/ttyUSB${number}`);

/** A modem whose second AT port, diagnostics and position are listened to: all of them are to hear nothing. */
function plug(address: string, first: number, modem: EmulatedModem, ears: readonly Ear[]): void {
  host.plug(qualcomm(address, first, [ears[0]!.path, ears[1]!.path, modem.path, ears[2]!.path]));
}

describe('a gateway without a list of ports', () => {
  it('finds a modem by its place, loses it, and finds it there again under other numbers', async () => {
    const [modem] = await modems(1);
    const ears = [new Ear(), new Ear(), new Ear()];
    undo.push(() => Promise.all(ears.map((ear) => ear.close())));
    plug('1-4.1', 0, modem!, ears);
    const bank = await gateway();
    await ready(bank, A);
    expect(Object.keys(slots(bank))).toEqual([A]);
    expect(slot(bank, A)).toMatchObject({
      port: tty(2),
      iccid: modem!.sim!.iccid,
      driver: 'quectel-ec25',
    });

    host.unplug('1-4.1');
    await modem!.unplug();
    await eventually(
      () =>
        slot(bank, A)?.phase === 'lost' &&
        slot(bank, A)?.problem?.message === `nothing is plugged in at ${A}`,
      () => slots(bank),
    );
    modem!.deliverText({ from: '72941', text: 'came while it was away' });

    plug('1-4.1', 8, modem!, ears);
    await modem!.replug();
    await ready(bank, A);
    expect(slot(bank, A)).toMatchObject({ port: tty(10), iccid: modem!.sim!.iccid, problem: null });
    await eventually(() => bank.view().messages(9).length === 1);
    expect(bank.view().messages(9)[0]).toMatchObject({ slot: A });
    expect(ears.map(({ heard }) => heard)).toEqual(['', '', '']);
  });

  it('takes a modem that is plugged in while it runs, and keeps SIMs with their places when numbers are swapped', async () => {
    const [one, other] = await modems(2);
    host.plug(qualcomm('1-4.1', 0, [null, null, one!.path]));
    const bank = await gateway();
    await ready(bank, A);
    host.plug(qualcomm('1-4.2', 4, [null, null, other!.path]));
    await ready(bank, A, B);
    expect(bank.view().ttys()).toContainEqual({ kind: 'ttyUSB', used: 8, limit: 512 });
    const before = [slot(bank, A)!.iccid, slot(bank, B)!.iccid];
    expect(before).toEqual([one!.sim!.iccid, other!.sim!.iccid]);

    for (const [address, modem] of [
      ['1-4.1', one],
      ['1-4.2', other],
    ] as const) {
      host.unplug(address);
      await modem!.unplug();
    }
    await eventually(
      () => [A, B].every((name) => slot(bank, name)?.phase === 'lost'),
      () => slots(bank),
    );
    host.plug(qualcomm('1-4.2', 0, [null, null, other!.path]));
    host.plug(qualcomm('1-4.1', 4, [null, null, one!.path]));
    await Promise.all([one!.replug(), other!.replug()]);
    await ready(bank, A, B);
    expect([slot(bank, A)!.port, slot(bank, B)!.port]).toEqual([tty(6), tty(2)]);
    expect([slot(bank, A)!.iccid, slot(bank, B)!.iccid]).toEqual(before);
  });

  it('names what it leaves alone, as a place that is ignored', async () => {
    host.plug({
      address: '1-4.1',
      id: '12d1:14dc',
      product: 'E3372',
      interfaces: [{ number: 0, class: 2, driver: 'cdc_ether' }],
    });
    host.plug({
      address: '1-5',
      id: '1a86:7523',
      interfaces: [{ number: 0, driver: 'ch341', ttys: { ttyUSB0: null } }],
    });
    const bank = await gateway();
    await eventually(
      () => slot(bank, A)?.phase === 'ignored',
      () => slots(bank),
    );
    expect(Object.keys(slots(bank))).toEqual([A]);
    expect(slot(bank, A)).toMatchObject({ model: 'Huawei E3372 (12d1:14dc)', iccid: null });
    expect(slot(bank, A)!.problem).toMatchObject({
      code: 'usb.router_mode',
      message: expect.stringMatching(/router mode.*stick/),
    });
    host.unplug('1-4.1');
    await eventually(
      () => slot(bank, A) === undefined,
      () => slots(bank),
    );
  });

  it('says which program holds a port', async () => {
    const [modem] = await modems(1);
    const script = `
      const { SerialPort } = require('serialport');
      new SerialPort({ path: process.argv[1], baudRate: 115200 }, () => console.log('open'));
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['-e', script, modem!.path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    undo.push(() => child.kill('SIGKILL'));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    host.plug(qualcomm('1-4.1', 0, [null, null, modem!.path]));
    const bank = await gateway();
    await eventually(
      () => slot(bank, A)?.problem?.message.includes(`process ${child.pid}`) === true,
      () => slots(bank),
    );
    expect(slot(bank, A)!.problem).toMatchObject({
      code: 'port.busy',
      message: expect.stringContaining(tty(2)),
    });
    child.kill('SIGKILL');
    await ready(bank, A);
    expect(slot(bank, A)!.problem).toBeNull();
  });

  it('opens nothing where there is no USB', async () => {
    const bank = await gateway();
    await sleep(500);
    expect(slots(bank)).toEqual({});
  });
});
