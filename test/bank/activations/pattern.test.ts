import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isWhole, isWithin } from '../../../src/bank/activations/pattern.ts';

describe('a pattern', () => {
  it.each([
    ['Telegram', 'TELEGRAM', true],
    ['Telegram', 'Telegram1', false],
    ['tele*', 'Telegram', true],
    ['*gram', 'Telegram', true],
    ['t*l*m', 'Telegram', true],
    ['a*a', 'a', false],
    ['ab*ba', 'aba', false],
    ['*', '', true],
    ['', '', true],
    ['', 'x', false],
    ['+1202*', '+12025550143', true],
    ['.*', 'x', false],
  ])('%s for the whole of %s: %s', (pattern, text, fits) => expect(isWhole(pattern, text)).toBe(fits));

  it('is found anywhere in a text', () => {
    expect(isWithin('is your * code', 'G-123 IS YOUR login code.')).toBe(true);
    expect(isWithin('your*is', 'is your')).toBe(false);
  });

  const word = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 8 });
  it('fits as a regular expression of the same meaning does', () => {
    const pieces = fc.array(word, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(pieces, word, (parts, text) => {
        const regex = new RegExp(`^${parts.map((part) => part.replaceAll('.', '\\.')).join('.*')}$`);
        expect(isWhole(parts.join('*'), text)).toBe(regex.test(text));
      }),
    );
  });

  it('made to be slow is not: backtracking would take years', () => {
    expect(isWithin('a*'.repeat(200), 'a'.repeat(150).repeat(100))).toBe(true);
    expect(isWithin(`${'a*'.repeat(200)}b`, 'a'.repeat(15_000))).toBe(false);
  });
});
