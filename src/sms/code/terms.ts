/**
 * What the words of a text say about the numbers beside them: the dictionary of some ninety languages, and how it is
 * looked up. A trie over the folded text (text.ts): every place is walked once and no further than the longest term.
 *
 * A list is separated by `|`. A blank stands for one or more blanks, hyphens, apostrophes or line ends. `*` at the end
 * of a word takes any ending, in front of a term any beginning (Bestätigungs*code*); scripts without blanks between
 * words need neither. `=` in front asks for the very marks and capitals of the original (Vietnamese mã, not ma).
 */
import { ASIAN } from './asian-tables.ts';
import { LATIN } from './latin-tables.ts';
import { OTHER_SCRIPTS } from './other-tables.ts';
import { foldTerm, isLetter, isUnspaced, type NormalText, originalOf } from './text.ts';

/** The lists of one language or of a few that are close. */
export interface Terms {
  /** Names that only a one-time code has. */
  readonly sure: string;
  /** Names that a one-time code shares with others: code, PIN, password. */
  readonly code: string;
  /** Codes of another kind: discount, postal, pickup, door, error. A number at such a name is not sought. */
  readonly other?: string;
  /** Things that have a number: account, order, ticket. */
  readonly noun?: string;
  /** What a telephone number or a short code follows. */
  readonly phone?: string;
  /** Currencies, before or after an amount. */
  readonly money?: string;
  /** What is counted or measured, after a number. */
  readonly unit?: string;
  /** What one does with a code: use, enter. */
  readonly enter?: string;
  /** A word that makes the number after it a means: «authenticate with 77190». */
  readonly with?: string;
  /** What a code is for: sign in, verify. */
  readonly act?: string;
  /** Surroundings in which «code» means another kind: offers, parcels, doors. */
  readonly setting?: string;
  /** What warnings are made of: never, nobody. A name behind it is of codes in general. */
  readonly warn?: string;
  /** A word straight before the number that makes it a time, a place or a count. */
  readonly at?: string;
  /** A word straight before the number that makes it that of the name. */
  readonly is?: string;
}

export const KIND = {
  sure: 1,
  code: 2,
  other: 4,
  noun: 8,
  phone: 16,
  money: 32,
  unit: 64,
  enter: 128,
  act: 256,
  setting: 512,
  with: 1024,
  warn: 2048,
} as const;

/** A term found in a text; places are those of the folded text. */
export interface Hit {
  readonly start: number;
  readonly end: number;
  /** KIND values, or-ed. */
  readonly kinds: number;
  readonly languages: readonly string[];
}

interface Meaning {
  kinds: number;
  languages: string[];
  /** The only spelling that counts. */
  exact: string | null;
}

interface Node {
  readonly next: Map<string, Node>;
  /** Reached by a `*`: any letters up to the end of the word were skipped. */
  anyEnding: Node | null;
  readonly meanings: Meaning[];
}

const TABLES: readonly (readonly [string, Terms])[] = [LATIN, OTHER_SCRIPTS, ASIAN].flatMap((table) =>
  Object.entries(table),
);
/** No term is longer: bounds the walk from each place. */
const LONGEST = 64;

const newNode = (): Node => ({ next: new Map(), anyEnding: null, meanings: [] });
/** Terms that begin at the beginning of a word, and terms that begin anywhere. */
const bounded = newNode();
const anywhere = newNode();

for (const [language, terms] of TABLES) {
  for (const [kind, bit] of Object.entries(KIND)) {
    for (const term of (terms[kind as keyof typeof KIND] ?? '').split('|'))
      if (term !== '') add(term, language, bit);
  }
}

function add(term: string, language: string, bit: number): void {
  const exact = term.startsWith('=') ? term.slice(1) : null;
  const body = exact ?? term;
  const open = body.startsWith('*');
  const letters = foldTerm(open ? body.slice(1) : body);
  let node = open || isUnspaced(letters) ? anywhere : bounded;
  for (const letter of letters) {
    if (letter === '*') node = node.anyEnding ??= newNode();
    else {
      const known = node.next.get(letter);
      const after: Node = known ?? newNode();
      if (known === undefined) node.next.set(letter, after);
      node = after;
    }
  }
  const meaning = node.meanings.find((other) => other.exact === exact);
  if (meaning === undefined) node.meanings.push({ kinds: bit, languages: [language], exact });
  else {
    meaning.kinds |= bit;
    if (!meaning.languages.includes(language)) meaning.languages.push(language);
  }
}

const CONNECTORS = new Map<string, { is: Set<string>; at: Set<string> }>();
for (const [language, terms] of TABLES) {
  for (const role of ['is', 'at'] as const) {
    for (const word of (terms[role] ?? '').split('|')) {
      const folded = foldTerm(word);
      const roles = CONNECTORS.get(folded) ?? { is: new Set(), at: new Set() };
      roles[role].add(language);
      CONNECTORS.set(folded, roles);
    }
  }
}

/** Whether in one of these languages the word joins a name and its number (`is`) or parts them (`at`). */
export function connectorOf(word: string, languages: readonly string[]): 'is' | 'at' | null {
  const roles = CONNECTORS.get(word);
  if (roles === undefined) return null;
  if (languages.some((language) => roles.is.has(language))) return 'is';
  return languages.some((language) => roles.at.has(language)) ? 'at' : null;
}

/** The terms of a text, leftmost and longest first, none over another. */
export function hitsOf(text: NormalText): Hit[] {
  const hits: Hit[] = [];
  const { folded } = text;
  for (let at = 0; at < folded.length; at++) {
    if (!isLetter(folded, at) && !SIGNS.has(folded[at]!)) continue;
    const inWord = at > 0 && isLetter(folded, at - 1);
    const joins = !inWord || isUnspaced(folded[at]!) || lettersBefore(folded, at) >= LEAST_BEFORE;
    const best = [inWord ? null : longest(bounded, text, at), joins ? longest(anywhere, text, at) : null]
      .filter((hit) => hit !== null)
      .sort((a, b) => b.end - a.end);
    const [first, second] = best;
    if (first === undefined) continue;
    const same = second !== undefined && second.end === first.end;
    hits.push(
      same
        ? {
            ...first,
            kinds: first.kinds | second.kinds,
            languages: [...first.languages, ...second.languages],
          }
        : first,
    );
    at = first.end - 1;
  }
  return hits;
}

/** «Prüf-», «inlog-» and the like have four letters and more; «fan-», «uni-» and «bar-» make other words. */
const LEAST_BEFORE = 4;

function lettersBefore(folded: string, at: number): number {
  let letters = 0;
  while (letters < LEAST_BEFORE && isLetter(folded, at - letters - 1)) letters++;
  return letters;
}

/** Terms that are no letters. */
const SIGNS = new Set(['₽', '₴', '€', '₪', '₹', '฿', '৳', '￥', '¥', '%']);

function longest(root: Node, text: NormalText, start: number): Hit | null {
  const { folded } = text;
  let found: Hit | null = null;
  const walk = (node: Node, at: number): void => {
    if (node.meanings.length > 0 && endsTerm(folded, at)) {
      const fitting = node.meanings.filter(
        (meaning) => meaning.exact === null || isExact(text, start, at, meaning.exact),
      );
      if (fitting.length > 0 && (found === null || at >= found.end)) {
        const before = found?.end === at ? found : null;
        found = {
          start,
          end: at,
          kinds: fitting.reduce((all, { kinds }) => all | kinds, before?.kinds ?? 0),
          languages: [...(before?.languages ?? []), ...fitting.flatMap(({ languages }) => languages)],
        };
      }
    }
    if (node.anyEnding !== null) {
      let end = at;
      while (end < folded.length && end - start < LONGEST && isLetter(folded, end)) end++;
      walk(node.anyEnding, end);
    }
    if (at >= folded.length || at - start > LONGEST) return;
    const letter = folded[at]!;
    if (isGap(letter)) {
      const after = node.next.get(' ');
      if (after === undefined) return;
      let end = at + 1;
      while (end < folded.length && end - at < 3 && isGap(folded[end]!)) end++;
      walk(after, end);
    } else {
      const after = node.next.get(letter);
      if (after !== undefined) walk(after, at + 1);
    }
  };
  walk(root, start);
  return found;
}

function isGap(letter: string): boolean {
  return letter === ' ' || letter === '-' || letter === "'" || letter === '\n';
}

/** A term ends where its word ends; in a script without blanks anywhere. */
function endsTerm(folded: string, at: number): boolean {
  return (
    at >= folded.length || !isLetter(folded, at) || isUnspaced(folded[at - 1]!) || isUnspaced(folded[at]!)
  );
}

function isExact(text: NormalText, start: number, end: number, exact: string): boolean {
  const written = originalOf(text, start, end).normalize('NFC');
  return written === exact || (exact !== exact.toUpperCase() && written.toLowerCase() === exact);
}
