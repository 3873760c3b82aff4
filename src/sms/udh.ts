/**
 * TP-UDH, the user data header: information elements and what they mean. 23.040 clause 9.2.3.24.
 *
 * Every element is kept as it came. Of an element that may not be repeated the last one counts, and an element that
 * makes no sense is as good as absent; both are the clause's own rules.
 */
import { type MessageWaiting, WAITING_TYPES } from './dcs.ts';
import { type Cursor, malformed, takeOctet, takeOctets } from './octets.ts';

export interface InformationElement {
  readonly id: number;
  readonly data: Uint8Array;
}

export interface Concat {
  readonly ref: number;
  readonly total: number;
  readonly seq: number;
  readonly bits: 8 | 16;
}

export interface Ports {
  readonly dst: number;
  readonly src: number;
  readonly bits: 8 | 16;
}

/** National language identifiers (23.038 clause 6.2.1.2.4), 0 for the default alphabet. */
export interface Languages {
  readonly single: number;
  readonly locking: number;
}

export interface UserDataHeader {
  /** The header without its length octet. */
  readonly octets: Uint8Array;
  readonly elements: readonly InformationElement[];
}

const CONCAT_8 = 0x00;
const SPECIAL_INDICATION = 0x01;
const PORTS_8 = 0x04;
const PORTS_16 = 0x05;
const CONCAT_16 = 0x08;
const VOICE_MAIL = 0x23;
const SINGLE_SHIFT = 0x24;
const LOCKING_SHIFT = 0x25;

export function takeHeader(cursor: Cursor): UserDataHeader {
  const length = takeOctet(cursor, 'TP-UDHL');
  const start = cursor.at;
  const octets = takeOctets(cursor, length, 'TP-UDH');
  const elements: InformationElement[] = [];
  let at = 0;
  while (at < length) {
    const id = octets[at] as number;
    const size = octets[at + 1];
    if (size === undefined || at + 2 + size > length) {
      const fault = `information element ${id} runs past the header's end`;
      throw malformed(cursor.structure, 'TP-UDH', start + at, fault);
    }
    elements.push({ id, data: octets.subarray(at + 2, at + 2 + size) });
    at += 2 + size;
  }
  return { octets, elements };
}

/** What the header says about the text's whole: the last element that is valid. */
export function concatOf(header: UserDataHeader): Concat | null {
  let concat: Concat | null = null;
  for (const { id, data } of header.elements) {
    let found: Concat | null = null;
    if (id === CONCAT_8 && data.length === 3) {
      found = { ref: at(data, 0), total: at(data, 1), seq: at(data, 2), bits: 8 };
    } else if (id === CONCAT_16 && data.length === 4) {
      found = { ref: (at(data, 0) << 8) | at(data, 1), total: at(data, 2), seq: at(data, 3), bits: 16 };
    }
    // 9.2.3.24.1: the element is ignored when the total or the number is 0, or the number is beyond the total.
    if (found !== null && found.seq >= 1 && found.seq <= found.total) concat = found;
  }
  return concat;
}

export function portsOf(header: UserDataHeader): Ports | null {
  let ports: Ports | null = null;
  for (const { id, data } of header.elements) {
    if (id === PORTS_8 && data.length === 2) {
      ports = { dst: at(data, 0), src: at(data, 1), bits: 8 };
    } else if (id === PORTS_16 && data.length === 4) {
      ports = { dst: (at(data, 0) << 8) | at(data, 1), src: (at(data, 2) << 8) | at(data, 3), bits: 16 };
    }
  }
  return ports;
}

/** The national languages of the text (9.2.3.24.15 and 16). */
export function languagesOf(header: UserDataHeader): Languages {
  let single = 0;
  let locking = 0;
  for (const { id, data } of header.elements) {
    if (data.length !== 1) continue;
    if (id === SINGLE_SHIFT) single = at(data, 0);
    if (id === LOCKING_SHIFT) locking = at(data, 0);
  }
  return { single, locking };
}

/**
 * The waiting indications of the header, as one: the special message indication (9.2.3.24.2) and the enhanced voice
 * mail information (9.2.3.24.13). A message may carry one of each type; an active one is what it is about.
 */
export function waitingOf(header: UserDataHeader): MessageWaiting | null {
  const byType = new Map<MessageWaiting['type'], MessageWaiting>();
  for (const { id, data } of header.elements) {
    const waiting =
      id === SPECIAL_INDICATION ? specialIndication(data) : id === VOICE_MAIL ? voiceMail(data) : null;
    if (waiting !== null) byType.set(waiting.type, waiting);
  }
  const all = [...byType.values()];
  return all.find((waiting) => waiting.active) ?? all[0] ?? null;
}

function specialIndication(data: Uint8Array): MessageWaiting | null {
  if (data.length !== 2) return null;
  const indication = at(data, 0);
  // Bits 1 and 0 are the basic type, 4 to 2 an extension that makes more of «other»; bits 6 and 5 are a profile.
  const type = WAITING_TYPES[indication & 0x1f] ?? 'other';
  const count = at(data, 1);
  return { type, active: count > 0, store: (indication & 0x80) !== 0, count };
}

/** Both PDU types, notification and delete confirmation: the flags, the mailbox's address, the number of messages. */
function voiceMail(data: Uint8Array): MessageWaiting | null {
  const addressLength = data[1];
  if (addressLength === undefined) return null;
  // The address is coded as in 9.1.2.5: its length octet counts semi-octets, without the type of address.
  const count = data[3 + ((addressLength + 1) >> 1)];
  if (count === undefined) return null;
  return { type: 'voicemail', active: count > 0, store: (at(data, 0) & 0x10) !== 0, count };
}

/** A header of these elements. */
export function headerOf(elements: readonly InformationElement[]): UserDataHeader {
  const octets: number[] = [];
  for (const { id, data } of elements) octets.push(id, data.length, ...data);
  return { octets: Uint8Array.from(octets), elements };
}

/** The element that says which part of a whole a message is (9.2.3.24.1 and 9.2.3.24.8). */
export function concatElement({ ref, total, seq, bits }: Concat): InformationElement {
  return bits === 8
    ? { id: CONCAT_8, data: Uint8Array.of(ref, total, seq) }
    : { id: CONCAT_16, data: Uint8Array.of(ref >> 8, ref & 0xff, total, seq) };
}

function at(data: Uint8Array, index: number): number {
  return data[index] as number;
}
