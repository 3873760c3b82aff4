/** A gateway as a hub sees it: a client that publishes events and state, keeps what it said, and answers replays. */
import { connectAsync, type MqttClient } from 'mqtt';
import { sendAtOnce } from '../../src/mqtt-options.ts';
import type { Ack, Command } from '../../src/protocol/commands.ts';
import type { Event, SmsReceived } from '../../src/protocol/events.ts';
import { ulid } from '../../src/protocol/ulid.ts';
import { event, sim, sms, status } from './events.ts';

export interface FakeGatewayOptions {
  readonly url: string;
  readonly version?: 4 | 5;
  readonly id?: string;
  readonly epoch?: string;
}

export class FakeGateway {
  readonly id: string;
  /** Everything this gateway has, by epoch. */
  readonly history = new Map<string, Event[]>();
  readonly acks: Ack[] = [];
  readonly replays: { epoch: string; after: number }[] = [];
  /** What it does when asked for a replay. */
  onReplay: 'answer' | 'refuse' | 'silent' | { truncatedBelow: number } = 'answer';
  epoch: string;
  session = '';
  readonly #options: FakeGatewayOptions;
  #client: MqttClient | null = null;

  constructor(options: FakeGatewayOptions) {
    this.#options = options;
    this.id = options.id ?? 'host-a';
    this.epoch = options.epoch ?? ulid(Date.now());
  }

  get events(): Event[] {
    let events = this.history.get(this.epoch);
    if (events === undefined) {
      events = [];
      this.history.set(this.epoch, events);
    }
    return events;
  }

  get lastAck(): number {
    return this.acks.filter(({ epoch }) => epoch === this.epoch).at(-1)?.upTo ?? 0;
  }

  /** Something happens at the gateway; nobody is told yet. */
  record(count: number, more: (n: number) => Partial<SmsReceived> = () => ({})): Event[] {
    const added: Event[] = [];
    for (let i = 0; i < count; i += 1) {
      const seq = this.events.length + 1;
      const data = sms(seq, { text: `secret ${this.id} ${seq}`, ...more(seq) });
      const id = ulid(Date.now());
      const one = event(this.epoch, seq, { ...data, messageId: ulid(Date.now()) }, { id, gateway: this.id });
      this.events.push(one);
      added.push(one);
    }
    return added;
  }

  async connect(): Promise<void> {
    const { url, version = 4 } = this.#options;
    this.session = ulid(Date.now());
    const will = { ...this.#status(), state: 'offline' };
    const client = await connectAsync(url, {
      protocolVersion: version,
      clientId: `${this.id}-instance`,
      clean: true,
      reconnectPeriod: 0,
      will: { topic: this.topic('status'), payload: Buffer.from(JSON.stringify(will)), qos: 1, retain: true },
    });
    sendAtOnce(client.stream);
    this.#client = client;
    client.on('message', (topic, payload, packet) => {
      if (topic.endsWith('/acks')) this.acks.push(JSON.parse(payload.toString()));
      else if (topic.endsWith('/commands')) {
        void this.#command(JSON.parse(payload.toString()), packet.properties ?? {});
      }
    });
    await client.subscribeAsync([this.topic('commands'), this.topic('acks')], { qos: 1 });
  }

  topic(rest: string): string {
    return `simbank/${this.id}/${rest}`;
  }

  async online(): Promise<void> {
    await this.send('status', this.#status(), true);
  }

  async sim(iccid: string, rev: number): Promise<void> {
    await this.send(`sims/${iccid}`, sim(this.epoch, rev, { iccid }), true);
  }

  async publish(events: readonly Event[]): Promise<void> {
    await Promise.all(events.map((one) => this.send(`events/${one.type}`, one)));
  }

  async send(rest: string, payload: unknown, retain = false): Promise<void> {
    const text = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload);
    await this.#client?.publishAsync(this.topic(rest), text, { qos: 1, retain }).catch(() => {});
  }

  /** Ends the connection without a farewell: the broker publishes its will. */
  async vanish(): Promise<void> {
    await this.#client?.endAsync(true);
    this.#client = null;
  }

  #status() {
    return status(this.epoch, this.events.length, { gateway: this.id, session: this.session });
  }

  /** What it does with other commands than replays; null: nothing, not even an answer. */
  protected carryOut(_command: Command): Promise<object | null> {
    return Promise.resolve(null);
  }

  async #command(
    command: Command,
    properties: { responseTopic?: string; correlationData?: Buffer },
  ): Promise<void> {
    if (Date.parse(command.expiresAt) < Date.now()) return;
    const reply = async (rest: object) => {
      const { responseTopic, correlationData } = properties;
      const text = JSON.stringify({ v: 1, id: command.id, ...rest });
      const topic = responseTopic ?? this.topic('replies');
      const extra = correlationData === undefined ? {} : { properties: { correlationData } };
      await this.#client?.publishAsync(topic, text, { qos: 1, ...extra }).catch(() => {});
    };
    if (command.name !== 'events.replay') {
      const answer = await this.carryOut(command);
      if (answer !== null) await reply(answer);
      return;
    }
    const { epoch, after } = command.args as { epoch: string; after: number };
    this.replays.push({ epoch, after });
    const events = this.history.get(epoch) ?? [];
    if (this.onReplay === 'silent') return;
    if (this.onReplay === 'refuse') {
      await reply({ ok: false, error: { code: 'epoch.unknown', message: 'no such epoch' } });
      return;
    }
    const from = typeof this.onReplay === 'object' ? this.onReplay.truncatedBelow : after + 1;
    const truncated = from > after + 1;
    await reply({ ok: true, result: { from, to: events.length, truncated } });
    await this.publish(events.filter(({ seq }) => seq >= from));
  }
}

/**
 * Waits until `value` is what is wanted; fails with what it was at the end. Looks less and less often: customers who ask have a
 * quota, of 60 reads of one activation in a minute.
 */
export async function until<T>(
  read: () => T | Promise<T>,
  wanted: (value: T) => boolean,
  ms = 10_000,
): Promise<T> {
  const end = Date.now() + ms;
  for (let pauseMs = 10; ; pauseMs = Math.min(300, 1.2 * pauseMs)) {
    const value = await read();
    if (wanted(value)) return value;
    if (Date.now() > end) throw new Error(`still ${JSON.stringify(value)} after ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
