/**
 * Members of a configuration that cannot stand beside each other, though each is as it should be. They are looked for in what
 * is written, so that they are found whatever else is wrong with it. It reads no files, and knows no defaults.
 */
import { type FlatIssue, valueAt } from './schema-faults.ts';

const TLS_FILES = ['caFile', 'certFile', 'keyFile'] as const;

/** The members of `mqtt` on which it depends how a broker is connected to. */
export interface BrokerAccess {
  readonly url?: unknown;
  readonly username?: unknown;
  readonly passwordFile?: unknown;
  readonly caFile?: unknown;
  readonly certFile?: unknown;
  readonly keyFile?: unknown;
}

/** @param given - what the file says, with `${NAME}` replaced, and not checked yet. */
export function contradictions(given: unknown): FlatIssue[] {
  const mqtt = valueAt(given, ['mqtt']);
  const ports = valueAt(given, ['gateway', 'ports']);
  return [
    ...(typeof mqtt === 'object' && mqtt !== null ? brokerFaults(mqtt) : []),
    ...(Array.isArray(ports) ? portFaults(ports) : []),
  ];
}

export function brokerFaults(mqtt: BrokerAccess): FlatIssue[] {
  const faults: FlatIssue[] = [];
  const fault = (member: keyof BrokerAccess, message: string): void => {
    faults.push({ path: ['mqtt', member], message });
  };
  const { url } = mqtt;
  // The client library would turn mqtt:// into mqtts:// by itself when it sees a certificate, and ignore a CA.
  if (typeof url === 'string' && /^(mqtt|ws):/.test(url)) {
    for (const member of TLS_FILES) {
      if (mqtt[member] === undefined) continue;
      fault(member, 'needs TLS: write mqtt.url as mqtts:// (or wss://), or leave this out');
    }
  }
  if ((mqtt.certFile === undefined) !== (mqtt.keyFile === undefined)) {
    fault(mqtt.certFile === undefined ? 'keyFile' : 'certFile', 'certFile and keyFile go together');
  }
  // MQTT 3.1.1 §3.1.2.9: a password without a user name is not allowed.
  if (mqtt.passwordFile !== undefined && mqtt.username === undefined) {
    fault('passwordFile', 'needs mqtt.username as well');
  }
  return faults;
}

function portFaults(ports: readonly unknown[]): FlatIssue[] {
  const faults: FlatIssue[] = [];
  const paths = new Map<string, number>();
  const slots = new Map<string, number>();
  for (const [i, port] of ports.entries()) {
    const isEntry = typeof port === 'object' && port !== null;
    const at = ['gateway', 'ports', i];
    const { path, slot } = isEntry ? (port as { path?: unknown; slot?: unknown }) : { path: port };
    if (typeof path === 'string') {
      const place = isEntry ? [...at, 'path'] : at;
      const message = remoteFault(path);
      if (message !== null) faults.push({ path: place, message });
      const before = paths.get(path);
      if (before !== undefined) {
        faults.push({ path: place, message: `"${path}" is gateway.ports[${before}] already` });
      }
      paths.set(path, before ?? i);
    }
    if (typeof slot === 'string') {
      const before = slots.get(slot);
      if (before !== undefined) {
        const message = `"${slot}" is the slot of gateway.ports[${before}] already: each place needs its own name`;
        faults.push({ path: [...at, 'slot'], message });
      }
      slots.set(slot, before ?? i);
    }
  }
  return faults;
}

/** Serial servers have no usual port. */
function remoteFault(path: string): string | null {
  if (!path.startsWith('tcp:')) return null;
  const port = /^tcp:\/\/(?:\[[0-9a-fA-F:]+\]|[^:/[\]]+):(\d{1,5})$/.exec(path)?.[1];
  if (port !== undefined && Number(port) >= 1 && Number(port) <= 65_535) return null;
  return `"${path}" is not a host and port such as tcp://10.0.0.9:4001`;
}
