/** A command to a running gateway, as an operator gives it: over MQTT, like the hub's, and its answer. */
import { existsSync } from 'node:fs';
import mqtt, { type MqttClient } from 'mqtt';
import type { MqttConfig } from '../config.ts';
import { messageOf, SimbankError } from '../errors.ts';
import { brokerOptions, versionsToTry } from '../mqtt-options.ts';
import { type CommandName, parsePayload, Reply } from '../protocol/commands.ts';
import { VERSION } from '../protocol/events.ts';
import { topicsOf } from '../protocol/topics.ts';
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

  /** @throws SimbankError `request.no_gateway` when no `up` is running, `request.no_broker`, or of the configuration. */
  static async open(options: RequestOptions): Promise<Request> {
    const target = targetOf(options);
    const request = new Request(await connect(target.mqtt), target);
    const { replies } = request.#topics;
    await request.#client.subscribeAsync(replies, { qos: 1 });
    return request;
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
  throw new SimbankError('request.no_broker', `${name}: ${messageOf(failure)}`);
}
