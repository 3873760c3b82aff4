/**
 * One command at a time on the wire: sent, answered or given up; and how to get back in step after that.
 *
 * Knows nothing of jobs and of patience. Whoever sends sees to it that the exchange is in step first.
 */
import { hasCode, SimbankError } from '../errors.ts';
import { Answer } from './answer.ts';
import { Reader } from './reader.ts';
import { type Final, isFinal } from './result.ts';
import { Strays, type UnknownUrc } from './strays.ts';
import { commandName, type Urc, type UrcEvent } from './urc.ts';

export interface ChannelEvents {
  write(bytes: string): void;
  urc(event: UrcEvent): void;
  /** A command got no answer in time; nothing read before this moment may be acted upon. */
  outOfStep(problem: SimbankError): void;
}

/** What a modem family says otherwise; a `Driver` is one. */
export interface Dialect {
  readonly urcs: readonly Urc[];
  /** Deadlines in ms by command name (`+CMGL`), where the default of 5 s is too short. */
  readonly deadlines: Readonly<Record<string, number>>;
  /** Commands by name (`+CPIN`) whose answer may come without the final OK. */
  readonly withoutOk: readonly string[];
  /** Whole lines that are refusals beyond the common ones. */
  readonly refusals: readonly string[];
}

export interface ExchangeCounters {
  /** Commands sent, markers among them. */
  readonly commands: number;
  readonly timeouts: number;
  /** How often it had to get in step: once at the beginning, then after whatever put it out. */
  readonly resyncs: number;
  /** Answers that ended after they had been given up, and were credited to nobody. */
  readonly late: number;
  /** Lines that were nobody's: the rest of late answers, noise, URCs no driver declares. */
  readonly strays: number;
  /** Characters of over-long lines that were thrown away. */
  readonly dropped: number;
}

const DEFAULT_TIMEOUT_MS = 5_000;
/** The prompt comes at once; what may take its time is what the network does with the text. */
const PROMPT_TIMEOUT_MS = 10_000;
/** For those of `withoutOk`: nothing more comes. */
const GRACE_MS = 500;
/**
 * Commands whose answer is recognisable, sent to get back in step: a modem works its input in order, so once the
 * marker's own answer is there, everything before it is through. Of the same name nothing may be owed, so there are more
 * than are tried.
 */
const MARKERS = ['AT+CMEE?', 'AT+CMGF?', 'AT+CSMS?', 'AT+CNMI?'] as const;
const MARKER_TIMEOUTS_MS = [1_000, 2_000, 3_000] as const;
/** What comes in one go is through after this; what a slow modem owes, after so many times this without any of it. */
const QUIET_MS = 300;
const QUIETS_WHILE_OWED = 7;
const MAX_QUIETS = 30;
const ESCAPE = '\u001b';
const CTRL_Z = '\u001a';

interface Running {
  readonly answer: Answer;
  readonly timeoutMs: number;
  timer: NodeJS.Timeout;
  settle(error: SimbankError | null): void;
}

export class Exchange {
  inStep = false;
  readonly #events: ChannelEvents;
  readonly #counters = { commands: 0, timeouts: 0, resyncs: 0, late: 0, strays: 0 };
  readonly #strays = new Strays();
  readonly #reader: Reader;
  #dialect: Dialect;
  #running: Running | null = null;
  /** Names of commands given up since it was last in step: their answers may still come, so many. */
  readonly #owed = new Set<string | null>();
  #owedAnswers = 0;
  /** Whoever had the port before may be owed anything. */
  #isNew = true;
  #afterPrompt = false;
  #wake: () => void = () => {};
  #ended: SimbankError | null = null;

  constructor(dialect: Dialect, events: ChannelEvents) {
    this.#events = events;
    this.#reader = new Reader({
      running: () => this.#running?.answer.name ?? null,
      line: (text) => this.#line(text),
      ends: (text) => this.#running !== null && isFinal(text, this.#dialect.refusals),
      prompt: () => this.#prompt(),
      urc: (event) => this.#events.urc(event),
    });
    this.#dialect = dialect;
    this.declare(dialect);
  }

  declare(dialect: Dialect): void {
    this.#dialect = dialect;
    this.#reader.declare(dialect.urcs);
  }

  get counters(): ExchangeCounters {
    return { ...this.#counters, dropped: this.#reader.dropped };
  }

  unknownUrcs(): UnknownUrc[] {
    return this.#strays.list();
  }

  feed(chunk: Buffer): void {
    this.#reader.feed(chunk);
  }

  /** The running command and all later ones fail with `error`. */
  end(error: SimbankError): void {
    this.#ended ??= error;
    this.#reader.end();
    this.#running?.settle(this.#ended);
    this.#wake();
  }

  /** The running command will not be answered any more. Markers go on, for only their own answers count. */
  interrupt(problem: (answer: Answer) => SimbankError): void {
    this.#wake();
    if (this.#running?.answer.isMarker === true) return;
    this.inStep = false;
    if (this.#running === null) return;
    this.#owe(this.#running.answer);
    this.#running.settle(problem(this.#running.answer));
  }

  answerTo(command: string, body: string | null, marker = false): Answer {
    const { refusals, withoutOk } = this.#dialect;
    const name = commandName(command);
    const mayEndEarly = name !== null && withoutOk.includes(name);
    return new Answer(command, { body, marker, refusals, withoutOk: mayEndEarly });
  }

  /** Resolves with the lines of the answer. @throws SimbankError as Dialogue.command. */
  send(answer: Answer, wantedMs?: number): Promise<string[]> {
    const timeoutMs = wantedMs ?? this.#dialect.deadlines[answer.name ?? ''] ?? DEFAULT_TIMEOUT_MS;
    return new Promise((resolve, reject) => {
      if (this.#ended !== null) {
        reject(this.#ended);
        return;
      }
      this.#counters.commands += 1;
      const firstMs = answer.awaitsPrompt ? Math.min(timeoutMs, PROMPT_TIMEOUT_MS) : timeoutMs;
      const running: Running = {
        answer,
        timeoutMs,
        timer: setTimeout(() => this.#giveUp(running, firstMs), firstMs),
        settle: (error) => {
          clearTimeout(running.timer);
          this.#running = null;
          if (error === null) resolve(answer.lines);
          else reject(error);
        },
      };
      this.#running = running;
      this.#events.write(`${answer.command}\r`);
    });
  }

  /** @throws SimbankError `at.unresponsive` when no marker is answered within six seconds, or what ended the exchange. */
  async getInStep(): Promise<void> {
    this.#counters.resyncs += 1;
    // Those come first whose name nothing is owed of: what is late cannot be taken for theirs.
    const isOwed = (marker: string): boolean => this.#owed.has(commandName(marker));
    const markers = [...MARKERS].sort((a, b) => Number(isOwed(a)) - Number(isOwed(b)));
    for (const [attempt, timeoutMs] of MARKER_TIMEOUTS_MS.entries()) {
      const marker = markers[attempt]!;
      const isDoubtful = isOwed(marker);
      // A modem that still waits behind `> ` would take the marker as the body of a message.
      if (this.#afterPrompt || attempt > 0) this.#events.write(ESCAPE);
      try {
        await this.send(this.answerTo(marker, null, true), timeoutMs);
      } catch (error) {
        if (!hasCode(error, 'at.timeout')) throw error;
        continue;
      }
      // This may have been the answer to an earlier one of the same name; then its own is still to come.
      if ((isDoubtful || this.#isNew) && !(await this.#quiet(isDoubtful))) continue;
      this.#owed.clear();
      this.#owedAnswers = 0;
      this.#isNew = false;
      this.#afterPrompt = false;
      this.inStep = true;
      return;
    }
    const tried = markers.slice(0, MARKER_TIMEOUTS_MS.length).join(', ');
    throw new SimbankError('at.unresponsive', `no answer to ${tried}`);
  }

  /** Waits; less when `interrupt` is called. @throws SimbankError when the exchange has ended. */
  async pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.#ended === null ? ms : 0);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    if (this.#ended !== null) throw this.#ended;
  }

  /** Whether late answers stop to end. URCs and noise do not count: some modems never stop talking. */
  async #quiet(isDoubtful: boolean): Promise<boolean> {
    let late = this.#counters.late;
    for (let i = 0, quiets = 0; i < MAX_QUIETS; i++) {
      await this.pause(QUIET_MS);
      quiets = late === this.#counters.late ? quiets + 1 : 0;
      late = this.#counters.late;
      if (quiets >= (isDoubtful && this.#owedAnswers > 0 ? QUIETS_WHILE_OWED : 1)) return true;
    }
    return false;
  }

  #owe({ name, awaitsPrompt }: Answer): void {
    this.inStep = false;
    this.#owed.add(name);
    this.#owedAnswers += 1;
    if (awaitsPrompt) this.#afterPrompt = true;
  }

  #giveUp({ answer, settle }: Running, timeoutMs: number): void {
    const { shown } = answer;
    this.#counters.timeouts += 1;
    this.#owe(answer);
    if (answer.hasBody) this.#afterPrompt = true;
    // While a modem waits behind its prompt it says nothing of what arrives.
    if (answer.awaitsPrompt) this.#events.write(ESCAPE);
    const detail = { command: shown, timeoutMs };
    const error = new SimbankError('at.timeout', `${shown}: no answer within ${timeoutMs} ms`, detail);
    if (!answer.isMarker) this.#events.outOfStep(error);
    settle(error);
  }

  #prompt(): boolean {
    const running = this.#running;
    if (running === null || !running.answer.awaitsPrompt) return false;
    clearTimeout(running.timer);
    running.timer = setTimeout(() => this.#giveUp(running, running.timeoutMs), running.timeoutMs);
    this.#events.write(running.answer.takePrompt() + CTRL_Z);
    return true;
  }

  #line(line: string): void {
    const running = this.#running;
    if (running === null) {
      if (isFinal(line, this.#dialect.refusals)) this.#late();
      else this.#stray(line);
      return;
    }
    const taken = running.answer.take(line);
    if (taken === 'late') this.#late();
    else if (taken === 'stray') this.#stray(line);
    else if (taken === 'line') {
      if (running.answer.isEnough) this.#expectNoMore(running);
    } else if (taken !== 'echo') this.#end(running, taken);
  }

  /** An OK may come yet, and would be the next command's: that one is preceded by a marker. */
  #expectNoMore(running: Running): void {
    clearTimeout(running.timer);
    running.timer = setTimeout(() => {
      this.inStep = false;
      running.settle(null);
    }, GRACE_MS);
  }

  #end({ answer, settle }: Running, final: Final): void {
    if (!final.ok && final.error.code === 'at.garbage') this.#owe(answer);
    settle(final.ok ? null : final.error);
  }

  #late(): void {
    this.#counters.late += 1;
    this.#owedAnswers = Math.max(0, this.#owedAnswers - 1);
  }

  #stray(line: string): void {
    this.#counters.strays += 1;
    // What is owed has names, too, and is no URC.
    if (this.#owed.size === 0) this.#strays.note(line);
  }
}
