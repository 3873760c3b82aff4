/**
 * Lines that were nobody's: how many, and the names of those that look like URCs, so that an operator can report what a
 * driver does not know yet.
 *
 * Keeps names and counts only: no text and no digit of a line gets in here.
 */

/** `+QNITZ` of `+QNITZ: "26/11/21"`: a sign, a letter, and what else names are made of. */
const NAME = /^[+^*#!$%&][A-Za-z][A-Za-z0-9_ ]{0,22}(?=:)/;
const MAX_NAMES = 32;

export interface UnknownUrc {
  readonly prefix: string;
  readonly count: number;
}

export class Strays {
  /** The one that was heard last at the end. */
  readonly #names = new Map<string, number>();

  note(line: string): void {
    const found = NAME.exec(line)?.[0];
    if (found === undefined) return;
    // A copy: a piece of a string keeps all of it in memory. Some names have a digit (+C5GREG), and so might a number.
    const name = Buffer.from(found.replace(/\d/g, '?'), 'latin1').toString('latin1');
    const count = this.#names.get(name) ?? 0;
    this.#names.delete(name);
    if (this.#names.size >= MAX_NAMES) this.#names.delete(this.#rarest());
    this.#names.set(name, count + 1);
  }

  /** The most frequent first. */
  list(): UnknownUrc[] {
    return [...this.#names].map(([prefix, count]) => ({ prefix, count })).sort((a, b) => b.count - a.count);
  }

  /** Noise that looks like a name comes once; what a modem says comes again. */
  #rarest(): string {
    let rarest = '';
    let least = Number.POSITIVE_INFINITY;
    for (const [name, count] of this.#names) {
      if (count < least) {
        rarest = name;
        least = count;
      }
    }
    return rarest;
  }
}
