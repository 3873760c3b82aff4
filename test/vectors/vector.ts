/**
 * What a vector is. `record` is the whole answer of `simbankd decode --jsonl` but for the id.
 */
import { type DeliverParts, deliver, hex, type Octets, type ReportParts, report, type SubmitParts, submit } from './writer.ts';

export interface Vector {
  name: string;
  clause: string;
  pdu: string;
  /** There is no SMSC in front. */
  tpdu?: true;
  len?: number;
  record: Record<string, unknown>;
}

export interface MalformedVector {
  name: string;
  clause: string;
  pdu: string;
  tpdu?: true;
  len?: number;
  direction?: 'mt' | 'mo';
  field: string;
  octet: number;
}

type Fields = Record<string, unknown>;

/** The answer of `writer.deliver({})`, but for the text. */
const DELIVER: Fields = {
  type: 'DELIVER',
  smsc: null,
  from: '+12025550143',
  from_type: 'international',
  ref: null,
  pid: 0,
  dcs: 0,
  encoding: 'gsm7',
  class: null,
  timestamp: '2026-11-21T07:30:01+01:00',
  discharge: null,
  status: null,
  concat: null,
  ports: null,
  mwi: null,
  compressed: false,
  udh: null,
};

const SUBMIT: Fields = { ...DELIVER, type: 'SUBMIT', ref: 0, timestamp: null, validity: null };

const REPORT: Fields = {
  ...DELIVER,
  type: 'STATUS-REPORT',
  ref: 0,
  pid: null,
  dcs: null,
  encoding: null,
  text: null,
  discharge: '2026-11-21T07:30:01+01:00',
  status: 0,
};

export function bare(name: string, clause: string, octets: Octets, record: Fields): Vector {
  return { name, clause, pdu: hex(...octets), tpdu: true, record };
}

export function delivered(name: string, clause: string, parts: DeliverParts, fields: Fields): Vector {
  return bare(name, clause, deliver(parts), { ...DELIVER, ...fields });
}

export function submitted(name: string, clause: string, parts: SubmitParts, fields: Fields): Vector {
  return bare(name, clause, submit(parts), { ...SUBMIT, ...fields });
}

export function reported(name: string, clause: string, parts: ReportParts, fields: Fields): Vector {
  return bare(name, clause, report(parts), { ...REPORT, ...fields });
}

export function deliverRecord(fields: Fields): Fields {
  return { ...DELIVER, ...fields };
}
