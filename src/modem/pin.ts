/**
 * Unlocking a card that asks for its PIN: from a file, after reading how many tries are left, and never with the last one.
 * The PUK is never sent: a wrong one destroys the card.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Dialogue } from '../at/channel.ts';
import { messageOf, SimbankError } from '../errors.ts';
import { isRefusal, optional } from './ask.ts';
import type { Driver } from './driver.ts';
import type { Trouble } from './state.ts';

export interface PinSource {
  /** The file that holds the PIN and nothing else; null when none is configured for this card or slot. */
  readonly file: string | null;
  /** The card, where it can be read without its PIN. */
  readonly iccid: string | null;
  /** The modem: which card it is where the card does not say, for one modem may have several ports. */
  readonly imei: string | null;
}

/** A PIN that was sent to a card. */
interface Sent extends Omit<PinSource, 'file'> {
  readonly hash: string;
  /** It was refused: never sent again. Else no answer came, so often, with so many tries left before. */
  readonly outcome: 'refused' | { readonly tries: number; readonly times: number };
}

/** What cards were told, through whichever port: each PIN that is wrong costs one try, and there are three. */
export class Pins {
  #sent: Sent[] = [];
  /** What is under way, by modem. */
  readonly #turns = new Map<string | null, Promise<unknown>>();

  /**
   * Of those who read the tries that are left and then send, one at a time on each modem: two ports that read «2 left» would spend
   * both. One without an IMEI may be any of them. Other modems do not wait: one of them may hang.
   */
  oneAtATime<T>(imei: string | null, job: () => Promise<T>): Promise<T> {
    const before = [...this.#turns].flatMap(([other, turn]) =>
      imei === null || other === null || other === imei ? [turn] : [],
    );
    const run = Promise.all(before).then(job);
    const turn: Promise<unknown> = run
      .catch(() => {})
      .then(() => {
        if (this.#turns.get(imei) === turn) this.#turns.delete(imei);
      });
    this.#turns.set(imei, turn);
    return run;
  }

  find(wanted: Omit<Sent, 'outcome'>): Sent['outcome'] | null {
    return this.#sent.find((sent) => isSame(sent, wanted))?.outcome ?? null;
  }

  /** `null`: it was right, or nobody has looked at it. */
  note({ hash, iccid, imei }: Omit<Sent, 'outcome'>, outcome: Sent['outcome'] | null): void {
    this.#sent = this.#sent.filter((sent) => !isSame(sent, { hash, iccid, imei }));
    if (outcome !== null) this.#sent.push({ hash, iccid, imei, outcome });
  }
}

/** All modems of this process. */
export const PINS = new Pins();

function isSame(a: Omit<Sent, 'outcome'>, b: Omit<Sent, 'outcome'>): boolean {
  if (a.hash !== b.hash) return false;
  return a.iccid !== null && b.iccid !== null ? a.iccid === b.iccid : a.imei === b.imei;
}

/**
 * To be called within `Pins.oneAtATime`.
 *
 * A PIN that was refused is never sent again while this program runs; one that got no answer once more, when no try was lost
 * by it.
 *
 * @returns why the card is still locked; null when the PIN was taken.
 */
export async function unlock(
  at: Dialogue,
  driver: Driver,
  { file, iccid, imei }: PinSource,
  pins: Pins,
): Promise<Trouble | null> {
  if (file === null) {
    const message =
      'the SIM asks for its PIN: set pinFile for this port or this SIM, or switch the request off in a phone';
    return { code: 'sim.pin_required', message };
  }
  let pin: string;
  try {
    pin = readFileSync(file, 'utf8').trim();
  } catch (error) {
    return { code: 'sim.pin_file', message: `the PIN file cannot be read: ${messageOf(error)}` };
  }
  if (!/^\d{4,8}$/.test(pin))
    return { code: 'sim.pin_file', message: `${file} does not hold a PIN: 4 to 8 digits and nothing else` };

  const card = { hash: createHash('sha256').update(pin).digest('hex'), iccid, imei };
  const before = pins.find(card);
  if (before === 'refused') {
    const message = `the PIN in ${file} was refused, and is not sent again: put the right one there`;
    return { code: 'sim.pin_wrong', message };
  }
  const tries = await triesLeft(at, driver);
  if (tries === null) {
    const message = 'the modem does not tell how many tries are left: the PIN is not sent';
    return { code: 'sim.pin_not_sent', message };
  }
  if (tries <= 1) {
    const message = `${tries === 1 ? 'one try is' : 'no tries are'} left: the PIN is not sent; unlock the SIM in a phone`;
    return { code: 'sim.pin_not_sent', message };
  }
  // It was sent before, and no answer came: the counter tells what became of it. Should it lie, one try is left over.
  const times = before?.tries === tries ? before.times : 0;
  const isLost = before !== null && before.tries > tries;
  if (isLost || (times > 0 && tries < 3) || times > 1) {
    const message = `the PIN in ${file} was sent, and the SIM is still locked: it is not sent again`;
    return { code: 'sim.pin_wrong', message };
  }
  // Before it is sent: whatever comes back, or does not, one that may be wrong is not tried twice.
  pins.note(card, 'refused');
  try {
    await at.once(`AT+CPIN="${pin}"`, 10_000);
  } catch (error) {
    if (!isRefusal(error)) {
      pins.note(card, { tries, times: times + 1 });
      throw new SimbankError('at.timeout', 'no answer to the PIN');
    }
    // Nobody has looked at the PIN, as the counter says, too.
    if (error.code === 'at.busy' && (await triesLeft(at, driver)) === tries) {
      pins.note(card, null);
      return { code: 'sim.pin_not_sent', message: 'the SIM is busy: its PIN is sent in a moment' };
    }
    const message = `the PIN in ${file} was refused (${tries - 1} tries are left), and is not sent again`;
    return { code: 'sim.pin_wrong', message };
  }
  pins.note(card, null);
  return null;
}

async function triesLeft(at: Dialogue, { pinTries }: Driver): Promise<number | null> {
  if (pinTries === null) return null;
  for (const line of await optional(at, pinTries.ask)) {
    const found = pinTries.tries.exec(line)?.[1];
    if (found !== undefined) return Number(found);
  }
  return null;
}
