import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { powerCycle } from '../../../src/bank/discovery/power.ts';
import { eventually } from '../../rig.ts';
import { temporaryDir } from '../../temporary.ts';
import { qualcomm, UsbHost } from './tree.ts';

function plugged(): { dir: string; disable: string } {
  const host = new UsbHost(temporaryDir());
  const dir = host.plug(qualcomm('1-4.2', 0));
  return { dir, disable: join(dir, '../1-4:1.0/1-4-port2/disable') };
}

/** The port of the hub, as Linux 6.0 and later show it. */
function withSwitch({ dir, disable }: { dir: string; disable: string }): void {
  mkdirSync(join(disable, '..'), { recursive: true });
  writeFileSync(disable, '0\n');
  symlinkSync(join(disable, '..'), join(dir, 'port'));
}

it('switches the port of the hub off, and on again', async () => {
  const usb = plugged();
  withSwitch(usb);
  const done = powerCycle(usb.dir, 200);
  await eventually(() => readFileSync(usb.disable, 'utf8').startsWith('1'));
  // The device is gone while its power is: the port is still to be switched on.
  rmSync(usb.dir, { recursive: true });
  await done;
  expect(readFileSync(usb.disable, 'utf8')).toMatch(/^0/);
});

it('has the kernel set the device up anew where the hub’s port has no switch', async () => {
  const { dir } = plugged();
  const done = powerCycle(dir, 200);
  await eventually(() => readFileSync(join(dir, 'authorized'), 'utf8').startsWith('0'));
  await done;
  expect(readFileSync(join(dir, 'authorized'), 'utf8')).toMatch(/^1/);
});

it('says which file it was and what to do', async () => {
  const usb = plugged();
  rmSync(join(usb.dir, 'authorized'));
  await expect(powerCycle(usb.dir, 1)).rejects.toMatchObject({
    code: 'usb.missing',
    message: expect.stringContaining(usb.dir),
  });
  // A file that even root may not write.
  const file = '/proc/sys/kernel/version';
  symlinkSync(file, join(usb.dir, 'authorized'));
  await expect(powerCycle(usb.dir, 1)).rejects.toMatchObject({
    code: 'usb.denied',
    message: expect.stringMatching(/authorized may not be written: .*70-simbankd\.rules/),
  });
});
