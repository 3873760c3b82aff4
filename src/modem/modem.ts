/**
 * One modem on one port, for as long as the port is configured: it is opened, lost and opened again.
 *
 * Carries out what `lifecycle` decides. Knows cards and message stores, and nothing of what messages mean.
 */
import { Channel } from '../at/channel.ts';
import type { Port } from '../at/serial.ts';
import { openTraced } from '../at/trace.ts';
import { hasCode, SimbankError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { StorageUse } from '../protocol/state.ts';
import type { Iccid } from '../sim/iccid.ts';
import { type Driver, defineDriver } from './driver.ts';
import { type Effect, INITIAL, type Input, next, type State, type Step, type Trouble } from './lifecycle.ts';
import { type MessageAccess, messageAccess, type StoreMemory } from './messages.ts';
import { type Notice, noticeOf } from './notice.ts';
import * as probe from './probe.ts';

export interface ModemOptions {
  readonly path: string;
  readonly baudRate: number;
  /** The driver the configuration names; by default the modem's own words decide. */
  readonly driver?: string | undefined;
  readonly drivers: readonly Driver[];
  readonly log: Logger;
}

export interface ModemEvents {
  /** Something the slot's state shows has changed. */
  changed(): void;
  /** The card was read. Resolves when messages may be attributed to it, with why they may not. */
  card(card: probe.Card): Promise<Trouble | null>;
  /** What was read of a card counts no more. */
  cardForgotten(): void;
  /** There is no card, for certain. */
  cardAbsent(): void;
  /** «There may be a message at this place.» A hint, never more. */
  announced(store: string, index: number): void;
  /** List every store: on readiness, and whenever a hint does not fit. */
  sweep(): void;
  /** A message that is nowhere but on this line. `length` as in StoredMessage. */
  carried(pdu: string, length: number): void;
}

/** A job with the message stores of one readiness. */
export type MessageJob<T> = (stores: MessageAccess, stillValid: () => boolean, iccid: Iccid) => Promise<T>;

const UNKNOWN = defineDriver({ name: 'generic', title: 'not identified yet' });

export class Modem {
  readonly path: string;
  identity: probe.Identity | null = null;
  driver: Driver | null = null;
  card: probe.Card | null = null;
  settings: probe.Settings | null = null;
  network: probe.Network | null = null;

  readonly #options: ModemOptions;
  readonly #events: ModemEvents;
  #state: State = INITIAL;
  #port: Port | null = null;
  #channel: Channel | null = null;
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();
  #stopped = false;
  readonly #memory: StoreMemory = { selected: null, use: new Map() };

  constructor(options: ModemOptions, events: ModemEvents) {
    this.path = options.path;
    this.#options = options;
    this.#events = events;
  }

  get state(): State {
    return this.#state;
  }

  get storage(): StorageUse[] {
    return [...this.#memory.use.values()];
  }

  start(): void {
    this.#input({ type: 'start' });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#channel?.end(new SimbankError('port.lost', `${this.path}: stopped`));
    await this.#port?.close();
    await this.#work;
    await this.#port?.close();
  }

  /**
   * Runs a job while nobody else speaks to the modem. `stillValid` turns false when the modem restarted, its card
   * changed, or the dialogue fell out of step: what was read before may then belong to something else.
   *
   * @throws SimbankError `modem.not_ready` when there is no card whose messages could be read.
   */
  async messages<T>(job: MessageJob<T>): Promise<T> {
    const channel = this.#channel;
    const notReady = (): SimbankError => new SimbankError('modem.not_ready', 'no card is ready');
    if (channel === null) throw notReady();
    return channel.use(async (at) => {
      if (this.card === null || this.settings === null) throw notReady();
      const { generation } = this.#state;
      const stores = messageAccess(at, this.card, this.settings, this.#memory);
      const stillValid = (): boolean => this.#state.generation === generation && this.#channel === channel;
      try {
        const result = await job(stores, stillValid, this.card.iccid);
        this.#input({ type: 'works' });
        return result;
      } catch (error) {
        if (hasCode(error, 'modem.text_mode')) this.#input({ type: 'settings-lost' });
        throw error;
      }
    });
  }

  /** The job has seen that another card is in: it is read anew before anything more is attributed. */
  doubtCard(): void {
    this.#input({ type: 'sim-event' });
  }

  #input(input: Input): void {
    if (this.#stopped) return;
    const before = this.#state;
    const { state, effects } = next(before, input);
    this.#state = state;
    for (const effect of effects) this.#run(effect);
    if (state.phase !== before.phase || state.problem !== before.problem) this.#events.changed();
  }

  #run(effect: Effect): void {
    switch (effect.do) {
      case 'later':
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => {
          if (effect.next === 'open') this.#input({ type: 'start' });
          else this.#run({ do: effect.next });
        }, effect.afterMs);
        break;
      case 'sweep':
        this.#events.sweep();
        break;
      case 'forget-card':
        this.#forgetCard();
        break;
      case 'card-absent':
        this.#events.cardAbsent();
        break;
      case 'open':
        this.#queue(() => this.#open());
        break;
      case 'close':
        this.#channel?.end(new SimbankError('port.lost', `${this.path}: closed`));
        this.#channel = null;
        this.#queue(async () => {
          const port = this.#port;
          this.#port = null;
          await port?.close();
        });
        break;
      default:
        this.#step(effect.do);
    }
  }

  #forgetCard(): void {
    this.card = null;
    this.settings = null;
    this.network = null;
    this.#memory.selected = null;
    this.#memory.use.clear();
    this.#events.cardForgotten();
  }

  /** Effects run one after another, in the order they were decided. */
  #queue(action: () => Promise<void>): void {
    this.#work = this.#work.then(action).catch((error) => {
      this.#options.log.error({ path: this.path, err: error }, 'a step of the modem failed');
    });
  }

  async #open(): Promise<void> {
    if (this.#stopped) return;
    const channel = new Channel(UNKNOWN, {
      write: (bytes) => this.#port?.write(bytes),
      urc: (event) => this.#notice(noticeOf(event)),
      outOfStep: (problem) => {
        this.#memory.selected = null;
        this.#input({ type: 'out-of-step', problem });
      },
    });
    try {
      this.#port = await openTraced(this.path, this.#options, {
        data: (chunk) => channel.feed(chunk),
        lost: (error) => {
          channel.end(error);
          this.#port = null;
          this.#input({ type: 'port-lost', problem: probe.troubleOf(error) });
        },
      });
    } catch (error) {
      this.#input({ type: 'open-failed', problem: probe.troubleOf(error) });
      return;
    }
    this.#channel = channel;
    this.#input({ type: 'opened' });
  }

  /** A step that asks the modem something. Its result counts only in the chain it was asked in. */
  #step(step: Step): void {
    this.#queue(async () => {
      const channel = this.#channel;
      if (channel === null || this.#stopped) return;
      const { chain } = this.#state;
      const current = (): boolean => this.#channel === channel && this.#state.chain === chain;
      let input: Input | null;
      try {
        input = await this.#ask(channel, step, current);
      } catch (error) {
        input = probe.failureOf(this.path, step, error);
      }
      if (input !== null && current()) this.#input(input);
    });
  }

  async #ask(channel: Channel, step: Step, current: () => boolean): Promise<Input | null> {
    switch (step) {
      case 'identify': {
        const identity = await channel.use(probe.identify);
        this.identity = identity;
        this.driver = probe.driverFor(this.#options.drivers, this.#options.driver, identity);
        channel.declare(this.driver);
        return { type: 'identified' };
      }
      case 'check-sim':
        return { type: 'sim', sim: await channel.use(probe.simState) };
      case 'read-card': {
        const card = await channel.use((at) => probe.readCard(at, this.driver!));
        if (!current()) return null;
        // The card that was there counts no more from here on, and the new one only when the bank knows of it.
        if (card.iccid !== this.card?.iccid) this.#forgetCard();
        const problem = await this.#events.card(card);
        if (!current()) return null;
        if (problem !== null) return { type: 'card-elsewhere', problem };
        this.card = card;
        return { type: 'card-read' };
      }
      case 'configure': {
        const settings = await channel.use((at) => probe.configure(at, this.driver!));
        if (!current()) return null;
        this.settings = settings;
        for (const use of settings.use) this.#memory.use.set(use.name, use);
        this.#memory.selected = settings.receiveStore;
        return { type: 'configured', problem: settings.problem };
      }
      case 'check-registration': {
        const network = await channel.use(probe.network);
        const changed = JSON.stringify(network) !== JSON.stringify(this.network);
        this.network = network;
        if (changed) this.#events.changed();
        return { type: 'registration', registered: network.registered, denied: network.denied };
      }
      default:
        return step satisfies never;
    }
  }

  #notice(notice: Notice): void {
    switch (notice.type) {
      case 'announced':
        this.#events.announced(notice.store, notice.index);
        break;
      case 'carried':
        this.#events.carried(notice.pdu, notice.length);
        break;
      case 'look':
        if (this.settings !== null) this.#events.sweep();
        break;
      case 'restarted':
        this.#channel?.restarted();
        this.#input({ type: 'modem-restarted' });
        break;
      case 'sim':
        this.#input({ type: 'sim-event' });
        break;
      case 'network':
        this.#input({ type: 'network-event' });
        break;
      case 'nothing':
        break;
      default:
        notice satisfies never;
    }
  }
}
