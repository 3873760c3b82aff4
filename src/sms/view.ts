/**
 * A decoded PDU for a person to read.
 */
import { hasCode } from '../errors.ts';
import { assembledRecordOf, type PduRecord, recordOf } from './record.ts';
import type { DecodedPdu } from './tpdu.ts';

/** A heading, then one aligned line for each field that says something. */
export function viewOf(decoded: DecodedPdu): string {
  const record = recordOf(decoded);
  const heading = `SMS-${record.type}${record.partial ? ' (cut short or over-long)' : ''}`;
  return section(heading, fieldsOf(decoded, record));
}

/** The message that several PDUs make; null when they are not the parts of one. */
export function viewOfMessage(pdus: readonly DecodedPdu[]): string | null {
  try {
    const record = assembledRecordOf(pdus);
    return section(`Message, ${record.received} of ${record.total} parts`, [
      ['From', `${record.from || '-'} (${record.from_type})`],
      ['MMS', record.mms ? JSON.stringify(record.mms) : null],
      ['Data', record.data_hex],
      ['Text', record.text],
    ]);
  } catch (error) {
    if (hasCode(error, 'sms.unrelated_parts')) return null;
    throw error;
  }
}

type Field = [label: string, value: unknown];

function section(heading: string, fields: readonly Field[]): string {
  const lines = [heading];
  for (const [label, value] of fields) {
    if (value === null || value === undefined || value === '') continue;
    const [head, ...more] = visible(String(value)).split('\n');
    lines.push(`  ${label.padEnd(12)}${head}`, ...more.map((line) => `${' '.repeat(14)}${line}`));
  }
  return `${lines.join('\n')}\n`;
}

function fieldsOf({ tpdu }: DecodedPdu, record: PduRecord): Field[] {
  const party = { DELIVER: 'From', SUBMIT: 'To', 'STATUS-REPORT': 'Recipient' }[tpdu.type];
  const userData = tpdu.type === 'STATUS-REPORT' ? tpdu.userData : tpdu;
  const { concat, ports, mwi } = userData ?? {};
  const elements = userData?.udh?.elements.map(({ id, data }) => `0x${octet(id)} (${data.length} octets)`);
  return [
    ['SMSC', record.smsc],
    [party, `${record.from || '-'} (${record.from_type})`],
    ['Reference', record.ref],
    [
      tpdu.type === 'DELIVER' ? 'Sent' : 'Accepted',
      tpdu.type === 'SUBMIT' ? null : (record.timestamp ?? 'unknown'),
    ],
    ['Discharged', tpdu.type === 'STATUS-REPORT' ? (record.discharge ?? 'unknown') : null],
    ['Status', tpdu.type === 'STATUS-REPORT' ? `0x${octet(tpdu.status)} (${statusOf(tpdu.status)})` : null],
    ['Valid', record.validity ? JSON.stringify(record.validity) : null],
    ['Protocol', typeof record.pid === 'number' ? `0x${octet(record.pid)}` : null],
    ['Coding', codingOf(tpdu.dcs)],
    ['Header', elements?.join(', ')],
    ['Part', concat && `${concat.seq} of ${concat.total}, reference ${concat.ref} (${concat.bits} bit)`],
    ['Ports', ports && `to ${ports.dst} from ${ports.src} (${ports.bits} bit)`],
    [
      'Waiting',
      mwi && `${mwi.type}, ${mwi.active ? 'active' : 'inactive'}, count ${mwi.count ?? 'not given'}`,
    ],
    ['MMS', record.mms ? JSON.stringify(record.mms) : null],
    ['Data', record.data_hex],
    ['Text', record.text],
  ];
}

function codingOf(dcs: DecodedPdu['tpdu']['dcs']): string | null {
  if (dcs === null) return null;
  const notes = [{ gsm7: 'GSM 7-bit', '8bit': '8-bit data', ucs2: 'UCS-2' }[dcs.encoding]];
  if (dcs.compressed) notes.push('compressed');
  if (dcs.class !== null) notes.push(`class ${dcs.class}`);
  if (dcs.autoDelete) notes.push('to be deleted after reading');
  return `0x${octet(dcs.value)} (${notes.join(', ')})`;
}

/** The groups of TP-ST: 23.040 clause 9.2.3.15. */
function statusOf(status: number): string {
  if (status === 0) return 'received by the recipient';
  if (status < 0x20) return 'completed';
  if (status < 0x40) return 'not yet, the service centre is still trying';
  if (status < 0x60) return 'failed for good';
  return status < 0x80 ? 'failed, the service centre is not trying any more' : 'reserved';
}

function octet(value: number): string {
  return value.toString(16).toUpperCase().padStart(2, '0');
}

/** Text from strangers on a terminal: control characters are shown, not obeyed. */
function visible(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, (character) => {
      return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
    });
}
