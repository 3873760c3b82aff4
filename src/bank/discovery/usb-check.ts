/** What a host does to its modems before we come to them: who may open the ports, who has them, sleep, limits, drivers. */
import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import type { Driver } from '../../modem/driver.ts';
import { userName } from '../../store-fault.ts';
import { type Finding, fault, ok, warning } from '../finding.ts';
import {
  describeHolders,
  type Holder,
  holderName,
  holdersOf,
  MODEM_MANAGER_REMEDY,
  processesNamed,
} from './holders.ts';
import { modemKind } from './interfaces.ts';
import { sentence } from './left-alone.ts';
import { namedPorts, type PortList, USB } from './named.ts';
import { planPorts } from './ports.ts';
import { canPowerCycle, POWER_REMEDY } from './power.ts';
import { ttyUse, type UsbDevice, type UsbPicture, UsbTree } from './sysfs.ts';

export interface HostView {
  /** The folder that stands for the host. */
  readonly root: string;
  readonly proc: string;
}

export async function checkUsb(
  ports: PortList,
  drivers: readonly Driver[],
  host: HostView,
): Promise<Finding[]> {
  const picture = await new UsbTree(host.root).read();
  const modems = picture.devices.filter((device) => modemKind(device, drivers) !== null);
  const nodes = new Set(
    picture.devices.flatMap(({ interfaces }) => interfaces.flatMap((one) => one.ttys.map((tty) => tty.node))),
  );
  const named = await namedPorts(ports, (path) => nodes.has(path));
  const plan = planPorts({ picture, drivers, named, usb: ports.includes(USB) });
  const paths = plan.wanted
    .flatMap(({ candidates }) => candidates.map(({ path }) => path))
    .filter((path) => path.startsWith('/'));
  const holders = await holdersOf(paths, host.proc);
  const left = plan.leftAlone.filter(({ code }) => code !== 'usb.unnamed');
  return [
    checkBus(picture, modems, host),
    ...checkPermissions(paths),
    ...checkHolders(holders),
    checkModemManager(modems, holders, host),
    checkSleep(modems),
    ...checkPower(modems),
    ...checkLimits(picture),
    checkOption(host),
    ...left.map((one) =>
      warning('devices', `${one.where}: ${sentence(one).replace(`: ${one.remedy}`, '')}`, one.remedy),
    ),
  ];
}

function checkBus({ devices }: UsbPicture, modems: readonly UsbDevice[], { root }: HostView): Finding {
  if (existsSync(join(root, '/sys/bus/usb/devices'))) {
    return ok('usb', `${devices.length} USB devices, ${modems.length} of them modems`);
  }
  return warning(
    'usb',
    'no USB is visible here',
    'in a container or a virtual machine: hand /sys, /dev and the USB controllers through',
  );
}

/** For the user that runs this, which is to be the gateway's. */
function checkPermissions(paths: readonly string[]): Finding[] {
  const username = userName();
  const missing: string[] = [];
  const denied = new Map<string, string[]>();
  for (const path of paths) {
    try {
      accessSync(path, constants.R_OK | constants.W_OK);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') missing.push(path);
      else {
        const group = groupOf(path);
        denied.set(group, [...(denied.get(group) ?? []), path]);
      }
    }
  }
  const findings = [...denied].map(([group, ports]) =>
    fault(
      'permissions',
      `${username} may not open ${list(ports)}`,
      `usermod -aG ${group} ${username}, then log in anew, or restart the service`,
    ),
  );
  if (missing.length > 0) {
    const remedy = 'plug it in, or take it out of gateway.ports';
    findings.push(warning('permissions', `${list(missing)} is not there`, remedy));
  }
  if (findings.length > 0 || paths.length === 0) return findings;
  return [
    ok('permissions', `${username} may open ${paths.length === 1 ? paths[0] : `all ${paths.length} ports`}`),
  ];
}

function groupOf(path: string): string {
  const { gid } = statSync(path);
  const line = text('/etc/group')
    ?.split('\n')
    .find((group) => group.split(':')[2] === String(gid));
  return line?.split(':')[0] ?? String(gid);
}

function checkHolders(holders: ReadonlyMap<string, readonly Holder[]>): Finding[] {
  const gateways = new Set<string>();
  const findings: Finding[] = [];
  for (const [path, all] of holders) {
    for (const holder of all.filter(({ ours }) => ours)) gateways.add(holderName(holder));
    const others = all.filter(({ ours, program }) => !ours && program !== 'ModemManager');
    if (others.length > 0) {
      const [what = '', ...remedy] = describeHolders(path, others, []).split(': ');
      findings.push(fault('holders', what, remedy.join(': ')));
    }
  }
  if (findings.length > 0) return findings;
  if (gateways.size > 0) return [ok('holders', `the ports are open in ${[...gateways].join(', ')}`)];
  return [ok('holders', 'no port is open in another program, as far as this user can see')];
}

function checkModemManager(
  modems: readonly UsbDevice[],
  holders: ReadonlyMap<string, readonly Holder[]>,
  host: HostView,
): Finding {
  const [running] = processesNamed('ModemManager', host.proc);
  if (running === undefined) return ok('modemmanager', 'ModemManager does not run');
  const held = [...holders].filter(([, all]) => all.some(({ program }) => program === 'ModemManager'));
  if (held.length > 0) {
    const what = `${holderName(running)} has ${list(held.map(([path]) => path))} open`;
    return fault('modemmanager', what, MODEM_MANAGER_REMEDY);
  }
  const unruled = modems.filter((device) => !isIgnored(device, host));
  if (modems.length > 0 ? unruled.length === 0 : rulesInstalled(host)) {
    return ok('modemmanager', `${holderName(running)} runs, and is told to leave the modems alone`);
  }
  const what = `${holderName(running)} runs, and sends commands to every modem that is plugged in`;
  return warning('modemmanager', what, MODEM_MANAGER_REMEDY);
}

/** What the rules have led to, in udev's own notes on the device; where those are not there, that the rules are. */
function isIgnored(device: UsbDevice, host: HostView): boolean {
  const bus = Number.parseInt(device.address, 10);
  // The character device of a USB device: 128 to a bus.
  const minor = (bus - 1) * 128 + device.devnum - 1;
  const notes = text(join(host.root, `/run/udev/data/c189:${minor}`));
  return notes === null ? rulesInstalled(host) : /^E:ID_MM_DEVICE_IGNORE=1$/m.test(notes);
}

function rulesInstalled({ root }: HostView): boolean {
  return ['/etc/udev/rules.d', '/run/udev/rules.d', '/usr/lib/udev/rules.d', '/lib/udev/rules.d'].some(
    (folder) => {
      try {
        return readdirSync(join(root, folder)).some((name) => /simbankd.*\.rules$/.test(name));
      } catch {
        return false;
      }
    },
  );
}

function checkSleep(modems: readonly UsbDevice[]): Finding {
  const sleepy = modems.filter(({ dir }) => text(join(dir, 'power/control')) === 'auto');
  if (sleepy.length === 0) return ok('autosuspend', 'no modem is put to sleep by the kernel');
  const places = list(sleepy.map(({ place }) => place));
  return warning(
    'autosuspend',
    `the kernel may put ${places} to sleep, and modems that sleep vanish from the bus`,
    'install systemd/70-simbankd.rules as /etc/udev/rules.d/70-simbankd.rules and plug them in again, or write "on" into power/control of the device',
  );
}

/** Done without by default; said, because nobody would look for it. */
function checkPower(modems: readonly UsbDevice[]): Finding[] {
  if (modems.length === 0) return [];
  const fixed = modems.filter(({ dir }) => !canPowerCycle(dir));
  if (fixed.length === 0) return [ok('power', 'the gateway can switch the power of every modem')];
  const what = `${userName()} may not switch the power of ${list(fixed.map(({ place }) => place))}: one that hangs for good waits for a hand`;
  return [warning('power', what, POWER_REMEDY)];
}

function checkLimits(picture: UsbPicture): Finding[] {
  return ttyUse(picture).map(({ kind, used, limit }) => {
    const what = `${used} of ${limit} ${kind} numbers are in use`;
    const remedy =
      'spread the modems over more hosts, use boards with one tty a modem, or unbind interfaces that nobody needs from their driver';
    if (used >= limit) return fault('ttys', `${what}: further modems get none`, remedy);
    return used >= 0.9 * limit ? warning('ttys', what, remedy) : ok('ttys', what);
  });
}

function checkOption({ root }: HostView): Finding {
  const there = ['/sys/bus/usb-serial/drivers/option1', '/sys/module/option'];
  if (there.some((path) => existsSync(join(root, path)))) {
    return ok('driver', 'the kernel’s option driver, which makes ttys of modems, is loaded');
  }
  const modules = join(root, '/lib/modules', release());
  const lists = ['modules.dep', 'modules.builtin'].map((name) => text(join(modules, name)));
  if (lists.some((modules) => modules !== null && /\/option\.ko/.test(modules))) {
    return ok('driver', 'the kernel’s option driver is there, and is loaded with the first modem');
  }
  const remedy = 'install the package with the kernel’s further modules (linux-modules-extra on Ubuntu)';
  if (lists.every((modules) => modules === null)) {
    return warning(
      'driver',
      `whether the kernel has the option driver cannot be told: ${modules} is not here`,
      `on the host itself: modprobe option; if that fails, ${remedy}`,
    );
  }
  return warning(
    'driver',
    'this kernel has no option driver, and most modems have no ttys without it',
    remedy,
  );
}

/** The first few, and how many more. */
function list(names: readonly string[]): string {
  const shown = names.slice(0, 4).join(', ');
  return names.length > 4 ? `${shown} and ${names.length - 4} more` : shown;
}

function text(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
}
