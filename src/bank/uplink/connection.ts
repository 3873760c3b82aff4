/**
 * A connection to the broker that comes back: which version, which will, and when to try again. The only file of the bank
 * that knows MQTT.
 */
import mqtt, { type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import type { MqttConfig } from '../../config.ts';
import { messageOf } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import {
  brokerOptions,
  type MqttVersion,
  refusesVersion,
  sendAtOnce,
  versionName,
  versionsToTry,
} from '../../mqtt-options.ts';
import type { Problem } from '../../protocol/state.ts';
import { ulid } from '../../protocol/ulid.ts';

export interface ConnectionOptions {
  readonly mqtt: MqttConfig;
  readonly clientId: string;
  readonly log: Logger;
  readonly subscriptions: readonly string[];
  /** What the broker is to say when this connection dies. */
  readonly will: () => { topic: string; payload: string };
  /** `limit`: how many publications may be unanswered at a time. */
  readonly connected: (limit: number) => void;
  readonly disconnected: () => void;
  readonly message: (topic: string, payload: Buffer, packet: IPublishPacket) => void;
}

export interface PublishOptions {
  readonly retain?: boolean;
  readonly correlation?: Buffer | undefined;
}

/** Where the broker names no limit of its own (MQTT 5 `receiveMaximum`). */
const MAX_UNANSWERED = 256;
const RECONNECT_MS = [250, 500, 1_000, 2_000, 5_000, 10_000, 30_000];
const GOODBYE_MS = 1_000;
/** MQTT 5 §3.4.2.1 */
const NOT_AUTHORIZED = 0x87;

export class Connection {
  readonly #options: ConnectionOptions;
  #client: MqttClient | null = null;
  #versions: readonly MqttVersion[];
  #attempt = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  /** New at every CONNECT, so that the will of a dead connection is never taken for one of this. */
  session = '';
  /** The broker's URL without its credentials; empty before the first attempt. */
  broker = '';
  problem: Problem | null = null;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#versions = versionsToTry(options.mqtt.version);
  }

  get connected(): boolean {
    return this.#client?.connected === true;
  }

  get protocol(): string | null {
    return this.connected ? versionName(this.#versions[0]!) : null;
  }

  start(): void {
    if (this.#stopped) return;
    let client: MqttClient;
    try {
      const target = brokerOptions(this.#options.mqtt);
      this.broker = target.name;
      this.session = ulid(Date.now());
      const options: IClientOptions = {
        ...target.options,
        protocolVersion: this.#versions[0]!,
        clientId: this.#options.clientId,
        clean: true,
        queueQoSZero: false,
        will: { ...this.#options.will(), qos: 1, retain: true },
      };
      client = mqtt.connect(target.url, options);
    } catch (error) {
      this.trouble('uplink.config', messageOf(error));
      this.#again();
      return;
    }
    this.#client = client;
    sendAtOnce(client.stream);
    let refusal: unknown = null;
    client.on('error', (error) => {
      refusal = error;
    });
    client.on('message', (topic, payload, packet) => this.#options.message(topic, payload, packet));
    client.on('connect', ({ properties }) => {
      if (this.#client !== client || this.#stopped) return;
      this.#connected(client, Math.min(properties?.receiveMaximum ?? MAX_UNANSWERED, MAX_UNANSWERED));
    });
    client.on('close', () => {
      if (this.#client !== client) return;
      this.#client = null;
      client.end(true);
      this.#options.disconnected();
      if (refusesVersion(refusal) && this.#versions.length > 1) {
        this.#versions = this.#versions.slice(1);
        this.start();
        return;
      }
      const why = refusal === null ? 'the connection was closed' : messageOf(refusal);
      this.trouble('uplink.no_broker', `${this.broker}: ${why || 'no connection'}`);
      this.#again();
    });
  }

  /** Ends the connection cleanly, without its will, and comes back later. */
  pause(ms: number): void {
    this.#client?.end(false);
    this.#client = null;
    this.#options.disconnected();
    this.#later(ms);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    const client = this.#client;
    if (client === null) return;
    // Cleanly, or the broker would say the will as well; but not for ever.
    await within(GOODBYE_MS, (done) => client.end(false, {}, done));
    client.end(true);
  }

  /** Says one last thing, as long as somebody listens. */
  async lastly(topic: string, payload: string, options: PublishOptions): Promise<void> {
    if (this.connected) await within(GOODBYE_MS, (done) => this.publish(topic, payload, options, done));
  }

  /** Publishes with QoS 1; `done(true)` when the broker has it. Without a connection nothing is kept here. */
  publish(
    topic: string,
    payload: string,
    options: PublishOptions = {},
    done?: (taken: boolean) => void,
  ): void {
    const client = this.#client;
    if (client?.connected !== true) {
      done?.(false);
      return;
    }
    const { retain = false, correlation } = options;
    const properties = correlation === undefined ? {} : { properties: { correlationData: correlation } };
    client.publish(topic, payload, { qos: 1, retain, ...properties }, (error) => {
      // MQTT 5 says so (0x87); with 3.1.1 brokers a publication that is not allowed is simply not there.
      if ((error as { code?: unknown } | null | undefined)?.code === NOT_AUTHORIZED) {
        this.trouble(
          'uplink.denied',
          `${this.broker}: not allowed to publish ${topic}: look at mqtt.username and the broker's ACL`,
        );
      }
      done?.(error == null);
    });
  }

  /** Told once, however often it happens. */
  trouble(code: string, message: string): void {
    if (this.#stopped || this.problem?.message === message) return;
    this.#options.log.warn({ code }, message);
    this.problem = { code, message, since: new Date().toISOString() };
  }

  #connected(client: MqttClient, limit: number): void {
    this.#attempt = 0;
    this.problem = null;
    this.#options.log.info({ broker: this.broker, protocol: this.protocol }, 'the gateway is connected');
    const topics = [...this.#options.subscriptions];
    client.subscribe(topics, { qos: 1 }, (error, granted) => {
      if (error == null && !granted?.some(({ qos }) => qos >= 128)) return;
      this.trouble('uplink.denied', `${this.broker}: not allowed to subscribe to ${topics.join(', ')}`);
    });
    this.#options.connected(limit);
  }

  #again(): void {
    const pause = RECONNECT_MS[Math.min(this.#attempt, RECONNECT_MS.length - 1)]!;
    this.#attempt += 1;
    // A fifth of jitter: a hundred gateways must not come back to a broker in step.
    this.#later(pause * (0.9 + 0.2 * Math.random()));
  }

  #later(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#stopped) this.#timer = setTimeout(() => this.start(), ms);
  }
}

function within(ms: number, action: (done: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    action(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
