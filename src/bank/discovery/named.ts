/** The ports that the configuration names: paths, globs and entries, as they stand on this host now. */
import { readlinkSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import type { Config, PortConfig } from '../../config.ts';
import { SimbankError } from '../../errors.ts';
import type { Driver } from '../../modem/driver.ts';
import { SLOT_NAME } from '../../protocol/topics.ts';

export type PortList = NonNullable<Config['gateway']['ports']>;

export interface NamedPort extends PortConfig {
  /** A pattern found it: what it is of a modem may be judged. A port that is named itself is taken as it is. */
  readonly byGlob: boolean;
  /** The USB tty that the path leads to now, `/dev/ttyUSB2`; null when it leads to none. */
  readonly node: string | null;
}

/** This word in the list stands for every modem on USB. */
export const USB = 'usb';

const GLOB = /[*?[{]/;
const BAUD_RATE = 115_200;
const MAX_LINKS = 10;
/** So many at a time, well under a millisecond. */
const STRETCH = 100;

/**
 * Ports that are named themselves stand here whether they are there or not; those of a glob only while they are.
 *
 * @param isTty - whether a path is that of a USB tty.
 */
export async function namedPorts(ports: PortList, isTty: (node: string) => boolean): Promise<NamedPort[]> {
  const named: NamedPort[] = [];
  const add = async (port: PortConfig, byGlob: boolean): Promise<void> => {
    // Two thousand links are followed in a moment, but not in one.
    if (named.length % STRETCH === STRETCH - 1) await breathe();
    named.push({ ...port, byGlob, node: nodeOf(port.path, isTty) });
  };
  for (const port of ports) {
    if (port === USB) continue;
    if (typeof port !== 'string') await add(port, false);
    else if (!GLOB.test(port)) await add({ path: port, baudRate: BAUD_RATE }, false);
    else {
      const paths: string[] = [];
      for await (const path of glob(port)) paths.push(path);
      for (const path of paths.sort()) await add({ path, baudRate: BAUD_RATE }, true);
    }
  }
  return named;
}

/** Folders in which what the list names may appear, above all those in which it has its names. */
export function foldersOf(ports: PortList): string[] {
  const paths = ports.map((port) => (typeof port === 'string' ? port : port.path));
  const folders = paths
    .filter((path) => path.startsWith('/'))
    .map((path) => {
      const glob = path.search(GLOB);
      return dirname(glob < 0 ? path : `${path.slice(0, glob)}x`);
    });
  return [...new Set(folders)];
}

/** `/dev/serial/by-path/pci-0000:00:14.0-usb-0:4.2:1.2-port0` is the slot `pci-0000:00:14.0-usb-0:4.2:1.2-port0`. */
export function slotNameOf(path: string): string {
  const name = (path.startsWith('tcp://') ? path.slice(6) : basename(path))
    .replace(/[/+#]/g, '-')
    .slice(0, 64);
  return SLOT_NAME.test(name) ? name : 'slot';
}

/** Follows links no further than to a tty. */
function nodeOf(path: string, isTty: (node: string) => boolean): string | null {
  let at = path;
  for (let links = 0; links <= MAX_LINKS; links++) {
    if (isTty(at)) return at;
    try {
      at = resolve(dirname(at), readlinkSync(at));
    } catch {
      return null;
    }
  }
  return null;
}

/** @throws SimbankError `config.invalid` when a port names a driver that is not there. */
export function checkDrivers(ports: Config['gateway']['ports'], drivers: readonly Driver[]): void {
  const names = drivers.map(({ name }) => name);
  const faults = (ports ?? []).flatMap((port, i) => {
    const wanted = typeof port === 'string' ? undefined : port.driver;
    if (wanted === undefined || names.includes(wanted)) return [];
    const message = `there is no driver ${wanted}; there are ${names.join(', ')}`;
    return [{ path: `gateway.ports[${i}].driver`, message, line: null }];
  });
  if (faults.length === 0) return;
  const all = faults.map(({ path, message }) => `${path}: ${message}`).join('\n');
  throw new SimbankError('config.invalid', all, { faults });
}
