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

/** The special message indication (9.2.3.24.2). */
export function waitingOf(header: UserDataHeader): MessageWaiting | null {
  let waiting: MessageWaiting | null = null;
  for (const { id, data } of header.elements) {
    if (id === SPECIAL_INDICATION && data.length === 2) {
      const type = WAITING_TYPES[at(data, 0) & 3] as MessageWaiting['type'];
      const count = at(data, 1);
      waiting = { type, active: count > 0, store: (at(data, 0) & 0x80) !== 0, count };
    }
  }
  return waiting;
}

function at(data: Uint8Array, index: number): number {
  return data[index] as number;
}
