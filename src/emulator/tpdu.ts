/**
 * Writes SMS-DELIVER TPDUs and reads enough of a TPDU to tell who and what (3GPP TS 23.040 clause 9).
 *
 * It knows no port; 8-bit data it reads as hex only.
 */
import { SimbankError } from '../errors.ts';
import { fromSeptets, fromUcs2Hex, pack, toSeptets, toUcs2Hex, unpack } from './alphabet.ts';

export interface TextMessage {
  readonly from: string;
  readonly text: string;
  readonly sentAt?: Date;
  /** Width of the concatenation reference (23.040 §9.2.3.24.1 and .8). */
  readonly refBits?: 8 | 16;
  /** The service centre's zone in quarters of an hour (23.040 §9.2.3.11); 0 is UTC. */
  readonly zoneQuarters?: number;
  /** 23.038 §4: 0 is for the display only. */
  readonly messageClass?: 0 | 1 | 2 | 3;
  /** Type-of-address octet, where the shape of `from` does not say enough: 0xC9 for an abbreviated number. */
  readonly typeOfAddress?: number;
}

export interface ReadTpdu {
  readonly address: string;
  readonly text: string | null;
  readonly dataHex: string;
  readonly pid: number;
  readonly dcs: number;
  /** The user data header without its length, as hex. */
  readonly header: string;
  /** TP-UDL and TP-UD as they are. */
  readonly userData: string;
  readonly scts: string | null;
  /** TP-SRR of a SUBMIT: a status report is wanted. */
  readonly report: boolean;
}

const USER_DATA_OCTETS = 140;
const UDH_OCTETS = { 8: 6, 16: 7 } as const;
const DIGITS = '0123456789*#abc';

/** A message, cut into TPDUs that still need their service-centre time. */
export interface Draft {
  readonly parts: readonly { readonly head: string; readonly tail: string }[];
  readonly zoneQuarters: number;
}

/** `reference` is what all parts of a long message share. */
export function draftDeliver(message: TextMessage, reference: number): Draft {
  const refBits = message.refBits ?? 8;
  const address = addressField(message.from, message.typeOfAddress);
  const groups = toSeptets(message.text);
  const alphabet = groups === null ? 0x08 : 0x00;
  // 23.038 §4: bit 4 says that bits 0 and 1 are a class.
  const dcs = hex([message.messageClass === undefined ? alphabet : alphabet | 0x10 | message.messageClass]);
  const bodies = groups === null ? cutUcs2(message.text, refBits) : cutSeptets(groups, refBits);
  if (bodies.length > 255) throw new SimbankError('emulator.too_long', 'a message has at most 255 parts');

  const parts = bodies.map((body, i) => {
    const header = bodies.length > 1 ? concatenation(reference, bodies.length, i + 1, refBits) : '';
    // 23.040 §9.2.2.1: MTI 0, TP-MMS set = no more messages wait here, TP-UDHI.
    const first = 0x04 | (header === '' ? 0 : 0x40);
    return { head: `${hex([first])}${address}00${dcs}`, tail: userData(body, header) };
  });
  return { parts, zoneQuarters: message.zoneQuarters ?? 0 };
}

export function finishDraft(draft: Draft, atSeconds: number): string[] {
  const scts = timestamp(atSeconds, draft.zoneQuarters);
  return draft.parts.map((part) => part.head + scts + part.tail);
}

function cutSeptets(groups: number[][], refBits: 8 | 16): number[][] {
  const length = groups.reduce((sum, group) => sum + group.length, 0);
  if (length <= 160) return [groups.flat()];
  const room = Math.floor(((USER_DATA_OCTETS - UDH_OCTETS[refBits]) * 8) / 7);
  const bodies: number[][] = [];
  let body: number[] = [];
  for (const group of groups) {
    // An escape and its character stay in one part (23.040 §9.2.3.24.1).
    if (body.length + group.length > room) {
      bodies.push(body);
      body = [];
    }
    body.push(...group);
  }
  bodies.push(body);
  return bodies;
}

function cutUcs2(text: string, refBits: 8 | 16): string[] {
  if (text.length * 2 <= USER_DATA_OCTETS) return [text];
  const room = Math.floor((USER_DATA_OCTETS - UDH_OCTETS[refBits]) / 2);
  const bodies: string[] = [];
  let start = 0;
  while (start < text.length) {
    let end = Math.min(start + room, text.length);
    const last = text.charCodeAt(end - 1);
    // A surrogate pair is one character: it is not cut in two.
    if (end < text.length && last >= 0xd800 && last <= 0xdbff) end -= 1;
    bodies.push(text.slice(start, end));
    start = end;
  }
  return bodies;
}

function userData(body: number[] | string, header: string): string {
  const headerOctets = header.length / 2;
  if (typeof body === 'string') return hex([headerOctets + body.length * 2]) + header + toUcs2Hex(body);
  // 23.040 §9.2.3.16: TP-UDL counts septets, the header included, which ends on a septet boundary by fill bits.
  const headerSeptets = Math.ceil((headerOctets * 8) / 7);
  const fillBits = headerSeptets * 7 - headerOctets * 8;
  return hex([headerSeptets + body.length]) + header + hex(pack(body, fillBits));
}

function concatenation(reference: number, total: number, sequence: number, refBits: 8 | 16): string {
  return refBits === 8
    ? hex([5, 0x00, 3, reference & 0xff, total, sequence])
    : hex([6, 0x08, 4, (reference >> 8) & 0xff, reference & 0xff, total, sequence]);
}

/** TP-OA (23.040 §9.1.2.5): `+` means international, digits a national or short code, all else a name. */
export function addressField(from: string, typeOfAddress: number | undefined): string {
  const digits = from.replace(/^\+/, '');
  if (/^\+?[0-9*#]{1,20}$/.test(from)) {
    const type = typeOfAddress ?? (from.startsWith('+') ? 0x91 : 0x81);
    return hex([digits.length, type]) + semiOctets(digits);
  }
  const septets = toSeptets(from)?.flat();
  if (septets === undefined || septets.length === 0 || septets.length > 11) {
    throw new SimbankError(
      'emulator.bad_sender',
      'a sender is a number of at most 20 digits, or at most 11 characters of the GSM alphabet',
    );
  }
  const octets = pack(septets);
  return hex([Math.ceil((septets.length * 7) / 4), typeOfAddress ?? 0xd0]) + hex(octets);
}

/** Digits with the nibbles of each octet swapped, filled with F (23.040 §9.1.2.3). */
function semiOctets(digits: string): string {
  const padded = [...digits].map((digit) => DIGITS.indexOf(digit).toString(16));
  if (padded.length % 2 === 1) padded.push('f');
  let out = '';
  for (let i = 0; i < padded.length; i += 2) out += `${padded[i + 1]}${padded[i]}`;
  return out.toUpperCase();
}

function fromSemiOctets(octets: Uint8Array, count: number): string {
  let digits = '';
  for (const octet of octets) digits += (DIGITS[octet & 15] ?? '') + (DIGITS[octet >> 4] ?? '');
  return digits.slice(0, count);
}

/** TP-SCTS (23.040 §9.2.3.11): local time of the zone, in swapped decimal digits. */
export function timestamp(atSeconds: number, zoneQuarters: number): string {
  const local = new Date((atSeconds + zoneQuarters * 900) * 1000);
  const fields = [
    local.getUTCFullYear() % 100,
    local.getUTCMonth() + 1,
    local.getUTCDate(),
    local.getUTCHours(),
    local.getUTCMinutes(),
    local.getUTCSeconds(),
  ];
  const zone = Math.abs(zoneQuarters);
  const sign = zoneQuarters < 0 ? 0x08 : 0;
  const zoneOctet = ((zone % 10) << 4) | Math.floor(zone / 10) | sign;
  return hex([...fields.map((value) => ((value % 10) << 4) | Math.floor(value / 10)), zoneOctet]);
}

/** Reads a DELIVER or SUBMIT; null for anything else or too short. */
export function readTpdu(tpduHex: string): ReadTpdu | null {
  const octets = Buffer.from(tpduHex, 'hex');
  const first = octets[0] ?? 0xff;
  const type = first & 3;
  if (type > 1) return null;
  // A SUBMIT has TP-MR before the address.
  let at = type === 1 ? 2 : 1;
  const digits = octets[at] ?? 0;
  const typeOfAddress = octets[at + 1] ?? 0;
  const field = octets.subarray(at + 2, at + 2 + Math.ceil(digits / 2));
  at += 2 + field.length;
  const address =
    (typeOfAddress & 0x70) === 0x50
      ? fromSeptets(unpack(field, Math.floor((digits * 4) / 7)))
      : ((typeOfAddress & 0x70) === 0x10 ? '+' : '') + fromSemiOctets(field, digits);
  const [pid = 0, dcs = 0] = octets.subarray(at);
  at += 2;
  let scts: string | null = null;
  if (type === 0) {
    scts = readTimestamp(octets.subarray(at, at + 7));
    at += 7;
  } else {
    // TP-VPF (23.040 §9.2.3.3): none, enhanced, relative, absolute.
    at += [0, 7, 1, 7][(first >> 3) & 3] ?? 0;
  }
  const length = octets[at];
  if (length === undefined) return null;
  const userData = hex(octets.subarray(at));
  const body = octets.subarray(at + 1);
  const headerOctets = (first & 0x40) !== 0 ? (body[0] ?? 0) + 1 : 0;
  const data = body.subarray(headerOctets);
  return {
    address,
    text: readText(dcs, data, length, headerOctets),
    dataHex: hex(data),
    pid,
    dcs,
    header: hex(body.subarray(1, headerOctets)),
    userData,
    scts,
    report: type === 1 && (first & 0x20) !== 0,
  };
}

function readText(dcs: number, data: Uint8Array, length: number, headerOctets: number): string | null {
  const coding = (dcs & 0xf0) === 0xf0 ? dcs & 4 : dcs & 0x0c;
  if (coding === 8) return fromUcs2Hex(hex(data));
  if (coding !== 0) return null;
  const headerSeptets = Math.ceil((headerOctets * 8) / 7);
  return fromSeptets(unpack(data, length - headerSeptets, headerSeptets * 7 - headerOctets * 8));
}

/** As text mode shows it: `yy/MM/dd,hh:mm:ss±zz` (27.005 §3.1). */
function readTimestamp(octets: Uint8Array): string {
  const two = [...octets].map((octet) => `${octet & 15}${octet >> 4}`);
  const zone = octets[6] ?? 0;
  const quarters = `${zone & 7}${zone >> 4}`;
  return `${two[0]}/${two[1]}/${two[2]},${two[3]}:${two[4]}:${two[5]}${(zone & 8) === 0 ? '+' : '-'}${quarters}`;
}

/** The service centre of the emulated network; no country has 999. */
export const NETWORK_SMSC = '+99910000001';

/** Its address in front of each TPDU that +CMGR shows (27.005 §3.1 <pdu>): octets, type, digits. */
export const SMSC_FIELD = smscField(NETWORK_SMSC);

function smscField(smsc: string): string {
  const digits = semiOctets(smsc.slice(1));
  return hex([digits.length / 2 + 1, 0x91]) + digits;
}

export function hex(octets: Iterable<number>): string {
  return Buffer.from([...octets])
    .toString('hex')
    .toUpperCase();
}

/** The class of a DELIVER (23.038 §4), read without the rest; null when it has none. */
export function classOf(deliverHex: string): number | null {
  const addressOctets = (Number.parseInt(deliverHex.slice(2, 4), 16) + 1) >> 1;
  const at = 2 * (4 + addressOctets);
  const dcs = Number.parseInt(deliverHex.slice(at, at + 2), 16);
  return (dcs & 0x90) === 0x10 || (dcs & 0xf0) === 0xf0 ? dcs & 3 : null;
}
