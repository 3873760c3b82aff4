/**
 * What in a text could be a code by its shape alone: digits, digits in equal groups, letters and digits. What cannot be
 * one by its shape (amounts, dates, times, telephone numbers, parts of something longer) is left out here already.
 * Knows no words; see score.ts.
 */
import { CURRENCY_CODES } from './currencies.ts';
import { isLetter, isUnspaced, type NormalText } from './text.ts';

/** Codes have 4 to 10 characters. */
const SHORTEST = 4;
const LONGEST = 10;

export interface Candidate {
  /** Places in the normal text; `rawStart` lies before a prefix such as `G-`, which is no part of the value. */
  readonly rawStart: number;
  readonly start: number;
  readonly end: number;
  /** Without blanks and dashes. */
  readonly value: string;
  /** `mixed`: capitals and digits; `lower`: with small letters; `letters`: capitals only. */
  readonly shape: 'digits' | 'mixed' | 'lower' | 'letters';
  /** Could as well be a year, a date, a range or a long number: only a name straight before it makes it a code. */
  readonly doubtful: boolean;
}

interface Token {
  readonly start: number;
  readonly end: number;
  readonly digits: boolean;
}

/** Letters of scripts in which a letter beside a digit makes one word of both. */
const JOINED = /[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Georgian}]/u;

const isDigit = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at);
  return code >= 0x30 && code <= 0x39;
};
const isAlphanumeric = (text: string, at: number): boolean =>
  isDigit(text, at) || (isLetter(text, at) && !isUnspaced(text[at]!) && JOINED.test(text[at]!));

/**
 * The candidates of a text, from left to right, none over another.
 *
 * @param names where a name of a code ends, as in `OTP482915`: there a token is cut.
 */
export function candidatesOf({ plain }: NormalText, names: ReadonlySet<number>): Candidate[] {
  const tokens = tokensOf(plain, names);
  const found: Candidate[] = [];
  let at = 0;
  while (at < tokens.length) {
    const count = tightCount(plain, tokens, at, names);
    const single = count === 1 && tokens[at]!.digits;
    const chain = single ? chainCount(plain, tokens, at, names) : count;
    const parts = tokens.slice(at, at + chain);
    found.push(
      ...(single && chain > 1
        ? ofChain(plain, parts, isDigitBeside(plain, tokens, at + chain))
        : ofTight(plain, parts)),
    );
    at += chain;
  }
  return found;
}

function tokensOf(plain: string, names: ReadonlySet<number>): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < plain.length) {
    if (!isAlphanumeric(plain, at)) {
      at++;
      continue;
    }
    const start = at;
    let digits = true;
    while (
      at < plain.length &&
      isAlphanumeric(plain, at) &&
      !(at > start && names.has(at) && isDigit(plain, at))
    ) {
      digits &&= isDigit(plain, at);
      at++;
    }
    tokens.push({ start, end: at, digits });
  }
  return tokens;
}

/** How many tokens from here on hang together without blanks: `417-905`, `1,250.00`, `30/11/2026`, `8F3K-2QWX`. */
function tightCount(
  plain: string,
  tokens: readonly Token[],
  first: number,
  names: ReadonlySet<number>,
): number {
  let last = first;
  while (last + 1 < tokens.length) {
    const left = tokens[last]!;
    const right = tokens[last + 1]!;
    if (right.start - left.end !== 1 || !joins(plain, left, right, names)) break;
    last++;
  }
  return last - first + 1;
}

function joins(plain: string, left: Token, right: Token, names: ReadonlySet<number>): boolean {
  // «OTP-482915».
  if (names.has(left.end) && !left.digits && right.digits) return false;
  switch (plain[left.end]) {
    case '_':
      return true;
    case '-':
      // «482915-ваш код» are two; so are «Wi-Fi» and «SMS-Code», of which nothing can come.
      return !(left.digits && !right.digits && /^\p{Ll}/u.test(plain.slice(right.start, right.end)));
    case '/':
    case '&':
      return hasDigit(plain, left) && hasDigit(plain, right);
    case '.':
    case ',':
    case ':':
    case "'":
    case '~':
    case '：':
    case '．':
      return left.digits && right.digits;
    default:
      return false;
  }
}

function hasDigit(plain: string, token: Token): boolean {
  return /[0-9]/.test(plain.slice(token.start, token.end));
}

/** How many groups of digits follow each other with one blank between: `738 204`, `4 8 2 9 1 5`. */
function chainCount(
  plain: string,
  tokens: readonly Token[],
  first: number,
  names: ReadonlySet<number>,
): number {
  let last = first;
  while (last + 1 < tokens.length) {
    const left = tokens[last]!;
    const right = tokens[last + 1]!;
    if (!right.digits || right.start - left.end !== 1 || plain[left.end] !== ' ') break;
    if (tightCount(plain, tokens, last + 1, names) > 1) break;
    last++;
  }
  return last - first + 1;
}

function isDigitBeside(plain: string, tokens: readonly Token[], next: number): boolean {
  const left = tokens[next - 1]!;
  const right = tokens[next];
  return right?.digits === true && right.start - left.end === 1 && plain[left.end] === ' ';
}

function ofChain(plain: string, groups: readonly Token[], amountFollows: boolean): Candidate[] {
  const sizes = groups.map(({ start, end }) => end - start);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const [size] = sizes;
  if (sizes.every((other) => other === size) && size! <= 4 && total <= LONGEST)
    return joined(plain, groups, total);
  // «738 204 10 minutes»: two groups of three, and a number of their own.
  if (sizes.length === 3 && size === 3 && sizes[1] === 3 && sizes[2]! < 3)
    return joined(plain, groups.slice(0, 2), 6);
  // Unequal groups that together are as long as a telephone number.
  if ((total >= 9 && Math.max(...sizes) <= 5) || amountFollows) return [];
  return groups.flatMap((group) => ofTight(plain, [group]));
}

function joined(plain: string, groups: readonly Token[], total: number): Candidate[] {
  const start = groups[0]!.start;
  const end = groups.at(-1)!.end;
  if (total < SHORTEST || !standsFree(plain, start, end)) return [];
  const value = plain.slice(start, end).replaceAll(/[ -]/g, '');
  const dashed = plain[groups[0]!.end] === '-';
  const sizes = groups.length;
  const range = sizes === 2 && total === 4;
  const years = sizes === 2 && total === 8 && isYear(value.slice(0, 4)) && isYear(value.slice(4));
  const date = dashed && sizes === 3 && total === 6 && isDate(value);
  return years
    ? []
    : [{ rawStart: start, start, end, value, shape: 'digits', doubtful: range || date || total > 8 }];
}

function ofTight(plain: string, parts: readonly Token[]): Candidate[] {
  const first = parts[0]!;
  const last = parts.at(-1)!;
  const between = parts.slice(0, -1).map(({ end }) => plain[end]);
  if (between.some((sign) => sign !== '-')) return [];
  if (parts.length === 1) return ofToken(plain, first);
  const sizes = parts.map(({ start, end }) => end - start);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const equal = sizes.every((size) => size === sizes[0]);
  if (parts.every(({ digits }) => digits)) {
    return equal && sizes[0]! <= 4 && total <= LONGEST ? joined(plain, parts, total) : [];
  }
  const written = plain.slice(first.start, last.end);
  // A prefix that the sender shows and nobody types: G-190224.
  if (parts.length === 2 && last.digits && /^[A-Z]{1,4}-\d{4,8}$/.test(written) && !/^X+-/.test(written)) {
    if (!standsFree(plain, first.start, last.end)) return [];
    const value = plain.slice(last.start, last.end);
    return [
      { rawStart: first.start, start: last.start, end: last.end, value, shape: 'digits', doubtful: false },
    ];
  }
  if (
    equal &&
    total >= 6 &&
    total <= LONGEST &&
    /^[A-Z0-9-]+$/.test(written) &&
    /\d/.test(written) &&
    standsFree(plain, first.start, last.end)
  ) {
    const value = written.replaceAll('-', '');
    return [
      { rawStart: first.start, start: first.start, end: last.end, value, shape: 'mixed', doubtful: false },
    ];
  }
  return [];
}

/** Amounts (RM250, 20JPY, 3000MB) and numbers with their beginning hidden (XX3391). */
const NO_MIXED = new RegExp(
  `^(?:X+\\d+|(?:RM|RS|RP|KSH|TSH|NT|${CURRENCY_CODES})\\d+|` +
    `\\d+(?:[KMGT]B|MIN|HRS?|[AP]M|KM|KG|ML|MAH|TL|TH|ST|ND|RD|KR|KC|FT|LEI|MBPS|PTS|${CURRENCY_CODES})|` +
    '(?=.{4,5}$)(?:[RPN]\\d+|\\d+[KMDGHX]))$',
);

function ofToken(plain: string, { start, end, digits }: Token): Candidate[] {
  const value = plain.slice(start, end);
  if (value.length < SHORTEST || value.length > LONGEST || !standsFree(plain, start, end)) return [];
  const one = { rawStart: start, start, end, value };
  if (digits)
    return [
      {
        ...one,
        shape: 'digits',
        doubtful: value.length > 8 || isYear(value) || (value.length === 8 && isDate(value)),
      },
    ];
  if (/^[A-Z]+$/.test(value)) return [{ ...one, shape: 'letters', doubtful: true }];
  if (!/\d/.test(value) || !/^[A-Za-z0-9]+$/.test(value) || NO_MIXED.test(value.toUpperCase())) return [];
  if (/^[A-Z0-9]+$/.test(value)) return [{ ...one, shape: 'mixed', doubtful: false }];
  return /^\d+[a-z]+$/.test(value) ? [] : [{ ...one, shape: 'lower', doubtful: true }];
}

/** What stands straight before or after makes it a part, an amount or a number to dial. */
const BEFORE = /[+*•●@/\\_$€£¥₹₽₺₩₫฿₦₱₪৳₴~^…≈<>.]/;
const AFTER = /[+*•●@\\_$€£¥₹₽₺₩₫฿₦₱₪৳₴%‰°…#^&]/;

function standsFree(plain: string, start: number, end: number): boolean {
  const before = plain[start - 1] ?? '';
  const after = plain[end] ?? '';
  // Emphasis, as in *482915* or <482915>.
  if ((before === '*' && after === '*') || (before === '<' && after === '>')) {
    return plain[start - 2] !== before && plain[end + 1] !== after;
  }
  if (
    AFTER.test(after) ||
    (after === '.' && plain[end + 1] === '.') ||
    (after === '/' && isAlphanumeric(plain, end + 1))
  )
    return false;
  if (before === '>' && !/\d/.test(plain[start - 2] ?? '')) return true;
  if (before === '.') return isLetter(plain, start - 2) || plain[start - 2] === ')';
  if (before === '-') return !/[*•xX.]/.test(plain[start - 2] ?? ' ');
  if (after === '-' && /[\d*•xX\s]|^$/.test(plain[end + 1] ?? '') && plain[end + 1] !== ' ') return false;
  return !BEFORE.test(before);
}

function isYear(value: string): boolean {
  return value.length === 4 && /^(?:19|20)/.test(value);
}

/** YYYYMMDD, DDMMYYYY, MMDDYYYY; with six digits the same with two for the year. */
function isDate(value: string): boolean {
  const two = (at: number): number => Number(value.slice(at, at + 2));
  const isDay = (at: number): boolean => two(at) >= 1 && two(at) <= 31;
  const isMonth = (at: number): boolean => two(at) >= 1 && two(at) <= 12;
  const dayAndMonth = (at: number): boolean =>
    (isDay(at) && isMonth(at + 2)) || (isMonth(at) && isDay(at + 2));
  if (value.length === 8)
    return (isYear(value.slice(0, 4)) && dayAndMonth(4)) || (isYear(value.slice(4)) && dayAndMonth(0));
  return value.length === 6 && (dayAndMonth(2) || dayAndMonth(0));
}
