/** `simbankd scan`: the ports of this host, the modems and SIMs behind them, and what is left alone. */
import { USB } from '../bank/discovery/named.ts';
import { type Scan, type ScannedPort, scanPorts } from '../bank/discovery/scan.ts';
import { loadConfig } from '../config.ts';
import { loadDrivers } from './drivers.ts';

export interface ScanCommandOptions {
  readonly json?: boolean;
  readonly config?: string;
}

/** @param named - ports to look at, and no others; without them those of the configuration and every modem on USB. */
export async function scan(named: readonly string[], options: ScanCommandOptions): Promise<number> {
  const { gateway } = loadConfig(options.config);
  const root = process.env.SIMBANKD_SYSROOT ?? '';
  const ports = named.length > 0 ? [...named] : [...(gateway.ports ?? []), USB];
  const { stderr } = process;
  const found = await scanPorts({
    ports,
    drivers: await loadDrivers(gateway.drivers),
    root,
    progress: (done, of) => {
      if (stderr.isTTY && of > 0) stderr.write(`\r${done} of ${of} ports\u001b[K`);
    },
  });
  if (stderr.isTTY) stderr.write('\r\u001b[K');
  process.stdout.write(
    options.json === true ? `${JSON.stringify(found, null, 2)}\n` : describe(found, named.length > 0),
  );
  // A port that was asked for by name is to be a modem's.
  return named.length > 0 && found.ports.some(({ problem }) => problem !== null) ? 1 : 0;
}

const COLUMNS: readonly (readonly [title: string, of: (port: ScannedPort) => string | null])[] = [
  ['PORT', ({ port }) => port],
  ['SLOT', ({ slot }) => slot],
  ['USB', ({ usb }) => usb],
  ['PRODUCT', ({ product }) => product],
  ['DRIVER', ({ driver }) => driver],
  ['MODEL', ({ model }) => model],
  ['FIRMWARE', ({ firmware }) => firmware],
  ['IMEI', ({ imei }) => imei],
  [
    'SIM',
    ({ iccid, sim }) => (iccid !== null && sim === 'ready' ? iccid : [sim, iccid].filter(Boolean).join(' ')),
  ],
  ['NETWORK', ({ registration, operator }) => [registration, operator].filter(Boolean).join(' ')],
];

function describe({ ports, leftAlone }: Scan, isNamed: boolean): string {
  const lines: string[] = [];
  if (ports.length > 0) {
    const used = COLUMNS.map(([title, of]) => [title, ...ports.map((port) => of(port) ?? '')]).filter(
      (column) => column.slice(1).some((cell) => cell !== ''),
    );
    const widths = used.map((column) => Math.max(...column.map((cell) => cell.length)));
    for (let row = 0; row <= ports.length; row++) {
      lines.push(
        used
          .map((column, i) => column[row]!.padEnd(widths[i]!))
          .join('  ')
          .trimEnd(),
      );
    }
  } else if (!isNamed) {
    lines.push('no modem was found');
  }
  const troubles = ports.flatMap(({ problem }) => (problem === null ? [] : [problem.message]));
  if (troubles.length > 0) lines.push('', ...troubles);
  if (leftAlone.length > 0) {
    lines.push('', 'left alone:');
    for (const { what, where, why, remedy } of leftAlone)
      lines.push(`  ${where}: ${what} ${why}`, `    ${remedy}`);
  }
  return `${lines.join('\n')}\n`;
}
