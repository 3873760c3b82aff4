/**
 * What a modem sends, on its way into the pty: at once, or in small pieces while a fault wants the client's reads split.
 *
 * Nothing here knows AT. The order of what is sent never changes.
 */
import type { Faults } from './faults.ts';
import type { Pty } from './pty.ts';

/** Between two pieces: longer than a client's read takes, so that it sees them one by one. */
const PAUSE_MS = 1;
/** Pieces waiting at which the modem takes no more commands. */
const SLOW_LIMIT = 8192;

export class Output {
  readonly #faults: Faults;
  readonly #onRoom: () => void;
  #pty: Pty | null = null;
  #text = '';
  /** What goes out in pieces. */
  #slow = '';
  #timer: NodeJS.Timeout | null = null;
  #random = 0;

  constructor(faults: Faults, onRoom: () => void) {
    this.#faults = faults;
    this.#onRoom = onRoom;
  }

  connect(pty: Pty | null): void {
    this.reset();
    this.#pty = pty;
  }

  /** What was not sent is lost. */
  reset(): void {
    this.#text = '';
    this.#slow = '';
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  get connected(): boolean {
    return this.#pty !== null;
  }

  get blocked(): boolean {
    return this.#slow.length > SLOW_LIMIT || (this.#pty?.blocked ?? true);
  }

  hasReader(): boolean {
    return this.#pty?.hasReader() ?? false;
  }

  /** Input is held back in the kernel, or taken again. */
  hold(isHeld: boolean): void {
    if (isHeld) this.#pty?.pause();
    else this.#pty?.resume();
  }

  /** Keeps it until `flush`. */
  add(text: string): void {
    this.#text += text;
  }

  get kept(): number {
    return this.#text.length;
  }

  flush(): void {
    if (this.#text === '') return;
    const text = this.#text;
    this.#text = '';
    if (!this.#inPieces(text)) this.#pty?.write(text);
  }

  /** What was kept is never sent. */
  drop(): void {
    this.#text = '';
  }

  /** Sends what the client did not ask for, which `hasReader` takes into account. */
  notice(text: string): void {
    if (!this.#inPieces(text)) this.#pty?.notice(text);
  }

  /** Octets that pass everything that waits here. */
  noise(text: string): void {
    this.#pty?.write(text);
  }

  #inPieces(text: string): boolean {
    if (this.#faults.splitBytes === null && this.#slow === '') return false;
    if (this.#slow === '') this.#random = this.#faults.splitBytes ?? 0;
    this.#slow += text;
    this.#timer ??= setTimeout(() => this.#sendPiece(), PAUSE_MS);
    return true;
  }

  #sendPiece(): void {
    this.#timer = null;
    const length = this.#faults.splitBytes === 0 ? 1 : 1 + (this.#next() % 3);
    this.#pty?.write(this.#slow.slice(0, length));
    this.#slow = this.#slow.slice(length);
    if (this.#slow !== '') this.#timer = setTimeout(() => this.#sendPiece(), PAUSE_MS);
    else this.#onRoom();
  }

  /** The next of a line of numbers that depends on the seed only (a linear congruence; its low bits are poor). */
  #next(): number {
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#random >>> 16;
  }
}
