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
}

/**
 * @param refused - what was refused already, by card and PIN: never sent again while this program runs; and what got no
 * answer, with the tries that were left before: sent once more when no try was lost by it.
 * @returns why the card is still locked; null when the PIN was taken.
 */
export async function unlock(
  at: Dialogue,
  driver: Driver,
  { file, iccid }: PinSource,
  refused: Set<string>,
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

  const key = createHash('sha256')
    .update(`${iccid ?? ''} ${pin}`)
    .digest('hex');
  if (refused.has(key)) {
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
  const sentAt = (left: number): string => `${key} ${left}`;
  const wasSent = refused.has(sentAt(tries));
  if (refused.has(sentAt(tries + 1)) || (wasSent && tries < 3) || refused.has(`${sentAt(tries)} again`)) {
    const message = `the PIN in ${file} was sent, and the SIM is still locked: it is not sent again`;
    return { code: 'sim.pin_wrong', message };
  }
  // Before it is sent: whatever comes back, or does not, one that may be wrong is not tried twice.
  refused.add(key);
  try {
    await at.once(`AT+CPIN="${pin}"`, 10_000);
  } catch (error) {
    if (!isRefusal(error)) {
      refused.delete(key);
      refused.add(wasSent ? `${sentAt(tries)} again` : sentAt(tries));
      throw new SimbankError('at.timeout', 'no answer to the PIN');
    }
    // Nobody has looked at the PIN, as the counter says, too.
    if (error.code === 'at.busy' && (await triesLeft(at, driver)) === tries) {
      refused.delete(key);
      return { code: 'sim.pin_not_sent', message: 'the SIM is busy: its PIN is sent in a moment' };
    }
    const message = `the PIN in ${file} was refused (${tries - 1} tries are left), and is not sent again`;
    return { code: 'sim.pin_wrong', message };
  }
  refused.delete(key);
  refused.delete(sentAt(tries));
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
