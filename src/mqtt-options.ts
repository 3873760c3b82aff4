/**
 * From the `mqtt` member of the configuration to what a client connects with. Shared by the gateway's uplink and the
 * hub's consumer; it opens no connection and does not know the client library.
 */
import { readFileSync } from 'node:fs';
import type { MqttConfig } from './config.ts';
import { brokerFaults } from './contradictions.ts';
import { messageOf, SimbankError } from './errors.ts';
import { pathText } from './schema-faults.ts';
import type { ConfigFault } from './yaml-file.ts';

/** MQTT 3.1.1 calls itself protocol level 4. */
export type MqttVersion = 4 | 5;

/** Seconds. contracts/mqtt.md: a bank that is gone must be noticed within half a minute. */
export const KEEP_ALIVE_SECONDS = 15;

/** An answer that takes longer than this many ms counts as no broker. */
const CONNECT_TIMEOUT_MS = 10_000;

export interface BrokerTarget {
  readonly url: string;
  /** The URL without its credentials, as logs and the status page may show it. */
  readonly name: string;
  /** Plain members for the client's connect call. `protocolVersion`, `clientId`, `clean` and `will` are the caller's. */
  readonly options: {
    readonly username?: string;
    readonly password?: string;
    readonly ca?: Buffer;
    readonly cert?: Buffer;
    readonly key?: Buffer;
    readonly keepalive: number;
    readonly connectTimeout: number;
    /** 0: whoever connects has a loop of its own, which can try another version and read rotated files again. */
    readonly reconnectPeriod: 0;
    readonly resubscribe: false;
  };
}

/**
 * Reads the files that `mqtt` names. Call it before every connection: certificates and passwords get renewed.
 *
 * @throws SimbankError `config.invalid` whose `detail.faults` lists every fault (ConfigFault[]).
 */
export function brokerOptions(config: MqttConfig): BrokerTarget {
  const faults: ConfigFault[] = [];
  const fault = (member: keyof MqttConfig, message: string): undefined => {
    faults.push({ path: `mqtt.${member}`, message, line: null });
    return undefined;
  };
  const read = (member: 'passwordFile' | 'caFile' | 'certFile' | 'keyFile'): Buffer | undefined => {
    const path = config[member];
    if (path === undefined) return undefined;
    try {
      return readFileSync(path);
    } catch (error) {
      return fault(member, `cannot be read: ${messageOf(error)}`);
    }
  };

  // Editors and `echo` end a file with a newline that is no part of the password.
  const password = read('passwordFile')
    ?.toString('utf8')
    .replace(/\r?\n$/, '');
  const ca = read('caFile');
  const cert = read('certFile');
  const key = read('keyFile');

  for (const { path, message } of brokerFaults(config))
    faults.push({ path: pathText(path), message, line: null });
  if (faults.length > 0) {
    const text = faults.map(({ path, message }) => `${path}: ${message}`).join('\n');
    throw new SimbankError('config.invalid', text, { faults });
  }
  const shown = new URL(config.url);
  shown.username = '';
  shown.password = '';

  return {
    url: config.url,
    name: shown.href,
    options: {
      ...(config.username === undefined ? {} : { username: config.username }),
      ...(password === undefined ? {} : { password }),
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      keepalive: KEEP_ALIVE_SECONDS,
      connectTimeout: CONNECT_TIMEOUT_MS,
      reconnectPeriod: 0,
      resubscribe: false,
    },
  };
}

/** The versions that `mqtt.version` allows, the one to begin with first. */
export function versionsToTry(version: MqttConfig['version']): readonly [MqttVersion, ...MqttVersion[]] {
  switch (version) {
    case 'auto':
      return [5, 4];
    case 5:
    case '5':
      return [5];
    case '3.1.1':
      return [4];
  }
}

/**
 * True when a broker refused the connection because of the protocol version: CONNACK 1 of MQTT 3.1.1 (§3.2.2.3, which is
 * also how a 3.1.1 broker answers a 5 client), or 0x84 of MQTT 5 (§3.2.2.2).
 */
export function refusesVersion(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return code === 1 || code === 132;
}

/** The protocol's name for a version, as people and `mqtt.version` write it. */
export function versionName(version: MqttVersion): '5' | '3.1.1' {
  return version === 5 ? '5' : '3.1.1';
}

/**
 * Turns off Nagle's algorithm on a client's stream; call it as soon as the client is made. Small packets follow one another
 * here (a PUBACK, then a receipt), and the second would wait for the peer's delayed TCP acknowledgement, 40 ms on Linux.
 */
export function sendAtOnce(stream: unknown): void {
  (stream as { setNoDelay?(on: boolean): unknown } | null)?.setNoDelay?.(true);
}
