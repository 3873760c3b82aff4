/** Why a USB device does not become a slot, and what can be done about it. Pure. */
import { CLASS, DOWNLOAD_MODE, MODEM_VENDORS, PACKET_DRIVERS, ROUTER_DRIVERS, ROUTER_MODE } from './known.ts';
import type { UsbDevice } from './sysfs.ts';

/** Something that is there and not used. */
export interface LeftAlone {
  /** Stable: `usb.router_mode`. */
  readonly code: string;
  /** `Huawei E3372 (12d1:14dc)`. */
  readonly what: string;
  /** The place on the bus, or the path of a port. */
  readonly where: string;
  readonly why: string;
  readonly remedy: string;
}

/** `Huawei E3372 (12d1:14dc) is in router mode …: switch it …` */
export function sentence({ what, why, remedy }: LeftAlone): string {
  return `${what} ${why}: ${remedy}`;
}

export function titleOf({ id, manufacturer, product }: UsbDevice): string {
  const vendor = MODEM_VENDORS[id.slice(0, 4)] ?? '';
  const words = [manufacturer ?? vendor, product ?? ''].map((word) => word.trim());
  const name = words[1]!.startsWith(words[0]!) ? words[1]! : words.join(' ').trim();
  return name === '' ? id : `${name} (${id})`;
}

/** What keeps a modem from having a port; null where there is nothing to say. */
export function withoutPort(device: UsbDevice): LeftAlone | null {
  const say = (code: string, why: string, remedy: string): LeftAlone => ({
    code,
    what: titleOf(device),
    where: device.place,
    why,
    remedy,
  });
  const { interfaces } = device;
  if (device.id === DOWNLOAD_MODE) {
    return say(
      'usb.download_mode',
      'is in Qualcomm’s download mode: it has crashed, or its firmware is half written',
      'unplug it and plug it in again; if it comes back like this, flash its firmware with the vendor’s tool',
    );
  }
  if (ROUTER_MODE.includes(device.id) || ofDrivers(device, ROUTER_DRIVERS)) {
    return say(
      'usb.router_mode',
      'is in router mode (HiLink and the like): a network card with a web page, without an AT port',
      'switch it to stick or modem mode with its vendor’s tool where its firmware can, or use another modem',
    );
  }
  if (interfaces.length > 0 && interfaces.every((one) => one.class === CLASS.massStorage)) {
    return say(
      'usb.cd_rom',
      'shows itself as a CD-ROM with drivers for other systems',
      'install usb-modeswitch and plug it in again: it then comes back as a modem',
    );
  }
  if (interfaces.some(({ ttys }) => ttys.length > 0)) {
    return say(
      'usb.no_at_port',
      'has ttys, and none of them takes AT commands by what is known of it',
      'name the right one under gateway.ports',
    );
  }
  if (interfaces.some((one) => one.class === CLASS.vendor && one.driver === null)) {
    const [vendor, product] = device.id.split(':');
    return say(
      'usb.no_driver',
      'has no tty: the kernel’s option driver is not loaded, or does not know this id',
      `as root: modprobe option && echo ${vendor} ${product} > /sys/bus/usb-serial/drivers/option1/new_id`,
    );
  }
  if (ofDrivers(device, PACKET_DRIVERS)) {
    return say(
      'usb.mbim_only',
      'offers MBIM or QMI only, and no AT port',
      'switch it to a USB mode with serial ports, by its vendor’s manual',
    );
  }
  return null;
}

/** A serial line that nobody has named: nobody knows what is behind it. */
export function unnamed(device: UsbDevice): LeftAlone | null {
  const nodes = device.interfaces.flatMap(({ ttys }) => ttys.map(({ node }) => node));
  if (nodes.length === 0) return null;
  return {
    code: 'usb.unnamed',
    what: titleOf(device),
    where: nodes.join(', '),
    why: 'is a serial line that may lead to a modem, or to a printer or a UPS: nothing is written to it unasked',
    remedy: 'name it under gateway.ports, or to "simbankd scan"',
  };
}

function ofDrivers({ interfaces }: UsbDevice, names: readonly string[]): boolean {
  return (
    interfaces.some(({ driver }) => driver !== null && names.includes(driver)) &&
    interfaces.every(({ ttys }) => ttys.length === 0)
  );
}
