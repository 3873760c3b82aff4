/** USSD on a SIM: where it is, how its modem wants the string, and what its answer says. */
import { SimbankError } from '../errors.ts';
import type { UssdStatus } from '../modem/ussd.ts';
import { decodeUssd, encodeUssd } from '../sms/ussd.ts';
import type { Slot } from './slot.ts';

export interface UssdResult extends Record<string, unknown> {
  readonly text: string | null;
  readonly status: UssdStatus;
}

/**
 * Sends a code, or the reply that an open session of this SIM waits for: codes begin with `*` or `#`, replies do not.
 *
 * @throws SimbankError `sim.absent`, `ussd.unsupported`, `ussd.unsayable`, and those of `Modem.ussd`.
 */
export async function runUssd(slots: Iterable<Slot>, iccid: string, code: string): Promise<UssdResult> {
  const slot = [...slots].find(({ claimed }) => claimed === iccid);
  if (slot === undefined)
    throw new SimbankError('sim.absent', `the SIM ${iccid} is in no slot of this gateway`);
  const driver = slot.modem.driver;
  const coding = driver?.ussd ?? 'charset';
  if (coding === 'none')
    throw new SimbankError('ussd.unsupported', `${driver?.title ?? 'this modem'} cannot send USSD`);
  const raw = encodeUssd(code, coding);
  if (raw === null)
    throw new SimbankError('ussd.unsayable', 'the code has characters that USSD cannot carry');
  const answer = await slot.modem.ussd(raw, !/^[*#]/.test(code));
  return {
    text: answer.raw === null ? null : decodeUssd(answer.raw, answer.dcs, coding),
    status: answer.status,
  };
}
