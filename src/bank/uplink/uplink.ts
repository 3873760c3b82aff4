/**
 * The gateway as the world hears it: events and retained state out, commands and receipts in.
 *
 * It works while there is no broker: events wait on disk, retained state is said again after every connection.
 */
import type { IPublishPacket } from 'mqtt';
import type { MqttConfig } from '../../config.ts';
import type { Logger } from '../../log.ts';
import { Ack, parsePayload } from '../../protocol/commands.ts';
import { GatewayStatus, type Problem, type UplinkView } from '../../protocol/state.ts';
import { topicsOf } from '../../protocol/topics.ts';
import { Connection } from './connection.ts';
import { rivalOf } from './namesake.ts';
import type { Outbox } from './outbox.ts';
import { eventPayload, statusPayload } from './payload.ts';

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
  /** Carries out a command, unless there is an objection, and gives the reply's payload; null where none is possible. */
  readonly command: (payload: Buffer, objection: string | null) => Promise<string | null>;
  /** A second gateway of this name is alive on the broker. */
  readonly namesake: (detail: string) => void;
}

const STATUS_MS = 60_000;
/** After giving way to another gateway of this name. */
const GAVE_WAY_MS = 300_000;

export class Uplink {
  readonly #options: UplinkOptions;
  readonly #topics: ReturnType<typeof topicsOf>;
  readonly #connection: Connection;
  /** By topic: what was last said. */
  readonly #retained = new Map<string, string>();
  #statusTimer: NodeJS.Timeout | undefined;

  constructor(options: UplinkOptions) {
    const { gateway, instance, outbox, log } = options;
    this.#options = options;
    this.#topics = topicsOf(options.mqtt.root, gateway);
    const { commands, acks, status } = this.#topics;
    this.#connection = new Connection({
      mqtt: options.mqtt,
      clientId: `${gateway}-${instance}`,
      log,
      subscriptions: [commands, acks, status],
      will: () => ({ topic: status, payload: this.#status('offline') }),
      connected: (limit) => this.#connected(limit),
      disconnected: () => {
        clearInterval(this.#statusTimer);
        outbox.disconnected();
      },
      message: (topic, payload, packet) => void this.#message(topic, payload, packet),
    });
  }

  start(): void {
    this.#connection.start();
  }

  /** Says goodbye where there is somebody to hear it. What is unacknowledged stays on disk. */
  async stop(): Promise<void> {
    clearInterval(this.#statusTimer);
    this.#options.outbox.disconnected();
    // A clean disconnect discards the will, so its words are said here.
    await this.#connection.lastly(this.#topics.status, this.#status('offline'), { retain: true });
    await this.#connection.stop();
  }

  view(): UplinkView {
    const { lastSeq, ackedSeq } = this.#options.outbox;
    const { connected, broker, protocol, problem } = this.#connection;
    return { connected, broker, protocol, problem, lastSeq, ackedSeq, waiting: lastSeq - ackedSeq };
  }

  /** Retained state of a slot or a SIM: kept here, and published now and after every connection. Empty removes it. */
  retain(kind: 'slot' | 'sim', name: string, payload: string): void {
    const topic = kind === 'slot' ? this.#topics.slot(name) : this.#topics.sim(name);
    this.#retained.set(topic, payload);
    this.#connection.publish(topic, payload, { retain: true });
  }

  /** Publishes the gateway's status. */
  announce(): void {
    this.#connection.publish(this.#topics.status, this.#status('online'), { retain: true });
  }

  /** Publishes all retained state again. */
  refresh(): void {
    this.announce();
    for (const [topic, payload] of this.#retained) this.#connection.publish(topic, payload, { retain: true });
  }

  #connected(limit: number): void {
    const { gateway, outbox } = this.#options;
    this.refresh();
    clearInterval(this.#statusTimer);
    this.#statusTimer = setInterval(() => this.announce(), STATUS_MS);
    outbox.connected((event, done) => {
      this.#connection.publish(this.#topics.event(event.type), eventPayload(gateway, event), {}, done);
    }, limit);
  }

  #status(state: 'online' | 'offline'): string {
    const { gateway, version, instance, startedAt, outbox, problem } = this.#options;
    const { epoch, lastSeq } = outbox;
    const { session } = this.#connection;
    const status = { gateway, state, version, instance, session, epoch, lastSeq, startedAt };
    return statusPayload({ ...status, problem: problem() }, new Date().toISOString());
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
    if (ack.ok) {
      const { outbox } = this.#options;
      const { epoch } = outbox;
      await outbox.acknowledged(ack.value);
      // The hub has to know at once which numbering counts now.
      if (outbox.epoch !== epoch) this.announce();
    } else this.#options.log.warn({ faults: ack.faults }, 'a receipt that cannot be read');
  }

  async #command(payload: Buffer, { properties }: IPublishPacket): Promise<void> {
    const { replies } = this.#topics;
    const { responseTopic = replies, correlationData: correlation } = properties ?? {};
    // Elsewhere a reply could be used to write under somebody else's name.
    const isOurs =
      responseTopic === replies || (responseTopic.startsWith(`${replies}/`) && !/[+#]/.test(responseTopic));
    const objection = isOurs ? null : `a reply goes to ${replies} or below it, not to ${responseTopic}`;
    const reply = await this.#options.command(payload, objection);
    if (reply !== null) this.#connection.publish(isOurs ? responseTopic : replies, reply, { correlation });
  }

  #ownStatus(payload: Buffer, retained: boolean): void {
    const status = parsePayload(GatewayStatus, payload);
    if (!status.ok) return;
    const { instance, startedAt, gateway, log, namesake } = this.#options;
    const { session } = this.#connection;
    const verdict = rivalOf({ instance, session, startedAt }, status.value, retained);
    if (verdict === 'ignore') return;
    if (verdict === 'overwrite') {
      this.announce();
      return;
    }
    const other = status.value.instance;
    const detail = `another gateway calls itself ${gateway} (instance ${other}): give one of them another gateway.id`;
    log.error({ instance: other }, detail);
    namesake(detail);
    if (verdict === 'rival-yields') {
      // It has only heard what the broker kept of us; hearing us now, it gives way.
      this.announce();
      return;
    }
    // The other may be gone by then: a host that was replaced, an old one that was still running.
    this.#connection.pause(GAVE_WAY_MS);
    this.#connection.trouble('uplink.namesake', detail);
  }
}
