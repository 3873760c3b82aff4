/** Somebody who talks to a gateway over MQTT as the hub does: commands and their replies, events, retained state. */
import mqtt, { type MqttClient } from 'mqtt';
import type { Reply } from '../src/protocol/commands.ts';
import type { Event } from '../src/protocol/events.ts';
import type { SimState, SlotState } from '../src/protocol/state.ts';
import { topicsOf } from '../src/protocol/topics.ts';
import { ulid } from '../src/protocol/ulid.ts';
import { eventually } from './rig.ts';

export interface CommandOptions {
  readonly id?: string;
  readonly expiresAt?: string;
}

export class Operator {
  readonly client: MqttClient;
  readonly #topics: ReturnType<typeof topicsOf>;
  /** In the order of their numbers; each once. */
  readonly events: Event[] = [];
  readonly sims = new Map<string, SimState>();
  readonly slots = new Map<string, SlotState>();
  readonly replies: Reply[] = [];
  readonly #waiting = new Map<string, ((reply: Reply) => void)[]>();

  private constructor(client: MqttClient, gateway: string) {
    this.client = client;
    this.#topics = topicsOf('simbank', gateway);
    client.on('message', (topic, payload) => this.#heard(topic, payload.toString()));
  }

  static async connect(url: string, protocolVersion: 4 | 5 = 5, gateway = 'host-a'): Promise<Operator> {
    const client = await mqtt.connectAsync(url, { protocolVersion });
    const operator = new Operator(client, gateway);
    const { replies } = operator.#topics;
    const base = replies.slice(0, replies.lastIndexOf('/'));
    await client.subscribeAsync([`${base}/events/#`, `${base}/sims/#`, `${base}/slots/#`, replies], {
      qos: 1,
    });
    return operator;
  }

  /** Publishes a command; its reply. */
  async command(name: string, args: unknown = {}, options: CommandOptions = {}): Promise<Reply> {
    const id = options.id ?? ulid(Date.now());
    const { expiresAt = new Date(Date.now() + 10_000).toISOString() } = options;
    const reply = new Promise<Reply>((resolve) => {
      this.#waiting.set(id, [...(this.#waiting.get(id) ?? []), resolve]);
    });
    await this.send({ v: 1, id, name, args, expiresAt });
    return reply;
  }

  send(payload: unknown): Promise<unknown> {
    return this.client.publishAsync(this.#topics.commands, JSON.stringify(payload), { qos: 1 });
  }

  /** `activation.open` for a service that is known by its sender; the activation's id with the reply. */
  async open(more: Record<string, unknown> = {}): Promise<{ id: string; reply: Reply; iccid: string }> {
    const id = ulid(Date.now());
    const {
      service = 'tg',
      match = { senders: ['Telegram'] },
      ttlSeconds = 600,
      select = {},
      ...rest
    } = more;
    const activations = [{ activationId: id, service, match }];
    const args = { activations, mode: 'single', ttlSeconds, select, ...rest };
    const reply = await this.command('activation.open', args);
    return { id, reply, iccid: reply.ok ? String(reply.result.iccid) : '' };
  }

  /** What was told of an activation, in order: `opened`, `matched 123456`, `closed expired`. */
  storyOf(activationId: string): string[] {
    return this.events
      .filter(({ type, data }) => type.startsWith('activation.') && data.activationId === activationId)
      .map(({ type, data }) => [type.slice('activation.'.length), data.reason].filter(Boolean).join(' '));
  }

  /** The events of messages, by their text. */
  message(text: string): Event | undefined {
    return this.events.find(({ type, data }) => type.startsWith('sms.') && data.text === text);
  }

  until(test: () => boolean, withinMs?: number): Promise<void> {
    return eventually(test, () => this.events.map(({ type, data }) => [type, data]), withinMs);
  }

  #heard(topic: string, text: string): void {
    if (text === '') return;
    const payload = JSON.parse(text);
    if (topic === this.#topics.replies) {
      this.replies.push(payload);
      // Who has asked again under one id is answered together.
      for (const resolve of this.#waiting.get(payload.id) ?? []) resolve(payload);
      this.#waiting.delete(payload.id);
    } else if (topic === this.#topics.sim(payload.iccid)) this.sims.set(payload.iccid, payload);
    else if (topic === this.#topics.slot(payload.slot)) this.slots.set(payload.slot, payload);
    else if (!this.events.some(({ id }) => id === payload.id)) {
      this.events.push(payload);
      this.events.sort((a, b) => a.seq - b.seq);
    }
  }
}
