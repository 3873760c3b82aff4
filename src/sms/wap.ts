/**
 * MMS notifications: a WAP push of `application/vnd.wap.mms-message` to port 2948, as binary data over SMS.
 * WAP-230-WSP clauses 8.2.4 and 8.4 (push, header encoding), OMA-MMS-ENC clauses 6.2 and 7 (M-Notification.ind).
 */
import type { Ports } from './udh.ts';

export interface MmsNotification {
  /** Where the message can be fetched. */
  contentLocation: string | null;
  /** The sender, without its address type. */
  from: string | null;
  subject: string | null;
  /** Octets of the message. */
  size: number | null;
  /** RFC 3339 in UTC, when the centre gave a date. */
  expiresAt: string | null;
  /** When it gave a period instead. */
  expiresInSeconds: number | null;
  transactionId: string | null;
}

/** The push client's port without security (WAP-259-WDP, appendix B). */
const PUSH_PORT = 2948;
const WSP_PUSH = 0x06;
const MMS_MESSAGE = 0x3e;
const MMS_MESSAGE_NAME = 'application/vnd.wap.mms-message';

/** X-Mms header fields, as they are on the wire. */
const CONTENT_LOCATION = 0x83;
const EXPIRY = 0x88;
const FROM = 0x89;
const MESSAGE_TYPE = 0x8c;
const MESSAGE_SIZE = 0x8e;
const SUBJECT = 0x96;
const TRANSACTION_ID = 0x98;

const NOTIFICATION_IND = 0x82;
/** The last day that a Date can say. */
const MAX_SECONDS = 8_640_000_000_000;

/**
 * What the notification says, or null when the data is no MMS notification. `data` is the user data after the header,
 * of all parts joined. Of a notification that is cut short, what is there.
 */
export function mmsNotification(data: Uint8Array, ports: Ports | null): MmsNotification | null {
  if (ports?.dst !== PUSH_PORT) return null;
  const reader: Reader = { data, at: 1 };
  if (octet(reader) !== WSP_PUSH) return null;
  const headersLength = uintvar(reader);
  const body = reader.at + headersLength;
  if (!isMmsMessage(value({ data, at: reader.at }))) return null;
  return notification({ data, at: body });
}

function notification(reader: Reader): MmsNotification | null {
  const found: MmsNotification = {
    contentLocation: null,
    from: null,
    subject: null,
    size: null,
    expiresAt: null,
    expiresInSeconds: null,
    transactionId: null,
  };
  let type: number | undefined;
  while (reader.at < reader.data.length) {
    const field = octet(reader);
    if (field < 0x80) {
      // An application's own header: its name and its value are texts.
      reader.at--;
      value(reader);
      value(reader);
      continue;
    }
    const content = value(reader);
    switch (field) {
      case MESSAGE_TYPE:
        type = content.short;
        break;
      case CONTENT_LOCATION:
        found.contentLocation = content.text;
        break;
      case TRANSACTION_ID:
        found.transactionId = content.text;
        break;
      case SUBJECT:
        found.subject = encodedString(content);
        break;
      case MESSAGE_SIZE:
        found.size = longInteger(content);
        break;
      case FROM:
        // Token 0x80: an address follows; 0x81 leaves it to the centre.
        if (content.octets?.[0] === 0x80) {
          const address = encodedString(value({ data: content.octets, at: 1 }));
          found.from = address?.replace(/\/TYPE=.*$/, '') ?? null;
        }
        break;
      case EXPIRY:
        setExpiry(found, content.octets);
        break;
    }
  }
  return type === NOTIFICATION_IND ? found : null;
}

/** Token 0x80: a date in seconds since 1970; 0x81: seconds from now. */
function setExpiry(found: MmsNotification, octets: Uint8Array | null): void {
  if (octets === null) return;
  const content = value({ data: octets, at: 1 });
  const seconds = content.short === undefined ? longInteger(content) : content.short & 0x7f;
  if (seconds === null) return;
  if (octets[0] === 0x81) found.expiresInSeconds = seconds;
  else if (octets[0] === 0x80 && seconds <= MAX_SECONDS) {
    found.expiresAt = new Date(1000 * seconds).toISOString();
  }
}

interface Reader {
  readonly data: Uint8Array;
  at: number;
}

/** A header's value: one of the three, by its first octet (WSP 8.4.1.2). */
interface Value {
  short: number | undefined;
  text: string | null;
  octets: Uint8Array | null;
}

const utf8 = new TextDecoder();

function octet(reader: Reader): number {
  return reader.data[reader.at++] ?? 0;
}

/** Seven bits an octet, the first bit says that more follow; five octets at most (WSP 8.1.2). */
function uintvar(reader: Reader): number {
  let result = 0;
  for (let count = 0; count < 5; count++) {
    const next = octet(reader);
    result = result * 128 + (next & 0x7f);
    if (next < 0x80) break;
  }
  return result;
}

function value(reader: Reader): Value {
  const first = octet(reader);
  if (first >= 0x80) return { short: first, text: null, octets: null };
  if (first < 0x20) {
    const length = first === 0x1f ? uintvar(reader) : first;
    const octets = reader.data.subarray(reader.at, reader.at + length);
    reader.at += length;
    return { short: undefined, text: null, octets };
  }
  reader.at--;
  return { short: undefined, text: textString(reader), octets: null };
}

/** Text up to a zero octet; 0x7F may quote a first character that is beyond ASCII. */
function textString(reader: Reader): string {
  const start = reader.data[reader.at] === 0x7f ? reader.at + 1 : reader.at;
  const zero = reader.data.indexOf(0, start);
  const end = zero < 0 ? reader.data.length : zero;
  reader.at = end + 1;
  return utf8.decode(reader.data.subarray(start, end));
}

/** A content type: a well-known number, a name, or either with parameters behind it. */
function isMmsMessage(type: Value): boolean {
  const media = type.octets === null ? type : value({ data: type.octets, at: 0 });
  return media.short === (0x80 | MMS_MESSAGE) || media.text === MMS_MESSAGE_NAME;
}

/** A text, or a character set and a text; the set is taken to be UTF-8, as all centres have it. */
function encodedString(content: Value): string | null {
  if (content.octets === null) return content.text;
  const reader: Reader = { data: content.octets, at: 0 };
  value(reader);
  // Centres leave the quote out, so the first octet says nothing here.
  return textString(reader);
}

function longInteger(content: Value): number | null {
  if (content.octets === null || content.octets.length === 0 || content.octets.length > 6) return null;
  return content.octets.reduce((sum, next) => 256 * sum + next, 0);
}
