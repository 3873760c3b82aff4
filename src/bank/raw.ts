/** `at.run`: a command line of an operator's own, to one modem. Off unless the configuration allows it. */
import { SimbankError } from '../errors.ts';
import { WRITES_IMEI } from '../modem/driver.ts';
import type { Slot } from './slot.ts';

const ANSWER_MS = 30_000;

/**
 * @returns the lines of the answer, without the final OK.
 * @throws SimbankError `at.not_allowed`, `at.forbidden`, `slot.unknown`, and those of the channel.
 */
export async function runAt(
  allowed: boolean,
  slot: Slot | undefined,
  name: string,
  command: string,
): Promise<string[]> {
  if (!allowed)
    throw new SimbankError('at.not_allowed', 'raw AT commands are off: set gateway.allowAt to allow them');
  // Blanks mean nothing to a modem (V.250 §5.2.1).
  if (WRITES_IMEI.test(command.replaceAll(' ', '')))
    throw new SimbankError('at.forbidden', 'this command changes the identity of a modem: it is never sent');
  if (slot === undefined) throw new SimbankError('slot.unknown', `this gateway has no slot ${name}`);
  return slot.modem.use((at) => at.command(command, ANSWER_MS));
}
