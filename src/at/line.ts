/**
 * Bytes to lines: V.250 framing, incremental and bounded.
 *
 * Pure. How the bytes were chunked never changes the lines. Text is read as Latin-1, one character a byte, so that no
 * garbage on the line can be invalid.
 */

export type Token = { readonly kind: 'line'; readonly text: string } | { readonly kind: 'prompt' };

/** Where lines go, each as soon as it is complete. */
export interface LineSink {
  /** A line without its ends; never empty. */
  line(text: string): void;
  /** A `>` at the start of a line. True when it is the prompt that is waited for; else it begins a line like any other. */
  prompt(): boolean;
}

/** The longest line a modem has reason to send is a CMGR PDU of 2 × 176 octets; a USSD menu may fold to about 1 KiB. */
const MAX_LINE = 4096;
const PROMPT = 0x3e;
const BLANK = 0x20;

export class LineSplitter {
  /** Characters of over-long lines that were thrown away: noise on the line, or a wrong speed. */
  dropped = 0;
  /** The beginning of a line whose end is not here yet. */
  #rest = '';
  /** The line that has begun is over-long: what comes of it is thrown away. */
  #skipping = false;

  /** All of it at once, for those who wait for no prompt: every `>` at the start of a line counts as one. */
  push(chunk: string): Token[] {
    const tokens: Token[] = [];
    this.read(chunk, {
      line: (text) => void tokens.push({ kind: 'line', text }),
      prompt: () => tokens.push({ kind: 'prompt' }) > 0,
    });
    return tokens;
  }

  read(chunk: string, sink: LineSink): void {
    // Nothing in the rest needs a second look: it holds no line end, and its first character was judged when it came.
    const known = this.#rest.length;
    const text = known === 0 ? chunk : this.#rest + chunk;
    let start = 0;
    let cr = text.indexOf('\r', known);
    let lf = text.indexOf('\n', known);
    for (;;) {
      // 27.005 §3.5: `> ` with no line end behind it. Some leave out the space; where there is one it begins a blank line.
      while (start >= known && text.charCodeAt(start) === PROMPT && !this.#skipping && sink.prompt())
        start += 1;
      const end = cr === -1 ? lf : lf === -1 ? cr : Math.min(cr, lf);
      if (end === -1) break;
      this.#end(text, start, end, sink);
      start = end + 1;
      if (end === cr) cr = text.indexOf('\r', start);
      else lf = text.indexOf('\n', start);
    }
    this.#rest = start === 0 ? text : text.slice(start);
    if (this.#skipping || this.#rest.length > MAX_LINE) {
      this.dropped += this.#rest.length;
      this.#rest = '';
      this.#skipping = true;
    }
  }

  #end(text: string, start: number, end: number, sink: LineSink): void {
    if (this.#skipping || end - start > MAX_LINE) {
      this.dropped += end - start;
      this.#skipping = false;
      return;
    }
    // Empty lines are framing (`\r\n<line>\r\n`), not content, and blanks at the end are nothing.
    let last = end;
    while (last > start && text.charCodeAt(last - 1) === BLANK) last -= 1;
    if (last > start) sink.line(text.slice(start, last));
  }
}
