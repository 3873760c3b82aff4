/**
 * The one-time code in the text of a message: what somebody types to sign in, to verify a number or to approve a
 * payment. Pure and linear in the length of the text; its words are data (code/terms.ts).
 *
 * What is a code here: what the text calls a one-time password, a verification, security or login code, and a plain
 * code, PIN or password where nothing else is meant. Not a code: a discount, postal or error code, a Wi-Fi or door
 * code, a booking reference, and **the PIN of a parcel or a locker**: whoever holds it gets a parcel, it verifies no
 * one. A text that calls the secret of a hand-over an OTP is taken at its word.
 */
import { candidatesOf } from './code/candidates.ts';
import { originBoundCode, struckStretches, templateCode } from './code/fixed.ts';
import { sceneOf } from './code/scene.ts';
import { scoresOf } from './code/score.ts';
import { hitsOf, KIND } from './code/terms.ts';
import { normalise, originalOf, strike } from './code/text.ts';

export interface Code {
  /** Without blanks and dashes, in ASCII digits: `583921`. */
  readonly value: string;
  /** As it stands in the text, with a prefix such as `G-`: `G-583921`, `738 204`, `٤٨٢٩١٥`. */
  readonly raw: string;
  /** 0 to 1: 0.9 and more for a code that is named; 0.3 for a number that stands alone. */
  readonly confidence: number;
}

export interface CodeHint {
  /** Who sent the text; its own number in the text is no code. */
  readonly sender?: string;
  /** Templates of the service that is expected; the first group is the code. One that fits decides. */
  readonly patterns?: readonly RegExp[];
}

/** Below this nothing is handed out: a wrong code is worse than none. */
const LEAST = 0.3;
/** A later candidate must be better than an earlier one by this much. */
const CLEARLY = 0.04;
const MOST = 0.99;
/** A message with more numbers than this is a table; bounds the work. */
const MOST_CANDIDATES = 256;

/**
 * The code of a text, or null when there is none or none that is likely enough.
 *
 * Service templates come first, then an origin-bound last line (`@host #code`), then the candidate that its
 * surroundings speak for most; of equals the first.
 */
export function findCode(text: string, hint: CodeHint = {}): Code | null {
  const whole = normalise(text.trim());
  const template = templateCode(whole, hint.patterns ?? []);
  if (template !== null) return { ...template, confidence: MOST };

  const bound = originBoundCode(whole, () =>
    hitsOf(whole).some(({ kinds }) => (kinds & (KIND.sure | KIND.code | KIND.act)) !== 0),
  );
  if (bound !== null)
    return { value: bound.value, raw: originalOf(whole, bound.start, bound.end), confidence: MOST };

  const normal = strike(whole, struckStretches(whole));
  if (!/[0-9]|[A-Z]{4}/.test(normal.plain)) return null;
  const hits = hitsOf(normal);
  const names = new Set(
    hits.filter(({ kinds }) => (kinds & (KIND.sure | KIND.code)) !== 0).map(({ end }) => end),
  );
  const sender = normalise(hint.sender ?? '').plain.replaceAll(/\D/g, '');
  const candidates = candidatesOf(normal, names)
    .filter(({ value }) => value !== sender)
    .slice(0, MOST_CANDIDATES);
  if (candidates.length === 0) return null;

  const scores = scoresOf(sceneOf(normal, hits, candidates));
  let best = -1;
  for (const [index, score] of scores.entries()) {
    if (score >= LEAST && (best < 0 || score > scores[best]! + CLEARLY)) best = index;
  }
  const chosen = candidates[best];
  if (chosen === undefined) return null;
  const confidence = Math.round(Math.min(scores[best]!, MOST) * 100) / 100;
  return { value: chosen.value, raw: originalOf(normal, chosen.rawStart, chosen.end), confidence };
}
