/** What a URC tells the owner of a modem. Pure. */
import { fields, type UrcEvent } from '../at/urc.ts';
import type { UrcKind } from './driver.ts';
import { pduOf } from './messages.ts';
import type { Input } from './state.ts';

export type Notice =
  /** «There may be a message at this place.» A hint, never more. */
  | { readonly type: 'announced'; readonly store: string; readonly index: number }
  /** A message that is nowhere but on this line: as it came where that is no hex, for it may have lost something, or be a text. */
  | { readonly type: 'carried'; readonly pdu: string; readonly length: number }
  /** There is a reason to look, and no place to look at. */
  | { readonly type: 'look' }
  /** What stands behind `+CUSD:`. */
  | { readonly type: 'ussd'; readonly rest: string }
  /** It rings; `from` as in Calls. */
  | { readonly type: 'call'; readonly from: string | null | undefined }
  | { readonly type: 'call-over' }
  /** Something the lifecycle decides upon. */
  | { readonly type: 'input'; readonly input: Input }
  | { readonly type: 'nothing' };

export function noticeOf(event: UrcEvent): Notice {
  const kind = event.kind as UrcKind;
  switch (kind) {
    case 'message-stored':
    case 'report-stored': {
      const [store = '', index = ''] = fields(event.rest);
      // `+CMTI: ,-1` says that nothing was stored: class 0, or not supported.
      const isPlace = /^[A-Z]{2}$/.test(store) && /^\d+$/.test(index);
      return isPlace ? { type: 'announced', store, index: Number(index) } : { type: 'look' };
    }
    case 'message-direct':
    case 'report-direct': {
      // `+CMT: [<alpha>],<length>` and `+CDS: <length>`, with the PDU on the next line (27.005 §3.4.1).
      const pdu = pduOf(event.body[0] ?? '');
      return pdu === ''
        ? { type: 'look' }
        : { type: 'carried', pdu, length: Number(fields(event.rest).at(-1)) || 0 };
    }
    case 'store-full':
      return { type: 'look' };
    case 'sms-ready':
      return { type: 'input', input: { type: 'sms', ready: true } };
    case 'restarted':
      return { type: 'input', input: { type: 'modem-restarted' } };
    case 'sim-state':
      return { type: 'input', input: { type: 'sim-event' } };
    case 'registration':
      return { type: 'input', input: { type: 'network-event' } };
    case 'ussd':
      return { type: 'ussd', rest: [event.rest, ...event.body].join('\n') };
    case 'call':
      return { type: 'call', from: callerOf(event.rest) };
    case 'call-over':
      return { type: 'call-over' };
    case 'noise':
      return { type: 'nothing' };
    default:
      return kind satisfies never;
  }
}

/** `+CLIP: "<number>",<type>[,…]` begins with the number (27.007 §7.11); `RING`, `+CRING: VOICE` and states of calls have none. */
function callerOf(rest: string): string | null | undefined {
  if (!/^\s*".*,/.test(rest)) return undefined;
  const [number = '', type = ''] = fields(rest);
  if (!/^\+?[\d*#]+$/.test(number)) return null;
  // 145: an international number, whether or not the modem writes its +.
  return type === '145' && !number.startsWith('+') ? `+${number}` : number;
}
