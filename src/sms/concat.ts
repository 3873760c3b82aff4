/**
 * Concatenated short messages: which parts belong together, and what they say when joined. 23.040 clause 9.2.3.24.1.
 *
 * Parts are joined before they are read as characters: an escape at the end of one part takes its symbol from the
 * next, and a surrogate pair split over two parts is one character.
 */
import type { Address } from './address.ts';
import type { Encoding } from './dcs.ts';
import { alphabetOf, readSeptets } from './gsm7.ts';
import type { Deliver } from './tpdu.ts';
import type { Concat } from './udh.ts';
import { unitsToText } from './user-data.ts';

export interface Part {
  /** 1 to the total. */
  index: number;
  tpdu: Deliver;
}

export interface Assembled {
  /** With a gap marker where parts are missing; null when the message is no text. */
  text: string | null;
  /** What was no text, joined; gaps leave no trace here, see `missing`. */
  data: Uint8Array | null;
  encoding: Encoding;
  total: number;
  /** Different parts that are here. */
  received: number;
  complete: boolean;
  missing: number[];
  /** A part was cut short or over-long, or could not be joined in the usual way. */
  partial?: true;
}

/** Stands in the text where one or more parts in a row are missing. */
export const GAP = '[…]';

/**
 * The sender (value and type), the reference with its width, and the total: 9.2.3.24.1 makes the reference unique only
 * for one sender, and references of 8 and of 16 bits are different numbers.
 */
export function concatKey(from: Address, concat: Concat): string {
  return `${concat.bits}:${concat.ref}:${concat.total}:${from.type}:${from.value}`;
}

/** Joins the parts that are here, whatever their order; of equal numbers the first counts. */
export function assemble(parts: readonly Part[], total: number): Assembled {
  const byIndex = new Map<number, Deliver>();
  for (const { index, tpdu } of parts) {
    if (index >= 1 && index <= total && !byIndex.has(index)) byIndex.set(index, tpdu);
  }
  const missing: number[] = [];
  const pieces: Piece[] = [];
  for (let index = 1; index <= total; index++) {
    const tpdu = byIndex.get(index);
    if (tpdu === undefined) missing.push(index);
    if (tpdu !== undefined || pieces.at(-1) !== undefined || index === 1) pieces.push(tpdu);
  }

  const present = [...byIndex.values()];
  const isText = present.length === 0 || present.some((tpdu) => tpdu.text !== null);
  const binary = present.length > 0 && present.some((tpdu) => tpdu.data !== null);
  const joined = joinText(pieces);
  const assembled: Assembled = {
    text: isText ? joined.text : null,
    data: binary ? joinData(pieces) : null,
    encoding: encodingOf(present),
    total,
    received: byIndex.size,
    complete: missing.length === 0,
    missing,
  };
  if (joined.partial || (isText && binary) || present.some((tpdu) => tpdu.partial)) assembled.partial = true;
  return assembled;
}

/** A part in its place, or undefined for a run of missing ones. */
type Piece = Deliver | undefined;

function joinText(pieces: readonly Piece[]): { text: string; partial: boolean } {
  let text = '';
  let escaped = false;
  let half: number | null = null;
  let partial = false;
  pieces.forEach((piece, position) => {
    const septets = piece?.text !== null && piece?.dcs.encoding === 'gsm7';
    const units = piece?.text !== null && piece?.dcs.encoding === 'ucs2';
    // Nothing that can take up the open escape or half unit: it ends here.
    if (escaped && !septets) {
      text += ' ';
      escaped = false;
    }
    if (half !== null && !units) half = null;
    if (piece === undefined || piece.text === null) {
      text += GAP;
    } else if (septets) {
      const tables = alphabetOf(piece.languages.locking, piece.languages.single);
      const read = readSeptets(piece.body, tables, escaped);
      text += read.text;
      // Of a part that was cut short the septet after the escape is lost; the next part's first is not it.
      escaped = read.escaped && piece.partial === undefined;
      if (read.escaped && !escaped) text += ' ';
    } else {
      let octets = piece.body;
      if (half !== null) {
        octets = Uint8Array.of(half, ...octets);
        half = null;
      } else if (octets.length % 2 !== 0) {
        // 9.2.3.24.1 forbids to split a character. Where two parts in a row have an odd number of octets it was done
        // all the same; a single odd octet is only a surplus one, and joining it would garble the next part.
        const next = pieces[position + 1];
        if (next?.dcs.encoding === 'ucs2' && next.body.length % 2 !== 0) half = octets.at(-1) ?? null;
        partial = true;
      }
      text += unitsToText(octets);
    }
  });
  if (escaped) text += ' ';
  return { text: text.toWellFormed(), partial };
}

function joinData(pieces: readonly Piece[]): Uint8Array {
  const bodies = pieces.flatMap((piece) => piece?.data ?? []);
  const data = new Uint8Array(bodies.reduce((size, body) => size + body.length, 0));
  let at = 0;
  for (const body of bodies) {
    data.set(body, at);
    at += body.length;
  }
  return data;
}

/** Of parts that differ, the encoding that holds them all. */
function encodingOf(present: readonly Deliver[]): Encoding {
  const encodings = new Set(present.map((tpdu) => tpdu.dcs.encoding));
  if (encodings.has('8bit')) return '8bit';
  return encodings.has('ucs2') ? 'ucs2' : 'gsm7';
}
