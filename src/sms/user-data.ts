/**
 * TP-UDL and TP-UD: the header if there is one, and the body as the data coding scheme says. 23.040 clauses 9.2.3.16
 * and 9.2.3.24.
 */
import type { Dcs, MessageWaiting } from './dcs.ts';
import { alphabetOf, septetsToText, textToSeptets, unpackSeptets } from './gsm7.ts';
import { type Cursor, malformed, takeOctet } from './octets.ts';
import {
  type Concat,
  concatOf,
  type Languages,
  languagesOf,
  type Ports,
  portsOf,
  takeHeader,
  type UserDataHeader,
  waitingOf,
} from './udh.ts';

export interface UserData {
  dcs: Dcs;
  udh: UserDataHeader | null;
  /** What follows the header: one septet an octet when the text is uncompressed GSM 7-bit, else the octets. */
  body: Uint8Array;
  /** The body as text by itself; null for 8-bit data and compressed text. */
  text: string | null;
  /** The body when it is no text. */
  data: Uint8Array | null;
  languages: Languages;
  concat: Concat | null;
  ports: Ports | null;
  mwi: MessageWaiting | null;
  /** The data was cut short or over-long: what is here was read, but it may not be all. */
  partial?: true;
}

export const MAX_SEPTETS = 160;
export const MAX_OCTETS = 140;
const noLanguages: Languages = { single: 0, locking: 0 };

/**
 * Reads TP-UDL and TP-UD, which end the TPDU: whatever follows them makes the result partial, unless it is known to be
 * there and to be discarded.
 */
export function takeUserData(cursor: Cursor, dcs: Dcs, hasHeader: boolean, discardRest = false): UserData {
  const lengthAt = cursor.at;
  const length = takeOctet(cursor, 'TP-UDL');
  // 9.2.3.16: septets for the uncompressed default alphabet, octets for all else.
  const inSeptets = dcs.encoding === 'gsm7' && !dcs.compressed;
  const limit = inSeptets ? MAX_SEPTETS : MAX_OCTETS;
  if (length > limit) {
    const fault = `${length} ${inSeptets ? 'septets' : 'octets'}, at most ${limit} are allowed`;
    throw malformed(cursor.structure, 'TP-UDL', lengthAt, fault);
  }

  const start = cursor.at;
  const declared = inSeptets ? (7 * length + 7) >> 3 : length;
  const size = Math.min(declared, cursor.end - start);
  let partial = discardRest ? size < declared : cursor.end - start !== declared;

  const field: Cursor = { octets: cursor.octets, at: start, end: start + size, structure: cursor.structure };
  const udh = hasHeader ? takeHeader(field) : null;
  const languages = udh === null ? noLanguages : languagesOf(udh);
  cursor.at = cursor.end;

  let body: Uint8Array;
  let text: string | null = null;
  if (inSeptets) {
    // The text begins at the next septet boundary after the header; the bits between are fill (9.2.3.24).
    const skip = Math.ceil((8 * (field.at - start)) / 7);
    const septets = size === declared ? length : Math.floor((8 * size) / 7);
    if (septets < skip) partial = true;
    body = unpackSeptets(cursor.octets.subarray(start, start + size), skip, Math.max(0, septets - skip));
    text = septetsToText(body, alphabetOf(languages.locking, languages.single));
  } else {
    body = cursor.octets.slice(field.at, start + size);
    if (dcs.encoding === 'ucs2' && !dcs.compressed) {
      text = unitsToText(body).toWellFormed();
      if (body.length % 2 !== 0) partial = true;
    }
  }

  const userData: UserData = {
    dcs,
    udh,
    body,
    text,
    data: text === null ? body : null,
    languages,
    concat: udh === null ? null : concatOf(udh),
    ports: udh === null ? null : portsOf(udh),
    mwi: udh === null ? dcs.waiting : waiting(udh, dcs),
  };
  if (partial) userData.partial = true;
  return userData;
}

/** The header says more than the coding group; the message is to be kept when either says so (9.2.3.24.2). */
function waiting(udh: UserDataHeader, dcs: Dcs): MessageWaiting | null {
  const inHeader = waitingOf(udh);
  if (inHeader === null || dcs.waiting === null) return inHeader ?? dcs.waiting;
  return { ...inHeader, store: inHeader.store || dcs.waiting.store };
}

/**
 * UCS-2 octets as UTF-16 code units. 23.038 says UCS2; what phones send is UTF-16, so surrogates are kept as they
 * come and make characters when the parts are joined. An odd last octet is left out.
 */
export function unitsToText(octets: Uint8Array): string {
  let text = '';
  for (let at = 0; at + 1 < octets.length; at += 2) {
    text += String.fromCharCode(((octets[at] as number) << 8) | (octets[at + 1] as number));
  }
  return text;
}

/** The body that `text` has in this coding, or null when it cannot be said in it. */
export function bodyOf(
  text: string,
  encoding: 'gsm7' | 'ucs2',
  languages: Languages = noLanguages,
): Uint8Array | null {
  if (encoding === 'gsm7') {
    const characters = textToSeptets(text, alphabetOf(languages.locking, languages.single));
    return characters === null ? null : Uint8Array.from(characters.flat());
  }
  const octets = new Uint8Array(2 * text.length);
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    octets[2 * index] = unit >> 8;
    octets[2 * index + 1] = unit & 0xff;
  }
  return octets;
}
