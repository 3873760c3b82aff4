/**
 * A host with every family of modems there is, as a gateway finds it: those on USB at places of a bus, in a folder that
 * stands for the host, and those on lines of their own by name.
 *
 * What happens to a modem's plug shows in that folder: what is plugged in again has another number, and a port's power
 * can be switched.
 */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EmulatedModem } from '../../src/emulator/bank.ts';
import { personasOf } from '../../src/emulator/personas.ts';
import type { Driver } from '../../src/modem/driver.ts';
import { UsbHost } from '../bank/discovery/tree.ts';

/** How often the folder is brought in line with what is plugged in. */
const LOOK_MS = 50;
/** The kernel gives the lowest number that is free; here every plug has one of its own, so that none is right by chance. */
const TTYS = 500;
const PORTS_OF_A_HUB = 7;

export interface Place {
  readonly modem: EmulatedModem;
  /** The gateway's name for it. */
  readonly slot: string;
  /** Null: a line of its own. */
  readonly usb: { readonly address: string; readonly id: string; readonly number: number } | null;
  /** Somebody has pulled the plug, and puts it in again: the power of the port changes nothing. */
  pulled: boolean;
}

export class Host {
  readonly root: string;
  readonly places: readonly Place[];
  readonly #tree: UsbHost;
  readonly #timer: NodeJS.Timeout;
  readonly #shown = new Set<Place>();
  readonly #off = new Set<Place>();
  #ttys = 0;

  constructor(root: string, modems: readonly EmulatedModem[], drivers: readonly Driver[]) {
    mkdirSync(root, { recursive: true });
    this.root = root;
    this.#tree = new UsbHost(root);
    this.places = modems.map((modem) => placeOf(modem, drivers));
    for (const place of this.places) if (place.usb !== null) this.#makeSwitch(place.usb.address);
    this.#look();
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /** What the configuration lists. */
  get ports(): unknown[] {
    const lines = this.places.filter(({ usb }) => usb === null);
    return ['usb', ...lines.map(({ modem, slot }) => ({ path: modem.path, slot }))];
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    for (const place of this.places) {
      if (place.usb === null) continue;
      this.#lookAtSwitch(place);
      const { plugged } = place.modem;
      if (plugged === this.#shown.has(place)) continue;
      if (plugged) this.#plug(place);
      else this.#tree.unplug(place.usb.address);
      this.#shown[plugged ? 'add' : 'delete'](place);
    }
  }

  #plug({ modem, usb }: Place): void {
    const { address, id, number } = usb!;
    const tty = `ttyUSB${this.#ttys++ % TTYS}`;
    const dir = this.#tree.plug({
      address,
      id,
      interfaces: [{ number, protocol: 2, ttys: { [tty]: modem.path } }],
    });
    symlinkSync(this.#switchOf(address), join(dir, 'port'));
  }

  /** The hub's own device, beside those that are plugged into it (Linux 6.0 and later). */
  #switchOf(address: string): string {
    const [hub, port] = [address.slice(0, address.lastIndexOf('.')), address.split('.').at(-1)];
    return join(this.root, 'sys/devices/hubs', `${hub}:1.0/${hub}-port${port}`);
  }

  #makeSwitch(address: string): void {
    mkdirSync(this.#switchOf(address), { recursive: true });
    writeFileSync(join(this.#switchOf(address), 'disable'), '0\n');
  }

  #lookAtSwitch(place: Place): void {
    const isOff = readFileSync(join(this.#switchOf(place.usb!.address), 'disable'), 'utf8').startsWith('1');
    if (isOff === this.#off.has(place)) return;
    this.#off[isOff ? 'add' : 'delete'](place);
    if (isOff) void place.modem.unplug();
    else if (!place.pulled) void place.modem.replug();
  }
}

function placeOf(modem: EmulatedModem, drivers: readonly Driver[]): Place {
  const { index } = modem;
  const [persona] = personasOf(modem.persona);
  const driver = drivers.find(({ name }) => name === modem.persona);
  const known = driver?.usb.find(({ at, atProtocols = [] }) => at.length + atProtocols.length > 0);
  if (persona!.onUart || known === undefined) {
    return { modem, slot: `line-${index}`, usb: null, pulled: false };
  }
  const place = `${1 + Math.floor(index / PORTS_OF_A_HUB)}.${1 + (index % PORTS_OF_A_HUB)}`;
  const usb = { address: `1-${place}`, id: known.id.replace('*', '1506'), number: known.at[0] ?? 2 };
  return { modem, slot: `pci-0000:00:14.0-usb-0:${place}`, usb, pulled: false };
}
