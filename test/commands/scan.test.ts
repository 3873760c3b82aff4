import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Scan } from '../../src/bank/discovery/scan.ts';
import { type EmulatedModem, startBank as startEmulatedBank } from '../../src/emulator/bank.ts';
import { Ear, qualcomm, UsbHost } from '../bank/discovery/tree.ts';
import { configFile, eventually, Program } from '../rig.ts';
import { temporaryDir } from '../temporary.ts';

const undo: (() => unknown)[] = [];
let host: UsbHost;
beforeEach(() => {
  host = new UsbHost(temporaryDir());
});
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function modems(count: number): Promise<readonly EmulatedModem[]> {
  const emulated = await startEmulatedBank({ modems: count, dir: join(temporaryDir(), 'tty'), seed: 'scan' });
  undo.push(() => emulated.close());
  return emulated.modems;
}

function ear(): Ear {
  const made = new Ear();
  undo.push(() => made.close());
  return made;
}

async function run(...args: string[]): Promise<{ status: unknown; output: string }> {
  const program = new Program('scan', ...args);
  undo.push(() => program.end());
  program.start({ SIMBANKD_SYSROOT: host.root });
  return { status: await program.ended(), output: program.output };
}
async function scanned(...args: string[]): Promise<Scan & { status: unknown }> {
  const { status, output } = await run('--json', ...args);
  return { status, ...(JSON.parse(output) as Scan) };
}

const A = 'pci-0000:00:14.0-usb-0:4.1';

describe('simbankd scan', () => {
  it('shows modems, their SIMs and the driver, and writes to nothing else', async () => {
    const [modem, card] = await modems(2);
    card!.removeSim();
    const ears = [ear(), ear(), ear(), ear()];
    host.plug(qualcomm('1-4.1', 0, [ears[0]!.path, ears[1]!.path, modem!.path, ears[2]!.path]));
    host.plug(qualcomm('1-4.2', 4, [null, null, card!.path]));
    host.plug({
      address: '1-5',
      id: '1a86:7523',
      product: 'USB Serial',
      interfaces: [{ number: 0, driver: 'ch341', ttys: { ttyUSB9: ears[3]!.path } }],
    });
    host.plug({
      address: '1-6',
      id: '12d1:14dc',
      interfaces: [{ number: 0, class: 2, driver: 'cdc_ether' }],
    });
    const found = await scanned();
    expect(found.status).toBe(0);
    expect(found.ttys).toEqual({ ttyUSB: 9, ttyACM: 0 });
    expect(found.ports).toMatchObject([
      {
        port: join(host.root, 'dev/ttyUSB2'),
        slot: A,
        usb: '2c7c:0125',
        product: 'Quectel EC25-E',
        driver: 'quectel-ec25',
        model: expect.stringMatching(/^EC25/),
        firmware: expect.stringMatching(/./),
        imei: modem!.imei,
        sim: 'ready',
        iccid: modem!.sim!.iccid,
        registration: 'home',
        heldBy: [],
        problem: null,
      },
      { imei: card!.imei, sim: 'absent', iccid: null, problem: null },
    ]);
    expect(found.leftAlone.map(({ code }) => code)).toEqual(['usb.unnamed', 'usb.router_mode']);
    expect(ears.map(({ heard }) => heard)).toEqual(['', '', '', '']);

    const { output } = await run();
    // No progress in a pipe: nothing but the table.
    expect(output).toMatch(/^PORT +SLOT +USB +PRODUCT +DRIVER +MODEL +FIRMWARE +IMEI +SIM +NETWORK\n/);
    expect(output).toContain(`${modem!.imei}  ${modem!.sim!.iccid}`);
    expect(output).toMatch(/left alone:\n.*ttyUSB9: USB Serial \(1a86:7523\) is a serial line.*\n.*name it/);
    expect(output).toMatch(/usb-0:6: Huawei \(12d1:14dc\) is in router mode/);
  });

  it('asks a line that is named whatever it is, and a dead one holds up nobody', async () => {
    const [modem] = await modems(1);
    const dead = ear();
    const bridge = (address: string, name: string, target: string) =>
      host.plug({
        address,
        id: '1a86:7523',
        interfaces: [{ number: 0, driver: 'ch341', ttys: { [name]: target } }],
      });
    bridge('1-5', 'ttyUSB0', modem!.path);
    bridge('1-6', 'ttyUSB1', dead.path);
    const alive = await scanned(join(host.root, 'dev/ttyUSB0'));
    expect(alive).toMatchObject({
      status: 0,
      ports: [{ slot: 'ttyUSB0', imei: modem!.imei, problem: null }],
    });
    expect(dead.heard).toBe('');
    const both = await scanned(join(host.root, 'dev/ttyUSB0'), join(host.root, 'dev/ttyUSB1'));
    expect(both.status).toBe(1);
    expect(both.ports).toMatchObject([{ problem: null }, { imei: null, problem: { code: 'modem.silent' } }]);
    expect((await run(join(host.root, 'dev/ttyUSB7'))).output).toContain('ttyUSB7 is not there');
  });

  it('says that the gateway has a port while it runs', async () => {
    const [modem] = await modems(1);
    host.plug(qualcomm('1-4.1', 0, [null, null, modem!.path]));
    const file = configFile({
      dir: temporaryDir(),
      url: 'mqtt://127.0.0.1:9',
      ports: [],
      gateway: { ports: undefined },
    });
    const gateway = new Program('gateway', '--config', file);
    undo.push(() => gateway.end());
    gateway.start({ SIMBANKD_SYSROOT: host.root });
    await eventually(
      () => modem!.counters().commands > 0,
      () => gateway.output,
    );
    const found = await scanned('--config', file);
    expect(found).toMatchObject({
      status: 0,
      ports: [{ slot: A, driver: 'quectel-ec25', problem: { code: 'port.busy' } }],
    });
    // This process has the other end of the tty, and is seen as well.
    expect(found.ports[0]!.heldBy).toContainEqual(expect.objectContaining({ pid: gateway.pid, ours: true }));
    expect(found.ports[0]!.problem!.message).toContain(`another simbankd (process ${gateway.pid}`);
  });

  it('says that there is nothing', async () => {
    expect(await run()).toEqual({ status: 0, output: 'no modem was found\n' });
  });
});
