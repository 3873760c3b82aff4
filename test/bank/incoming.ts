/** A gateway's database in a folder of its own, and PDUs as a modem gives them. */
import { join } from 'node:path';
import { NO_RULES, type Rules } from '../../src/bank/store/matching.ts';
import type { ReceivedPart } from '../../src/bank/store/messages.ts';
import { migrations } from '../../src/bank/store/schema.ts';
import { bankVerbs } from '../../src/bank/store/verbs.ts';
import { readDcs } from '../../src/sms/dcs.ts';
import { encodePdu } from '../../src/sms/tpdu.ts';
import { concatElement, headerOf } from '../../src/sms/udh.ts';
import { bodyOf } from '../../src/sms/user-data.ts';
import { openForWriting } from '../../src/sqlite.ts';
import { temporaryDir } from '../temporary.ts';

export const NOW = '2026-11-21T08:00:00.000Z';
export const at = (seconds: number): string => new Date(Date.parse(NOW) + seconds * 1_000).toISOString();
export const ICCID = '8999000000000000011';

export function store(rules: Rules = NO_RULES) {
  const db = openForWriting(join(temporaryDir(), 'gateway.db'), migrations);
  const verbs = bankVerbs(db, rules);
  const { epoch } = verbs.begin({ now: NOW });
  const receive = (pdu: string, more: Partial<ReceivedPart> = {}) =>
    verbs.receivePart({
      slot: 'A01',
      iccid: ICCID,
      imei: null,
      store: 'SM',
      attribution: 'certain',
      pdu,
      length: 0,
      receivedAt: NOW,
      live: false,
      now: NOW,
      ...more,
    });
  return { db, verbs, epoch, receive };
}

/* 23.040 clause 9.2.2.1, without SMSC (00), from the short code 12345, 2026-11-21 08:00:00 UTC. */
const HEAD = '0004058121 43F5'.replace(/\s/g, '');
export const deliver = (rest: string, first = '04'): string => `00${first}${HEAD.slice(4)}${rest}`;
export const SCTS = '62111280000000';
export const HELLO = deliver(`0000${SCTS}05C8329BFD06`);
/** One of two parts of «ab», reference 7, 8 bits: a six-octet header and one fill bit before the letter. */
export const part = (number: number, letter: 'a' | 'b', reference = '07'): string =>
  deliver(`0000${SCTS}08050003${reference}020${number}${letter === 'a' ? 'C2' : 'C4'}`, '44');

/** A part of a long message from «ACME», stamped so many seconds after NOW; the reference is always the same. */
export function longPart(seq: number, total: number, text: string, sentSeconds: number): string {
  const epochMs = Date.parse(NOW) + sentSeconds * 1_000;
  return encodePdu(null, {
    type: 'DELIVER',
    oa: { value: 'ACME', type: 'alphanumeric', plan: 0 },
    pid: 0,
    dcs: readDcs(0),
    scts: { iso: new Date(epochMs).toISOString().replace('.000Z', '+00:00'), epochMs },
    moreMessages: false,
    replyPath: false,
    statusReportIndication: false,
    loopPrevention: false,
    udh: headerOf([concatElement({ ref: 1, total, seq, bits: 8 })]),
    body: bodyOf(text, 'gsm7')!,
  });
}
