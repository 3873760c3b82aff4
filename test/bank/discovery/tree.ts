/** A folder that stands for a host: sysfs with its links, and /dev, as much of both as discovery reads. */
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { Pty } from '../../../src/emulator/pty.ts';

export interface TreeInterface {
  readonly number: number;
  readonly class?: number;
  readonly subclass?: number;
  readonly protocol?: number;
  /** Default: `option` with a tty, none without. */
  readonly driver?: string | null;
  /** Names of its ttys, with what they lead to: a path of the emulator, or null for a plain file. */
  readonly ttys?: Readonly<Record<string, string | null>>;
}

export interface TreeDevice {
  /** `1-4.2`: bus and ports. */
  readonly address: string;
  /** `2c7c:0125`. */
  readonly id: string;
  readonly class?: number;
  readonly manufacturer?: string;
  readonly product?: string;
  readonly interfaces: readonly TreeInterface[];
}

export interface TreeOptions {
  /** What the USB controller sits on, below /sys/devices. */
  readonly controller?: string;
  /** Of its bus: `2.00`. */
  readonly version?: string;
}

const hex = (value: number): string => value.toString(16).padStart(2, '0');

export class UsbHost {
  readonly root: string;
  readonly #controller: string;
  readonly #version: string;
  #devnum = 1;

  constructor(root: string, options: TreeOptions = {}) {
    this.root = root;
    this.#controller = options.controller ?? 'pci0000:00/0000:00:14.0';
    this.#version = options.version ?? ' 2.00';
    for (const folder of ['/sys/class/tty', '/sys/bus/usb/devices', '/dev']) this.#folder(folder);
    // As on any host: consoles and a port of the board.
    for (const name of ['tty', 'tty0', 'ttyS0', 'console', 'ptmx']) {
      const dir = this.#folder(`/sys/devices/virtual/tty/${name}`);
      this.#link(`/sys/class/tty/${name}`, dir);
    }
  }

  /** Plugs a device in; returns its folder in sysfs. */
  plug(device: TreeDevice): string {
    const { address } = device;
    const bus = `usb${address.split('-')[0]}`;
    const rootHub = this.#folder(`/sys/devices/${this.#controller}/${bus}`);
    writeFileSync(join(rootHub, 'version'), `${this.#version}\n`);
    const ports = address.split('-')[1]!.split('.');
    const chain = ports.map((_, i) => `${address.split('-')[0]}-${ports.slice(0, i + 1).join('.')}`);
    const dir = this.#folder(`/sys/devices/${this.#controller}/${bus}/${chain.join('/')}`);
    const [vendor, product] = device.id.split(':');
    const attributes = {
      idVendor: vendor,
      idProduct: product,
      bDeviceClass: hex(device.class ?? 0),
      busnum: address.split('-')[0],
      devnum: String(++this.#devnum),
      serial: '0123456789ABCDEF',
      authorized: '1',
      ...(device.manufacturer === undefined ? {} : { manufacturer: device.manufacturer }),
      ...(device.product === undefined ? {} : { product: device.product }),
    };
    for (const [name, value] of Object.entries(attributes)) writeFileSync(join(dir, name), `${value}\n`);
    this.#folder(relative(this.root, join(dir, 'power')));
    writeFileSync(join(dir, 'power/control'), 'auto\n');
    this.#link(`/sys/bus/usb/devices/${address}`, dir);
    for (const one of device.interfaces) this.#interface(dir, address, one);
    writeFileSync(this.#node(dir), '');
    return dir;
  }

  /** Pulls the plug: nodes, links and folders are gone. */
  unplug(address: string): void {
    const devices = join(this.root, '/sys/bus/usb/devices');
    const dir = realpathSync(join(devices, address));
    const classes = join(this.root, '/sys/class/tty');
    for (const name of readdirSync(classes)) {
      if (!realpathSync(join(classes, name)).startsWith(`${dir}/`)) continue;
      rmSync(join(this.root, '/dev', name), { force: true });
      rmSync(join(classes, name));
    }
    for (const name of readdirSync(devices)) {
      if (name === address || name.startsWith(`${address}:`)) rmSync(join(devices, name));
    }
    rmSync(this.#node(dir));
    rmSync(dir, { recursive: true });
  }

  /** A link as udev makes it, `/dev/serial/by-path/NAME` to a tty. */
  byPath(name: string, tty: string): string {
    const path = join(this.#folder('/dev/serial/by-path'), name);
    rmSync(path, { force: true });
    symlinkSync(`../../${tty}`, path);
    return path;
  }

  #interface(device: string, address: string, one: TreeInterface): void {
    const name = `${address}:1.${one.number}`;
    const dir = this.#folder(relative(this.root, join(device, name)));
    const ttys = Object.entries(one.ttys ?? {});
    const attributes = {
      bInterfaceNumber: hex(one.number),
      bInterfaceClass: hex(one.class ?? 0xff),
      bInterfaceSubClass: hex(one.subclass ?? 0),
      bInterfaceProtocol: hex(one.protocol ?? 0),
    };
    for (const [attribute, value] of Object.entries(attributes))
      writeFileSync(join(dir, attribute), `${value}\n`);
    const driver = one.driver === undefined ? (ttys.length > 0 ? 'option' : null) : one.driver;
    if (driver !== null) {
      const driverDir = this.#folder(`/sys/bus/usb/drivers/${driver}`);
      symlinkSync(relative(dir, driverDir), join(dir, 'driver'));
    }
    this.#link(`/sys/bus/usb/devices/${name}`, dir);
    for (const [tty, target] of ttys) {
      // A CDC port is a tty of the interface itself; a port of usb-serial is a device between them.
      const parent = tty.startsWith('ttyACM') ? dir : join(dir, tty);
      this.#link(`/sys/class/tty/${tty}`, this.#folder(relative(this.root, join(parent, 'tty', tty))));
      const node = join(this.root, '/dev', tty);
      if (target === null) writeFileSync(node, '');
      else symlinkSync(target, node);
    }
  }

  /** `/dev/bus/usb/001/005` */
  #node(dir: string): string {
    const number = (name: string): string => readFileSync(join(dir, name), 'utf8').trim().padStart(3, '0');
    return join(this.#folder(`/dev/bus/usb/${number('busnum')}`), number('devnum'));
  }

  #folder(path: string): string {
    const folder = join(this.root, path);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  #link(path: string, target: string): void {
    const from = join(this.root, path);
    symlinkSync(relative(join(from, '..'), target), from);
  }
}

/** The four ttys of a Qualcomm based module from `first` on: diagnostics, NMEA, AT, AT; and its network interface. */
export function qualcomm(
  address: string,
  first: number,
  targets: readonly (string | null)[] = [],
  id = '2c7c:0125',
): TreeDevice {
  const ttys = [0, 1, 2, 3].map((number) => ({
    number,
    ttys: { [`ttyUSB${first + number}`]: targets[number] ?? null },
  }));
  return {
    address,
    id,
    manufacturer: 'Quectel',
    product: 'EC25-E',
    interfaces: [...ttys, { number: 4, driver: 'qmi_wwan' }],
  };
}

/** A tty that keeps what is written to it, and says what it is told to say. */
export class Ear {
  heard = '';
  readonly #pty: Pty;

  constructor(answer: (text: string) => string = () => '') {
    this.#pty = new Pty({
      onInput: (text) => {
        this.heard += text;
        this.#pty.write(answer(text));
      },
      onRoom: () => {},
    });
  }

  get path(): string {
    return this.#pty.slavePath;
  }

  close(): Promise<void> {
    return this.#pty.close();
  }
}
