/**
 * SMS TPDUs: SMS-DELIVER, SMS-SUBMIT and SMS-STATUS-REPORT, with the SMSC in front as modems give them.
 * 3GPP TS 23.040 clause 9.2. Knows nothing of modems, stores, time or what a message means.
 */
import { hasCode } from '../errors.ts';
import { type Address, takeAddress, takeSmsc } from './address.ts';
import { type Dcs, readDcs } from './dcs.ts';
import { type Cursor, fromHex, malformed, takeOctet, takeOctets } from './octets.ts';
import { readTimestamp, type Scts, TIMESTAMP_OCTETS } from './timestamp.ts';
import { takeUserData, type UserData } from './user-data.ts';
import { takeValidity, type Validity } from './validity.ts';

export type { Address, TypeOfNumber } from './address.ts';
export type { Dcs, Encoding, MessageClass, MessageWaiting } from './dcs.ts';
export { encodePdu, encodeTpdu, type TpduFields } from './encode.ts';
export { type EncodedSubmit, encodeSubmit, type SubmitOptions, type SubmitPart } from './submit.ts';
export type { Scts } from './timestamp.ts';
export type { Concat, InformationElement, Ports, UserDataHeader } from './udh.ts';
export type { UserData } from './user-data.ts';
export type { Validity } from './validity.ts';

/** From the service centre to the mobile (9.2.2.1). */
export interface Deliver extends UserData {
  type: 'DELIVER';
  oa: Address;
  pid: number;
  /** Null when the octets make no possible time. */
  scts: Scts | null;
  /** TP-MMS says that more messages wait at the service centre. */
  moreMessages: boolean;
  replyPath: boolean;
  statusReportIndication: boolean;
  loopPrevention: boolean;
}

/** From the mobile to the service centre (9.2.2.2). */
export interface Submit extends UserData {
  type: 'SUBMIT';
  /** The message reference, which a status report repeats. */
  mr: number;
  da: Address;
  pid: number;
  validity: Validity | null;
  rejectDuplicates: boolean;
  statusReportRequest: boolean;
  replyPath: boolean;
}

/** What became of a message that was sent (9.2.2.3). */
export interface StatusReport {
  type: 'STATUS-REPORT';
  mr: number;
  ra: Address;
  scts: Scts | null;
  /** The time that goes with the status: of delivery, or of the last attempt. */
  discharge: Scts | null;
  /** TP-ST (9.2.3.15). */
  status: number;
  moreMessages: boolean;
  loopPrevention: boolean;
  /** The report is about an SMS-COMMAND, not an SMS-SUBMIT. */
  ofCommand: boolean;
  pid: number | null;
  dcs: Dcs | null;
  /** Optional, as TP-PI says. */
  userData: UserData | null;
  partial?: true;
}

export type Tpdu = Deliver | Submit | StatusReport;

export interface DecodeOptions {
  /** There is no SMSC in front. */
  tpdu?: boolean;
  /** Who sent it; without it, TP-MTI 1 is a stored SMS-SUBMIT, as modems list them. */
  direction?: 'mt' | 'mo';
  /** Octets of the TPDU, as `+CMGR` says; what follows them is padding. */
  length?: number;
}

export interface DecodedPdu {
  smsc: Address | null;
  tpdu: Tpdu;
  /** Upper case, without the SMSC; padding is cut off when `length` was given. */
  tpduHex: string;
}

/** 12 octets of SMSC and the longest TPDU are below 190; a modem's record is 176. */
const MAX_PDU_OCTETS = 256;
const MAX_SMSC_OCTETS = 12;

export function decodePdu(hex: string, options: DecodeOptions = {}): DecodedPdu {
  if (hex.length > 2 * MAX_PDU_OCTETS) {
    throw malformed('PDU', 'hex', MAX_PDU_OCTETS, `more than ${MAX_PDU_OCTETS} octets`);
  }
  const octets = fromHex(hex);
  const prefix: Cursor = { octets, at: 0, end: octets.length, structure: 'PDU' };
  const smsc = options.tpdu === true ? null : takeSmsc(prefix);
  const start = prefix.at;
  const { length = octets.length - start } = options;
  if (!Number.isInteger(length) || length < 0) {
    throw malformed('PDU', 'length', start, 'the length that was given is no number of octets');
  }
  const wanted = start + length;
  const end = Math.min(wanted, octets.length);

  const cursor: Cursor = { octets, at: start, end, structure: 'PDU' };
  const tpdu = takeTpdu(cursor, options.direction);
  if (wanted > end) tpdu.partial = true;
  return { smsc, tpdu, tpduHex: hex.slice(2 * start, 2 * end).toUpperCase() };
}

function takeTpdu(cursor: Cursor, direction: 'mt' | 'mo' | undefined): Tpdu {
  const at = cursor.at;
  const first = takeOctet(cursor, 'TP-MTI');
  switch (first & 3) {
    case 1:
      if (direction === 'mt') throw malformed('PDU', 'TP-MTI', at, 'SMS-SUBMIT-REPORT is not a message');
      cursor.structure = 'SMS-SUBMIT';
      return takeSubmit(cursor, first);
    case 2:
      if (direction === 'mo') throw malformed('PDU', 'TP-MTI', at, 'SMS-COMMAND is not a message');
      cursor.structure = 'SMS-STATUS-REPORT';
      return takeStatusReport(cursor, first);
    default:
      // 9.2.3.1: the reserved value is processed as if it were an SMS-DELIVER.
      if (direction === 'mo') throw malformed('PDU', 'TP-MTI', at, 'SMS-DELIVER-REPORT is not a message');
      cursor.structure = 'SMS-DELIVER';
      return takeDeliver(cursor, first);
  }
}

function takeDeliver(cursor: Cursor, first: number): Deliver {
  const oa = takeAddress(cursor, 'TP-OA');
  const pid = takeOctet(cursor, 'TP-PID');
  const dcs = readDcs(takeOctet(cursor, 'TP-DCS'));
  const scts = readTimestamp(takeOctets(cursor, TIMESTAMP_OCTETS, 'TP-SCTS'));
  const userData = takeUserData(cursor, dcs, (first & 0x40) !== 0);
  return {
    type: 'DELIVER',
    oa,
    pid,
    scts,
    // 9.2.3.2: the bit is 0 when more messages are waiting.
    moreMessages: (first & 0x04) === 0,
    loopPrevention: (first & 0x08) !== 0,
    statusReportIndication: (first & 0x20) !== 0,
    replyPath: (first & 0x80) !== 0,
    ...userData,
  };
}

function takeSubmit(cursor: Cursor, first: number): Submit {
  const mr = takeOctet(cursor, 'TP-MR');
  const da = takeAddress(cursor, 'TP-DA');
  const pid = takeOctet(cursor, 'TP-PID');
  const dcs = readDcs(takeOctet(cursor, 'TP-DCS'));
  const validity = takeValidity(cursor, (first >> 3) & 3);
  const userData = takeUserData(cursor, dcs, (first & 0x40) !== 0);
  return {
    type: 'SUBMIT',
    mr,
    da,
    pid,
    validity,
    rejectDuplicates: (first & 0x04) !== 0,
    statusReportRequest: (first & 0x20) !== 0,
    replyPath: (first & 0x80) !== 0,
    ...userData,
  };
}

const PI_PID = 0x01;
const PI_DCS = 0x02;
const PI_UDL = 0x04;
const PI_RESERVED = 0x78;
const PI_EXTENSION = 0x80;

function takeStatusReport(cursor: Cursor, first: number): StatusReport {
  const report: StatusReport = {
    type: 'STATUS-REPORT',
    mr: takeOctet(cursor, 'TP-MR'),
    ra: takeAddress(cursor, 'TP-RA'),
    scts: readTimestamp(takeOctets(cursor, TIMESTAMP_OCTETS, 'TP-SCTS')),
    discharge: readTimestamp(takeOctets(cursor, TIMESTAMP_OCTETS, 'TP-DT')),
    status: takeOctet(cursor, 'TP-ST'),
    moreMessages: (first & 0x04) === 0,
    loopPrevention: (first & 0x08) !== 0,
    ofCommand: (first & 0x20) !== 0,
    pid: null,
    dcs: null,
    userData: null,
  };
  if (cursor.at < cursor.end) takeOptional(cursor, report, (first & 0x40) !== 0);
  return report;
}

/** What follows TP-ST. The report is whole without it: a fault in here makes it partial only, as padding does. */
function takeOptional(cursor: Cursor, report: StatusReport, hasHeader: boolean): void {
  try {
    // 9.2.3.27: which fields follow. Bit 7 announces another indicator octet; any bit that is reserved, that something
    // follows TP-UD which is to be discarded.
    const indicator = takeOctet(cursor, 'TP-PI');
    let discard = (indicator & PI_RESERVED) !== 0;
    let extension = indicator;
    while (extension & PI_EXTENSION) {
      extension = takeOctet(cursor, 'TP-PI');
      discard ||= (extension & ~PI_EXTENSION) !== 0;
    }
    if (indicator & PI_PID) report.pid = takeOctet(cursor, 'TP-PID');
    if (indicator & PI_DCS) report.dcs = readDcs(takeOctet(cursor, 'TP-DCS'));
    // Without TP-DCS the text is in the default alphabet.
    if (indicator & PI_UDL)
      report.userData = takeUserData(cursor, report.dcs ?? readDcs(0), hasHeader, discard);
    if (report.userData?.partial || (cursor.at < cursor.end && !discard)) report.partial = true;
  } catch (error) {
    if (!hasCode(error, 'sms.malformed')) throw error;
    report.partial = true;
  }
}

/**
 * The TPDU of a PDU that need not be decodable, as `decodePdu` would give it: what cannot be read is kept as hex and
 * has an identity too. Without a sensible SMSC in front it is the PDU as a whole.
 */
export function tpduHexOf(pdu: string, options: DecodeOptions = {}): string {
  const hex = pdu.toUpperCase();
  const smscOctets = options.tpdu === true ? 0 : 1 + Number.parseInt(hex.slice(0, 2), 16);
  const start = smscOctets <= MAX_SMSC_OCTETS && 2 * smscOctets < hex.length ? 2 * smscOctets : 0;
  const end = start + 2 * (options.length ?? Number.NaN);
  return end >= start ? hex.slice(start, end) : hex.slice(start);
}

/**
 * The identity of a part on a SIM: its TPDU with TP-MMS cleared, for a resend may differ in that bit alone. Takes what
 * cannot be decoded as well.
 */
export function partIdentity(tpduHex: string): string {
  const hex = tpduHex.toUpperCase();
  const first = Number.parseInt(hex.slice(0, 2), 16);
  // Bit 2 is TP-MMS in SMS-DELIVER and SMS-STATUS-REPORT, but TP-RD in SMS-SUBMIT.
  if (Number.isNaN(first) || (first & 3) === 1) return hex;
  return (first & ~0x04).toString(16).toUpperCase().padStart(2, '0') + hex.slice(2);
}
