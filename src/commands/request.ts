/** A command to a running gateway, as an operator gives it: over MQTT, like the hub's, and its answer. */
import { existsSync } from 'node:fs';
import mqtt, { type MqttClient } from 'mqtt';
import type { MqttConfig } from '../config.ts';
import { messageOf, SimbankError } from '../errors.ts';
import { brokerOptions, versionsToTry } from '../mqtt-options.ts';
import { type CommandName, parsePayload, Reply } from '../protocol/commands.ts';
import { VERSION } from '../protocol/events.ts';
import { GatewayStatus } from '../protocol/state.ts';
import { parseTopic, topicsOf } from '../protocol/topics.ts';
import { ulid } from '../protocol/ulid.ts';
import { installation, upFile } from './running-up.ts';

export interface RequestOptions {
  /** Without it, the gateway of a running `simbankd up`. */
  readonly config?: string;
  /** Another gateway at the same broker than the configured one. */
  readonly gateway?: string;
  readonly json?: boolean;
}

/** How long a gateway has to begin; what it then waits for (a network, a recipient) takes its own time. */
const BEGIN_MS = 15_000;

/** What a broker retains comes with the answer to the subscription, or right behind it. */
const RETAINED_MS = 1_500;

interface Target {
  readonly mqtt: MqttConfig;
  readonly gateway: string;
}

export class Request {
  readonly id = ulid(Date.now());
  readonly #client: MqttClient;
  readonly #topics: ReturnType<typeof topicsOf>;
  readonly #gateway: string;
  readonly #heard: ((topic: string, payload: Buffer) => void)[] = [];

  private constructor(client: MqttClient, target: Target) {
    this.#client = client;
    this.#gateway = target.gateway;
    this.#topics = topicsOf(target.mqtt.root, target.gateway);
    client.on('message', (topic, payload) => {
      for (const heard of [...this.#heard]) heard(topic, payload);
    });
  }

  /**
   * @throws SimbankError `request.no_gateway` when no `up` is running, or the broker knows no such gateway or that it is away,
   *   `request.no_broker`, or of the configuration.
   */
  static async open(options: RequestOptions): Promise<Request> {
    const target = targetOf(options);
    const request = new Request(await connect(target.mqtt), target);
    try {
      await request.#meet(target, brokerOptions(target.mqtt).name);
      return request;
    } catch (error) {
      request.close();
      throw error;
    }
  }

  /** Sees by what the broker retains whether the gateway is there: a command to nobody would be met with silence. */
  async #meet({ mqtt: { root }, gateway }: Target, place: string): Promise<void> {
    const known = new Map<string, GatewayStatus['state']>();
    const met = new Promise<true>((resolve) => {
      this.#heard.push((topic, payload) => {
        const status =
          parseTopic(root, topic)?.kind === 'status' ? parsePayload(GatewayStatus, payload) : null;
        if (status?.ok !== true) return;
        known.set(status.value.gateway, status.value.state);
        if (status.value.gateway === gateway) resolve(true);
      });
    });
    // The others only to be named: a broker may keep them to itself.
    await this.#client.subscribeAsync(topicsOf(root, '+').status, { qos: 0 }).catch(() => {});
    await this.#client.subscribeAsync(this.#topics.status, { qos: 0 });
    await this.#client.subscribeAsync(this.#topics.replies, { qos: 1 });
    if ((await within(met, RETAINED_MS)) === null) {
      const others = [...known.keys()].sort();
      const there = others.length === 0 ? 'no other is either' : `known are ${others.join(', ')}`;
      const message = `no gateway ${gateway} is known at ${place} (below ${root}/): ${there}. Name it with --gateway, or start it`;
      throw new SimbankError('request.no_gateway', message);
    }
    if (known.get(gateway) === 'offline') {
      const message = `the gateway ${gateway} is not connected to ${place}: start it, or look at its log`;
      throw new SimbankError('request.no_gateway', message);
    }
  }

  /** Tells of the events of one type from here on. */
  async listen(type: string, heard: (data: Record<string, unknown>) => void): Promise<void> {
    const topic = this.#topics.event(type);
    this.#heard.push((from, payload) => {
      if (from === topic) heard(JSON.parse(payload.toString()).data);
    });
    await this.#client.subscribeAsync(topic, { qos: 1 });
  }

  /**
   * @param withinMs - how long the answer may take once it is being carried out.
   * @returns the result. @throws SimbankError with the gateway's own code and words, or `request.no_answer`.
   */
  async send(name: CommandName, args: unknown, withinMs = BEGIN_MS): Promise<Record<string, unknown>> {
    const { id } = this;
    const answered = new Promise<Reply>((resolve) => {
      this.#heard.push((topic, payload) => {
        const reply = topic === this.#topics.replies ? parsePayload(Reply, payload) : null;
        if (reply?.ok === true && reply.value.id === id) resolve(reply.value);
      });
    });
    const expiresAt = new Date(Date.now() + BEGIN_MS).toISOString();
    const command = JSON.stringify({ v: VERSION, id, name, args, expiresAt });
    await this.#client.publishAsync(this.#topics.commands, command, { qos: 1 });
    const reply = await within(answered, Math.max(withinMs, BEGIN_MS));
    if (reply === null) {
      const message = `the gateway ${this.#gateway} does not answer: is it running, and connected to this broker?`;
      throw new SimbankError('request.no_answer', message);
    }
    if (!reply.ok) throw new SimbankError(reply.error.code, reply.error.message);
    return reply.result;
  }

  close(): void {
    this.#client.end(true);
  }
}

/** Resolves with null when it takes too long. */
export async function within<T>(promise: Promise<T>, ms: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function targetOf({ config: file, gateway }: RequestOptions): Target {
  const { config, up } = installation(file);
  if (file === undefined && up === null) {
    const message = existsSync(upFile())
      ? `"simbankd up" does not run any more (it was killed, and left ${upFile()}): start it again, or name the gateway's configuration with --config`
      : `no "simbankd up" is running here (${upFile()} is not there): name the gateway's configuration with --config`;
    throw new SimbankError('request.no_gateway', message);
  }
  return { mqtt: config.mqtt, gateway: gateway ?? config.gateway.id };
}

async function connect(config: MqttConfig): Promise<MqttClient> {
  const { url, name, options } = brokerOptions(config);
  let failure: unknown;
  for (const protocolVersion of versionsToTry(config.version)) {
    try {
      return await mqtt.connectAsync(url, { ...options, protocolVersion, clean: true }, false);
    } catch (error) {
      failure = error;
    }
  }
  // A name with several addresses fails with an AggregateError, which says nothing itself.
  const reasons = [failure, ...((failure as { errors?: unknown[] }).errors ?? [])].map(messageOf);
  const reason = reasons.filter(Boolean).join('; ');
  // A broker's own refusal is a number.
  const isThere = typeof (failure as { code?: unknown }).code === 'number';
  const message = isThere
    ? `the broker ${name} does not take us in: ${reason}. Look at mqtt.username, mqtt.passwordFile and its log`
    : `no broker answers at ${name} (${reason}): start it${config.embedded ? ', which the gateway does ("simbankd gateway", "simbankd up")' : ''}, or correct mqtt.url`;
  throw new SimbankError('request.no_broker', message);
}
