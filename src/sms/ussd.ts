/**
 * USSD strings as modems take and give them (23.038 §5, 27.007 §7.15): characters, packed septets as hex, or UCS-2 as hex.
 *
 * The data coding scheme says which, and some modems say it wrongly: what the scheme makes no text of is tried the other ways.
 */
import { packSeptets, septetsToText, textToSeptets, unpackSeptets } from './gsm7.ts';

/** What a modem family does whatever +CSCS says: `packed` hex (Huawei), or the character set. */
export type UssdCoding = 'charset' | 'packed';

const CARRIAGE_RETURN = 0x0d;

/** @returns the string for between the quotes of +CUSD; null when the default alphabet cannot say `text`. */
export function encodeUssd(text: string, coding: UssdCoding): string | null {
  const septets = textToSeptets(text)?.flat();
  if (septets === undefined) return null;
  if (coding === 'charset') return text;
  // 23.038 §6.1.2.3.1: seven spare bits would read as one more `@`.
  if (septets.length % 8 === 7) septets.push(CARRIAGE_RETURN);
  const octets = new Uint8Array(Math.ceil((7 * septets.length) / 8));
  packSeptets(Uint8Array.from(septets), octets, 0);
  return Buffer.from(octets).toString('hex').toUpperCase();
}

/** Always some text: at worst the string as it came. `dcs` as the modem gave it, null where it gave none. */
export function decodeUssd(raw: string, dcs: number | null, coding: UssdCoding): string {
  if (!/^([0-9A-Fa-f]{2})+$/.test(raw)) return fromCharset(raw);
  const octets = Buffer.from(raw, 'hex');
  const ucs2 = octets.length % 2 === 0 ? fromUcs2(octets) : null;
  const packed = fromPacked(octets);
  if (isUcs2(dcs) && ucs2 !== null) return ucs2;
  const isDigits = /^\d+$/.test(raw);
  const readings =
    coding === 'packed' ? [packed, ucs2] : isDigits ? [looksUcs2(raw) ? ucs2 : raw] : [ucs2, packed];
  return readings.find((reading) => reading !== null && isPlausible(reading)) ?? raw;
}

/** 23.038 §5: group 01xx with character set 10, and 0001 0001, UCS-2 with a language in front. */
function isUcs2(dcs: number | null): boolean {
  return dcs !== null && ((dcs & 0xcc) === 0x48 || dcs === 0x11);
}

/** Characters of +CSCS="GSM" are septets, those of "IRA" are themselves; some send UTF-8 whatever was set. */
function fromCharset(raw: string): string {
  if (/[\u0080-\u00ff]/.test(raw)) {
    const utf8 = Buffer.from(raw, 'latin1').toString('utf8');
    return utf8.includes('\ufffd') ? raw : utf8;
  }
  // `@`, `$` and `_` are 00, 02 and 11 there: control characters that no text holds.
  return /[\u0000-\u0009\u000b\u000c\u000e-\u001f]/.test(raw)
    ? septetsToText(Buffer.from(raw, 'latin1'))
    : raw;
}

function fromPacked(octets: Uint8Array): string | null {
  const septets = unpackSeptets(octets, 0, Math.floor((8 * octets.length) / 7));
  const isPadded = septets.length % 8 === 0 && septets.at(-1) === CARRIAGE_RETURN;
  return septetsToText(isPadded ? septets.subarray(0, -1) : septets);
}

function fromUcs2(octets: Buffer): string | null {
  const text = Buffer.from(octets).swap16().toString('utf16le');
  return text.isWellFormed() ? text : null;
}

/** `00350036…`: every unit a character of the first page. Other decimal digits are a number. */
function looksUcs2(raw: string): boolean {
  return (
    raw.length >= 8 &&
    raw.length % 4 === 0 &&
    (raw.match(/.{4}/g) ?? []).every((unit) => unit.startsWith('00'))
  );
}

/** Letters, digits and the signs of prose, of one script beside Latin. What is misread mixes scripts and controls. */
function isPlausible(text: string): boolean {
  if (text === '' || /[\p{Cc}\p{Co}\p{Cn}]/u.test(text.replace(/[\r\n\t]/g, ''))) return false;
  const usual = text.match(/[\p{L}\p{M}\p{Nd}\s.,:;!?*#/()'"€$£%+=<>&@_-]/gu)?.length ?? 0;
  if (usual < 0.9 * Array.from(text).length) return false;
  const scripts = [
    /\p{Script=Greek}/u,
    /\p{Script=Cyrillic}/u,
    /\p{Script=Arabic}/u,
    /\p{Script=Hebrew}/u,
    /\p{Script=Thai}/u,
    /\p{Script=Devanagari}/u,
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u,
    /\p{Script=Hangul}/u,
  ];
  const found = scripts.filter((script) => script.test(text)).length;
  // Packed septets of two or three characters read as UCS-2 give single Han characters among Latin ones.
  return found <= 1;
}
