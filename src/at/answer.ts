/**
 * One command that was sent, and what has come of its answer: echo, lines, final result.
 *
 * Pure: no clock and no port. A marker is the command that gets a channel back in step: of all that comes, only its own
 * answer counts.
 */
import { SimbankError } from '../errors.ts';
import { withoutSecrets } from './command.ts';
import { type Final, isCallResult, isFinal, parseFinal } from './result.ts';
import { commandName } from './urc.ts';

/** What became of a line. `late`: the end of an answer that was given up; `stray`: nobody's. */
export type Taken = 'echo' | 'line' | 'late' | 'stray' | Final;

/** A listing of a store with 1,000 places is 2,000 lines of at most 400 characters; more is garbage. */
const MAX_LINES = 4_096;
const MAX_CHARACTERS = 1_048_576;
/** Fewer characters could be anything. */
const MIN_DAMAGED_ECHO = 3;

export interface AnswerOptions {
  /** What goes out behind the prompt. */
  readonly body?: string | null;
  readonly marker?: boolean;
  /** The line alone may be the whole answer: no OK need follow it. */
  readonly withoutOk?: boolean;
  readonly refusals?: readonly string[];
}

export class Answer {
  readonly command: string;
  /** The command as logs and errors may show it. */
  readonly shown: string;
  /** `+CMGL`; null for basic commands. */
  readonly name: string | null;
  readonly lines: string[] = [];
  /** It may be over without another word. */
  isEnough = false;
  /** The prompt has not come yet. */
  awaitsPrompt: boolean;
  readonly hasBody: boolean;
  readonly isMarker: boolean;
  readonly #options: AnswerOptions;
  readonly #refusals: readonly string[];
  /** What may come as an echo: the command, then the body. */
  #echo: string;
  /** How much of it has come. */
  #echoed = 0;
  #characters = 0;

  constructor(command: string, options: AnswerOptions = {}) {
    this.command = command;
    this.shown = withoutSecrets(command);
    this.name = commandName(command);
    this.hasBody = (options.body ?? null) !== null;
    this.awaitsPrompt = this.hasBody;
    this.isMarker = options.marker === true;
    this.#options = options;
    this.#refusals = options.refusals ?? [];
    this.#echo = command;
  }

  /** The prompt is there: what to write. */
  takePrompt(): string {
    this.awaitsPrompt = false;
    this.#echo = this.#options.body ?? '';
    this.#echoed = 0;
    return this.#echo;
  }

  take(line: string): Taken {
    return this.isMarker ? this.#takeOfMarker(line) : this.#take(line);
  }

  #take(line: string): Taken {
    const final = parseFinal(line, this.command, this.#refusals);
    if (final !== null)
      return this.awaitsPrompt && final.ok ? this.#failed('OK before it asked for the text') : final;
    if (this.#isEcho(line)) return 'echo';
    if (isCallResult(line)) return 'stray';
    this.#echoed = this.#echo.length;
    this.lines.push(line);
    this.#characters += line.length;
    if (this.lines.length > MAX_LINES || this.#characters > MAX_CHARACTERS) {
      this.lines.length = 0;
      return this.#failed('an answer without end');
    }
    if (this.#options.withoutOk === true && this.#isOwn(line)) this.isEnough = true;
    return 'line';
  }

  /** Finals and lines before the marker's own are those of commands given up. */
  #takeOfMarker(line: string): Taken {
    const final = isFinal(line, this.#refusals);
    if (this.lines.length > 0 && final) return { ok: true };
    if (this.#isOwn(line)) {
      this.lines.push(line);
      return 'line';
    }
    if (final) return 'late';
    return this.#isEcho(line) ? 'echo' : 'stray';
  }

  #isOwn(line: string): boolean {
    const { name } = this;
    return name !== null && line.startsWith(name) && line[name.length] === ':';
  }

  #failed(what: string): Final {
    const { shown } = this;
    return { ok: false, error: new SimbankError('at.garbage', `${shown}: ${what}`, { command: shown }) };
  }

  /** By its text, not by counting lines: the frames of echoes differ between families. */
  #isEcho(line: string): boolean {
    if (line === this.command) return true;
    const echoed = afterEcho(this.#echo, this.#echoed, line);
    if (echoed === null) return false;
    this.#echoed = echoed;
    return true;
  }
}

/** How much of the echo has come when `line` is a piece of it; null when it is none. */
function afterEcho(echo: string, from: number, line: string): number | null {
  if (from === echo.length) return null;
  // Escape before a marker, Ctrl-Z behind a body, the blank of the prompt.
  const text = line.replaceAll(/^[ \u001b]+|[ \u001a]+$/g, '');
  // The rest may come on a line of its own: a URC got between, or the body has more lines.
  if (echo.startsWith(text, from)) {
    let to = from + text.length;
    while (echo[to] === '\r' || echo[to] === '\n') to += 1;
    return to;
  }
  // Noise before it.
  if (from === 0 && text.endsWith(echo)) return echo.length;
  // A UART without handshake loses characters.
  if (text.length < MIN_DAMAGED_ECHO || 2 * text.length < echo.length - from) return null;
  for (const char of text) {
    const at = echo.indexOf(char, from);
    if (at === -1) return null;
    from = at + 1;
  }
  return echo.length;
}
