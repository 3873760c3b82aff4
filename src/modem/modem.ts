/**
 * One modem on one port, for as long as the port is configured: it is opened, lost and opened again.
 *
 * Carries out what `lifecycle` decides. Knows cards and message stores, and nothing of what messages mean.
 */
import type { Dialogue } from '../at/channel.ts';
import { hasCode, messageOf } from '../errors.ts';
import type { StorageUse } from '../protocol/state.ts';
import { failureOf, notReady, troubleOf } from './ask.ts';
import { Calls } from './calls.ts';
import { Connection, type Heard } from './connection.ts';
import type { Driver } from './driver.ts';
import { RUNGS } from './ladder.ts';
import { next } from './lifecycle.ts';
import { forgetStores, messageAccess } from './messages.ts';
import { type Notice, noticeOf } from './notice.ts';
import type { MessageJob, ModemEvents, ModemOptions, OwnerInput } from './owner.ts';
import type { Card, Identity, Network } from './probe.ts';
import type { Settings } from './settings.ts';
import { type Effect, INITIAL, type Input, type State, type Step } from './state.ts';
import { type Facts, noFacts, takeStep, UNKNOWN } from './steps.ts';
import { Ussd, type UssdAnswer } from './ussd.ts';

/** After the power of a port was switched, it may take this long until the modem is there again. */
const POWER_BACK_MS = 40_000;

export class Modem {
  readonly #options: ModemOptions;
  readonly #events: ModemEvents;
  readonly #facts: Facts = noFacts();
  readonly #ended = new AbortController();
  readonly #connection: Connection;
  readonly #ussd = new Ussd();
  readonly #calls: Calls;
  #path: string;
  #state: State = INITIAL;
  #timer: NodeJS.Timeout | undefined;
  #grace: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();

  constructor(options: ModemOptions, events: ModemEvents) {
    this.#options = options;
    this.#path = typeof options.path === 'string' ? options.path : (options.path() ?? '');
    this.#events = events;
    this.#calls = new Calls(
      (job) => this.use(job),
      (from) => events.called(from),
    );
    this.#connection = new Connection({
      urc: (event) => this.#notice(noticeOf(event)),
      outOfStep: (problem) => {
        this.#facts.memory.selected = null;
        this.#input({ type: 'out-of-step', problem: troubleOf(problem) });
      },
      lost: (error) => this.#input({ type: 'port-lost', problem: troubleOf(error) }),
    });
  }

  /** The port of the last opening. */
  get path(): string {
    return this.#path;
  }

  get identity(): Identity | null {
    return this.#facts.identity;
  }

  get driver(): Driver | null {
    return this.#facts.driver;
  }

  get card(): Card | null {
    return this.#facts.card;
  }

  get settings(): Settings | null {
    return this.#facts.settings;
  }

  get network(): Network | null {
    return this.#facts.network;
  }

  get state(): State {
    return this.#state;
  }

  get storage(): StorageUse[] {
    return [...this.#facts.memory.use.values()];
  }

  /** What passed on the line since the start. */
  get heard(): Heard {
    return this.#connection.heard;
  }

  start(): void {
    this.#input({ type: 'start' });
  }

  async stop(): Promise<void> {
    this.#ended.abort();
    clearTimeout(this.#timer);
    clearTimeout(this.#grace);
    this.#calls.stop();
    for (const again of [false, true]) {
      const line = this.#connection.detach();
      line.end('stopped');
      await line.close();
      // An opening that was under way has its port by then.
      if (!again) await this.#work;
    }
  }

  /**
   * Runs a job while nobody else speaks to the modem. `stillValid` turns false when the modem restarted, its card
   * changed, or the dialogue fell out of step: what was read before may then belong to something else.
   *
   * @throws SimbankError `modem.not_ready` when there is no card whose messages could be read.
   */
  async messages<T>(job: MessageJob<T>): Promise<T> {
    return this.use(async (at, stillValid) => {
      const { card, settings, driver, memory } = this.#facts;
      if (card === null || settings === null) throw notReady();
      try {
        const stores = messageAccess(at, driver ?? UNKNOWN, card, settings, memory);
        const result = await job(stores, stillValid, card.iccid);
        this.#input({ type: 'works' });
        return result;
      } catch (error) {
        if (hasCode(error, 'modem.text_mode')) this.#input({ type: 'settings-lost' });
        throw error;
      }
    });
  }

  /** As `messages`, for whatever else is said to the modem. */
  async use<T>(job: (at: Dialogue, stillValid: () => boolean) => Promise<T>): Promise<T> {
    const { channel } = this.#connection;
    if (channel === null) throw notReady();
    return channel.use((at) => {
      const { generation } = this.#state;
      return job(at, () => this.#state.generation === generation && this.#connection.channel === channel);
    });
  }

  /**
   * Asks the network something; see `Ussd.ask`. A session that is open takes `raw` for its reply when `isReply`.
   *
   * @throws SimbankError `modem.not_ready`, and those of `Ussd.ask`.
   */
  async ussd(raw: string, isReply: boolean): Promise<UssdAnswer> {
    if (this.#facts.card === null) throw notReady();
    return this.#ussd.ask((job) => this.use(job), raw, isReply);
  }

  /** What the owner has seen, or what somebody wants of the modem. */
  tell(input: OwnerInput): void {
    this.#input(input);
  }

  #input(input: Input): void {
    if (this.#ended.signal.aborted) return;
    const before = this.#state;
    const { state, effects } = next(before, input);
    this.#state = state;
    this.#tellRecovery(before, state);
    for (const effect of effects) this.#run(effect);
    if (state.phase !== before.phase || state.problem !== before.problem) this.#events.changed();
  }

  #tellRecovery(before: State, { recoveries, problem }: State): void {
    const rung = RUNGS.find((name) => recoveries[name] !== before.recoveries[name]);
    if (rung === undefined) return;
    this.#options.log.warn({ path: this.#path, rung, code: problem?.code }, 'recovering the modem');
  }

  #run(effect: Effect): void {
    if (effect.do === 'later') this.#later(effect.afterMs, effect.next);
    else if (effect.do === 'sweep') this.#events.sweep();
    else if (effect.do === 'forget-card') this.#forgetCard();
    else if (effect.do === 'card-absent') this.#events.cardAbsent();
    else if (effect.do === 'open') this.#queue(() => this.#open());
    else if (effect.do === 'close') this.#close();
    else if (effect.do === 'reset') this.#reset(effect.blind);
    else if (effect.do === 'power') this.#power();
    else this.#step(effect.do);
  }

  #later(afterMs: number, step: 'open' | Step): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (step === 'open') this.#input({ type: 'start' });
      else this.#run({ do: step });
    }, afterMs);
  }

  #power(): void {
    this.#giveGrace(POWER_BACK_MS);
    this.#queue(async () => {
      await this.#options.power?.();
    });
  }

  #forgetCard(): void {
    this.#facts.card = null;
    this.#facts.settings = null;
    this.#facts.network = null;
    forgetStores(this.#facts.memory);
    this.#ussd.forget();
    this.#events.cardForgotten();
  }

  #close(): void {
    clearTimeout(this.#timer);
    const line = this.#connection.detach();
    line.end('closed');
    this.#queue(() => line.close());
  }

  #reset(blind: boolean): void {
    const line = this.#connection.detach();
    const reset = this.#facts.driver?.reset ?? null;
    // Where nobody knows how to reset it, nothing is to be waited for.
    this.#giveGrace(reset?.backMs ?? 0);
    this.#queue(() => line.reset(reset?.command ?? null, blind));
  }

  #giveGrace(ms: number): void {
    clearTimeout(this.#grace);
    this.#grace = setTimeout(() => this.#input({ type: 'grace-over' }), ms);
  }

  /** Effects run one after another, in the order they were decided. */
  #queue(action: () => Promise<void>): void {
    this.#work = this.#work.then(action).catch((error) => {
      this.#options.log.error({ path: this.#path, err: messageOf(error) }, 'a step of the modem failed');
    });
  }

  async #open(): Promise<void> {
    if (this.#ended.signal.aborted) return;
    const { path } = this.#options;
    const found = typeof path === 'string' ? path : path();
    if (found === null) {
      const problem = { code: 'port.missing', message: `${this.#path || 'the modem'} is not there` };
      this.#input({ type: 'open-failed', problem });
      return;
    }
    this.#path = found;
    try {
      await this.#connection.open(found, this.#options.baudRate);
    } catch (error) {
      this.#input({ type: 'open-failed', problem: troubleOf(error) });
      return;
    }
    // It was switched off while its port was being opened.
    if (this.#state.disabled) await this.#connection.detach().close();
    else this.#input({ type: 'opened' });
  }

  /** A step that asks the modem something. Its result counts only in the chain it was asked in. */
  #step(step: Step): void {
    this.#queue(async () => {
      const { channel } = this.#connection;
      if (channel === null || this.#ended.signal.aborted) return;
      const { chain } = this.#state;
      const current = (): boolean => this.#connection.channel === channel && this.#state.chain === chain;
      const options = { ...this.#options, signal: this.#ended.signal };
      const events = { ...this.#events, forgetCard: () => this.#forgetCard() };
      let input: Input | null;
      try {
        input = await takeStep(step, channel, this.#facts, options, events, current);
      } catch (error) {
        input = failureOf(this.#path, step, error);
      }
      if (input !== null && current()) this.#input(input);
    });
  }

  #notice(notice: Notice): void {
    const isSet = this.#facts.settings !== null;
    if (notice.type === 'announced') this.#events.announced(notice.store, notice.index);
    else if (notice.type === 'carried') this.#events.carried(notice.pdu, notice.length);
    else if (notice.type === 'ussd') this.#ussd.heard(notice.rest);
    else if (notice.type === 'call') this.#calls.heard(notice.from);
    else if (notice.type === 'call-over') this.#calls.over();
    else if (notice.type === 'look' && isSet) this.#events.sweep();
    else if (notice.type === 'input') {
      // A port that is being closed decides nothing more: many say `RDY` in answer to their reset.
      if (this.#connection.channel === null) return;
      if (notice.input.type === 'modem-restarted') this.#connection.channel.restarted();
      this.#input(notice.input);
      if (notice.input.type === 'sms' && isSet) this.#events.sweep();
    }
  }
}
