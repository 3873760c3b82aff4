/**
 * From bytes to owners: puts together what belongs together, and tells URCs from all other lines.
 *
 * Knows which command runs only by name, and nothing of answers. What is left open (a text whose quote does not close, a
 * TPDU that does not come) is bounded in lines, length and time: a lost character costs a second, never the channel.
 */
import { LineSplitter } from './line.ts';
import {
  hasOpenQuote,
  isClaimed,
  sortUrcs,
  type Urc,
  type UrcEvent,
  type UrcTable,
  urcShape,
} from './urc.ts';

export interface ReaderEvents {
  /** The name of the running command, `+CUSD`; null when none runs or it has none. */
  running(): string | null;
  /** A line that is no URC. */
  line(text: string): void;
  /** Whether this line would end the running command's answer. */
  ends(text: string): boolean;
  /** A `>` at the start of a line: true when a command waits for it. */
  prompt(): boolean;
  urc(event: UrcEvent): void;
}

/** A USSD text has at most 182 characters; menus in the field have some twenty lines. */
const MAX_OPEN_LINES = 40;
const MAX_OPEN_CHARACTERS = 4_096;
const SILENCE_MS = 1_000;

interface Open {
  readonly urc: Urc;
  /** With the first. */
  readonly lines: string[];
  characters: number;
}

export class Reader {
  readonly #events: ReaderEvents;
  readonly #splitter = new LineSplitter();
  #table: UrcTable = sortUrcs([]);
  /** A URC, or an answer of its shape, whose end is not here yet. */
  #open: Open | null = null;
  #silence: NodeJS.Timeout | undefined;

  constructor(events: ReaderEvents) {
    this.#events = events;
  }

  declare(urcs: readonly Urc[]): void {
    this.#table = sortUrcs(urcs);
  }

  /** Characters of over-long lines that were thrown away. */
  get dropped(): number {
    return this.#splitter.dropped;
  }

  feed(chunk: Buffer): void {
    const before = this.#open;
    const lines = before?.lines.length;
    this.#splitter.read(chunk.toString('latin1'), this);
    if (this.#open !== before || this.#open?.lines.length !== lines) this.#watch();
  }

  end(): void {
    this.#open = null;
    clearTimeout(this.#silence);
  }

  /** As LineSink. */
  prompt(): boolean {
    return this.#open === null && this.#events.prompt();
  }

  /** As LineSink. */
  line(text: string): void {
    if (this.#open !== null) {
      this.#more(this.#open, text);
      return;
    }
    const urc = urcShape(this.#table, text);
    if (urc === null) this.#events.line(text);
    else if (urc.quoted === true && hasOpenQuote(text)) {
      this.#open = { urc, lines: [text], characters: text.length };
    } else if (isClaimed(urc, text, this.#events.running())) this.#events.line(text);
    else if ((urc.body ?? 0) > 0) this.#open = { urc, lines: [text], characters: 0 };
    else this.#events.urc({ kind: urc.kind, rest: text.slice(urc.prefix.length).trim(), body: [] });
  }

  #more(open: Open, text: string): void {
    open.lines.push(text);
    open.characters += text.length;
    const isQuoted = open.urc.quoted === true;
    // Neither a TPDU nor a text has the shape of a URC: what was to come was lost.
    if (urcShape(this.#table, text) !== null) this.#giveUp(open);
    else if (isQuoted ? !hasOpenQuote(open.lines.join('\n')) : open.lines.length > (open.urc.body ?? 0))
      this.#close(open);
    else if (open.lines.length > MAX_OPEN_LINES || open.characters > MAX_OPEN_CHARACTERS) this.#giveUp(open);
  }

  #close({ urc, lines }: Open): void {
    this.#open = null;
    const body = urc.quoted === true ? [] : lines.slice(1);
    const first = urc.quoted === true ? lines.join('\n') : lines[0]!;
    if (isClaimed(urc, first, this.#events.running())) this.#events.line(first);
    else this.#events.urc({ kind: urc.kind, rest: first.slice(urc.prefix.length).trim(), body });
  }

  /**
   * The rest will not come: what was taken for it and is something of its own is read once more, as that. A final result
   * waits until here, for a text may hold the word OK; a body is a TPDU, or else a text.
   */
  #giveUp(open: Open): void {
    const isText = (line: string): boolean =>
      urcShape(this.#table, line) === null && !(open.urc.quoted === true && this.#events.ends(line));
    const foreign = open.lines.findIndex((line, i) => i > 0 && !isText(line));
    const kept = foreign === -1 ? open.lines.length : foreign;
    this.#close({ ...open, lines: open.lines.slice(0, kept) });
    for (const line of open.lines.slice(kept)) this.line(line);
  }

  /** From the last line on that belongs to what is open. */
  #watch(): void {
    clearTimeout(this.#silence);
    this.#silence = undefined;
    if (this.#open === null) return;
    this.#silence = setTimeout(() => {
      this.#silence = undefined;
      if (this.#open !== null) this.#giveUp(this.#open);
      this.#watch();
    }, SILENCE_MS);
  }
}
