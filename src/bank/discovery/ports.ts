/**
 * From what is plugged in and what the configuration names to the ports that a gateway opens, and what it leaves alone.
 *
 * Pure. One port for each modem: of the ttys of a modem one speaks AT for us, and the others are not touched. No tty is in
 * two ports; a port that is named itself comes before one of a glob, and both before what is found on USB.
 */
import type { Driver } from '../../modem/driver.ts';
import { atCandidates, type ModemKind, modemKind } from './interfaces.ts';
import { DOWNLOAD_MODE, ROUTER_MODE } from './known.ts';
import { type LeftAlone, sentence, unnamed, withoutPort } from './left-alone.ts';
import { type NamedPort, slotNameOf } from './named.ts';
import type { UsbDevice, UsbPicture, UsbTty } from './sysfs.ts';

export interface Candidate {
  /** What is opened. */
  readonly path: string;
  /** Null for what is no USB tty now: a port of the board, a serial server, a device that is not plugged in. */
  readonly tty: UsbTty | null;
}

export interface WantedPort {
  /** The same for the same place, over every replug. */
  readonly key: string;
  /** What the slot is to be called. */
  readonly name: string;
  /** Best first, at least one. */
  readonly candidates: readonly Candidate[];
  /** False: which of them speaks AT is to be found out by asking. */
  readonly certain: boolean;
  readonly device: UsbDevice | null;
  /** The device is a modem, and not a line to one or to several. */
  readonly isModem: boolean;
  /** Why it must not be opened as things are, though it is named. */
  readonly refusal?: string;
  readonly driver?: string | undefined;
  readonly baudRate: number;
  readonly pinFile?: string | undefined;
}

export interface Plan {
  readonly wanted: readonly WantedPort[];
  /** Paths that the configuration names, and that lead to what another port stands for. */
  readonly taken: ReadonlySet<string>;
  readonly leftAlone: readonly LeftAlone[];
}

export interface PlanInput {
  readonly picture: UsbPicture;
  readonly drivers: readonly Driver[];
  readonly named: readonly NamedPort[];
  /** Every modem on USB is wanted. */
  readonly usb: boolean;
}

/** Of a modem on USB the line has no speed of its own. */
const BAUD_RATE = 115_200;

interface Found {
  readonly device: UsbDevice;
  readonly tty: UsbTty;
  readonly kind: ModemKind | null;
}

export function planPorts({ picture, drivers, named, usb }: PlanInput): Plan {
  const kinds = new Map(picture.devices.map((device) => [device, modemKind(device, drivers)]));
  const ttys = new Map<string, Found>();
  for (const [device, kind] of kinds) {
    for (const tty of device.interfaces.flatMap((one) => one.ttys)) ttys.set(tty.node, { device, tty, kind });
  }
  const found = ({ node }: NamedPort): Found | undefined => (node === null ? undefined : ttys.get(node));

  const wanted = new Map<string, WantedPort>();
  const taken = new Set<string>();
  const leftAlone: LeftAlone[] = [];
  /** Ttys by node, and whole modems, with the name of the port that stands for them. */
  const holders = new Map<string | UsbDevice, string>();
  const want = (port: WantedPort, ...holds: readonly (string | UsbDevice)[]): void => {
    wanted.set(port.key, port);
    for (const one of holds) holders.set(one, port.name);
  };

  for (const port of named) {
    if (port.byGlob || wanted.has(keyOf(port))) continue;
    const at = found(port);
    const holder = at === undefined ? undefined : holders.get(at.tty.node);
    if (holder !== undefined) {
      taken.add(port.path);
      leftAlone.push(namedTwice(port.path, holder));
    } else if (at === undefined) {
      want(asNamed(port, undefined));
    } else if (at.device.id === DOWNLOAD_MODE) {
      want({ ...asNamed(port, at), refusal: sentence(withoutPort(at.device)!) });
    } else {
      want(asNamed(port, at), at.tty.node, ...(at.kind === null ? [] : [at.device]));
    }
  }

  const globbed = new Map<UsbDevice, NamedPort[]>();
  for (const port of named) {
    if (!port.byGlob || wanted.has(keyOf(port))) continue;
    const at = found(port);
    if (at === undefined) want(asNamed(port, undefined));
    else if (at.kind !== null) globbed.set(at.device, [...(globbed.get(at.device) ?? []), port]);
    // Two globs may find one tty by two names.
    else if (holders.has(at.tty.node)) taken.add(port.path);
    else want(asNamed(port, at), at.tty.node);
  }

  for (const [device, kind] of kinds) {
    const ports = globbed.get(device) ?? [];
    const port = holders.has(device) || kind === null ? null : modemPort(device, kind, ports, usb);
    if (port !== null) want(port, device);
    for (const { path } of ports) if (port?.key !== `path:${path}`) taken.add(path);
    if (port !== null || holders.has(device)) continue;
    const left =
      kind === null
        ? notNamed(device, (node) => holders.has(node))
        : unusable(device, usb || ports.length > 0);
    if (left !== null) leftAlone.push(left);
  }
  return { wanted: [...wanted.values()], taken, leftAlone };
}

/** The port of a modem: among those that a glob has found of it, or among all when it was found on USB. */
function modemPort(
  device: UsbDevice,
  kind: ModemKind,
  ports: readonly NamedPort[],
  usb: boolean,
): WantedPort | null {
  if (device.id === DOWNLOAD_MODE || ROUTER_MODE.includes(device.id)) return null;
  const { ttys, certain } = atCandidates(device, kind);
  const candidates = ttys.flatMap((tty) => {
    const port = ports.find(({ node }) => node === tty.node);
    return port === undefined ? [] : [{ path: port.path, tty }];
  });
  const rest = { device, isModem: true, baudRate: BAUD_RATE };
  const [first] = candidates;
  if (first !== undefined) {
    // A glob that finds only one tty of a modem has chosen.
    const isCertain = certain || candidates.length === 1;
    return {
      key: `path:${first.path}`,
      name: slotNameOf(first.path),
      candidates,
      certain: isCertain,
      ...rest,
    };
  }
  if (!usb || ttys.length === 0) return null;
  return {
    key: `usb:${device.place}`,
    name: slotNameOf(device.place),
    candidates: ttys.map((tty) => ({ path: tty.node, tty })),
    certain,
    ...rest,
  };
}

function notNamed(device: UsbDevice, isHeld: (node: string) => boolean): LeftAlone | null {
  const isNamed = device.interfaces.some(({ ttys }) => ttys.some(({ node }) => isHeld(node)));
  return isNamed ? null : unnamed(device);
}

/** A modem that nobody asks for is worth a word only when it could not be used if somebody did. */
function unusable(device: UsbDevice, isAsked: boolean): LeftAlone | null {
  const left = withoutPort(device);
  return left?.code === 'usb.no_at_port' && !isAsked ? null : left;
}

function asNamed(port: NamedPort, at: Found | undefined): WantedPort {
  const { path, slot, driver, baudRate, pinFile } = port;
  return {
    key: keyOf(port),
    name: slot ?? slotNameOf(path),
    candidates: [{ path, tty: at?.tty ?? null }],
    certain: true,
    device: at?.device ?? null,
    isModem: at !== undefined && at.kind !== null,
    driver,
    baudRate,
    pinFile,
  };
}

function keyOf({ path }: NamedPort): string {
  return `path:${path}`;
}

function namedTwice(path: string, holder: string): LeftAlone {
  return {
    code: 'port.twice',
    what: path,
    where: path,
    why: `is the tty of the slot ${holder}`,
    remedy: 'name it once under gateway.ports',
  };
}
