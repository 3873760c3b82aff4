/**
 * What may be seen of a dialogue, line by line: of messages, USSD texts and what is written after a prompt only how long
 * they are. Pure but for what it remembers of the lines before.
 */
import { withoutSecrets } from './command.ts';
import { hasOpenQuote } from './urc.ts';

/** Headers of messages; of the first two kinds more may follow than the next line, in text mode any number of lines. */
const LISTED = /^\+CMG[LR]:/;
const CARRIED = /^\+(CMT|CDS|CBM):/;
const FINAL = /^(OK|ERROR|\+CM[ES] ERROR\b.*)$/;
/** What a text hardly begins with: the name of an answer or of a notice. */
const NAMED = /^[+^*#$!&%][A-Z0-9_]+:|^RING$/;
/** 27.005 §3.5 and §4.3: these ask for a text with a prompt. */
const ASKS_FOR_BODY = /^AT\+CMG[SWC]\b/i;
const ESCAPE = '\x1b';

/** One direction each of one port; whatever is on the line, it errs on the side of showing too little. */
export class Veil {
  /** Lines that are hidden: none, the next and then all without a name, all without a name, or all before a final. */
  #hides: 'none' | 'next' | 'unnamed' | 'all' = 'none';
  /** A +CUSD whose text goes on in the next line. */
  #open: string | null = null;
  #body = false;

  heard(line: string): string {
    if (this.#open !== null) {
      this.#open += `\n${line}`;
      if (!hasOpenQuote(this.#open)) this.#open = null;
      return lengthOf(line);
    }
    if (this.#hides === 'next') {
      this.#hides = 'unnamed';
      return lengthOf(line);
    }
    if (FINAL.test(line)) {
      this.#body = false;
      // A text may have a line that says OK.
      if (this.#hides === 'all') this.#hides = 'unnamed';
      return line;
    }
    if (LISTED.test(line) || CARRIED.test(line)) {
      this.#hides = LISTED.test(line) ? 'all' : 'next';
      return line.replace(/"[^"]*("|$)/g, (field) => lengthOf(field.replaceAll('"', '')));
    }
    if (line.startsWith('+CUSD:')) {
      if (hasOpenQuote(line)) this.#open = line;
      // +CUSD: <m>[,<str>[,<dcs>]]
      return line.replace(/,.*$/s, (rest) => `,${lengthOf(rest.slice(1))}`);
    }
    const isHidden = this.#hides === 'all' || (this.#hides === 'unnamed' && !NAMED.test(line));
    return isHidden ? lengthOf(line) : masked(line);
  }

  written(line: string): string {
    if (line === ESCAPE) return line;
    if (this.#body || !/^AT/i.test(line)) {
      this.#body = false;
      // It may be echoed.
      this.#hides = 'unnamed';
      return lengthOf(line);
    }
    this.#body = ASKS_FOR_BODY.test(line);
    this.#hides = 'none';
    this.#open = null;
    return masked(line);
  }
}

function lengthOf(hidden: string): string {
  return `(${hidden.length} characters)`;
}

/** A quoted string of some length is a text or a number; names of stores and settings are short. */
function masked(line: string): string {
  return withoutSecrets(line)
    .replace(/[0-9A-Fa-f]{24,}/g, (hex) => `(${hex.length / 2} octets)`)
    .replace(/"([^"]{9,})("|$)/g, (_, text: string) => `"(${text.length} characters)"`);
}
