/**
 * The modem's end of the line: echo, command lines, prompts, the order of answers and notices (V.250 clause 5).
 *
 * One command line at a time; a notice waits for the final result of the one that runs. It knows no command.
 */
import { answerOf, frame } from './answer.ts';
import type { Faults } from './faults.ts';
import { Output } from './output.ts';
import type { Pty } from './pty.ts';
import { ERROR, isInformation, type Prompt, type Reply } from './reply.ts';
import type { Settings } from './settings.ts';
import { type Call, commandLine, parseCommands } from './syntax.ts';

export interface LineOwner {
  readonly settings: Settings;
  readonly faults: Faults;
  /** Reads and says nothing. */
  readonly mute: boolean;
  /** Mute, yet carries out what it reads. */
  readonly obeys: boolean;
  /** What asks for a text, as it is sent. */
  readonly prompt: string;
  /** The echo of a CR. */
  readonly echoEnd: string;
  execute(call: Call): Reply;
  /** A command line was taken. */
  onCommandLine(): void;
}

/** Notices kept while they cannot be sent; older ones are lost, as in a modem's own buffer. */
const HELD_URCS = 32;
/** A line without an end is dropped at this length. */
const LINE_LIMIT = 2048;
/** Unprocessed input at which the client's writes are held back. */
const INPUT_LIMIT = 16_384;
const OUTPUT_CHUNK = 8192;

const CTRL_Z = '\x1a';

export class Line {
  readonly #owner: LineOwner;
  readonly #output: Output;
  #input = '';
  /** How much of the unfinished input was echoed. */
  #echoed = 0;
  #prompt: Prompt['onText'] | null = null;
  #timer: NodeJS.Timeout | null = null;
  #pumping = false;
  #paused = false;
  #held: string[] = [];
  #afterwards: (() => void)[] = [];
  #lastLine = '';

  constructor(owner: LineOwner) {
    this.#owner = owner;
    this.#output = new Output(owner.faults, () => this.#pump(false));
  }

  connect(pty: Pty): void {
    this.reset();
    this.#output.connect(pty);
  }

  disconnect(): void {
    this.reset();
    this.#output.connect(null);
  }

  /** Power was lost: nothing half done survives. */
  reset(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#input = '';
    this.#echoed = 0;
    this.#output.reset();
    this.#prompt = null;
    this.#held = [];
    this.#afterwards = [];
    this.#unpause();
  }

  receive(text: string): void {
    if (this.#owner.mute && !this.#owner.obeys) return;
    this.#input += text;
    if (this.#input.length > INPUT_LIMIT && !this.#paused) {
      this.#paused = true;
      this.#output.hold(true);
    }
    this.#pump(false);
  }

  /** The kernel has room again, or the client reads again. */
  onRoom(): void {
    this.#pump(false);
  }

  /** A command takes its time. */
  get answersLater(): boolean {
    return this.#timer !== null;
  }

  /** Runs after the final result of the command that runs now. */
  afterwards(action: () => void): void {
    this.#afterwards.push(action);
  }

  /** An unsolicited result code; false when it is lost. */
  urc(text: string): boolean {
    if (!this.#output.connected || this.#owner.mute) return false;
    if (this.#busy || !this.#output.hasReader()) {
      this.#held.push(text);
      if (this.#held.length > HELD_URCS) this.#held.shift();
      return true;
    }
    this.#output.notice(frame(text));
    return true;
  }

  /** Octets that no modem meant to send, wherever the line is. */
  noise(text: string): void {
    this.#output.noise(text);
  }

  get #busy(): boolean {
    return this.#pumping || this.#timer !== null || this.#prompt !== null;
  }

  /** Works on what came in until there is no whole line, a command takes time, or the client does not read. */
  #pump(answered: boolean): void {
    if (this.#pumping) return;
    this.#pumping = true;
    let ran = answered;
    while (this.#timer === null && !this.#output.blocked && this.#step()) {
      ran = true;
      if (this.#output.kept > OUTPUT_CHUNK) this.#output.flush();
    }
    this.#pumping = false;
    this.#releaseUrcs(ran);
    if (this.#owner.mute && this.#owner.obeys) this.#output.drop();
    this.#output.flush();
    if (this.#input.length < INPUT_LIMIT) this.#unpause();
  }

  /** Takes one line or prompt text; false when there is none. */
  #step(): boolean {
    if (this.#prompt !== null) return this.#stepPrompt(this.#prompt);
    const input = this.#input;
    if (input === '') return false;
    // V.250 §5.2.4: A/ repeats the last line at once, without an end of line.
    if (input[1] === '/' && (input[0] === 'A' || input[0] === 'a')) {
      this.#consume(2);
      this.#take(this.#lastLine);
      return true;
    }
    const end = input.indexOf('\r');
    if (end < 0) {
      if (input.length > LINE_LIMIT) this.#consume(input.length);
      else this.#echo(input.length);
      return false;
    }
    this.#consume(end + 1);
    this.#take(commandLine(input.slice(0, end)));
    return true;
  }

  #stepPrompt(onText: Prompt['onText']): boolean {
    const end = this.#input.search(/[\x1a\x1b]/);
    if (end < 0) {
      if (this.#input.length > LINE_LIMIT) this.#consume(this.#input.length);
      else this.#echo(this.#input.length);
      return false;
    }
    const text = this.#input.slice(0, end);
    const sent = this.#input[end] === CTRL_Z;
    this.#consume(end + 1);
    this.#prompt = null;
    // 27.005 §3.5.1: ESC gives the message up, which is no error.
    this.#perform(() => (sent ? this.#render([onText(text.replace(/^\n/, ''))]) : this.#render([])));
    return true;
  }

  #take(line: string): void {
    if (line === '') return;
    this.#owner.onCommandLine();
    this.#lastLine = line;
    this.#perform(() => this.#answerTo(line));
  }

  /** Carries a command out, now or after the latency, and sends what it answers, now or late. */
  #perform(work: () => string): void {
    const { faults } = this.#owner;
    const lateMs = faults.lateMs;
    faults.lateMs = 0;
    if (faults.latencyMs > 0) {
      this.#wait(faults.latencyMs + lateMs, () => this.#finish(work()));
    } else if (lateMs > 0) {
      const answer = work();
      this.#wait(lateMs, () => this.#finish(answer));
    } else {
      this.#finish(work());
    }
  }

  #wait(delayMs: number, then: () => void): void {
    this.#timer = setTimeout(() => {
      this.#timer = null;
      // Still busy: a notice caused by the command follows its answer.
      this.#pumping = true;
      then();
      this.#pumping = false;
      this.#pump(true);
    }, delayMs);
  }

  #finish(answer: string): void {
    this.#output.add(answer);
    if (this.#afterwards.length === 0) return;
    const actions = this.#afterwards;
    this.#afterwards = [];
    for (const action of actions) action();
  }

  #answerTo(line: string): string {
    const replaced = this.#owner.faults.override(line);
    if (replaced !== undefined) {
      return replaced === '' || replaced.includes('\r') ? replaced : replaced.split('\n').map(frame).join('');
    }
    const calls = parseCommands(line.slice(2));
    if (calls === null) return this.#render([ERROR]);
    const replies: Reply[] = [];
    for (const call of calls) {
      const reply = this.#owner.execute(call);
      replies.push(reply);
      // V.250 §5.2.3: what follows a command that failed is not carried out. A prompt ends its line, too.
      if (!isInformation(reply)) break;
    }
    return this.#render(replies);
  }

  #render(replies: readonly Reply[]): string {
    const { settings, prompt, faults } = this.#owner;
    const { text, onText } = answerOf(replies, settings, prompt);
    this.#prompt = onText;
    return faults.garble(text);
  }

  #releaseUrcs(ran: boolean): void {
    if (this.#held.length === 0 || this.#busy || this.#output.blocked) return;
    // A client that just sent a command is there; otherwise what is unread tells.
    if (!ran && !this.#output.hasReader()) return;
    const urcs = this.#held;
    this.#held = [];
    this.#output.add(urcs.map(frame).join(''));
  }

  /** Takes characters off the input, after their echo. */
  #consume(count: number): void {
    this.#echo(count);
    this.#input = this.#input.slice(count);
    this.#echoed = 0;
  }

  #echo(upTo: number): void {
    const { settings, faults, echoEnd } = this.#owner;
    if (settings.echo || faults.echo === 'always') {
      const echo = this.#input.slice(this.#echoed, upTo);
      this.#output.add(echoEnd === '\r' ? echo : echo.replaceAll('\r', echoEnd));
    }
    this.#echoed = upTo;
  }

  #unpause(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#output.hold(false);
  }
}
