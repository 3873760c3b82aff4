/**
 * Which patterns may fit a text at all: most begin with letters, and only few of those begin a word of it. Knows no services;
 * what it finds still has to be tried.
 */

/** Letters and digits that make one word with their neighbours; other scripts join words and particles. */
const JOINED =
  /[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Georgian}\p{Nd}_]/u;
const ASCII = /^[\0-\x7f]*$/;
/** By so many letters beginnings are looked up; there may be fewer in one. */
const KEY = 2;

/** Whether the word goes on from this place to the next. */
export function isJoined(text: string, at: number): boolean {
  return JOINED.test(text[at] ?? '') && JOINED.test(text[at + 1] ?? '');
}

export interface Beginnings {
  /** Positions in the list of patterns, rising: those that may fit whole words, from wherever one begins in the text. */
  within(text: string): number[];
}

/** @param sources Regular expressions of what stands anywhere in a text. */
export function beginningsOf(sources: readonly string[]): Beginnings {
  const all = sources.flatMap((source, pattern) =>
    ofPattern(source).map((beginning) => ({ beginning, pattern })),
  );
  const byKey = Map.groupBy(all, ({ beginning }) => beginning.slice(0, KEY));
  // Those that do not say how they begin.
  const others = (byKey.get('') ?? []).map(({ pattern }) => pattern);
  return {
    within(text) {
      const found = new Set(others);
      const plain = folded(text);
      let wasJoined = false;
      for (let at = 0; at < plain.length; at += 1) {
        const joins = JOINED.test(plain[at]!);
        const goesOn = wasJoined && joins;
        wasJoined = joins;
        if (goesOn) continue;
        for (let length = 1; length <= KEY; length += 1) {
          for (const { beginning, pattern } of byKey.get(plain.slice(at, at + length)) ?? []) {
            if (plain.startsWith(beginning, at)) found.add(pattern);
          }
        }
      }
      return [...found].sort((a, b) => a - b);
    },
  };
}

/** How everything begins that fits, by its first letters; with '' among them where that is not said so simply. */
export function ofPattern(source: string): string[] {
  const ways = waysOf(source);
  if (ways.length > 1) return ways.flatMap(ofPattern);
  const [group = '', inner = ''] = /^\(\?:((?:[^()[\]\\]|\\.)*)\)(?![?*{])/su.exec(source) ?? [];
  // (?:a|b)c is ac or bc.
  if (group !== '') return waysOf(inner).flatMap((way) => ofPattern(way + source.slice(group.length)));
  const [, letters = '', after = ''] = /^([\p{L}\p{Nd} ]*)(.?)/su.exec(source) ?? [];
  const certain = /[?*{]/.test(after) ? [...letters].slice(0, -1).join('') : letters;
  return [folded(certain)];
}

/** The alternatives of the whole expression. */
function waysOf(source: string): string[] {
  const ways = [''];
  let depth = 0;
  for (const [sign] of source.matchAll(/\\.|\[(?:\\.|[^\]\\])*\]|./gsu)) {
    if (sign === '(') depth += 1;
    else if (sign === ')') depth -= 1;
    if (sign === '|' && depth === 0) ways.push('');
    else ways[ways.length - 1] += sign;
  }
  return ways;
}

/** One letter for each, whatever its case; the same length, so that places stay. */
function folded(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  let out = '';
  for (const letter of text) {
    const small = letter.toUpperCase().toLowerCase();
    out += small.length === letter.length ? small : letter;
  }
  return out;
}
