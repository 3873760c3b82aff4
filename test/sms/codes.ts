/**
 * Texts with and without a code, and what must hold of every text; run short by the tests, long by `npm run fuzz`.
 *
 * `codes/first.jsonl` are the texts the finder began with, `codes/development.jsonl` those it was made with, and
 * `codes/held-out.jsonl` those that were written before it and that no word and no weight was chosen by.
 */
import { match, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { findCode } from '../../src/sms/code.ts';

export interface Sample {
  lang: string;
  text: string;
  /** null: there is none, and `kind` says what the text is. */
  code: string | null;
  /** Where it differs from the code. */
  raw?: string;
  kind?: string;
}

function samples(name: string): Sample[] {
  const file = readFileSync(new URL(`codes/${name}.jsonl`, import.meta.url), 'utf8');
  return file
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Sample);
}

export const FIRST = samples('first');
export const DEVELOPMENT = samples('development');
export const HELD_OUT = samples('held-out');
export const ALL = [...FIRST, ...DEVELOPMENT, ...HELD_OUT];

const pieces = fc.oneof(
  fc.constantFrom(
    'code',
    'Your OTP is',
    'G-',
    '12',
    '4821',
    '482 913',
    'AB',
    '验证码',
    'رمز',
    '...',
    '\n',
    ' ',
  ),
  fc.string({ unit: fc.constantFrom(...':-.#@/_~*+$€,;()<>&^%x1'), minLength: 1, maxLength: 2 }),
  fc.constantFrom(...ALL).map(({ text }) => text),
  fc.string({ unit: 'grapheme' }),
);

/** What is handed out stands in the text, without blanks and dashes; no text makes the search fail. */
export const codesStandInTexts = fc.property(fc.array(pieces, { maxLength: 12 }), (some) => {
  const text = some.join('');
  const code = findCode(text);
  if (code === null) return;
  ok(text.includes(code.raw));
  // Marks count on neither side: a value has none, and in the text they may be letters of their own.
  const lettersOf = (part: string) => part.normalize('NFKD').replaceAll(/[\s\p{M}\p{Pd}\p{Cf}]/gu, '');
  ok(lettersOf(code.raw).length >= lettersOf(code.value).length);
  match(code.value, /^[^\s-]+$/);
  ok(code.confidence > 0 && code.confidence < 1);
});
