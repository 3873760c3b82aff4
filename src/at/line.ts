/**
 * Bytes to lines: V.250 framing, incremental and bounded.
 *
 * Pure. How the bytes were chunked never changes the tokens. Text is read as Latin-1, one character a byte, so that no
 * garbage on the line can be invalid.
 */

export type Token = { readonly kind: 'line'; readonly text: string } | { readonly kind: 'prompt' };

/** The longest line a modem has reason to send is a CMGR PDU of 2 × 176 octets; a USSD menu may fold to about 1 KiB. */
const MAX_LINE = 4096;

export class LineSplitter {
  #rest = '';
  /** Set while the remainder of an over-long line is thrown away. */
  #skipping = false;
  /** Characters of over-long lines that were thrown away: noise on the line, or a wrong speed. */
  dropped = 0;

  push(chunk: string): Token[] {
    const tokens: Token[] = [];
    const text = this.#rest + chunk;
    let start = 0;
    for (let i = this.#rest.length; i < text.length; i++) {
      const char = text.charCodeAt(i);
      if (char === 0x0d || char === 0x0a) {
        // Empty lines are framing (`\r\n<line>\r\n`), not content.
        if (this.#skipping) this.#skipping = false;
        else if (i > start) tokens.push({ kind: 'line', text: text.slice(start, i) });
        start = i + 1;
      } else if (char === 0x20 && i === start + 1 && text.charCodeAt(start) === 0x3e && !this.#skipping) {
        // 27.005 §3.5: the prompt is `> ` at the start of a line, with no line end behind it.
        tokens.push({ kind: 'prompt' });
        start = i + 1;
      }
    }
    this.#rest = text.slice(start);
    if (this.#rest.length > MAX_LINE || this.#skipping) {
      this.dropped += this.#rest.length;
      this.#rest = '';
      this.#skipping = true;
    }
    return tokens;
  }
}
