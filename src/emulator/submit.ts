/** What the network makes of a SUBMIT: a DELIVER for who it is sent to, and a STATUS-REPORT for the sender (23.040 §9.2.2). */
import { addressField, hex, type ReadTpdu, timestamp } from './tpdu.ts';

/** 23.040 §9.2.2.1; header and text go on as they came. */
export function deliverOf(submit: ReadTpdu, from: string, atSeconds: number): string {
  // TP-MMS set: no more messages wait here.
  const first = 0x04 | (submit.header === '' ? 0 : 0x40);
  const head = hex([first]) + addressField(from, undefined) + hex([submit.pid, submit.dcs]);
  return head + timestamp(atSeconds, 0) + submit.userData;
}

/** 23.040 §9.2.2.3; `status` is TP-ST, 0 for delivered. */
export function statusReportOf(to: string, reference: number, atSeconds: number, status: number): string {
  const sentAt = timestamp(atSeconds, 0);
  return `06${hex([reference])}${addressField(to, undefined)}${sentAt}${sentAt}${hex([status])}`;
}

/** What the parts of one long message share; null for a message that is whole (23.040 §9.2.3.24.1 and .8). */
export function concatenationOf({ address, header }: ReadTpdu): string | null {
  for (let at = 0; at + 4 <= header.length; ) {
    const element = header.slice(at, at + 2);
    const end = at + 4 + 2 * Number.parseInt(header.slice(at + 2, at + 4), 16);
    // All but the last octet, which is the part's own number.
    if (element === '00' || element === '08') return `${address} ${header.slice(at, end - 2)}`;
    at = end;
  }
  return null;
}
