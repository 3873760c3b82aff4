/**
 * TPDUs as octets: the reverse of tpdu.ts, from the same fields. What is derived there (text, concatenation, ports) is
 * not looked at here; the header's elements and the body are.
 */
import { SimbankError } from '../errors.ts';
import { type Address, addressOctets, smscOctets } from './address.ts';
import { packSeptets } from './gsm7.ts';
import { toHex } from './octets.ts';
import { timestampOctets } from './timestamp.ts';
import type { Deliver, StatusReport, Submit } from './tpdu.ts';
import { MAX_OCTETS, MAX_SEPTETS, type UserData } from './user-data.ts';
import type { Validity } from './validity.ts';

export type UserDataFields = Pick<UserData, 'dcs' | 'udh' | 'body'>;

export type DeliverFields = UserDataFields &
  Pick<
    Deliver,
    | 'type'
    | 'oa'
    | 'pid'
    | 'scts'
    | 'moreMessages'
    | 'loopPrevention'
    | 'statusReportIndication'
    | 'replyPath'
  >;

export type SubmitFields = UserDataFields &
  Pick<
    Submit,
    'type' | 'mr' | 'da' | 'pid' | 'validity' | 'rejectDuplicates' | 'statusReportRequest' | 'replyPath'
  >;

export type StatusReportFields = Omit<StatusReport, 'userData' | 'partial'> & {
  userData: UserDataFields | null;
};

export type TpduFields = DeliverFields | SubmitFields | StatusReportFields;

/** Hex in upper case; the SMSC in front, `00` for none. */
export function encodePdu(smsc: Address | null, tpdu: TpduFields): string {
  return toHex(smscOctets(smsc)) + encodeTpdu(tpdu);
}

/** The TPDU alone. */
export function encodeTpdu(tpdu: TpduFields): string {
  switch (tpdu.type) {
    case 'DELIVER':
      return toHex(deliver(tpdu));
    case 'SUBMIT':
      return toHex(submit(tpdu));
    case 'STATUS-REPORT':
      return toHex(statusReport(tpdu));
    default:
      return tpdu satisfies never;
  }
}

function deliver(tpdu: DeliverFields): Uint8Array {
  return Uint8Array.of(
    bit(0x04, !tpdu.moreMessages) |
      bit(0x08, tpdu.loopPrevention) |
      bit(0x20, tpdu.statusReportIndication) |
      bit(0x40, tpdu.udh !== null) |
      bit(0x80, tpdu.replyPath),
    ...addressOctets(tpdu.oa),
    tpdu.pid,
    tpdu.dcs.value,
    ...timestampOctets(tpdu.scts),
    ...userData(tpdu),
  );
}

function submit(tpdu: SubmitFields): Uint8Array {
  return Uint8Array.of(
    0x01 |
      bit(0x04, tpdu.rejectDuplicates) |
      (validityFormat(tpdu.validity) << 3) |
      bit(0x20, tpdu.statusReportRequest) |
      bit(0x40, tpdu.udh !== null) |
      bit(0x80, tpdu.replyPath),
    tpdu.mr,
    ...addressOctets(tpdu.da),
    tpdu.pid,
    tpdu.dcs.value,
    ...validityOctets(tpdu.validity),
    ...userData(tpdu),
  );
}

function statusReport(tpdu: StatusReportFields): Uint8Array {
  const optional: number[] = [];
  if (tpdu.pid !== null) optional.push(tpdu.pid);
  if (tpdu.dcs !== null) optional.push(tpdu.dcs.value);
  if (tpdu.userData !== null) optional.push(...userData(tpdu.userData));
  const indicator =
    bit(0x01, tpdu.pid !== null) | bit(0x02, tpdu.dcs !== null) | bit(0x04, tpdu.userData !== null);
  return Uint8Array.of(
    0x02 |
      bit(0x04, !tpdu.moreMessages) |
      bit(0x08, tpdu.loopPrevention) |
      bit(0x20, tpdu.ofCommand) |
      bit(0x40, (tpdu.userData?.udh ?? null) !== null),
    tpdu.mr,
    ...addressOctets(tpdu.ra),
    ...timestampOctets(tpdu.scts),
    ...timestampOctets(tpdu.discharge),
    tpdu.status,
    // The indicator itself is optional: 9.2.2.3.
    ...(indicator === 0 ? [] : [indicator, ...optional]),
  );
}

function bit(mask: number, set: boolean): number {
  return set ? mask : 0;
}

/** TP-UDL and TP-UD. */
function userData({ dcs, udh, body }: UserDataFields): Uint8Array {
  const header = udh === null ? [] : [udh.octets.length, ...udh.octets];
  const inSeptets = dcs.encoding === 'gsm7' && !dcs.compressed;
  // 9.2.3.24: the text begins at a septet boundary, and the fill counts.
  const skip = inSeptets ? Math.ceil((8 * header.length) / 7) : header.length;
  const length = skip + body.length;
  const limit = inSeptets ? MAX_SEPTETS : MAX_OCTETS;
  if (length > limit) {
    const unit = inSeptets ? 'septets' : 'octets';
    throw new SimbankError('sms.too_long', `the user data has ${length} ${unit}, at most ${limit} fit`);
  }
  const octets = new Uint8Array(inSeptets ? (7 * length + 7) >> 3 : length);
  octets.set(header);
  if (inSeptets) packSeptets(body, octets, skip);
  else octets.set(body, skip);
  return Uint8Array.of(length, ...octets);
}

/** TP-VPF. */
function validityFormat(validity: Validity | null): number {
  if (validity === null) return 0;
  return { enhanced: 1, relative: 2, absolute: 3 }[validity.format];
}

function validityOctets(validity: Validity | null): Uint8Array {
  if (validity === null) return Uint8Array.of();
  switch (validity.format) {
    case 'relative':
      return Uint8Array.of(validity.value);
    case 'absolute':
      return timestampOctets(validity.until);
    case 'enhanced':
      return validity.octets;
    default:
      return validity satisfies never;
  }
}
