import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCatalogue } from '../src/catalogue.ts';
import { beginningsOf, ofPattern } from '../src/catalogue-index.ts';

describe('how what fits a pattern begins', () => {
  test.each([
    ['telegram', ['telegram']],
    ['X', ['x']],
    ['whatsapp(?! ?business)', ['whatsapp']],
    ['verification code', ['verification code']],
    ['vk\\.com', ['vk']],
    ['wa ?business', ['wa']],
    ['ab{0,3}c', ['a']],
    ['(?:Your|your|Ваш) Signal', ['your signal', 'your signal', 'ваш signal']],
    ['(?:Your )?Signal', ['']],
    ['(?:a|b.)c', ['ac', 'b']],
    ['(?:a|(?:b|c))d', ['']],
    ['free ?now(?![a-z])|freenow', ['free', 'freenow']],
    ['(?<![a-z])trip', ['']],
    ['[ab]c', ['']],
    ['a|[b|c]', ['a', '']],
    ['微信', ['微信']],
  ])('%s', (source, beginnings) => {
    expect(ofPattern(source)).toEqual(beginnings);
  });
});

test('no pattern is passed over that fits where a word begins', () => {
  const letters = ['a', 'B', 'ß', 'ς', 'Σ', 'İ', 'ı', 'ж', 'Ж', '微', ' ', '.', '1'];
  const word = fc.string({ unit: fc.constantFrom(...letters), maxLength: 6 });
  const plain = fc.string({
    unit: fc.constantFrom('a', 'b', 'ß', 'σ', 'ж', '微', '1'),
    minLength: 1,
    maxLength: 6,
  });
  const pattern = fc.oneof(
    plain,
    fc.tuple(plain, plain).map(([a, b]) => `(?:${a}|${b})1?`),
    fc.tuple(plain, plain).map(([a, b]) => `${a}?${b}`),
    fc.tuple(plain, plain).map(([a, b]) => `${a}|${b}`),
    plain.map((a) => `[${a}]${a}`),
  );
  fc.assert(
    fc.property(fc.array(pattern, { minLength: 1, maxLength: 5 }), word, word, (sources, before, after) => {
      const text = `${before} ${after}`;
      const found = beginningsOf(sources).within(text);
      sources.forEach((source, at) => {
        const fitting = new RegExp(source, 'iu').exec(` ${text}`.slice(1));
        const places = [0, before.length + 1];
        if (fitting !== null && places.includes(fitting.index)) expect(found).toContain(at);
      });
    }),
    { numRuns: 2_000 },
  );
});

test('the shipped catalogue finds by beginnings what it finds by trying everything', () => {
  const catalogue = readCatalogue();
  const files = ['development', 'held-out'].map(
    (name) => new URL(`sms/codes/${name}.jsonl`, import.meta.url),
  );
  const texts = files.flatMap((file) => readFileSync(file, 'utf8').trim().split('\n'));
  let found = 0;
  for (const line of texts) {
    const { text, sender = '72941' } = JSON.parse(line) as { text: string; sender?: string };
    const fitting = catalogue.fitting(sender, text).map(({ code }) => code);
    const tried = catalogue.services.filter((service) => catalogue.fits(service, sender, text));
    expect([text, fitting.toSorted()]).toEqual([text, tried.map(({ code }) => code).toSorted()]);
    found += fitting.length;
  }
  expect(found).toBeGreaterThan(200);
});
