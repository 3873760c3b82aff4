/**
 * The dialogue with one modem over one port: V.250 and the framing of 27.007.
 *
 * Knows no SMS, no SIM and no vendor. Three promises:
 * - a line has exactly one owner: the echo, the running command, a declared URC, or nobody (counted);
 * - one job at a time owns the port, in the order they asked;
 * - after a deadline the channel is out of step, and stays so until the modem has answered a marker: a late answer is
 *   never credited to the next command.
 */
import { SimbankError } from '../errors.ts';
import { LineSplitter, type Token } from './line.ts';
import { parseFinal } from './result.ts';
import { commandName, matchUrc, sortUrcs, type Urc, type UrcEvent } from './urc.ts';

/** What a job may do while it owns the port. */
export interface Dialogue {
  /**
   * Sends one command line, `AT+CSQ`, and resolves with the lines of its answer, without the final OK.
   *
   * @throws SimbankError `at.refused`, `at.cme`, `at.cms`, `at.busy`, `at.timeout`, `at.unresponsive` or `port.lost`.
   */
  command(command: string, timeoutMs?: number): Promise<string[]>;
  /** Sends a command that answers with the prompt, then `body` and Ctrl-Z (27.005 §3.5.1). */
  submit(command: string, body: string, timeoutMs?: number): Promise<string[]>;
}

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

export interface ChannelCounters {
  commands: number;
  timeouts: number;
  resyncs: number;
  /** Lines that were nobody's: late answers, noise, URCs no driver declares. */
  strays: number;
}

const DEFAULT_TIMEOUT_MS = 5_000;
/** A listing of a 255-slot store is 510 lines; more is garbage, and memory must stay bounded. */
const MAX_ANSWER_LINES = 4_096;
/**
 * Commands whose answer is recognisable, sent to get back in step: a modem works its input in order, so once the
 * marker's own answer is there, everything before it is through. Different ones for each try, for the same reason.
 */
const MARKERS = ['AT+CMEE?', 'AT+CMGF?', 'AT+CSMS?'] as const;
const MARKER_TIMEOUT_MS = [1_000, 2_000, 3_000] as const;
const QUIET_MS = 300;
const ESCAPE = '\u001b';
const CTRL_Z = '\u001a';

interface Pending {
  readonly command: string;
  readonly name: string | null;
  /** Set while getting back in step: only lines from the marker's own answer on count. */
  readonly marker: boolean;
  body: string | null;
  lines: string[];
  settle(error: SimbankError | null): void;
}

export class Channel {
  readonly counters: ChannelCounters = { commands: 0, timeouts: 0, resyncs: 0, strays: 0 };
  readonly #events: ChannelEvents;
  readonly #splitter = new LineSplitter();
  #urcs: readonly Urc[] = [];
  #dialect: Dialect;
  #pending: Pending | null = null;
  #tail: Promise<unknown> = Promise.resolve();
  #inStep = false;
  /** Markers that were given up since the channel was last in step. */
  #unanswered = 0;
  /** Counts what arrives: tells silence from talk. */
  #heard = 0;
  #afterPrompt = false;
  #ended: SimbankError | null = null;
  #open: { urc: Urc; rest: string; lines: string[] } | null = null;

  constructor(dialect: Dialect, events: ChannelEvents) {
    this.#events = events;
    this.#dialect = dialect;
    this.declare(dialect);
  }

  /** What the modem's driver says: only known after the modem has said who it is. */
  declare(dialect: Dialect): void {
    this.#dialect = dialect;
    this.#urcs = sortUrcs(dialect.urcs);
  }

  /** Queues `job`; while it runs nobody else speaks to the modem. */
  use<T>(job: (at: Dialogue) => Promise<T>): Promise<T> {
    const run = async (): Promise<T> => {
      let over = false;
      const guard = async (send: () => Promise<string[]>): Promise<string[]> => {
        if (over)
          throw new SimbankError('at.misuse', 'a job spoke to the modem after it had given the port back');
        if (!this.#inStep) await this.#getInStep();
        return send();
      };
      try {
        return await job({
          command: (command, timeoutMs) => guard(() => this.#send(command, null, timeoutMs)),
          submit: (command, body, timeoutMs) => guard(() => this.#send(command, body, timeoutMs)),
        });
      } finally {
        over = true;
      }
    };
    const result = this.#tail.then(run, run);
    this.#tail = result.catch(() => {});
    return result;
  }

  /** One command as a job of its own. */
  command(command: string, timeoutMs?: number): Promise<string[]> {
    return this.use((at) => at.command(command, timeoutMs));
  }

  /** Bytes from the port. */
  feed(chunk: Buffer): void {
    this.#heard += 1;
    for (const token of this.#splitter.push(chunk.toString('latin1'))) this.#token(token);
  }

  /** Ends the channel: the running command and all that wait fail with `error`. */
  end(error: SimbankError): void {
    this.#ended ??= error;
    this.#pending?.settle(this.#ended);
  }

  /** The modem has restarted: what was asked before is void, and it may be mid-line. */
  restarted(): void {
    if (this.#pending !== null && !this.#pending.marker) {
      const { command } = this.#pending;
      this.#inStep = false;
      this.#pending.settle(new SimbankError('at.restarted', `${command}: the modem restarted`, { command }));
    }
  }

  #send(command: string, body: string | null, wantedMs?: number, marker = false): Promise<string[]> {
    const name = commandName(command);
    const timeoutMs = wantedMs ?? this.#dialect.deadlines[name ?? ''] ?? DEFAULT_TIMEOUT_MS;
    return new Promise((resolve, reject) => {
      if (this.#ended !== null) {
        reject(this.#ended);
        return;
      }
      this.counters.commands += 1;
      const timer = setTimeout(() => {
        this.counters.timeouts += 1;
        this.#inStep = false;
        this.#afterPrompt = body !== null;
        const detail = { command, timeoutMs };
        const error = new SimbankError('at.timeout', `${command}: no answer within ${timeoutMs} ms`, detail);
        if (!marker) this.#events.outOfStep(error);
        pending.settle(error);
      }, timeoutMs);
      const pending: Pending = {
        command,
        name,
        marker,
        body,
        lines: [],
        settle: (error) => {
          clearTimeout(timer);
          this.#pending = null;
          if (error === null) resolve(pending.lines);
          else reject(error);
        },
      };
      this.#pending = pending;
      this.#events.write(`${command}\r`);
    });
  }

  async #getInStep(): Promise<void> {
    this.counters.resyncs += 1;
    for (const [attempt, marker] of MARKERS.entries()) {
      // A modem that still waits behind `> ` would take the marker as the body of a message.
      if (this.#afterPrompt || attempt > 0) this.#events.write(ESCAPE);
      try {
        await this.#send(marker, null, MARKER_TIMEOUT_MS[attempt], true);
        // Markers given up may still be answered, here or in the next round: what is late comes before it is quiet.
        if (this.#unanswered > 0) await this.#quiet();
        this.#unanswered = 0;
        this.#inStep = true;
        this.#afterPrompt = false;
        return;
      } catch (error) {
        if (this.#ended !== null) throw this.#ended;
        this.#unanswered += 1;
        if (!(error instanceof SimbankError) || error.code === 'at.restarted') throw error;
      }
    }
    throw new SimbankError('at.unresponsive', `no answer to ${MARKERS.join(', ')}`);
  }

  async #quiet(): Promise<void> {
    let heard: number;
    do {
      heard = this.#heard;
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    } while (heard !== this.#heard && this.#ended === null);
    if (this.#ended !== null) throw this.#ended;
  }

  #token(token: Token): void {
    if (token.kind === 'prompt') this.#prompt();
    else if (this.#open !== null) this.#urcBody(token.text);
    else this.#line(token.text);
  }

  #prompt(): void {
    const pending = this.#pending;
    if (pending === null || pending.body === null) return;
    this.#events.write(pending.body + CTRL_Z);
    pending.body = null;
  }

  #line(line: string): void {
    const pending = this.#pending;
    // Dropped by its text, not by counting lines: echo frames differ between families.
    if (pending !== null && line === pending.command) return;
    const urc = matchUrc(this.#urcs, line, pending?.name ?? null);
    if (urc !== null) {
      this.#open = { urc, rest: line.slice(urc.prefix.length).trim(), lines: [] };
      if ((urc.body ?? 0) === 0) this.#closeUrc();
      return;
    }
    if (pending === null) {
      this.counters.strays += 1;
      return;
    }
    const final = parseFinal(line, pending.command);
    if (pending.marker) {
      this.#markerLine(pending, line, final !== null);
    } else if (final === null) {
      pending.lines.push(line);
      if (pending.lines.length > MAX_ANSWER_LINES) {
        this.#inStep = false;
        pending.settle(new SimbankError('at.garbage', `${pending.command}: an answer without end`));
      }
    } else {
      pending.settle(final.ok ? null : final.error);
    }
  }

  /** Only the marker's own answer counts; finals and lines before it are those of commands given up. */
  #markerLine(pending: Pending, line: string, isFinal: boolean): void {
    if (pending.lines.length > 0 && isFinal) pending.settle(null);
    else if (line.startsWith(`${pending.name}:`)) pending.lines.push(line);
    else this.counters.strays += 1;
  }

  #urcBody(line: string): void {
    const open = this.#open!;
    open.lines.push(line);
    if (open.lines.length >= (open.urc.body ?? 0)) this.#closeUrc();
  }

  #closeUrc(): void {
    const { urc, rest, lines } = this.#open!;
    this.#open = null;
    this.#events.urc({ kind: urc.kind, rest, body: lines });
  }
}
