/**
 * A text as the SMS-SUBMITs that carry it: the shortest coding that can say it, and cuts only between characters.
 * 23.040 clauses 9.2.2.2 and 9.2.3.24.1.
 */
import { SimbankError } from '../errors.ts';
import type { Address } from './address.ts';
import { type MessageClass, readDcs } from './dcs.ts';
import { encodePdu, type SubmitFields } from './encode.ts';
import { textToSeptets } from './gsm7.ts';
import { concatElement, headerOf } from './udh.ts';
import { bodyOf, MAX_OCTETS, MAX_SEPTETS } from './user-data.ts';
import { relativeValidity } from './validity.ts';

export interface SubmitOptions {
  /** Digits with `* # a b c`; `+` in front makes it international. */
  to: string;
  text: string;
  /** The reference of a text that needs more than one part; should differ from that of the text before. */
  reference?: number;
  referenceBits?: 8 | 16;
  /** TP-MR; most modems put in their own. */
  messageReference?: number;
  statusReport?: boolean;
  class?: MessageClass;
  /** Rounded up to what the relative format can say (9.2.3.12.1). */
  validityMinutes?: number;
}

export interface SubmitPart {
  /** Hex with an SMSC of length 0, for which the modem puts in its own. */
  pdu: string;
  /** Octets of the TPDU alone, as `+CMGS` wants it. */
  length: number;
  text: string;
}

export interface EncodedSubmit {
  encoding: 'gsm7' | 'ucs2';
  parts: SubmitPart[];
}

const MAX_PARTS = 255;

export function encodeSubmit(options: SubmitOptions): EncodedSubmit {
  const text = options.text.toWellFormed();
  const da = destination(options.to);
  const bits = options.referenceBits ?? 8;
  const inGsm7 = textToSeptets(text);
  const encoding = inGsm7 === null ? 'ucs2' : 'gsm7';
  const units = inGsm7 === null ? MAX_OCTETS / 2 : MAX_SEPTETS;
  const costs = inGsm7?.map((septets) => septets.length) ?? Array.from(text, (character) => character.length);

  const headerLength = bits === 8 ? 6 : 7;
  const unitsBesideHeader =
    inGsm7 === null ? (MAX_OCTETS - headerLength) >> 1 : MAX_SEPTETS - Math.ceil((8 * headerLength) / 7);
  const whole = costs.reduce((sum, cost) => sum + cost, 0) <= units;
  const texts = whole ? [text] : cut(text, costs, unitsBesideHeader);
  if (texts.length > MAX_PARTS) {
    throw new SimbankError(
      'sms.too_long',
      `the text needs ${texts.length} parts, at most ${MAX_PARTS} are allowed`,
    );
  }

  const alphabet = encoding === 'ucs2' ? 0x08 : 0x00;
  const dcs = readDcs(options.class === undefined ? alphabet : 0x10 | alphabet | options.class);
  const ref = (options.reference ?? 0) & (bits === 8 ? 0xff : 0xffff);
  const parts = texts.map((part, index): SubmitPart => {
    const concat = { ref, total: texts.length, seq: index + 1, bits };
    const tpdu: SubmitFields = {
      type: 'SUBMIT',
      mr: (options.messageReference ?? 0) & 0xff,
      da,
      pid: 0,
      dcs,
      validity: options.validityMinutes === undefined ? null : relativeValidity(options.validityMinutes),
      rejectDuplicates: false,
      statusReportRequest: options.statusReport ?? false,
      replyPath: false,
      udh: whole ? null : headerOf([concatElement(concat)]),
      body: bodyOf(part, encoding) ?? Uint8Array.of(),
    };
    const pdu = encodePdu(null, tpdu);
    return { pdu, length: pdu.length / 2 - 1, text: part };
  });
  return { encoding, parts };
}

function destination(to: string): Address {
  const international = to.startsWith('+');
  if (!/^\+?[0-9*#abc]{1,20}$/.test(to)) {
    throw new SimbankError('sms.invalid_address', 'the destination is not a number of 1 to 20 digits');
  }
  return { value: to, type: international ? 'international' : 'unknown', plan: 1 };
}

/** Pieces of at most `limit` units; a character, whose units are its cost, is never split (9.2.3.24.1). */
function cut(text: string, costs: readonly number[], limit: number): string[] {
  const pieces: string[] = [];
  let piece = '';
  let used = 0;
  let index = 0;
  for (const character of text) {
    const cost = costs[index++] as number;
    if (used + cost > limit) {
      pieces.push(piece);
      piece = '';
      used = 0;
    }
    piece += character;
    used += cost;
  }
  pieces.push(piece);
  return pieces;
}
