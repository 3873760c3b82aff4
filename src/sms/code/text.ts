/**
 * A text in the one spelling in which it is searched, and the way back to what was written.
 *
 * NFKD without marks; digits of every script as ASCII; one kind of hyphen, blank and line end; nothing invisible. The
 * full-width colon, comma and full stop stay apart from the ASCII ones: a digit before `：` is no hour, and one before
 * `，` is no thousand.
 */
export interface NormalText {
  readonly original: string;
  /** With capitals as they were written. */
  readonly plain: string;
  /** In lower case; as long as `plain`, place for place. */
  readonly folded: string;
  /** For each place of `plain`, where in the original it begins and ends. */
  readonly begins: readonly number[];
  readonly ends: readonly number[];
}

const SINGLE: Readonly<Record<string, string>> = {
  '\r': '\n',
  '\t': ' ',
  '\u2028': '\n',
  '\u2029': '\n',
  '‘': "'",
  '’': "'",
  ʻ: "'",
  ʼ: "'",
  '`': "'",
  '´': "'",
  '−': '-',
  '〜': '~',
  '～': '~',
  '—': '—',
  '―': '—',
  '：': '：',
  '，': '，',
  '．': '．',
  '…': '…',
  '№': '№',
  '™': ' ',
  '®': ' ',
  '©': ' ',
  '￥': '¥',
  '٪': '%',
  '٫': '.',
  '٬': ',',
  // Letters that NFKD leaves whole, and the same letter of neighbouring alphabets.
  ł: 'l',
  Ł: 'L',
  ø: 'o',
  Ø: 'O',
  đ: 'd',
  Đ: 'D',
  ı: 'i',
  ς: 'σ',
  ي: 'ی',
  ى: 'ی',
  ك: 'ک',
  ة: 'ه',
  ہ: 'ه',
  ە: 'ه',
  ـ: '',
};

/** The text for searching. Linear in its length. */
export function normalise(original: string): NormalText {
  let plain = '';
  const begins: number[] = [];
  const ends: number[] = [];
  let at = 0;
  for (const character of original) {
    const end = at + character.length;
    const skip = character === '\n' && original[at - 1] === '\r';
    const letters = skip ? '' : spell(character);
    // A mark belongs to the character it stands on: the whole keycap of 4️⃣ is what was written.
    if (letters === '' && ends.length > 0 && /[\p{Mn}\p{Me}]/u.test(character)) ends[ends.length - 1] = end;
    for (let i = 0; i < letters.length; i++) {
      begins.push(at);
      ends.push(end);
    }
    plain += letters;
    at = end;
  }
  return { original, plain, folded: fold(plain), begins, ends };
}

/** What was written from one place of the normal text up to another. */
export function originalOf(text: NormalText, start: number, end: number): string {
  return end <= start ? '' : text.original.slice(text.begins[start], text.ends[end - 1]);
}

/** A term of the dictionary in the spelling of `folded`. */
export function foldTerm(term: string): string {
  return fold(normalise(term).plain).replaceAll(/[-' ]+/g, ' ');
}

/** The same text with a stretch struck out: nothing in it counts as letter, digit or blank any more. */
export function strike(text: NormalText, stretches: readonly (readonly [number, number])[]): NormalText {
  if (stretches.length === 0) return text;
  const cut = (line: string): string => {
    let kept = '';
    let from = 0;
    for (const [start, end] of stretches) {
      kept += line.slice(from, start) + STRUCK.repeat(end - start);
      from = end;
    }
    return kept + line.slice(from);
  };
  return { ...text, plain: cut(text.plain), folded: cut(text.folded) };
}
export const STRUCK = '\u0000';

/** Lower case without changing the length. */
function fold(plain: string): string {
  const lower = plain.toLowerCase();
  const same =
    lower.length === plain.length
      ? lower
      : [...plain].map((c) => (c.toLowerCase().length === c.length ? c.toLowerCase() : c)).join('');
  return same.replaceAll('ς', 'σ');
}

/** What a character was found to be; texts repeat few. */
const spelled = new Map<string, string>();
const MOST_KEPT = 4096;

function spell(character: string): string {
  const known = spelled.get(character);
  if (known !== undefined) return known;
  if (spelled.size >= MOST_KEPT) spelled.clear();
  const found = spellAnew(character);
  spelled.set(character, found);
  return found;
}

function spellAnew(character: string): string {
  const single = SINGLE[character];
  if (single !== undefined) return single;
  const code = character.codePointAt(0)!;
  if (code < 0x80) return code < 0x20 && character !== '\n' ? ' ' : character;
  if (/\p{Nd}/u.test(character)) return decimal(code);
  if (/\p{Cf}/u.test(character) || isMark(character)) return '';
  if (/\p{Pd}/u.test(character)) return '-';
  if (/\p{Zs}/u.test(character)) return ' ';
  let parts = '';
  for (const part of character.normalize('NFKD')) {
    if (isMark(part)) continue;
    parts += /\p{Nd}/u.test(part) ? decimal(part.codePointAt(0)!) : (SINGLE[part] ?? part);
  }
  return parts;
}

/** Kana keep their voicing marks, or コード would be a coat (コート). */
function isMark(character: string): boolean {
  return /[\p{Mn}\p{Me}]/u.test(character) && character !== '\u3099' && character !== '\u309a';
}

/** Digits come in runs that begin with a zero and count to nine, some runs (mathematical ones) straight after another. */
function decimal(code: number): string {
  let zero = code;
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--;
  return String((code - zero) % 10);
}

/** Scripts that part words by no blanks, or join particles to them (Hangul). */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー]/u;

export function isUnspaced(letters: string): boolean {
  const first = letters.charCodeAt(0);
  return first >= 0x0e00 && UNSPACED.test(letters[0]!);
}

/** Whether a letter or a spacing mark of one stands at this place of a normal text; outside of it stands none. */
export function isLetter(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (Number.isNaN(code)) return false;
  if (code < 0x80) return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a);
  return /[\p{L}\p{Mc}]/u.test(text[at]!);
}
