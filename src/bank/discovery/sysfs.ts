/**
 * The USB devices of a host and their ttys, as the kernel shows them in sysfs.
 *
 * Knows nothing of modems. Read again and again: what has not changed is not read a second time, and nothing is read for
 * longer than a moment at a stretch (512 modems are some 2,000 ttys). The root is a parameter, so that a folder can stand
 * for a host.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import type { TtyUse } from '../../protocol/state.ts';

export interface UsbTty {
  /** `ttyUSB2`: good for as long as it is plugged in. */
  readonly name: string;
  /** `/dev/ttyUSB2`. */
  readonly node: string;
  /** bInterfaceNumber. */
  readonly interface: number;
}

export interface UsbInterface {
  readonly number: number;
  /** bInterfaceClass, bInterfaceSubClass and bInterfaceProtocol. */
  readonly class: number;
  readonly subclass: number;
  readonly protocol: number;
  /** `option`, `cdc_acm`, `ftdi_sio`; null where no driver wants it. */
  readonly driver: string | null;
  readonly ttys: readonly UsbTty[];
}

export interface UsbDevice {
  /** Its place on the bus, as udev's by-path names it: `pci-0000:00:14.0-usb-0:4.2`. The same for whatever is plugged in there. */
  readonly place: string;
  /** The kernel's own name of the place: `1-4.2`. The first number may be another one after the next boot. */
  readonly address: string;
  /** Its folder in sysfs. */
  readonly dir: string;
  /** `2c7c:0125`. */
  readonly id: string;
  /** bDeviceClass; 9 is a hub. */
  readonly class: number;
  /** Counts up with every plugging in: tells a device from the next one at the same place. */
  readonly devnum: number;
  readonly manufacturer: string | null;
  readonly product: string | null;
  readonly interfaces: readonly UsbInterface[];
}

export interface UsbPicture {
  /** By place; hubs are not among them. */
  readonly devices: readonly UsbDevice[];
  /** How many ttys of each kind there are; the kernel has a fixed number of each. */
  readonly ttys: Readonly<Record<'ttyUSB' | 'ttyACM', number>>;
}

/** The kernel's own numbers: USB_SERIAL_TTY_MINORS and ACM_TTY_MINORS. */
const TTY_LIMITS = { ttyUSB: 512, ttyACM: 256 } as const;

/** Of each kind, how many are given out. */
export function ttyUse({ ttys }: UsbPicture): TtyUse[] {
  return (['ttyUSB', 'ttyACM'] as const).map((kind) => ({ kind, used: ttys[kind], limit: TTY_LIMITS[kind] }));
}

/** So many small reads at a stretch, well under a millisecond. */
const STRETCH = 100;

interface Known {
  readonly mark: string;
  readonly device: UsbDevice;
}

export class UsbTree {
  readonly #root: string;
  #known = new Map<string, Known>();
  #picture: UsbPicture | null = null;
  #reads = 0;

  constructor(root: string) {
    this.#root = root;
  }

  /** The same object as before when nothing has changed. Empty where there is no USB. */
  async read(): Promise<UsbPicture> {
    const ttys = await this.#readTtys();
    const bus = join(this.#root, '/sys/bus/usb/devices');
    const interfaces = new Map<string, string[]>();
    const addresses: string[] = [];
    for (const name of namesIn(bus)) {
      const colon = name.indexOf(':');
      if (colon > 0) push(interfaces, name.slice(0, colon), name);
      else if (/^\d+-/.test(name)) addresses.push(name);
    }
    const known = new Map<string, Known>();
    let changed = this.#picture === null || addresses.length !== this.#known.size;
    for (const address of addresses) {
      await this.#breathe(4);
      const names = (interfaces.get(address) ?? []).sort();
      const mine = names.flatMap((name) => ttys.get(name)?.map((tty) => `${name}/${tty}`) ?? []);
      const mark = [text(join(bus, address, 'devnum')), ...names, ...mine].join(' ');
      const before = this.#known.get(address);
      if (before?.mark === mark) {
        known.set(address, before);
        continue;
      }
      changed = true;
      await this.#breathe(8 + 8 * names.length);
      const device = this.#readDevice(bus, address, names, ttys);
      if (device !== null) known.set(address, { mark, device });
    }
    this.#known = known;
    if (!changed && this.#picture !== null) return this.#picture;
    const devices = [...known.values()].map(({ device }) => device).filter((device) => device.class !== 9);
    this.#picture = { devices: placed(devices), ttys: countTtys([...ttys.values()].flat()) };
    return this.#picture;
  }

  /** Whether `tty` still is what the picture says of it: numbers are given anew as soon as they are free. */
  isCurrent(device: UsbDevice, tty: UsbTty): boolean {
    if (Number(text(join(device.dir, 'devnum'))) !== device.devnum) return false;
    const target = linkOf(join(this.#root, '/sys/class/tty', tty.name));
    const place = target === null ? null : interfaceIn(target);
    return place?.startsWith(`${device.address}:`) === true && place.endsWith(`.${tty.interface}`);
  }

  /** Names of ttys by the name of their interface, `1-4.2:1.2`. */
  async #readTtys(): Promise<Map<string, string[]>> {
    const found = new Map<string, string[]>();
    const folder = join(this.#root, '/sys/class/tty');
    for (const name of namesIn(folder)) {
      // Consoles and the host's own serial ports are on no bus.
      if (!/^tty[A-Z]\w*\d$/.test(name) || /^ttyS\d+$/.test(name)) continue;
      await this.#breathe(1);
      const place = interfaceIn(linkOf(join(folder, name)) ?? '');
      if (place !== null) push(found, place, name);
    }
    for (const names of found.values()) names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    return found;
  }

  #readDevice(
    bus: string,
    address: string,
    names: readonly string[],
    ttys: ReadonlyMap<string, readonly string[]>,
  ): UsbDevice | null {
    const link = linkOf(join(bus, address));
    if (link === null) return null;
    const dir = resolve(bus, link);
    const word = (name: string): string | null => text(join(dir, name));
    const [vendor, product] = [word('idVendor'), word('idProduct')];
    // It was there a moment ago.
    if (vendor === null || product === null) return null;
    return {
      place: placeOf(dir.slice(join(this.#root, '/sys/devices/').length), address, (name) =>
        text(join(dir.slice(0, dir.indexOf(`/${name}/`)), name, 'version')),
      ),
      address,
      dir,
      id: `${vendor}:${product}`,
      class: hex(word('bDeviceClass')),
      devnum: Number(word('devnum')),
      manufacturer: word('manufacturer'),
      product: word('product'),
      interfaces: names.map((name) => {
        const own = (attribute: string): number => hex(text(join(dir, name, attribute)));
        const number = own('bInterfaceNumber');
        const driver = linkOf(join(dir, name, 'driver'));
        return {
          number,
          class: own('bInterfaceClass'),
          subclass: own('bInterfaceSubClass'),
          protocol: own('bInterfaceProtocol'),
          driver: driver === null ? null : basename(driver),
          ttys: (ttys.get(name) ?? []).map((tty) => ({
            name: tty,
            node: join(this.#root, '/dev', tty),
            interface: number,
          })),
        };
      }),
    };
  }

  async #breathe(reads: number): Promise<void> {
    this.#reads += reads;
    if (this.#reads < STRETCH) return;
    this.#reads = 0;
    await breathe();
  }
}

/**
 * As udev's path_id makes it: from what the USB controller sits on, and the ports from there on. A bus that is USB 3 has
 * its own numbers for the same sockets, hence `usbv3` there (systemd 255).
 *
 * @param path - below /sys/devices: `pci0000:00/0000:00:14.0/usb1/1-4/1-4.2`.
 */
export function placeOf(path: string, address: string, versionOf: (bus: string) => string | null): string {
  const parts = path.split('/');
  const bus = parts.find((part) => /^usb\d+$/.test(part)) ?? '';
  const above = parts.slice(0, parts.indexOf(bus));
  const pci = above.filter((part) => /^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-9a-f]$/.test(part)).at(-1);
  const host = above.findIndex((part) => /^pci[0-9a-f]{4}:[0-9a-f]{2}$/.test(part));
  const platform = above[0] === 'platform' ? above.slice(0, host < 0 ? undefined : host).at(-1) : undefined;
  const revision = Number.parseInt(versionOf(bus) ?? '2', 10) >= 3 ? 'usbv3' : 'usb';
  const controller = [
    ...(platform === undefined ? [] : [`platform-${platform}`]),
    ...(pci === undefined ? [] : [`pci-${pci}`]),
  ];
  return [...controller, `${revision}-0:${address.slice(address.indexOf('-') + 1)}`].join('-');
}

/** By place. Where a controller has more buses than udev's names can tell apart, the kernel's name tells them. */
function placed(devices: readonly UsbDevice[]): UsbDevice[] {
  const byPlace = Map.groupBy(devices, ({ place }) => place);
  return [...byPlace.values()]
    .flatMap((here) =>
      here.length === 1
        ? here
        : here.map((device) => ({ ...device, place: `${device.place}-${device.address}` })),
    )
    .sort((a, b) => (a.place < b.place ? -1 : 1));
}

/** `1-4.2:1.2` in the target of a tty's link. */
function interfaceIn(target: string): string | null {
  return /\/(\d+-[\d.]+:\d+\.\d+)\//.exec(target)?.[1] ?? null;
}

function countTtys(names: readonly string[]): UsbPicture['ttys'] {
  const count = (kind: string): number => names.filter((name) => name.startsWith(kind)).length;
  return { ttyUSB: count('ttyUSB'), ttyACM: count('ttyACM') };
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

function text(path: string): string | null {
  try {
    return readFileSync(path, 'latin1').trim();
  } catch {
    return null;
  }
}

function hex(word: string | null): number {
  return Number.parseInt(word ?? '', 16) || 0;
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
