/**
 * The hub's connection to MQTT: it comes back by itself, hears what the gateways say, and takes no more than the store can
 * commit. What is made of it is the projector's. contracts/mqtt.md, «Hubs» and «Topics».
 */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { connect, type IPublishPacket, type MqttClient } from 'mqtt';
import type { MqttConfig } from '../config.ts';
import { messageOf, SimbankError } from '../errors.ts';
import type { Logger } from '../log.ts';
import {
  type BrokerTarget,
  brokerOptions,
  type MqttVersion,
  refusesVersion,
  sendAtOnce,
  versionName,
  versionsToTry,
} from '../mqtt-options.ts';
import type { Command, Reply } from '../protocol/commands.ts';
import { topicsOf } from '../protocol/topics.ts';
import { type Arrival, MAX_PAYLOAD, readArrival } from './intake.ts';
import { Projector, passes } from './projector.ts';
import { TIMING, type Timing } from './replay.ts';
import type { HubStore } from './store/store.ts';
import { subscribeAll } from './subscriptions.ts';

/** MQTT 5: the broker keeps from us what is larger, topic included. */
const LIMITS = { maximumPacketSize: MAX_PAYLOAD + 65_536 };
/** Beyond either, reading stops until the store has caught up: the broker keeps the rest. */
const MOST = { messages: 2_000, octets: 8 * 1024 * 1024 };
/** Messages that share a commit. */
const BATCH = 500;
const RECONNECT_MS = { first: 500, most: 30_000 };
/** Tries for a batch that fails for another reason than the disk. What it holds stays at the gateways, unacknowledged. */
const TRIES = 5;

export interface ConsumerOptions {
  readonly mqtt: MqttConfig;
  /** No other hub may have it: it is the client id. */
  readonly instance: string;
  readonly store: HubStore;
  readonly log: Logger;
  /** Takes the answer to a command that it has sent; false for others. */
  readonly replied: (gateway: string, reply: Reply) => boolean;
  readonly timing?: Timing;
}

export interface ConsumerState {
  readonly connected: boolean;
  /** The broker's URL without credentials. */
  readonly broker: string;
  readonly protocol: '5' | '3.1.1' | null;
  readonly problem: { readonly message: string; readonly since: string } | null;
}

export class Consumer {
  readonly projector: Projector;
  readonly #options: ConsumerOptions;
  readonly #timing: Timing;
  readonly #stopped = new AbortController();
  #state: ConsumerState;
  #storeProblem: string | null = null;
  #client: MqttClient | null = null;
  #waiting: { arrival: Arrival; octets: number }[] = [];
  #octets = 0;
  /** Lets the connection read on; kept back while too much waits. */
  #readOn: (() => void) | null = null;
  #working: Promise<void> | null = null;
  #running: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: ConsumerOptions) {
    this.#options = options;
    this.#timing = options.timing ?? TIMING;
    const { name } = brokerOptions(options.mqtt);
    this.#state = { connected: false, broker: name, protocol: null, problem: null };
    this.projector = new Projector({
      store: options.store,
      log: options.log,
      root: options.mqtt.root,
      timing: this.#timing,
      publish: (topic, payload) => {
        const client = this.#client;
        if (client?.connected) client.publish(topic, JSON.stringify(payload), { qos: 1 }, () => {});
      },
    });
  }

  get state(): ConsumerState {
    return this.#state;
  }

  /** Why the last batch could not be committed; null when it was. */
  get storeProblem(): string | null {
    return this.#storeProblem;
  }

  /** Messages read and not yet committed. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Sends a command, whose answer comes to `replied`; false without a connection. */
  command(topic: string, command: Command, gateway: string): boolean {
    const client = this.#client;
    if (!client?.connected) return false;
    const { mqtt, instance } = this.#options;
    const responseTopic = `${topicsOf(mqtt.root, gateway).replies}/${instance}`;
    const properties = { responseTopic, correlationData: Buffer.from(command.id) };
    const options = this.#state.protocol === '5' ? { qos: 1 as const, properties } : { qos: 1 as const };
    client.publish(topic, JSON.stringify(command), options, () => {});
    return true;
  }

  /** Applies what an earlier process left, then connects, and stays connected until `stop`. */
  async start(): Promise<void> {
    await this.projector.resume();
    this.#running = this.#run();
    this.#timer = setInterval(
      () => {
        if (this.#state.connected && this.#working === null) this.#tick();
      },
      Math.min(1_000, this.#timing.graceMs / 4),
    );
  }

  /** Stops reading, commits and acknowledges what was read, and closes the connection; the session stays at the broker. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#working;
    const client = this.#client;
    if (client !== null) {
      // The connection may be held back, and then never hears the broker's last words. A second `end` would do nothing.
      await Promise.race([client.endAsync(false), sleep(500)]);
      client.stream.destroy();
    }
    await this.#running;
  }

  async #run(): Promise<void> {
    const { mqtt, log } = this.#options;
    const versions = [...versionsToTry(mqtt.version)];
    let wait = RECONNECT_MS.first;
    while (!this.#stopped.signal.aborted) {
      const version = versions[0]!;
      const since = Date.now();
      try {
        const target = brokerOptions(mqtt);
        const { client, ended } = await this.#connect(target, version);
        log.info({ broker: target.name, protocol: versionName(version) }, 'connected to the broker');
        try {
          // A connection that ends meanwhile would leave a subscription without an answer for ever.
          await Promise.race([this.#subscribe(client, version), ended]);
          this.#report(await ended);
        } finally {
          client.end(true);
        }
      } catch (error) {
        if (refusesVersion(error) && versions.length > 1) {
          versions.shift();
          continue;
        }
        this.#report(messageOf(error));
      }
      this.#client = null;
      this.#readOn = null;
      // Only a connection that lasted: a broker may accept and close at once, for ever.
      if (Date.now() - since > RECONNECT_MS.most) wait = RECONNECT_MS.first;
      await sleep(wait * (0.5 + Math.random() / 2), null, { signal: this.#stopped.signal }).catch(() => {});
      wait = Math.min(wait * 2, RECONNECT_MS.most);
    }
  }

  /** Connects once. `ended` resolves with the reason when the connection is over. */
  #connect(
    target: BrokerTarget,
    version: MqttVersion,
  ): Promise<{ client: MqttClient; ended: Promise<string> }> {
    return new Promise((resolve, reject) => {
      const client = connect(target.url, {
        ...target.options,
        protocolVersion: version,
        clientId: `hub-${this.#options.instance}`,
        // A session that outlives its hub would go on taking its share of the events: a hub whose host is gone would swallow
        // them until it expires. What is missed while nobody listens is asked for at the next connection.
        clean: true,
        ...(version === 5 ? { properties: LIMITS } : {}),
      });
      sendAtOnce(client.stream);
      let reason: Error | null = null;
      client.on('error', (error) => {
        reason = error;
      });
      // Set before the broker answers: what it kept for this session follows its CONNACK at once.
      client.handleMessage = (packet, done) => this.#hear(packet, done);
      const ended = new Promise<string>((resolveEnd) => {
        client.once('close', () => {
          this.#state = { ...this.#state, connected: false };
          const error = reason ?? new SimbankError('mqtt.closed', 'the broker closed the connection');
          reject(error);
          resolveEnd(messageOf(error));
        });
      });
      client.once('connect', () => {
        this.#client = client;
        this.#state = { ...this.#state, connected: true, protocol: versionName(version), problem: null };
        this.projector.connected();
        resolve({ client, ended });
      });
      if (this.#stopped.signal.aborted) client.end(true);
      else this.#client = client;
    });
  }

  async #subscribe(client: MqttClient, version: MqttVersion): Promise<void> {
    const { mqtt, instance } = this.#options;
    const subscribed = async (topic: string): Promise<boolean> => {
      if (!client.connected) return false;
      const granted = await client.subscribeAsync(topic, { qos: 1 }).catch(() => null);
      return granted?.every(({ qos }) => qos <= 2) ?? false;
    };
    const refused = await subscribeAll(subscribed, { root: mqtt.root, instance, version });
    if (refused.length > 0 && client.connected) {
      this.#report(`the broker refuses subscriptions (check its ACL): ${refused.join(', ')}`);
    }
  }

  #hear(packet: IPublishPacket, done: () => void): void {
    // Not acknowledged, it comes again with the next connection.
    if (this.#stopped.signal.aborted) return;
    const payload = packet.payload as Buffer;
    const arrival = readArrival(this.#options.mqtt.root, packet.topic, payload, packet.retain);
    // An answer that somebody waits for does not wait behind events that are being committed.
    const taken = arrival?.kind === 'reply' && this.#options.replied(arrival.gateway, arrival.reply);
    if (arrival === null || taken) {
      done();
      return;
    }
    this.#waiting.push({ arrival, octets: payload.length });
    this.#octets += payload.length;
    if (this.#waiting.length >= MOST.messages || this.#octets >= MOST.octets) this.#readOn = done;
    else done();
    this.#working ??= this.#work().finally(() => {
      this.#working = null;
    });
  }

  /** Hands over what waits, batch by batch; the next one gathers while a commit is under way. */
  async #work(): Promise<void> {
    // Whatever came with the same segment shares the first commit.
    await nextTurn();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH);
      for (const { octets } of batch) this.#octets -= octets;
      if (this.#waiting.length < MOST.messages / 2 && this.#octets < MOST.octets / 2) {
        const readOn = this.#readOn;
        this.#readOn = null;
        readOn?.();
      }
      await this.#take(batch.map(({ arrival }) => arrival));
    }
  }

  async #take(batch: readonly Arrival[]): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.projector.take(batch);
        this.#storeProblem = null;
        return;
      } catch (error) {
        this.#storeProblem = messageOf(error);
        const again = !this.#stopped.signal.aborted && (passes(error) || attempt < TRIES);
        this.#options.log.error(
          { error: messageOf(error), attempt, again },
          again ? 'the store failed: trying again' : 'the store failed: left to the gateways to send again',
        );
        if (!again) return;
        const wait = Math.min(250 * 2 ** (attempt - 1), 30_000);
        await sleep(wait, null, { signal: this.#stopped.signal }).catch(() => {});
      }
    }
  }

  #tick(): void {
    this.#working = this.projector
      .tick()
      .catch((error) => this.#options.log.error({ error: messageOf(error) }, 'the store failed'))
      .then(() => (this.#waiting.length > 0 ? this.#work() : undefined))
      .finally(() => {
        this.#working = null;
      });
  }

  #report(message: string): void {
    if (this.#stopped.signal.aborted || this.#state.problem?.message === message) return;
    this.#state = { ...this.#state, problem: { message, since: new Date().toISOString() } };
    this.#options.log.warn({ broker: this.#state.broker, problem: message }, 'trouble with the broker');
  }
}
