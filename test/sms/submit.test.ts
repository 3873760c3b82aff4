import { describe, expect, test } from 'vitest';
import { decodePdu, encodeSubmit, type SubmitOptions } from '../../src/sms/tpdu.ts';

function parts(options: Partial<SubmitOptions>): string[] {
  return encodeSubmit({ to: '+12025550143', text: '', ...options }).parts.map((part) => part.text);
}

function first(options: Partial<SubmitOptions>): ReturnType<typeof decodePdu>['tpdu'] {
  const [part] = encodeSubmit({ to: '+12025550143', text: 'Hi', ...options }).parts;
  return decodePdu(part?.pdu ?? '', { direction: 'mo' }).tpdu;
}

describe('a text is cut where the standard allows it', () => {
  test.each([
    ['160 septets fit in one', 'x'.repeat(160), [160]],
    ['161 septets take two', 'x'.repeat(161), [153, 8]],
    ['306 septets fit in two', 'x'.repeat(306), [153, 153]],
    ['307 septets take three', 'x'.repeat(307), [153, 153, 1]],
    ['an escape sequence is not split', `${'x'.repeat(152)}€${'y'.repeat(20)}`, [152, 21]],
    ['eighty euros fit in one', '€'.repeat(80), [80]],
    ['seventy characters of UCS-2 fit in one', 'Ж'.repeat(70), [70]],
    ['seventy-one take two', 'Ж'.repeat(71), [67, 4]],
    ['a surrogate pair is not split', `${'Ж'.repeat(66)}😀${'Ж'.repeat(10)}`, [66, 12]],
    ['thirty-five emojis fit in one', '😀'.repeat(35), [70]],
    ['an empty text is one part', '', [0]],
  ])('%s', (_, text, lengths) => {
    const cut = parts({ text });
    expect(cut.map((piece) => piece.length)).toEqual(lengths);
    expect(cut.join('')).toBe(text);
  });

  test('a 16 bit reference leaves less room', () => {
    expect(parts({ text: 'x'.repeat(305), referenceBits: 16 }).map((piece) => piece.length)).toEqual([
      152, 152, 1,
    ]);
    expect(parts({ text: 'Ж'.repeat(71), referenceBits: 16 }).map((piece) => piece.length)).toEqual([66, 5]);
  });

  test('255 parts are the most', () => {
    expect(parts({ text: 'x'.repeat(255 * 153) })).toHaveLength(255);
    expect(() => parts({ text: 'x'.repeat(255 * 153 + 1) })).toThrow(
      expect.objectContaining({ code: 'sms.too_long' }),
    );
  });
});

test('the shortest coding that can say the text is taken', () => {
  expect(encodeSubmit({ to: '1', text: '@£$ {}[] €' }).encoding).toBe('gsm7');
  expect(encodeSubmit({ to: '1', text: 'ç' }).encoding).toBe('ucs2');
  expect(first({ text: 'ç' })).toMatchObject({ text: 'ç', dcs: { value: 0x08 } });
});

test('a lone half of a surrogate pair is sent as a mark, not as half a character', () => {
  expect(first({ text: 'a\ud83d' })).toMatchObject({ text: 'a\ufffd' });
});

test('the fields are what was asked for', () => {
  expect(first({})).toMatchObject({
    da: { value: '+12025550143', type: 'international', plan: 1 },
    mr: 0,
    pid: 0,
    validity: null,
    statusReportRequest: false,
    udh: null,
  });
  expect(
    first({ to: '*100#', statusReport: true, messageReference: 7, class: 0, validityMinutes: 61 }),
  ).toMatchObject({
    da: { value: '*100#', type: 'unknown' },
    mr: 7,
    dcs: { value: 0x10, class: 0 },
    validity: { format: 'relative', minutes: 65 },
    statusReportRequest: true,
  });
  expect(first({ text: 'x'.repeat(161), reference: 300 })).toMatchObject({
    concat: { ref: 300 & 255, total: 2, seq: 1, bits: 8 },
  });
  expect(first({ text: 'x'.repeat(161), reference: 300, referenceBits: 16 })).toMatchObject({
    concat: { ref: 300, bits: 16 },
  });
  expect(first({ validityMinutes: 1e9 })).toMatchObject({ validity: { value: 255 } });
});

test.each(['', '+', 'abcdefg', '+1202555014312345678901', '١٢٣', '12 34', '+1-202'])(
  'a destination that is no number is refused: %j',
  (to) => {
    expect(() => encodeSubmit({ to, text: 'Hi' })).toThrow(
      expect.objectContaining({ code: 'sms.invalid_address' }),
    );
  },
);
