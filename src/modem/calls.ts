/**
 * Calls that come in. None is ever answered: who calls is all that is wanted (it can be the code), and then the call is
 * ended, because a SIM that rings takes no other call.
 */
import type { Dialogue } from '../at/channel.ts';
import { isRefusal } from './ask.ts';

type Speak = (job: (at: Dialogue) => Promise<void>) => Promise<void>;

/** `+CLIP` follows the first RING at once; a modem that never sends it does not keep the line busy for it. */
const NUMBER_MS = 4_000;
/** RINGs are some 5 s apart; after this long without one the call is over. */
const OVER_MS = 8_000;

export class Calls {
  readonly #speak: Speak;
  readonly #received: (from: string | null) => void;
  #told = false;
  #number: NodeJS.Timeout | undefined;
  #over: NodeJS.Timeout | undefined;

  /** @param received - told once of each call; null where the number is withheld or never told. */
  constructor(speak: Speak, received: (from: string | null) => void) {
    this.#speak = speak;
    this.#received = received;
  }

  /** @param from - the caller's number, null where it is withheld, undefined where this line does not tell. */
  heard(from: string | null | undefined): void {
    const isNew = this.#over === undefined;
    clearTimeout(this.#over);
    this.#over = setTimeout(() => this.stop(), OVER_MS);
    if (isNew) {
      this.#told = false;
      this.#number = setTimeout(() => this.#tell(null), NUMBER_MS);
    }
    if (this.#told) {
      // It still rings: the modem refused, or lost, what should have ended it.
      if (from === undefined) this.#hangUp();
    } else if (from !== undefined) this.#tell(from);
  }

  stop(): void {
    clearTimeout(this.#number);
    clearTimeout(this.#over);
    this.#over = undefined;
  }

  #tell(from: string | null): void {
    clearTimeout(this.#number);
    this.#told = true;
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
