/**
 * A text with all that was found in it, and a candidate in its sentence: what score.ts looks at. Decides nothing.
 */
import type { Candidate } from './candidates.ts';
import { type Hit, KIND } from './terms.ts';
import { isLetter, isUnspaced, type NormalText, STRUCK } from './text.ts';

/** The name of a code. */
export const NAME = KIND.sure | KIND.code;
/** No hit further away than this, and no more hits than that, have a say: bounds the work. */
const REACH = 200;
const MOST_HITS = 16;

/** The text with all that was found in it. */
export interface Scene {
  readonly text: NormalText;
  readonly hits: readonly Hit[];
  readonly candidates: readonly Candidate[];
  /** Where sentences begin, ascending, the first at 0. */
  readonly sentences: readonly number[];
  /** All kinds of hits there are, or-ed. */
  readonly kinds: number;
  /** One number only that could be a code. */
  readonly hasOneNumber: boolean;
  /** About parcels, offers or doors: a plain «code» or «PIN» there is another kind of code. */
  readonly isAboutOthers: boolean;
  /** The text names a one-time code, or plainly a code; not only to warn of handing any out. */
  readonly hasSureName: boolean;
  readonly hasPlainName: boolean;
  readonly hasWarning: boolean;
}

export function sceneOf(text: NormalText, hits: readonly Hit[], candidates: readonly Candidate[]): Scene {
  const kinds = hits.reduce((all, hit) => all | hit.kinds, 0);
  const isAboutOthers =
    (kinds & (KIND.setting | KIND.other)) !== 0 || /\d ?%|% ?\d|\d off\b/.test(text.folded);
  const sentences = sentencesOf(text, hits);
  const warning = new Set<number>();
  for (const hit of hits) if ((hit.kinds & KIND.warn) !== 0) warning.add(lastAtMost(sentences, hit.start));
  let named = 0;
  let warned = false;
  for (const hit of hits) {
    if ((hit.kinds & NAME) === 0) continue;
    if (warning.has(lastAtMost(sentences, hit.start))) warned = true;
    else named |= hit.kinds & NAME;
  }
  return {
    text,
    hits,
    candidates,
    sentences,
    kinds,
    hasOneNumber: candidates.filter(({ shape }) => shape === 'digits').length === 1,
    isAboutOthers,
    hasSureName: (named & KIND.sure) !== 0,
    hasPlainName: (named & KIND.code) !== 0 && !isAboutOthers,
    hasWarning: warned && !isAboutOthers,
  };
}

/** A candidate in its sentence. */
export interface View {
  readonly candidate: Candidate;
  readonly from: number;
  readonly to: number;
  /** Hits of the sentence before the candidate, nearest first, and after it, nearest first. */
  readonly before: readonly Hit[];
  readonly after: readonly Hit[];
  readonly wordsBefore: number;
  readonly wordsAfter: number;
}

export function viewOf({ text, hits, sentences }: Scene, candidate: Candidate): View {
  const index = lastAtMost(sentences, candidate.rawStart);
  const from = Math.max(sentences[index]!, candidate.rawStart - REACH);
  const to = Math.min(sentences[index + 1] ?? text.folded.length, candidate.end + REACH);
  const before: Hit[] = [];
  const after: Hit[] = [];
  const middle = firstFrom(hits, candidate.rawStart);
  for (let i = middle - 1; i >= 0 && before.length < MOST_HITS && hits[i]!.start >= from; i--) {
    if (hits[i]!.end <= candidate.rawStart) before.push(hits[i]!);
  }
  for (let i = middle; i < hits.length && after.length < MOST_HITS && hits[i]!.start < to; i++) {
    if (hits[i]!.start >= candidate.end) after.push(hits[i]!);
  }
  const wordsBefore = wordsIn(text.folded, from, candidate.rawStart);
  return {
    candidate,
    from,
    to,
    before,
    after,
    wordsBefore,
    wordsAfter: wordsIn(text.folded, candidate.end, to),
  };
}

export function hasAnyOf(hits: readonly Hit[], kinds: number): boolean {
  return hits.some((hit) => (hit.kinds & kinds) !== 0);
}

export function lastWord(gap: string): string | null {
  return /([\p{L}\p{Mc}']+)[\s:：=,"'«“「『([（【-]*$/u.exec(gap.slice(-40))?.[1] ?? null;
}

/** Words between two places; six letters of a script without blanks count as one. Struck stretches count as one. */
export function wordsIn(folded: string, start: number, end: number): number {
  let words = 0;
  let unspaced = 0;
  for (let at = start; at < end; at++) {
    if (folded[at] === STRUCK) {
      if (folded[at - 1] !== STRUCK) words++;
    } else if (isLetter(folded, at)) {
      if (isUnspaced(folded[at]!)) unspaced++;
      else if (at === start || !isLetter(folded, at - 1) || isUnspaced(folded[at - 1]!)) words++;
    }
  }
  return words + Math.ceil(unspaced / 6);
}

/**
 * Where sentences and lines begin. A full stop ends one unless it belongs to an abbreviation; a line end does not when
 * the line ends in a colon.
 */
function sentencesOf({ plain }: NormalText, hits: readonly Hit[]): number[] {
  const kindsBefore = new Map(hits.map(({ end, kinds }) => [end, kinds]));
  const starts = [0];
  let last = '';
  for (let at = 0; at < plain.length; at++) {
    const sign = plain[at]!;
    const ends =
      sign === '\n'
        ? last !== ':' && last !== '：'
        : ENDS.has(sign) || (sign === '.' && endsSentence(plain, at, kindsBefore.get(at) ?? 0));
    if (ends) starts.push(at + 1);
    if (sign !== ' ' && sign !== '\n') last = sign;
  }
  return starts;
}

const ENDS = new Set('!?。．؟;；|।։።۔။។؛');

function endsSentence(plain: string, at: number, kinds: number): boolean {
  const next = plain[at + 1] ?? '\n';
  if (next !== ' ' && next !== '\n' && !isLetter(plain, at + 1)) return false;
  let letters = 0;
  while (letters < 5 && at - letters > 0 && isLetter(plain, at - letters - 1)) letters++;
  // «e.g. this», «Max M. in»; «dvs. de»; «Ref. 903318», but «Never share your OTP. 1930 is the helpline».
  if (letters === 1) return false;
  const short = letters > 0 && letters <= 4;
  if (short && (kinds & NAME) === 0 && /^ ?\p{Ll}/u.test(plain.slice(at + 1, at + 3))) return false;
  const isThing = (kinds & (KIND.noun | KIND.phone | KIND.money)) !== 0 && (kinds & NAME) === 0;
  return !(short && isThing && /^ ?[#№]?\d/.test(plain.slice(at + 1, at + 4)));
}

function lastAtMost(starts: readonly number[], place: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= place) low = middle;
    else high = middle - 1;
  }
  return low;
}

export function firstFrom(hits: readonly Hit[], place: number): number {
  let low = 0;
  let high = hits.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (hits[middle]!.start < place) low = middle + 1;
    else high = middle;
  }
  return low;
}
