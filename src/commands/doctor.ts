/** `simbankd doctor`: checks this host, and says what to do about what it finds. Changes nothing. */
import { join } from 'node:path';
import { checkKernelLog } from '../bank/discovery/kernel-log.ts';
import { USB } from '../bank/discovery/named.ts';
import { checkUsb } from '../bank/discovery/usb-check.ts';
import { type Finding, fault, ok, skipped, warning } from '../bank/finding.ts';
import { checkHost } from '../bank/host-check.ts';
import { reachBroker } from '../bank/uplink/reach.ts';
import { type Config, configured, loadConfig } from '../config.ts';
import { messageOf } from '../errors.ts';
import { loadDrivers } from './drivers.ts';

export interface DoctorOptions {
  readonly json?: boolean;
  readonly config?: string;
}

/** The exit status: 1 when something does not work; a warning alone is none. */
export async function doctor(options: DoctorOptions): Promise<number> {
  const config = loadConfig(options.config);
  const root = process.env.SIMBANKD_SYSROOT ?? '';
  const drivers = await loadDrivers(config.gateway.drivers);
  const isGiven = options.config !== undefined;
  const findings = [
    checkNode(process.versions.node),
    ...(await checkUsb(config.gateway.ports ?? [USB], drivers, { root, proc: '/proc' })),
    ...checkKernelLog(join(root, '/dev/kmsg')),
    ...(await checkHost(config.gateway.dataDir)),
    ...(isGiven ? [await checkBroker(config), ...(await checkHub(config, options.config))] : []),
  ];
  if (!isGiven) {
    findings.push(
      skipped('broker', 'not looked at: no configuration says where it is', 'name one: --config FILE'),
    );
  }
  process.stdout.write(
    options.json === true ? `${JSON.stringify({ findings }, null, 2)}\n` : describe(findings),
  );
  return findings.some(({ status }) => status === 'fault') ? 1 : 0;
}

function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 19)) return ok('node', `Node ${version}`);
  return fault('node', `Node ${version} is too old`, 'install Node 22.19 or newer');
}

async function checkBroker({ mqtt }: Config): Promise<Finding> {
  let reach: Awaited<ReturnType<typeof reachBroker>>;
  try {
    reach = await reachBroker(mqtt);
  } catch (error) {
    return fault('broker', messageOf(error), 'correct the mqtt section of the configuration');
  }
  if (reach.reached) return ok('broker', `${reach.broker} takes us in, with MQTT ${reach.protocol}`);
  const what = `${reach.broker}: ${reach.reason}`;
  if (reach.refused)
    return fault('broker', what, 'look at mqtt.username, mqtt.passwordFile, and the broker’s log');
  if (mqtt.embedded) return ok('broker', `${what}; it is embedded, and runs while the gateway does`);
  return fault('broker', what, 'look at mqtt.url, whether the broker runs, and firewalls on the way');
}

/** Only where the file says that there is to be a hub. */
async function checkHub({ hub }: Config, file: string | undefined): Promise<Finding[]> {
  if (!configured(file)('hub')) return [];
  const { host, port } = hub.listen;
  const name = ['0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host;
  const url = `http://${name.includes(':') ? `[${name}]` : name}:${port}/healthz`;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    const { status, mqtt } = (await response.json()) as { status: string; mqtt: string };
    if (status !== 'ok') return [fault('hub', `${url}: ${status}`, 'look at the hub’s log and its disk')];
    if (mqtt !== 'connected') {
      return [
        warning('hub', `${url}: the hub runs without its broker`, 'look at the broker, and the hub’s log'),
      ];
    }
    return [ok('hub', `${url}: the hub runs, and is connected to its broker`)];
  } catch (error) {
    const cause = (error as { cause?: unknown }).cause ?? error;
    const remedy =
      'if it is to run on this host: systemctl start simbankd-hub, or "simbankd hub --config FILE"';
    return [warning('hub', `${url}: ${messageOf(cause) || 'no answer'}`, remedy)];
  }
}

function describe(findings: readonly Finding[]): string {
  const lines = findings.flatMap(({ check, status, what, remedy }) => {
    const [first, ...more] = [...what.split('\n'), ...(remedy === null ? [] : [remedy])];
    const head = `${status.padEnd(7)}  ${check.padEnd(12)}  ${first}`;
    // What goes on below belongs to it.
    return [head, ...more.map((line) => ' '.repeat(25) + line)];
  });
  const count = (wanted: Finding['status']): number =>
    findings.filter(({ status }) => status === wanted).length;
  const [faults, warnings] = [count('fault'), count('warning')];
  const several = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
  return [...lines, '', `${several(faults, 'fault')}, ${several(warnings, 'warning')}`, ''].join('\n');
}
