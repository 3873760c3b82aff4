/**
 * Who listens at the broker, as a hub does: gives receipts for what came without a gap, asks again for what is missing,
 * and keeps what was said.
 */
import mqtt, { type MqttClient } from 'mqtt';
import { Event, SmsReceived } from '../../src/protocol/events.ts';
import { ulid } from '../../src/protocol/ulid.ts';

const BASE = 'simbank/host-a';
const RECEIPT_MS = 100;
/** A gap may be filled by what is on its way. */
const PATIENCE_MS = 2_000;

export interface Arrival {
  readonly message: SmsReceived;
  /** The event's. */
  readonly id: string;
  readonly type: string;
  readonly at: number;
}

export class Listener {
  /** By text. */
  readonly arrivals = new Map<string, Arrival[]>();
  readonly violations: string[] = [];
  /** Events that came once more, under the id they have: MQTT delivers at least once. */
  again = 0;
  readonly #client: MqttClient;
  /** Of each epoch: seq → id. */
  readonly #ids = new Map<string, Map<number, string>>();
  readonly #frontiers = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;
  #changed = false;
  #stuckSince = 0;

  private constructor(client: MqttClient) {
    this.#client = client;
    client.on('message', (topic, payload) => {
      if (topic.includes('/events/')) this.#event(payload);
    });
    this.#timer = setInterval(() => this.#receipt(), RECEIPT_MS);
  }

  static async connect(url: string): Promise<Listener> {
    const client = await mqtt.connectAsync(url, { protocolVersion: 5, reconnectPeriod: 200 });
    const listener = new Listener(client);
    // Subscriptions are made again by the client after every connection.
    await client.subscribeAsync(`${BASE}/events/#`, { qos: 1 });
    return listener;
  }

  get events(): number {
    return [...this.#ids.values()].reduce((sum, ids) => sum + ids.size, 0);
  }

  /** No event is missing below the last one seen. */
  get complete(): boolean {
    return [...this.#ids].every(([epoch, ids]) => this.#frontiers.get(epoch) === Math.max(...ids.keys()));
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#client.endAsync(true);
  }

  #event(payload: Buffer): void {
    const event = Event.parse(JSON.parse(payload.toString()));
    const { epoch, seq, id } = event;
    const ids = this.#ids.get(epoch) ?? new Map<number, string>();
    this.#ids.set(epoch, ids);
    this.#changed = true;
    const before = ids.get(seq);
    if (before !== undefined) {
      this.again += 1;
      if (before !== id) this.violations.push(`event ${seq} of ${epoch} has two ids: ${before}, ${id}`);
      return;
    }
    ids.set(seq, id);
    if (!/^sms\.(received|updated)$/.test(event.type)) return;
    const message = SmsReceived.parse(event.data);
    const text = message.text ?? '';
    const arrival = { message, id, type: event.type, at: performance.now() };
    this.arrivals.set(text, [...(this.arrivals.get(text) ?? []), arrival]);
  }

  /** Up to the last event before which none is missing. */
  #receipt(): void {
    if (!this.#client.connected) return;
    const now = performance.now();
    for (const [epoch, ids] of this.#ids) {
      let upTo = this.#frontiers.get(epoch) ?? 0;
      while (ids.has(upTo + 1)) upTo++;
      const moved = upTo !== this.#frontiers.get(epoch);
      this.#frontiers.set(epoch, upTo);
      const isGap = upTo < Math.max(...ids.keys());
      if (!isGap || moved) this.#stuckSince = now;
      if (this.#changed && upTo > 0) this.#say('acks', { v: 1, epoch, upTo, id: ids.get(upTo) });
      if (isGap && now - this.#stuckSince > PATIENCE_MS) {
        this.#stuckSince = now;
        const args = { epoch, after: upTo };
        const expiresAt = new Date(Date.now() + 10_000).toISOString();
        this.#say('commands', { v: 1, id: ulid(Date.now()), name: 'events.replay', args, expiresAt });
      }
    }
    this.#changed = false;
  }

  #say(topic: string, payload: object): void {
    this.#client.publish(`${BASE}/${topic}`, JSON.stringify(payload), { qos: 1 }, () => {});
  }
}
