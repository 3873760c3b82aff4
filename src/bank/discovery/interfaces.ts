/** Which of a modem's ttys speaks AT: by what the drivers' tables say, or in the order in which it is worth asking. Pure. */
import type { Driver, UsbIdentity } from '../../modem/driver.ts';
import { CLASS, MODEM_VENDORS, NO_MODEMS } from './known.ts';
import type { UsbDevice, UsbInterface, UsbTty } from './sysfs.ts';

/** What is known of a device that is a modem. */
export interface ModemKind {
  /** Names of the drivers whose table has it; empty where only its vendor is known. */
  readonly drivers: readonly string[];
  readonly identities: readonly UsbIdentity[];
}

/** Null for a device that may be anything: nothing is written to it unless it is named. */
export function modemKind(device: UsbDevice, drivers: readonly Driver[]): ModemKind | null {
  const vendor = device.id.slice(0, 4);
  const table = tableOf(drivers);
  const known = table.get(device.id) ?? table.get(`${vendor}:*`);
  if (known !== undefined) return known;
  if (MODEM_VENDORS[vendor] === undefined || NO_MODEMS.test(device.id)) return null;
  return { drivers: [], identities: [] };
}

const tables = new WeakMap<readonly Driver[], Map<string, ModemKind>>();

/** All drivers' USB ids in one; made once, for there are hundreds of devices to look up, again and again. */
function tableOf(drivers: readonly Driver[]): Map<string, ModemKind> {
  const made = tables.get(drivers);
  if (made !== undefined) return made;
  const entries = drivers.flatMap((driver) =>
    driver.usb.map((identity) => ({ driver: driver.name, identity })),
  );
  const table = new Map<string, ModemKind>();
  for (const [id, same] of Map.groupBy(entries, ({ identity }) => identity.id)) {
    table.set(id, {
      drivers: [...new Set(same.map(({ driver }) => driver))],
      identities: same.map(({ identity }) => identity),
    });
  }
  tables.set(drivers, table);
  return table;
}

export interface Candidates {
  /** Best first; empty where no tty may be written to. */
  readonly ttys: readonly UsbTty[];
  /** A table names them. Otherwise they have to be asked before one is taken for the modem's. */
  readonly certain: boolean;
}

export function atCandidates(device: UsbDevice, { identities }: ModemKind): Candidates {
  const never = new Set(identities.flatMap((identity) => identity.never ?? []));
  const open = device.interfaces.filter(({ number, ttys }) => ttys.length > 0 && !never.has(number));
  const named = identities.flatMap((identity) => [
    ...(identity.atProtocols ?? []).flatMap((protocol) =>
      open.filter((one) => one.class === CLASS.vendor && one.protocol === protocol),
    ),
    ...identity.at.flatMap((number) => open.filter((one) => one.number === number)),
  ]);
  if (named.length > 0) return { ttys: ttysOf([...new Set(named)]), certain: true };
  return { ttys: ttysOf([...open].sort((a, b) => rank(a) - rank(b) || a.number - b.number)), certain: false };
}

/** Where AT is found most often in the tables there are; 0 is nearly always diagnostics. */
const BY_NUMBER = [2, 3, 1, 4, 5, 6];

function rank({ class: of, protocol, number }: UsbInterface): number {
  // CDC: an abstract control model that says it takes V.250 commands.
  if (of === CLASS.communication && protocol === 1) return -1;
  const place = BY_NUMBER.indexOf(number);
  return place < 0 ? BY_NUMBER.length : place;
}

function ttysOf(interfaces: readonly UsbInterface[]): UsbTty[] {
  return interfaces.flatMap(({ ttys }) => ttys);
}
