/**
 * The dialogue with one modem over one port: V.250 and the framing of 27.007.
 *
 * Knows no SMS, no SIM and no vendor. Three promises:
 * - a line has exactly one owner: the echo, the running command, a declared URC, or nobody (counted);
 * - one job at a time owns the port, in the order they asked;
 * - after a deadline the channel is out of step, and stays so until the modem has answered a marker: a late answer is
 *   never credited to the next command.
 */
import { hasCode, SimbankError } from '../errors.ts';
import type { Answer } from './answer.ts';
import { mayRepeat } from './command.ts';
import { type ChannelEvents, type Dialect, Exchange, type ExchangeCounters } from './exchange.ts';
import { isRefusal } from './result.ts';
import type { UnknownUrc } from './strays.ts';

/** What a job may do while it owns the port. */
export interface Dialogue {
  /**
   * Sends one command line, `AT+CSQ`, and resolves with the lines of its answer, without the final OK. A modem that is
   * busy is asked again for about three seconds, where the command is one that may be said twice.
   *
   * @throws SimbankError `at.refused`, `at.cme`, `at.cms` and `at.busy` (their detail: RefusalDetail of result.ts),
   * `at.timeout`, `at.unresponsive`, `at.garbage`, `at.restarted` or `port.lost`.
   */
  command(command: string, timeoutMs?: number): Promise<string[]>;
  /** As `command`, and a modem that is busy is not asked again: for what is asked regularly anyway. */
  once(command: string, timeoutMs?: number): Promise<string[]>;
  /**
   * Sends a command that answers with the prompt, then `body` and Ctrl-Z (27.005 §3.5.1). Never sent twice.
   *
   * @throws SimbankError as `command`; where it is no refusal, `detail.bodySent` says whether the body had left.
   */
  submit(command: string, body: string, timeoutMs?: number): Promise<string[]>;
}

export type { ChannelEvents, Dialect } from './exchange.ts';

export interface ChannelCounters extends ExchangeCounters {
  readonly busyRetries: number;
}

const BUSY_PAUSES_MS = [200, 400, 800, 1_600] as const;
/** A banner so soon after another is no restart (Huawei says `^BOOT` every few seconds), or the end of the same one. */
const BANNER_AGAIN_MS = 10_000;

export class Channel {
  readonly #exchange: Exchange;
  #tail: Promise<unknown> = Promise.resolve();
  #busyRetries = 0;
  #restarts = 0;
  #bannerAt = Number.NEGATIVE_INFINITY;

  constructor(dialect: Dialect, events: ChannelEvents) {
    this.#exchange = new Exchange(dialect, events);
  }

  /** What the modem's driver says: only known after the modem has said who it is. */
  declare(dialect: Dialect): void {
    this.#exchange.declare(dialect);
  }

  get counters(): ChannelCounters {
    return { ...this.#exchange.counters, busyRetries: this.#busyRetries };
  }

  /** Names of lines that came when nothing was owed and that the dialect does not declare, the most frequent first. */
  unknownUrcs(): UnknownUrc[] {
    return this.#exchange.unknownUrcs();
  }

  /** Queues `job`; while it runs nobody else speaks to the modem. No job outlives a restart of the modem. */
  use<T>(job: (at: Dialogue) => Promise<T>): Promise<T> {
    const run = async (): Promise<T> => {
      const restarts = this.#restarts;
      let over = false;
      const speak = async (answer: Answer, timeoutMs?: number): Promise<string[]> => {
        if (over)
          throw new SimbankError('at.misuse', 'a job spoke to the modem after it had given the port back');
        const isVoid = (): boolean => restarts !== this.#restarts;
        if (!isVoid() && !this.#exchange.inStep) await this.#exchange.getInStep();
        if (isVoid()) throw restarted(answer);
        return this.#exchange.send(answer, timeoutMs);
      };
      const once: Dialogue['once'] = (command, timeoutMs) =>
        speak(this.#exchange.answerTo(command, null), timeoutMs);
      try {
        return await job({
          command: (command, timeoutMs) => this.#patiently(command, () => once(command, timeoutMs)),
          once,
          submit: async (command, body, timeoutMs) => {
            const answer = this.#exchange.answerTo(command, body);
            return speak(answer, timeoutMs).catch((error) => {
              throw withDoubt(error, answer);
            });
          },
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
    this.#exchange.feed(chunk);
  }

  /** Ends the channel: the running command and all that wait fail with `error`. */
  end(error: SimbankError): void {
    this.#exchange.end(error);
  }

  /**
   * The modem has restarted, its banner says: the running job is void. A banner that comes again within ten seconds of the
   * last is not believed, for one that comes every few seconds would let no job end; if it is true, deadlines tell.
   */
  restarted(): void {
    const now = performance.now();
    const isNews = now - this.#bannerAt > BANNER_AGAIN_MS;
    this.#bannerAt = now;
    if (!isNews) return;
    this.#restarts += 1;
    this.#exchange.interrupt(restarted);
  }

  /** Asks again while the modem is busy, where that is safe. */
  async #patiently(command: string, send: () => Promise<string[]>): Promise<string[]> {
    if (mayRepeat(command)) {
      for (const pauseMs of BUSY_PAUSES_MS) {
        try {
          return await send();
        } catch (error) {
          if (!hasCode(error, 'at.busy')) throw error;
        }
        await this.#exchange.pause(pauseMs);
        this.#busyRetries += 1;
      }
    }
    return send();
  }
}

function restarted({ shown }: Answer): SimbankError {
  return new SimbankError('at.restarted', `${shown}: the modem restarted`, { command: shown });
}

/** What is no answer leaves open what became of the body, unless it never left. */
function withDoubt(error: unknown, answer: Answer): unknown {
  if (!(error instanceof SimbankError) || isRefusal(error)) return error;
  const detail = { ...error.detail, bodySent: !answer.awaitsPrompt };
  return new SimbankError(error.code, error.message, detail, { cause: error });
}
