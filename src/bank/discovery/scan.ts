/**
 * One look at all the ports of a host, and at the modems behind them: what "simbankd scan" shows.
 *
 * Writes only to what is known to be a modem's, or is named. Every port has its own deadline, so that a dead one holds up
 * nobody.
 */
import type { Driver } from '../../modem/driver.ts';
import { type Glance, glance } from '../../modem/glance.ts';
import { answers } from '../../modem/knock.ts';
import { describeHolders, type Holder, holdersOf, suspects } from './holders.ts';
import { modemKind } from './interfaces.ts';
import { type LeftAlone, titleOf } from './left-alone.ts';
import { namedPorts, type PortList, USB } from './named.ts';
import { planPorts, type WantedPort } from './ports.ts';
import { type UsbPicture, UsbTree } from './sysfs.ts';

export interface ScanOptions {
  readonly ports: PortList;
  readonly drivers: readonly Driver[];
  readonly root: string;
  readonly progress?: (done: number, of: number) => void;
}

export interface ScannedPort {
  readonly port: string;
  readonly slot: string;
  /** `2c7c:0125`; null for what is not on USB. */
  readonly usb: string | null;
  readonly place: string | null;
  readonly product: string | null;
  /** The one that the modem's answers ask for; before it has answered, those that its USB id speaks for. */
  readonly driver: string | null;
  readonly manufacturer: string | null;
  readonly model: string | null;
  readonly firmware: string | null;
  readonly imei: string | null;
  readonly sim: string | null;
  readonly iccid: string | null;
  readonly registration: string | null;
  readonly operator: string | null;
  readonly signalDbm: number | null;
  readonly heldBy: readonly Holder[];
  readonly problem: { readonly code: string; readonly message: string } | null;
}

export interface Scan {
  readonly ports: readonly ScannedPort[];
  readonly leftAlone: readonly LeftAlone[];
  readonly ttys: UsbPicture['ttys'];
}

const PORT_WITHIN_MS = 20_000;
const AT_A_TIME = 64;

export async function scanPorts(options: ScanOptions): Promise<Scan> {
  const { ports, drivers, root, progress = () => {} } = options;
  const picture = await new UsbTree(root).read();
  const nodes = new Set(
    picture.devices.flatMap(({ interfaces }) => interfaces.flatMap((one) => one.ttys.map((tty) => tty.node))),
  );
  const named = await namedPorts(ports, (path) => nodes.has(path));
  const { wanted, leftAlone } = planPorts({ picture, drivers, named, usb: ports.includes(USB) });
  let done = 0;
  progress(done, wanted.length);
  const scanned = await eachOf(wanted, AT_A_TIME, async (port) => {
    const result = await scanPort(port, drivers);
    progress(++done, wanted.length);
    return result;
  });
  return { ports: await withHolders(scanned), leftAlone, ttys: picture.ttys };
}

async function scanPort(port: WantedPort, drivers: readonly Driver[]): Promise<ScannedPort> {
  const { device, refusal } = port;
  const kind = device === null ? null : modemKind(device, drivers);
  let path = port.candidates[0]!.path;
  let seen: Partial<Glance> = {};
  if (refusal !== undefined) {
    seen = { problem: { code: 'usb.download_mode', message: refusal } };
  } else {
    if (!port.certain) path = await firstThatAnswers(port);
    seen = await glance(path, { ...port, drivers, withinMs: PORT_WITHIN_MS });
  }
  const { identity, network } = seen;
  return {
    port: path,
    slot: port.name,
    usb: device?.id ?? null,
    place: device?.place ?? null,
    product: device === null ? null : titleOf(device).replace(` (${device.id})`, ''),
    driver: seen.driver?.name ?? port.driver ?? (kind?.drivers.join(' or ') || null),
    manufacturer: identity?.manufacturer || null,
    model: identity?.model || null,
    firmware: identity?.firmware || null,
    imei: identity?.imei ?? null,
    sim: seen.sim ?? null,
    iccid: seen.iccid ?? null,
    registration: network?.registration ?? null,
    operator: network?.operator ?? null,
    signalDbm: network?.signalDbm ?? null,
    heldBy: [],
    problem: seen.problem ?? null,
  };
}

/** The first of them where none does: what is said of it then holds for the modem. */
async function firstThatAnswers({ candidates, baudRate }: WantedPort): Promise<string> {
  for (const { path } of candidates) if (await answers(path, { baudRate }).catch(() => false)) return path;
  return candidates[0]!.path;
}

/** Who has the ports that could not be opened, in one search for all. */
async function withHolders(ports: readonly ScannedPort[]): Promise<ScannedPort[]> {
  const busy = ports.filter(({ problem }) => problem?.code === 'port.busy').map(({ port }) => port);
  if (busy.length === 0) return [...ports];
  const holders = await holdersOf(busy);
  return ports.map((one) => {
    if (one.problem?.code !== 'port.busy') return one;
    const heldBy = holders.get(one.port) ?? [];
    const message = describeHolders(one.port, heldBy, suspects());
    return { ...one, heldBy, problem: { code: one.problem.code, message } };
  });
}

async function eachOf<T, R>(
  items: readonly T[],
  atATime: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const mine = next++;
      results[mine] = await work(items[mine]!);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atATime, items.length) }, worker));
  return results;
}
