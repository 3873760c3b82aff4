/** How a SIM that is ready is asked for its number, and who can see it. Each question once; when, is not decided here. */
import { SimbankError } from '../../errors.ts';
import { ownNumber } from '../../modem/own-number.ts';
import { holdsCard } from '../../modem/probe.ts';
import { countryOfImsi } from '../../sim/mcc.ts';
import type { Slot } from '../slot.ts';
import type { SimRow } from '../store/sims.ts';
import { runUssd } from '../ussd.ts';
import { type Normalised, normalise } from './normalise.ts';
import { numberInAnswer, type Operator } from './operators.ts';

/** A SIM that is ready, and where it is. */
export interface Ready extends SimRow {
  readonly holder: Slot;
}

/** Who can see a message's sender: a SIM of the same country before others, whose messages may cost more. */
export function recipientFor(sim: Ready, ready: readonly Ready[]): Ready | null {
  const others = ready.filter(({ iccid, msisdn }) => msisdn !== null && iccid !== sim.iccid);
  return others.find(({ countryIso }) => countryIso === sim.countryIso) ?? others[0] ?? null;
}

/** What the card says. @throws SimbankError `modem.not_ready` where it was not asked, `sim.changed`, and those of the channel. */
export async function askCard({ iccid, imsi, holder }: Ready): Promise<Normalised | null> {
  const number = await holder.modem.use(async (at, stillValid) => {
    const { card } = holder.modem;
    if (card?.iccid !== iccid)
      throw new SimbankError('modem.not_ready', 'the SIM is not in its slot any more');
    const told = await ownNumber(at);
    // Another card may have told it.
    if (!stillValid() || !(await holdsCard(at, card))) throw gone();
    return told;
  });
  if (number === null) return null;
  const country = imsi === null ? null : countryOfImsi(imsi);
  const { digits, international } = number;
  // What is marked as national is written in full all the same on many cards, and the other way round.
  return (international ? normalise(`+${digits}`, null) : null) ?? normalise(digits, country);
}

/** What its network answers. @throws SimbankError `sim.changed`, and those of `runUssd`. */
export async function askNetwork(
  { iccid, imsi, holder }: Ready,
  operator: Operator,
): Promise<Normalised | null> {
  const { generation } = holder.modem.state;
  const { text } = await runUssd([holder], iccid, operator.ussd!);
  if (holder.claimed !== iccid || holder.modem.state.generation !== generation) throw gone();
  return text === null ? null : numberInAnswer(operator, text, imsi === null ? null : countryOfImsi(imsi));
}

function gone(): SimbankError {
  return new SimbankError('sim.changed', 'the SIM may have been changed while it was asked');
}
