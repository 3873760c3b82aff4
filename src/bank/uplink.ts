/**
 * The gateway's connection to its broker: events and retained state out, commands and receipts in.
 *
 * The only file of the bank that knows MQTT. It works while there is no broker: everything waits on disk.
 */
import mqtt, { type IClientOptions, type IConnackPacket, type IPublishPacket, type MqttClient } from 'mqtt';
import type { MqttConfig } from '../config.ts';
import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import {
  brokerOptions,
  type MqttVersion,
  refusesVersion,
  versionName,
  versionsToTry,
} from '../mqtt-options.ts';
import { Ack, parsePayload } from '../protocol/commands.ts';
import { VERSION } from '../protocol/events.ts';
import { GatewayStatus, type Problem, type UplinkView } from '../protocol/state.ts';
import { topicsOf } from '../protocol/topics.ts';
import { ulid } from '../protocol/ulid.ts';
import { rivalOf } from './namesake.ts';
import type { Outbox } from './outbox.ts';
import type { StoredEvent } from './store/events.ts';

export interface UplinkOptions {
  readonly mqtt: MqttConfig;
  readonly gateway: string;
  readonly version: string;
  /** Made with the data directory. */
  readonly instance: string;
  readonly startedAt: string;
  readonly outbox: Outbox;
  readonly log: Logger;
  /** What keeps the gateway as a whole from its work. */
  readonly problem: () => Problem | null;
  /** Carries out a command and gives the reply's payload; null where nothing is to be answered. */
  readonly command: (payload: Buffer) => Promise<string | null>;
  /** A second gateway of this name is alive on the broker. */
  readonly namesake: (detail: string) => void;
}

/** Unanswered publications where the broker names no limit of its own (MQTT 5 `receiveMaximum`). */
const MAX_UNANSWERED = 256;
const RECONNECT_MS = [250, 500, 1_000, 2_000, 5_000, 10_000, 30_000];
const STATUS_MS = 60_000;

export class Uplink {
  readonly #options: UplinkOptions;
  readonly #topics: ReturnType<typeof topicsOf>;
  readonly #retained = new Map<string, string>();
  #client: MqttClient | null = null;
  #session = '';
  #versions: readonly MqttVersion[];
  #attempt = 0;
  #timer: NodeJS.Timeout | undefined;
  #statusTimer: NodeJS.Timeout | undefined;
  #problem: Problem | null = null;
  #stopped = false;
  /** Another gateway of this name started later or the same: this one gave way. */
  #gaveWay = false;
  #brokerName: string;

  constructor(options: UplinkOptions) {
    this.#options = options;
    this.#topics = topicsOf(options.mqtt.root, options.gateway);
    this.#versions = versionsToTry(options.mqtt.version);
    this.#brokerName = options.mqtt.url;
  }

  start(): void {
    this.#connect();
  }

  /** Says goodbye where there is somebody to hear it. What is unacknowledged stays on disk. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearInterval(this.#statusTimer);
    const client = this.#client;
    this.#options.outbox.disconnected();
    if (client === null) return;
    if (client.connected && !this.#gaveWay) {
      // A clean disconnect discards the will, so its words are said here.
      await Promise.race([
        new Promise<void>((resolve) => this.#publishStatus('offline', () => resolve())),
        new Promise<void>((resolve) => setTimeout(resolve, 1_000).unref()),
      ]);
    }
    await new Promise<void>((resolve) => client.end(true, {}, () => resolve()));
  }

  view(): UplinkView {
    const { lastSeq, ackedSeq } = this.#options.outbox;
    return {
      connected: this.#client?.connected === true,
      broker: this.#brokerName,
      protocol: this.#client?.connected === true ? versionName(this.#versions[0]!) : null,
      problem: this.#problem,
      lastSeq,
      ackedSeq,
      waiting: lastSeq - ackedSeq,
    };
  }

  /** Retained state of a slot or a SIM: kept here, and published now and after every connection. */
  retain(kind: 'slot' | 'sim', name: string, payload: string): void {
    const topic = kind === 'slot' ? this.#topics.slot(name) : this.#topics.sim(name);
    this.#retained.set(topic, payload);
    this.#publish(topic, payload, { retain: true });
  }

  /** Publishes the gateway's status. */
  announce(): void {
    this.#publishStatus('online');
  }

  /** Publishes all retained state again. */
  refresh(): void {
    this.#publishStatus('online');
    for (const [topic, payload] of this.#retained) this.#publish(topic, payload, { retain: true });
  }

  #connect(): void {
    if (this.#stopped || this.#gaveWay) return;
    let client: MqttClient;
    const version = this.#versions[0]!;
    try {
      const target = brokerOptions(this.#options.mqtt);
      this.#brokerName = target.name;
      // New at every CONNECT, so that the will of a dead connection is never taken for one of this.
      this.#session = ulid(Date.now());
      const options: IClientOptions = {
        ...target.options,
        protocolVersion: version,
        clientId: `${this.#options.gateway}-${this.#options.instance}`,
        clean: true,
        queueQoSZero: false,
        will: { topic: this.#topics.status, payload: this.#status('offline'), qos: 1, retain: true },
      };
      client = mqtt.connect(target.url, options);
    } catch (error) {
      this.#trouble('uplink.config', messageOf(error));
      this.#again();
      return;
    }
    this.#client = client;
    let refusal: unknown = null;
    client.on('error', (error) => {
      refusal = error;
    });
    client.on('connect', (connack) => this.#connected(client, connack));
    client.on('message', (topic, payload, packet) => void this.#message(topic, payload, packet));
    client.on('close', () => {
      if (this.#client !== client) return;
      this.#client = null;
      clearInterval(this.#statusTimer);
      this.#options.outbox.disconnected();
      client.end(true);
      if (refusesVersion(refusal) && this.#versions.length > 1) {
        this.#versions = this.#versions.slice(1);
        this.#connect();
        return;
      }
      const why = refusal === null ? 'the connection was closed' : messageOf(refusal);
      this.#trouble('uplink.no_broker', `${this.#brokerName}: ${why || 'no connection'}`);
      this.#again();
    });
  }

  #again(): void {
    if (this.#stopped || this.#gaveWay) return;
    const pause = RECONNECT_MS[Math.min(this.#attempt, RECONNECT_MS.length - 1)]!;
    this.#attempt += 1;
    clearTimeout(this.#timer);
    // A fifth of jitter: a hundred gateways must not come back to a broker in step.
    this.#timer = setTimeout(() => this.#connect(), pause * (0.9 + 0.2 * Math.random()));
  }

  #trouble(code: string, message: string): void {
    if (this.#stopped || this.#problem?.message === message) return;
    this.#options.log.warn({ code }, message);
    this.#problem = { code, message, since: new Date().toISOString() };
  }

  #connected(client: MqttClient, connack: IConnackPacket): void {
    if (this.#client !== client || this.#stopped) return;
    this.#attempt = 0;
    this.#problem = null;
    this.#options.log.info(
      { broker: this.#brokerName, protocol: versionName(this.#versions[0]!) },
      'connected',
    );
    const { commands, acks, status } = this.#topics;
    client.subscribe([commands, acks, status], { qos: 1 }, (error, granted) => {
      if (error != null || granted?.some(({ qos }) => qos >= 128)) {
        this.#trouble(
          'uplink.denied',
          `${this.#brokerName}: not allowed to subscribe to ${commands}, ${acks} and ${status}`,
        );
      }
    });
    this.refresh();
    clearInterval(this.#statusTimer);
    this.#statusTimer = setInterval(() => this.#publishStatus('online'), STATUS_MS);
    const limit = Math.min(connack.properties?.receiveMaximum ?? MAX_UNANSWERED, MAX_UNANSWERED);
    this.#options.outbox.connected((event, done) => {
      client.publish(this.#topics.event(event.type), this.#body(event), { qos: 1 }, (error) =>
        done(error == null),
      );
    }, limit);
  }

  /** The envelope around what is on disk; `data` is JSON text already. */
  #body(event: StoredEvent): string {
    const { id, epoch, seq, type, time, data } = event;
    const head = JSON.stringify({ v: VERSION, id, epoch, seq, type, gateway: this.#options.gateway, time });
    return `${head.slice(0, -1)},"data":${data}}`;
  }

  #status(state: 'online' | 'offline'): string {
    const { gateway, version, instance, startedAt, outbox, problem } = this.#options;
    return JSON.stringify({
      v: VERSION,
      gateway,
      state,
      version,
      instance,
      session: this.#session,
      epoch: outbox.epoch,
      lastSeq: outbox.lastSeq,
      time: new Date().toISOString(),
      startedAt,
      problem: problem(),
    } satisfies GatewayStatus);
  }

  #publishStatus(state: 'online' | 'offline', done?: () => void): void {
    this.#publish(this.#topics.status, this.#status(state), { retain: true }, done);
  }

  #publish(
    topic: string,
    payload: string,
    options: { retain?: boolean; correlation?: Buffer },
    done?: () => void,
  ): void {
    const client = this.#client;
    // Retained state goes out again after the next connection; a reply is kept by its command's id.
    if (client?.connected !== true || this.#gaveWay) {
      done?.();
      return;
    }
    const { retain = false, correlation } = options;
    const properties = correlation === undefined ? {} : { properties: { correlationData: correlation } };
    client.publish(topic, payload, { qos: 1, retain, ...properties }, () => done?.());
  }

  async #message(topic: string, payload: Buffer, packet: IPublishPacket): Promise<void> {
    try {
      if (topic === this.#topics.acks) await this.#ack(payload);
      else if (topic === this.#topics.status) this.#ownStatus(payload, packet.retain);
      else if (topic === this.#topics.commands && !packet.retain) await this.#command(payload, packet);
    } catch (error) {
      this.#options.log.error({ topic, err: error }, 'a message from the broker could not be dealt with');
    }
  }

  async #ack(payload: Buffer): Promise<void> {
    const ack = parsePayload(Ack, payload);
    if (ack.ok) await this.#options.outbox.acknowledged(ack.value);
    else this.#options.log.warn({ faults: ack.faults }, 'a receipt that cannot be read');
  }

  async #command(payload: Buffer, packet: IPublishPacket): Promise<void> {
    const reply = await this.#options.command(payload);
    if (reply === null) return;
    const wanted = packet.properties?.responseTopic;
    const { replies } = this.#topics;
    // Elsewhere a reply could be used to write under somebody else's name.
    const topic = wanted?.startsWith(`${replies}/`) === true && !/[+#]/.test(wanted) ? wanted : replies;
    const correlation = packet.properties?.correlationData;
    this.#publish(topic, reply, correlation === undefined ? {} : { correlation });
  }

  #ownStatus(payload: Buffer, retained: boolean): void {
    const status = parsePayload(GatewayStatus, payload);
    if (!status.ok) return;
    const { instance, startedAt } = this.#options;
    const verdict = rivalOf({ instance, session: this.#session, startedAt }, status.value, retained);
    if (verdict === 'overwrite') this.#publishStatus('online');
    if (verdict !== 'rival-stays' && verdict !== 'rival-yields') return;
    const detail = `another gateway calls itself ${this.#options.gateway} (instance ${status.value.instance}): give one of them another gateway.id`;
    this.#options.log.error({ instance: status.value.instance }, detail);
    this.#options.namesake(detail);
    if (verdict === 'rival-yields') return;
    this.#trouble('uplink.namesake', detail);
    this.#gaveWay = true;
    this.#options.outbox.disconnected();
    this.#client?.end(true);
  }
}
