/**
 * Calls that come in. None is ever answered: who calls is all that is wanted (it can be the code), and then the call is
 * ended, because a SIM that rings takes no other call.
 */
import type { Dialogue } from '../at/channel.ts';
import { isRefusal } from './ask.ts';

type Speak = (job: (at: Dialogue) => Promise<void>) => Promise<void>;

/** `+CLIP` follows the first RING at once; a modem that never sends it does not keep the line busy for it. */
const NUMBER_MS = 4_000;
/** A RING after a call was told is that call, still ringing, or another one: its number, were it another, is here by then. */
const AGAIN_MS = 500;
/** RINGs are some 5 s apart; after this long without one the call is over. */
const OVER_MS = 8_000;

export class Calls {
  readonly #speak: Speak;
  readonly #received: (from: string | null) => void;
  /** Whom the present call was told to be from; undefined before it was told. */
  #told: string | null | undefined;
  /** What is done when no number comes. */
  #number: NodeJS.Timeout | undefined;
  #over: NodeJS.Timeout | undefined;

  /** @param received - told once of each call; null where the number is withheld or never told. */
  constructor(speak: Speak, received: (from: string | null) => void) {
    this.#speak = speak;
    this.#received = received;
  }

  /** It rings. @param from - the caller's number, null where it is withheld, undefined where this line does not tell. */
  heard(from: string | null | undefined): void {
    const isNew = this.#over === undefined;
    clearTimeout(this.#over);
    this.#over = setTimeout(() => this.stop(), OVER_MS);
    if (isNew) this.#told = undefined;
    if (from !== undefined && from !== this.#told) this.#tell(from);
    else if (isNew) this.#number = setTimeout(() => this.#tell(null), NUMBER_MS);
    else if (from === undefined && this.#told !== undefined) {
      // The modem refused, or lost, what should have ended it.
      clearTimeout(this.#number);
      this.#number = setTimeout(() => this.#hangUp(), AGAIN_MS);
    }
  }

  /** The caller has given up, or the call is gone otherwise. Said of no call, it means nothing. */
  over(): void {
    const isUntold = this.#over !== undefined && this.#told === undefined;
    this.stop();
    if (isUntold) this.#received(null);
  }

  stop(): void {
    clearTimeout(this.#number);
    clearTimeout(this.#over);
    this.#over = undefined;
  }

  #tell(from: string | null): void {
    clearTimeout(this.#number);
    this.#told = from;
    this.#received(from);
    this.#hangUp();
  }

  /** 27.007 §6.5: +CHUP ends what rings; old modems know ATH only. */
  #hangUp(): void {
    this.#speak(async (at) => {
      for (const command of ['AT+CHUP', 'ATH']) {
        if (
          await at.command(command).then(
            () => true,
            (error) => !isRefusal(error),
          )
        )
          return;
      }
    }).catch(() => {});
  }
}
