/** A message as the local page shows it: what could be a code is masked. */
import { maskCodes } from '../log.ts';
import type { SmsReceived } from '../protocol/events.ts';
import type { MessageGlance } from '../protocol/state.ts';

/** @param data - the data of an `sms.received`, as JSON. */
export function glance(data: string): MessageGlance {
  const { receivedAt, slot, iccid, from, text, dataHex, parts } = JSON.parse(data) as SmsReceived;
  const shown = text === null ? `(${dataHex === null ? 'unreadable' : 'data'})` : maskCodes(text);
  return { receivedAt, slot, iccid, from, text: shown, parts };
}
