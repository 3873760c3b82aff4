/** What an entry of a modem's store says, as subscribers are told of it. Pure; knows nothing of whose message it is. */
import { SimbankError } from '../../errors.ts';
import type { SmsReceived } from '../../protocol/events.ts';
import { assemble, type Part } from '../../sms/concat.ts';
import { type Deliver, decodePdu, type StatusReport, tpduHexOf } from '../../sms/tpdu.ts';

/** Of a message that which is in its PDUs. */
export type Content = Omit<
  SmsReceived,
  'messageId' | 'iccid' | 'attribution' | 'msisdn' | 'imei' | 'slot' | 'receivedAt' | 'code' | 'activations'
>;

/**
 * The TPDU of an entry without its SMSC, in hex, whether or not it can be read; of what is no hex, the octets of that line.
 *
 * @param length - of the TPDU in octets, as the modem said; 0 where it does not say.
 */
export function tpduOf(pdu: string, length: number): string {
  return HEX.test(pdu) ? tpduHexOf(pdu, lengthOf(length)) : hexOf(Buffer.from(pdu));
}

/** What an entry says, or why it cannot be read. */
export function read(pdu: string, length: number): Deliver | StatusReport | SimbankError {
  if (!HEX.test(pdu)) {
    const fault = 'the modem gave no PDU in hex: pdus holds the octets of its line';
    return new SimbankError('sms.malformed', fault);
  }
  try {
    const { tpdu } = decodePdu(pdu, { direction: 'mt', ...lengthOf(length) });
    return tpdu.type === 'SUBMIT'
      ? new SimbankError('sms.malformed', 'an SMS-SUBMIT among received messages')
      : tpdu;
  } catch (error) {
    if (error instanceof SimbankError) return error;
    throw error;
  }
}

/** A message that came whole. */
export function contentOf(tpdu: string, message: Deliver): Content {
  return {
    ...headOf(message),
    text: message.text,
    encoding: message.dcs.encoding,
    dataHex: message.data && hexOf(message.data),
    parts: { total: 1, received: 1 },
    complete: true,
    error: message.partial ? 'the PDU is cut short' : null,
    pdus: [tpdu],
  };
}

/** A message as far as its parts are here: at least one is, and each could be read when it came. */
export function joinedContent(stored: readonly { number: number; tpdu: string }[], total: number): Content {
  const parts: Part[] = stored.map(({ number, tpdu }) => {
    return { index: number, tpdu: decodePdu(tpdu, { tpdu: true, direction: 'mt' }).tpdu as Deliver };
  });
  const joined = assemble(parts, total);
  return {
    // The first part's own stamp says when the message was sent.
    ...headOf(parts[0]!.tpdu),
    text: joined.text,
    encoding: joined.encoding,
    dataHex: joined.data && hexOf(joined.data),
    parts: { total, received: joined.received },
    complete: joined.complete,
    error: joined.partial ? 'a part is damaged: the text may be incomplete' : null,
    pdus: stored.map(({ tpdu }) => tpdu),
  };
}

/** What could not be read; its PDUs are all that is told. */
export function unreadContent(pdus: string[], error: string, parts = { total: 1, received: 1 }): Content {
  const complete = parts.received === parts.total;
  return { ...NO_HEAD, text: null, encoding: '8bit', dataHex: null, parts, complete, error, pdus };
}

/** Modems that are not in PDU mode give the text itself, and a line that lost a character is none any more. */
const HEX = /^([0-9A-F]{2})*$/i;

const NO_HEAD = { from: '', fromType: 'unknown', class: null, sentAt: null, ports: null } as const;

function headOf(message: Deliver) {
  return {
    from: message.oa.value,
    fromType: message.oa.type,
    class: message.dcs.class,
    sentAt: message.scts?.iso ?? null,
    ports: message.ports === null ? null : { dst: message.ports.dst, src: message.ports.src },
  };
}

/** What is no number of octets is no length either: such a line lost something on its way. */
function lengthOf(length: number): { length?: number } {
  return Number.isInteger(length) && length > 0 ? { length } : {};
}

function hexOf(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex').toUpperCase();
}
