/**
 * How much speaks for a candidate: which name it stands at, how far from it, and what stands between. A wrong code is
 * worse than none, so that every reason against wins over those for it.
 *
 * The way of thinking: a number belongs to the nearest thing before it in its sentence that can have one (a code, an
 * order, a telephone), and to a code after it only when it opens the sentence.
 */
import { isAmount } from './amount.ts';
import type { Candidate } from './candidates.ts';
import { firstFrom, hasAnyOf, lastWord, NAME, type Scene, type View, viewOf, wordsIn } from './scene.ts';
import { connectorOf, type Hit, KIND } from './terms.ts';
import type { NormalText } from './text.ts';

/** The scores of the scene's candidates, 0 to 1 each; 0 means no code. */
export function scoresOf(scene: Scene): number[] {
  const taken = new Set<Hit>();
  return scene.candidates.map((candidate) => {
    if (needsName(candidate) && !followsName(scene, candidate)) return 0;
    const view = viewOf(scene, candidate);
    if (isAmount(scene, view)) return 0;
    const left = fromLeft(scene, view, taken);
    if (left === 'rejected') return 0;
    const isNamed = left !== null && left.score >= 0.7;
    if (isNamed) taken.add(left.name);
    else if (isOtherCode(scene, view) || isDialled(scene, view)) return 0;
    const right = fromRight(scene, view);
    if (right !== null && !isNamed) taken.add(right.name);
    const best = Math.max(
      left?.score ?? 0,
      right?.score ?? 0,
      fromVerb(scene, view),
      left === null ? fromNeighbours(scene, view) : 0,
      hasKnownPrefix(scene.text, candidate) ? 0.9 : 0,
    );
    return best * shapeFactor(candidate);
  });
}

/** What a number sign, or the name of an ending, looks like between a thing and its number. */
const NUMBERED =
  /^[\s.:#№º°*•()（）[\]【"'«/-]*(?:(?:no|nr|num|number|numero|n|id|ids|in|with|code|ref|ending|xx?|de|br|sira|bilangan|nombor|nomor|numer|cislo|broj|numri|na)\b[\s.:#№º°*•()"'/-]*){0,3}$/;

/** Words are codes only straight after a name. */
function needsName({ shape }: Candidate): boolean {
  return shape === 'letters' || shape === 'lower';
}

function followsName({ hits }: Scene, { rawStart }: Candidate): boolean {
  for (let i = firstFrom(hits, rawStart) - 1; i >= 0 && rawStart - hits[i]!.end < NEAR; i--) {
    if ((hits[i]!.kinds & NAME) !== 0) return true;
  }
  return false;
}
const NEAR = 40;

/** The name that the candidate belongs to, when that stands before it. */
function fromLeft(
  scene: Scene,
  view: View,
  taken: ReadonlySet<Hit>,
): { name: Hit; score: number } | 'rejected' | null {
  const { folded } = scene.text;
  const { candidate, before } = view;
  let pastThing = false;
  for (const hit of before) {
    const gap = folded.slice(hit.end, candidate.rawStart);
    const words = wordsIn(folded, hit.end, candidate.rawStart);
    const numberBetween = /\d/.test(gap);
    if ((hit.kinds & KIND.other) !== 0) return words <= 6 && !numberBetween ? 'rejected' : null;
    if ((hit.kinds & NAME) !== 0) {
      if (taken.has(hit)) continue;
      return { name: hit, score: nameScore(scene, view, hit, gap, words, pastThing) };
    }
    if ((hit.kinds & KIND.phone) !== 0 && words <= 3 && !numberBetween) return 'rejected';
    // «Dear customer, 482915 is …».
    if ((hit.kinds & KIND.noun) !== 0 && !numberBetween && !/[,，、!]/.test(gap)) {
      const connected = connectsLast(gap, before, view);
      const joined = connected || /[:：=]\s*["'«「『([【]*$/.test(gap);
      const numbered = NUMBERED.test(connected ? withoutLastWord(gap) : gap);
      const laterName = before.some(
        (other) => other.start < hit.start && (other.kinds & (NAME | KIND.other)) !== 0 && !taken.has(other),
      );
      const ofItsOwn = REFERENCE.test(folded.slice(hit.start, hit.end));
      if (numbered && (!joined || !laterName || ofItsOwn)) return 'rejected';
      if (words <= 2 && !joined) return 'rejected';
      pastThing ||= words <= 3;
    }
  }
  return null;
}

/** Things whose number follows a colon also in a sentence about a code. */
const REFERENCE =
  /^(?:ref|rif|id|tracking|awb|utr|rrn|pnr|imps|trace|serial|imei|iccid|pedido|case|ticket|docket)/;

/** Google's and Facebook's, which need no name beside them. */
function hasKnownPrefix({ plain }: NormalText, { rawStart, start, end }: Candidate): boolean {
  const prefix = plain.slice(rawStart, start);
  return (prefix === 'G-' && end - start === 6) || (prefix === 'FB-' && end - start >= 5);
}

function withoutLastWord(gap: string): string {
  return gap.replace(/[\p{L}\p{Mc}']+[\s:：="'«「『([【]*$/u, '');
}

/** Whether the last word of the gap joins, in the language of any name of the sentence. */
function connectsLast(gap: string, before: readonly Hit[], view: View): boolean {
  const last = lastWord(gap);
  if (last === null) return false;
  const names = [...before, ...view.after].filter((hit) => (hit.kinds & NAME) !== 0);
  return connectorOf(last, ['en', ...names.flatMap((hit) => hit.languages)]) === 'is';
}

function nameScore(
  scene: Scene,
  view: View,
  name: Hit,
  gap: string,
  words: number,
  pastThing: boolean,
): number {
  const { candidate } = view;
  const sure = (name.kinds & KIND.sure) !== 0;
  if (!sure && (scene.isAboutOthers || isOfAThing(scene, view, name))) return 0;
  const last = lastWord(gap);
  const connector = last === null ? null : connectorOf(last, name.languages);
  const joined =
    connector === 'is' || /(?:[:：=»>*]|[–—-] )\s*["'«「『(（[【<*]*\s*$|["'«“「『(（[【<]\s*$/.test(gap);
  if (connector === 'at' && !/[:：=]\s*$/.test(gap)) return 0;
  let score: number;
  if (words === 0) score = 1;
  else if (joined) score = words <= 4 ? 0.97 : words <= 8 ? 0.9 : words <= 14 ? 0.8 : 0.4;
  else if (pastThing) score = 0;
  else score = [1, 0.9, 0.8, 0.7, 0.5, 0.4][words] ?? 0;
  // A clause of its own.
  if (!joined && /[,，、]\s*\S/.test(gap)) score *= 0.6;
  const certain = (joined && words <= 4) || words === 0;
  if (candidate.doubtful && !certain) return 0;
  if (candidate.shape === 'digits') return sure ? score : score * 0.95;
  return score * lettersFactor(scene, view, sure, joined, words);
}

/** «Ticket code», «employee code», and «text CODE 4821 to 5050». */
function isOfAThing({ text }: Scene, { before }: View, name: Hit): boolean {
  const previous = before[before.indexOf(name) + 1];
  if (previous === undefined) return false;
  const words = wordsIn(text.folded, previous.end, name.start);
  if ((previous.kinds & KIND.phone) !== 0 && words === 0) return true;
  const adjoins = words === 0 && previous.end + 1 >= name.start && previous.languages.includes('en');
  return (
    adjoins &&
    (previous.kinds & KIND.noun) !== 0 &&
    !OWN.test(text.folded.slice(previous.start, previous.end))
  );
}
/** Things whose code or password is what one signs in with. */
const OWN = /^(?:account|id|ids|card|phone|mobile|device|client|customer|member)/;

/** SAVE20, SUMMER25: a word and a number. */
const SLOGAN = /^(?=[A-Z]*[AEIOU])[A-Z]{4,}\d{1,4}$/;

/** Words and letters need a better reason than digits: a name straight before them, and no likeness to a slogan. */
function lettersFactor(
  { text, hits }: Scene,
  { candidate, before, after }: View,
  sure: boolean,
  joined: boolean,
  words: number,
): number {
  const { value, shape, end } = candidate;
  const forSomething = [...before, ...after].some((hit) => (hit.kinds & KIND.act) !== 0);
  if (shape === 'mixed') {
    if (SLOGAN.test(value) && !sure) return 0;
    return sure || joined || forSomething ? 0.95 : 0;
  }
  if (!joined || words > 2) return 0;
  if (shape === 'lower') return 0.8;
  // «One Time Authorization Code (OTAC)» is its name.
  if (/[([{（【]/.test(text.plain[candidate.start - 1] ?? '')) return 0;
  const inDictionary = hits[firstFrom(hits, candidate.start)]?.start === candidate.start;
  const closes = /^ *(?:$|[\n.,;!)\]»"”』」】])/.test(text.plain.slice(end, end + NEAR));
  return inDictionary || !closes ? 0 : 0.75;
}

/** A discount, a pickup: «4821 is your discount code». */
function isOtherCode({ text }: Scene, { candidate, after }: View): boolean {
  const name = after.find((hit) => (hit.kinds & (NAME | KIND.other)) !== 0);
  return (
    name !== undefined &&
    (name.kinds & KIND.other) !== 0 &&
    wordsIn(text.folded, candidate.end, name.start) <= 5
  );
}

/** The languages in which the verb stands at the end: «2222'ye gonderin», «1441 руу залгана уу». */
const VERB_LAST = new Set(['tr', 'turkic', 'hi', 'indic', 'fa', 'ja', 'ko', 'cyrillic']);

/** A number to call or to write to. */
function isDialled({ text }: Scene, { candidate, after }: View): boolean {
  const verb = after.find(
    (hit) => (hit.kinds & KIND.phone) !== 0 && hit.languages.some((l) => VERB_LAST.has(l)),
  );
  return verb !== undefined && wordsIn(text.folded, candidate.end, verb.start) <= 2;
}

/** «738 204 is your Instagram code»: the candidate opens the sentence and the name follows. */
function fromRight(scene: Scene, view: View): { name: Hit; score: number } | null {
  const { candidate, after } = view;
  if (needsName(candidate)) return null;
  const name = after.find((hit) => (hit.kinds & NAME) !== 0);
  if (name === undefined || !opens(scene, view, name)) return null;
  const sure = (name.kinds & KIND.sure) !== 0;
  if (!sure && scene.isAboutOthers) return null;
  const words = wordsIn(scene.text.folded, candidate.end, name.start);
  const between = after.filter((hit) => hit.start < name.start);
  if (words > 8 || hasAnyOf(between, KIND.phone | KIND.warn) || (words > 4 && hasAnyOf(between, KIND.noun)))
    return null;
  if (candidate.doubtful && view.wordsBefore > 2) return null;
  if (candidate.shape === 'mixed' && view.wordsBefore > 3) return null;
  return { name, score: (words <= 3 ? 0.95 : 0.85) * (sure ? 1 : 0.95) };
}

/** Whether nothing before the candidate in its sentence could have a number: a brand, a verb, a greeting at most. */
function opens({ text }: Scene, { candidate, before, from, wordsBefore }: View, name: Hit): boolean {
  if (wordsBefore === 0) return true;
  const ahead = text.plain.slice(from, candidate.rawStart);
  const setApart = /[:：\]】)）>]\s*$/.test(ahead);
  if (/\d{3}/.test(ahead.replaceAll(DATE_OR_TIME, ''))) return setApart && wordsBefore <= 4;
  if (setApart && wordsBefore <= 6 && !hasAnyOf(before, KIND.phone | KIND.other)) return true;
  const last = lastWord(ahead);
  if (last !== null && connectorOf(last.toLowerCase(), ['en', ...name.languages]) === 'at') return false;
  const greeting = /[,，、!]\s*["“'«「『(（[【]*$/.test(ahead);
  const things = KIND.phone | KIND.other | KIND.money | (greeting ? 0 : KIND.noun);
  if (hasAnyOf(before, things)) return false;
  const verb = before.find((hit) => (hit.kinds & KIND.enter) !== 0);
  if (verb !== undefined && wordsIn(text.folded, verb.end, candidate.rawStart) <= 4) return true;
  return wordsBefore <= 3 || (wordsBefore <= 7 && /[-–—,，」「『(（["“]\s*$/.test(ahead));
}
const DATE_OR_TIME = /\d{1,4}(?:[./:-]\d{1,4}){1,3}/g;

/** «Use 5813 to sign in»: said what to do with it, and what for. */
function fromVerb(scene: Scene, { candidate, before, after, from }: View): number {
  const { folded } = scene.text;
  if (needsName(candidate) || candidate.doubtful) return 0;
  if (scene.isAboutOthers && !scene.hasSureName) return 0;
  if (candidate.shape === 'mixed' && SLOGAN.test(candidate.value)) return 0;
  const named = scene.hasSureName || scene.hasPlainName || scene.hasWarning;
  const digits = candidate.shape === 'digits';
  const purpose = hasAnyOf([...before, ...after], KIND.act);
  const distance = (hit: Hit): number =>
    hit.end <= candidate.rawStart
      ? wordsIn(folded, hit.end, candidate.rawStart)
      : wordsIn(folded, candidate.end, hit.start);
  const verb = [...before, ...after].find((hit) => (hit.kinds & KIND.enter) !== 0 && distance(hit) <= 5);
  if (verb !== undefined && purpose) return 0.85;
  if (verb !== undefined && named && digits && distance(verb) <= 2) return 0.7;
  if (!digits || !hasAnyOf(before, KIND.act)) return 0;
  if (before.some((hit) => (hit.kinds & KIND.with) !== 0 && distance(hit) === 0)) return 0.8;
  const joined = /[:：]\s*$/.test(folded.slice(from, candidate.rawStart));
  return joined && !scene.isAboutOthers && (named || candidate.value.length === 6) ? 0.6 : 0;
}

/** The candidate (nearly) alone in its sentence or line, the name in another; or nothing else at all. */
function fromNeighbours(scene: Scene, view: View): number {
  const { candidate, before, after, wordsBefore, wordsAfter } = view;
  if (needsName(candidate) || candidate.doubtful || hasAnyOf([...before, ...after], AGAINST)) return 0;
  const { plain } = scene.text;
  const ahead = plain.slice(view.from, candidate.rawStart);
  const behind = plain.slice(candidate.end, view.to);
  if (/\d/.test(ahead) || /\d/.test(behind)) return 0;
  const alone = wordsBefore + wordsAfter === 0;
  const setApart = /[-:：–—>\]】)）]\s*$/.test(ahead) && wordsBefore <= 3 && wordsAfter === 0;
  const digits = candidate.shape === 'digits';
  if (scene.hasSureName && (alone || setApart)) return digits ? 0.8 : 0.5;
  if (scene.hasPlainName && (alone || setApart)) return digits ? 0.75 : 0.4;
  if (scene.hasWarning && (alone || setApart)) return digits ? 0.7 : 0;
  const bare = /^[\s"'.:*#()[\]<>]*$/.test(ahead + behind);
  if (!bare || !digits || candidate.value.length > 8) return 0;
  if (!scene.hasOneNumber || (scene.kinds & AGAINST & ~KIND.unit) !== 0 || /[1-9]00$/.test(candidate.value))
    return 0;
  return (scene.kinds & KIND.act) !== 0 ? 0.5 : 0.35;
}
/** What else a lone number could be of. */
const AGAINST = KIND.noun | KIND.phone | KIND.other | KIND.money | KIND.unit | KIND.setting;

function shapeFactor({ value, shape }: Candidate): number {
  if (shape !== 'digits') return 0.9;
  if (value.length === 6) return 1;
  return value.length <= 8 ? 0.97 : 0.6;
}
