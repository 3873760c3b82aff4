/** Whether the broker lets the gateway in, tried once: for "simbankd doctor". Nothing is published, and no will is left. */
import { randomUUID } from 'node:crypto';
import mqtt from 'mqtt';
import type { MqttConfig } from '../../config.ts';
import { messageOf } from '../../errors.ts';
import { brokerOptions, refusesVersion, versionName, versionsToTry } from '../../mqtt-options.ts';

export type Reach =
  | { readonly reached: true; readonly broker: string; readonly protocol: string }
  /** `refused`: there is a broker, and it does not want us. */
  | {
      readonly reached: false;
      readonly broker: string;
      readonly refused: boolean;
      readonly reason: string;
    };

/** MQTT 3.1.1 §3.2.2.3 and MQTT 5 §3.2.2.2: bad user name or password, not authorised, banned. */
const REFUSALS = new Set([4, 5, 0x86, 0x87, 0x8a]);
const WITHIN_MS = 8_000;

/** @throws SimbankError `config.invalid` as `brokerOptions`. */
export async function reachBroker(config: MqttConfig): Promise<Reach> {
  const target = brokerOptions(config);
  let last: unknown = null;
  for (const version of versionsToTry(config.version)) {
    const error = await tryOnce(target, version);
    if (error === null) return { reached: true, broker: target.name, protocol: versionName(version) };
    last = error;
    if (!refusesVersion(error)) break;
  }
  const refused = REFUSALS.has(Number((last as { code?: unknown }).code));
  // A name with several addresses fails with an AggregateError, which says nothing itself.
  const errors = (last as { errors?: unknown[] }).errors ?? [];
  const reason = [messageOf(last), ...errors.map(messageOf)].filter(Boolean).join('; ');
  return { reached: false, broker: target.name, refused, reason };
}

function tryOnce(target: ReturnType<typeof brokerOptions>, protocolVersion: 4 | 5): Promise<Error | null> {
  return new Promise((resolve) => {
    // Never the gateway's own client id: a broker ends the older connection of the same id.
    const client = mqtt.connect(target.url, {
      ...target.options,
      protocolVersion,
      clientId: `simbankd-doctor-${randomUUID().slice(0, 8)}`,
      clean: true,
    });
    const over = (error: Error | null): void => {
      clearTimeout(timer);
      // Its own listeners stay: one of them ends the timer for the answer, which would keep the process for ten seconds.
      client.on('error', () => {});
      client.end(true);
      resolve(error);
    };
    const timer = setTimeout(() => over(new Error(`no answer within ${WITHIN_MS / 1000} s`)), WITHIN_MS);
    client.once('connect', () => over(null));
    client.once('error', over);
    client.once('close', () => over(new Error('the connection was closed')));
  });
}
