/** One part of a message on its way out (27.005 §4.3), and what a failure says about whether it went. */
import type { Dialogue } from '../at/channel.ts';
import { SimbankError } from '../errors.ts';
import { isRefusal } from './ask.ts';

/** `refused`: it did not go, and will not. `later`: it did not go, and may another time. `doubt`: nobody knows. */
export type SendFailure = 'refused' | 'later' | 'doubt';

/**
 * @param pdu - hex, with an SMSC of length 0 in front. @param length - octets behind it.
 * @returns the message reference the modem gave it (23.040 §9.2.3.6).
 */
export async function submitPart(at: Dialogue, pdu: string, length: number): Promise<number> {
  const lines = await at.submit(`AT+CMGS=${length}`, pdu);
  const reference = /^\+CMGS: ?(\d+)/.exec(lines.find((line) => line.startsWith('+CMGS:')) ?? '')?.[1];
  // Accepted all the same: without a number no report can be matched.
  return reference === undefined ? -1 : Number(reference) & 0xff;
}

/**
 * 24.011 §E.2 and 27.005 §3.2.5: causes that pass by themselves, and say that nothing was sent: network out of order,
 * temporary failure, congestion, resources unavailable; SIM busy, no network.
 */
const PASSING = new Set([38, 41, 42, 47, 314, 331, 515]);
/** The network did not say what became of it, or the modem does not: «network timeout», «unknown error». */
const UNCERTAIN = new Set([332, 500]);

export function failureOfSending(error: unknown): SendFailure {
  if (!(error instanceof SimbankError)) return 'doubt';
  if (error.detail.bodySent === false) return 'later';
  if (error.code === 'modem.not_ready') return 'later';
  if (!isRefusal(error)) return 'doubt';
  const number = Number(error.detail.number);
  if (error.code === 'at.busy' || PASSING.has(number)) return 'later';
  return UNCERTAIN.has(number) ? 'doubt' : 'refused';
}
