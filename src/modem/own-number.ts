/** Asking a card for its own number: +CNUM, and where the modem has no such command, the file that it reads. */
import type { Dialogue } from '../at/channel.ts';
import { type CardNumber, parseMsisdnRecord, parseOwnNumber } from '../sim/msisdn.ts';
import { optional } from './ask.ts';

/** EF-MSISDN, 6F40 (ETSI TS 131 102 §4.2.26). */
const EF_MSISDN = 28480;
const READ_RECORD = 178;
const GET_RESPONSE = 192;

/** @returns null where the card says nothing, as most do. */
export async function ownNumber(at: Dialogue): Promise<CardNumber | null> {
  const told = parseOwnNumber(await optional(at, 'AT+CNUM'));
  if (told !== null) return told;
  const length = recordLength(await optional(at, `AT+CRSM=${GET_RESPONSE},${EF_MSISDN},0,0,15`));
  if (length === null) return null;
  // The first record; mode 4 is «by its number» (27.007 §8.18, TS 102 221 §11.1.5).
  const record = responseOf(await optional(at, `AT+CRSM=${READ_RECORD},${EF_MSISDN},1,4,${length}`));
  return record === null ? null : parseMsisdnRecord(record);
}

/** `+CRSM: 144,0,"<hex>"`: status 90 00, and what was read. */
function responseOf(lines: readonly string[]): string | null {
  for (const line of lines) {
    const found = /^\+CRSM: ?(?:144|145|159),\d+,"?([0-9A-Fa-f]+)"?/.exec(line)?.[1];
    if (found !== undefined) return found;
  }
  return null;
}

/** The octets of one record: the last of fifteen on a SIM (TS 51.011 §9.2.1), in tag 82 on a UICC (TS 102 221 §11.1.1.4.3). */
function recordLength(lines: readonly string[]): number | null {
  const response = responseOf(lines);
  if (response === null) return null;
  const octets = Buffer.from(response, 'hex');
  if (octets[0] !== 0x62) return octets[14] ?? null;
  for (let i = 2; i + 1 < octets.length; i += 2 + octets[i + 1]!) {
    // File descriptor, data coding, record length (two octets), number of records.
    if (octets[i] === 0x82 && octets[i + 1]! >= 5) return octets.readUInt16BE(i + 4);
  }
  return null;
}
