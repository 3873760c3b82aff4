/**
 * One modem on one port, for as long as the port is configured: it is opened, lost and opened again.
 *
 * Carries out what `lifecycle` decides. The last place that speaks AT; it knows cards and message stores, and nothing
 * of what messages mean or where they go.
 */
import { Channel, type ChannelCounters } from '../at/channel.ts';
import { openPort, type Port } from '../at/serial.ts';
import { isTraced, show, traced } from '../at/trace.ts';
import { fields, type UrcEvent } from '../at/urc.ts';
import { SimbankError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { StorageUse } from '../protocol/state.ts';
import { type Driver, defineDriver, type UrcKind } from './driver.ts';
import { type Effect, INITIAL, type Input, next, type State } from './lifecycle.ts';
import { type MessageAccess, messageAccess, type StoreMemory } from './messages.ts';
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
  /** The card was read: from here on messages can be attributed. Resolved before the first sweep. */
  card(card: probe.Card): Promise<void>;
  cardGone(): void;
  /** «There may be a message at this place.» A hint, never more. */
  announced(store: string, index: number): void;
  /** List every store: on readiness, and whenever a hint does not fit. */
  sweep(): void;
}

/** A job with the message stores, and the generation it runs in. */
export type MessageJob<T> = (stores: MessageAccess, stillValid: () => boolean) => Promise<T>;

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

  get counters(): ChannelCounters | null {
    return this.#channel?.counters ?? null;
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
  messages<T>(job: MessageJob<T>): Promise<T> {
    const channel = this.#channel;
    const notReady = (): SimbankError =>
      new SimbankError('modem.not_ready', `${this.path}: no card is ready`);
    if (channel === null) return Promise.reject(notReady());
    return channel.use((at) => {
      if (this.card === null || this.settings === null || this.driver === null) throw notReady();
      const { generation } = this.#state;
      const stores = messageAccess(at, this.driver, this.#memory);
      return job(stores, () => this.#state.generation === generation && this.#channel === channel);
    });
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
        this.card = null;
        this.settings = null;
        this.network = null;
        this.#memory.selected = null;
        this.#memory.use.clear();
        this.#events.cardGone();
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

  /** Effects run one after another, in the order they were decided. */
  #queue(action: () => Promise<void>): void {
    this.#work = this.#work.then(action).catch((error) => {
      this.#options.log.error({ path: this.path, err: error }, 'a step of the modem failed');
    });
  }

  async #open(): Promise<void> {
    if (this.#stopped) return;
    const channel = new Channel(UNKNOWN.urcs, {
      write: (bytes) => this.#port?.write(bytes),
      urc: (event) => this.#urc(event),
      outOfStep: () => {
        this.#memory.selected = null;
        this.#input({ type: 'out-of-step' });
      },
    });
    try {
      this.#port = traced(
        await openPort(this.path, this.#options, {
          data: (chunk) => {
            if (isTraced(this.path)) show(this.path, '<', chunk.toString('latin1'));
            channel.feed(chunk);
          },
          lost: (error) => {
            channel.end(error);
            this.#port = null;
            this.#input({ type: 'port-lost', problem: probe.troubleOf(error) });
          },
        }),
      );
    } catch (error) {
      this.#input({ type: 'open-failed', problem: probe.troubleOf(error) });
      return;
    }
    this.#channel = channel;
    this.#input({ type: 'opened' });
  }

  /** A step that asks the modem something. Its result counts only in the chain it was asked in. */
  #step(step: 'identify' | 'check-sim' | 'read-card' | 'configure' | 'check-registration'): void {
    this.#queue(async () => {
      const channel = this.#channel;
      if (channel === null || this.#stopped) return;
      const { chain } = this.#state;
      const current = (): boolean => this.#channel === channel && this.#state.chain === chain;
      let input: Input;
      try {
        input = await this.#ask(channel, step);
      } catch (error) {
        const problem = probe.troubleOf(error);
        if (problem.code === 'port.lost' || !current()) return;
        input =
          step === 'read-card' || probe.isRefusal(error)
            ? { type: 'card-failed', problem }
            : { type: 'silent', problem: silence(this.path, problem) };
        // One command without an answer puts the channel out of step; only a modem that answers no marker is silent.
        if (problem.code === 'at.timeout' || problem.code === 'at.restarted') {
          this.#run({ do: 'later', afterMs: 500, next: step === 'identify' ? 'identify' : 'check-sim' });
          return;
        }
      }
      if (current()) this.#input(input);
    });
  }

  async #ask(channel: Channel, step: string): Promise<Input> {
    switch (step) {
      case 'identify': {
        const identity = await channel.use(probe.identify);
        this.identity = identity;
        this.driver = probe.driverFor(this.#options.drivers, this.#options.driver, identity);
        channel.declare(this.driver.urcs);
        return { type: 'identified' };
      }
      case 'check-sim':
        return { type: 'sim', sim: await channel.use(probe.simState) };
      case 'read-card': {
        const card = await channel.use((at) => probe.readCard(at, this.driver!));
        // Told before any message of it is read, so that an attribution has its card.
        await this.#events.card(card);
        this.card = card;
        return { type: 'card-read' };
      }
      case 'configure': {
        const settings = await channel.use((at) => probe.configure(at, this.driver!));
        this.settings = settings;
        for (const use of settings.use) this.#memory.use.set(use.name, use);
        this.#memory.selected = settings.receiveStore;
        return { type: 'configured', problem: settings.problem };
      }
      default: {
        const network = await channel.use(probe.network);
        const changed = JSON.stringify(network) !== JSON.stringify(this.network);
        this.network = network;
        if (changed) this.#events.changed();
        return { type: 'registration', registered: network.registered, denied: network.denied };
      }
    }
  }

  #urc(event: UrcEvent): void {
    switch (event.kind as UrcKind) {
      case 'message-stored':
      case 'report-stored': {
        const [store = '', index = ''] = fields(event.rest);
        // `+CMTI: ,-1` says that nothing was stored: no place to read, but a reason to look.
        if (/^[A-Z]{2}$/.test(store) && /^\d+$/.test(index)) this.#events.announced(store, Number(index));
        else this.#events.sweep();
        break;
      }
      case 'store-full':
        this.#events.sweep();
        break;
      case 'restarted':
        this.#channel?.restarted();
        this.#input({ type: 'modem-restarted' });
        break;
      case 'sim-state':
        this.#input({ type: 'sim-event' });
        break;
      case 'registration':
        this.#input({ type: 'network-event' });
        break;
      default:
        break;
    }
  }
}

function silence(
  path: string,
  problem: { code: string; message: string },
): { code: string; message: string } {
  return problem.code === 'at.unresponsive'
    ? { code: 'modem.silent', message: `${path} is open, and no modem answers on it` }
    : problem;
}
