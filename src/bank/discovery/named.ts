/** The ports that the configuration names: paths, globs and entries, as they stand on this host now. */
import { globSync } from 'node:fs';
import { basename } from 'node:path';
import type { Config, PortConfig } from '../../config.ts';
import { SLOT_NAME } from '../../protocol/topics.ts';

export type PortList = NonNullable<Config['gateway']['ports']>;

export interface NamedPort extends PortConfig {
  /** A pattern found it: what it is of a modem may be judged. A port that is named itself is taken as it is. */
  readonly byGlob: boolean;
}

const GLOB = /[*?[{]/;
const BAUD_RATE = 115_200;

/** Ports that are named themselves stand here whether they are there or not; those of a glob only while they are. */
export function namedPorts(ports: PortList): NamedPort[] {
  return ports.flatMap((port): NamedPort[] => {
    if (typeof port !== 'string') return [{ ...port, byGlob: false }];
    if (!GLOB.test(port)) return [{ path: port, baudRate: BAUD_RATE, byGlob: false }];
    return globSync(port)
      .sort()
      .map((path) => ({ path, baudRate: BAUD_RATE, byGlob: true }));
  });
}

/** `/dev/serial/by-path/pci-0000:00:14.0-usb-0:4.2:1.2-port0` is the slot `pci-0000:00:14.0-usb-0:4.2:1.2-port0`. */
export function slotNameOf(path: string): string {
  const name = (path.startsWith('tcp://') ? path.slice(6) : basename(path))
    .replace(/[/+#]/g, '-')
    .slice(0, 64);
  return SLOT_NAME.test(name) ? name : 'slot';
}
