/**
 * A decoded PDU as one flat record of plain values: what `simbankd decode --jsonl` writes. Names are those of its
 * contract; members are added, never renamed.
 */
import { SimbankError } from '../errors.ts';
import { type Assembled, assemble, concatKey, type Part } from './concat.ts';
import { toHex } from './octets.ts';
import type { DecodedPdu, Deliver, Tpdu, UserData } from './tpdu.ts';
import { mmsNotification } from './wap.ts';

export type PduRecord = Record<string, unknown>;

export function recordOf({ smsc, tpdu }: DecodedPdu): PduRecord {
  const userData = tpdu.type === 'STATUS-REPORT' ? tpdu.userData : tpdu;
  const dcs = tpdu.dcs;
  const record: PduRecord = {
    type: tpdu.type,
    smsc: smsc?.value ?? null,
    ...sender(tpdu),
    ref: tpdu.type === 'DELIVER' ? null : tpdu.mr,
    pid: tpdu.pid,
    dcs: dcs?.value ?? null,
    encoding: dcs?.encoding ?? null,
    class: dcs?.class ?? null,
    ...content(userData),
    timestamp: tpdu.type === 'SUBMIT' ? null : (tpdu.scts?.iso ?? null),
    discharge: tpdu.type === 'STATUS-REPORT' ? (tpdu.discharge?.iso ?? null) : null,
    status: tpdu.type === 'STATUS-REPORT' ? tpdu.status : null,
    concat: userData?.concat ?? null,
    ports: userData?.ports ?? null,
    mwi: userData?.mwi ?? null,
    compressed: dcs?.compressed ?? false,
    udh: userData?.udh == null ? null : toHex(userData.udh.octets),
  };
  if (tpdu.type === 'SUBMIT') record.validity = validity(tpdu);
  if (userData !== null && userData.concat === null) addMms(record, userData.data, userData);
  if (tpdu.partial) record.partial = true;
  return record;
}

/** The message that several PDUs make; `sms.unrelated_parts` when they are not the parts of one. */
export function assembledRecordOf(pdus: readonly DecodedPdu[]): PduRecord {
  const delivers = pdus.map(({ tpdu }) => {
    if (tpdu.type !== 'DELIVER') throw unrelated(`an SMS-${tpdu.type} is no part of a message`);
    return tpdu;
  });
  const first = delivers[0];
  if (first === undefined) throw unrelated('there is no PDU to assemble');
  const parts = delivers.map((tpdu): Part => ({ index: tpdu.concat?.seq ?? 1, tpdu }));
  if (new Set(delivers.map(messageKey)).size > 1) throw unrelated('the PDUs are of more than one message');

  const total = first.concat?.total ?? 1;
  const whole = assemble(parts, total);
  // Of parts with the same number the first counts, as in the text.
  const lead = parts.reduce((best, part) => (part.index < best.index ? part : best)).tpdu;
  const record: PduRecord = {
    type: 'DELIVER',
    ...sender(lead),
    encoding: whole.encoding,
    class: lead.dcs.class,
    ...(whole.text === null ? { data_hex: toHex(whole.data ?? Uint8Array.of()) } : { text: whole.text }),
    timestamp: lead.scts?.iso ?? null,
    ports: lead.ports,
    total,
    received: whole.received,
    complete: whole.complete,
    missing: whole.missing,
  };
  addMms(record, wholeData(whole), lead);
  if (whole.partial || !whole.complete) record.partial = true;
  return record;
}

function unrelated(message: string): SimbankError {
  return new SimbankError('sms.unrelated_parts', message);
}

/** Parts of one message have one; a PDU that is no part is the same message only as itself. */
function messageKey(tpdu: Deliver): string {
  if (tpdu.concat !== null) return concatKey(tpdu.oa, tpdu.concat);
  return `${tpdu.oa.value} ${tpdu.scts?.epochMs} ${tpdu.dcs.value} ${toHex(tpdu.body)}`;
}

function wholeData(whole: Assembled): Uint8Array | null {
  return whole.complete && whole.text === null ? whole.data : null;
}

function sender(tpdu: Tpdu): { from: string; from_type: string } {
  const address = tpdu.type === 'DELIVER' ? tpdu.oa : tpdu.type === 'SUBMIT' ? tpdu.da : tpdu.ra;
  return { from: address.value, from_type: address.type };
}

function content(userData: UserData | null): { text: string | null } | { data_hex: string } {
  if (userData === null) return { text: null };
  return userData.data === null ? { text: userData.text } : { data_hex: toHex(userData.data) };
}

function validity(tpdu: Extract<Tpdu, { type: 'SUBMIT' }>): PduRecord | null {
  switch (tpdu.validity?.format) {
    case undefined:
      return null;
    case 'relative':
      return { format: 'relative', seconds: 60 * tpdu.validity.minutes };
    case 'absolute':
      return { format: 'absolute', until: tpdu.validity.until?.iso ?? null };
    case 'enhanced':
      return { format: 'enhanced', seconds: tpdu.validity.seconds, single_shot: tpdu.validity.singleShot };
  }
}

function addMms(record: PduRecord, data: Uint8Array | null, { ports }: Pick<UserData, 'ports'>): void {
  const mms = data === null ? null : mmsNotification(data, ports);
  if (mms === null) return;
  record.mms = {
    content_location: mms.contentLocation,
    from: mms.from,
    subject: mms.subject,
    size: mms.size,
    expires_at: mms.expiresAt,
    expires_in_seconds: mms.expiresInSeconds,
    transaction_id: mms.transactionId,
  };
}
