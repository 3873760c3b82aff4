/** The finder of one-time codes, on texts and on properties. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CodeHint, findCode } from '../../src/sms/code.ts';
import { ALL, codesStandInTexts, DEVELOPMENT, FIRST, HELD_OUT, type Sample } from './codes.ts';

describe('on texts', () => {
  test('the first thirty are all right', () => {
    const got = FIRST.map(({ text }) => ({ text, code: findCode(text)?.value ?? null }));
    expect(got).toEqual(FIRST.map(({ text, code }) => ({ text, code })));
  });

  /** Of what is handed out, how much is right; of what there is, how much is found; of ordinary texts, how many are taken for codes. */
  function figures(name: string, set: readonly Sample[]) {
    const judged = set.map((sample) => ({ ...sample, got: findCode(sample.text) }));
    const withCode = judged.filter(({ code }) => code !== null);
    const ordinary = judged.filter(({ code }) => code === null);
    const right = withCode.filter(({ code, raw, got }) => got?.value === code && got?.raw === (raw ?? code));
    const handedOut = judged.filter(({ got }) => got !== null);
    const result = {
      precision: right.length / handedOut.length,
      recall: right.length / withCode.length,
      falsePositives: ordinary.filter(({ got }) => got !== null).length / ordinary.length,
    };
    const languages = new Set(withCode.map(({ lang }) => lang)).size;
    const shown = Object.entries(result).map(([figure, share]) => `${figure} ${(100 * share).toFixed(1)} %`);
    console.info(
      `${name}: ${withCode.length} with a code in ${languages} languages, ${ordinary.length} without: ${shown.join(', ')}`,
    );
    return result;
  }

  test('the development texts', () => {
    const { precision, recall, falsePositives } = figures('development', DEVELOPMENT);
    expect(precision).toBeGreaterThanOrEqual(0.99);
    expect(recall).toBeGreaterThanOrEqual(0.97);
    expect(falsePositives).toBeLessThan(0.01);
  });

  test('the held-out texts', () => {
    const { precision, recall, falsePositives } = figures('held-out', HELD_OUT);
    expect(precision).toBeGreaterThanOrEqual(0.97);
    expect(recall).toBeGreaterThanOrEqual(0.94);
    expect(falsePositives).toBeLessThan(0.01);
  });

  test('what is said of codes around an ordinary text makes none of it', () => {
    const warnings = [
      'Never share your OTP or PIN with anyone.',
      'We never ask for your password or verification code.',
      'No comparta su clave ni su código.',
      'Никому не сообщайте код.',
      '请勿将验证码告诉他人。',
      'لا تشارك رمز التحقق.',
    ];
    const ordinary = DEVELOPMENT.filter(({ code }) => code === null).map(({ text }) => text);
    const around = ordinary.flatMap((text) =>
      warnings.flatMap((said) => [`${text} ${said}`, `${text}\n${said}`, `${said} ${text}`]),
    );
    const taken = around.filter((text) => findCode(text) !== null);
    console.info(`warnings around ordinary texts: ${taken.length} of ${around.length} taken for codes`);
    expect(taken.length / around.length).toBeLessThan(0.01);
  });

  test('other numbers around a code change nothing', () => {
    const before = [
      'Acme Bank: ',
      '[Acme] ',
      'Dear customer, ',
      'FreeMsg: ',
      'RE: order 99120034. ',
      '21/11/2026 14:02 ',
    ];
    const after = [
      'Reply STOP to 46645 to unsubscribe.',
      'Questions? Call 1-800-555-0199',
      'Ref: 99120034',
      'Amount: 1,250.00 USD',
      'Valid until 14:35 on 21/11/2026.',
      'Card ending 4821.',
      'https://acme.example/v/991122',
    ];
    const certain = DEVELOPMENT.filter(({ text, code }) => {
      // Two that stand alone are no longer alone, and a host-bound line is no longer the last.
      return code !== null && !/\n@|^\S+$|QWRTYP/.test(text) && (findCode(text)?.confidence ?? 0) >= 0.6;
    });
    const around = certain.flatMap(({ text, code }) => [
      ...before.map((said) => ({ text: said + text, code })),
      ...after.map((said) => ({ text: `${text}\n${said}`, code })),
    ]);
    const wrong = around.filter(({ text, code }) => (findCode(text)?.value ?? code) !== code);
    const lost = around.filter(({ text }) => findCode(text) === null);
    console.info(`numbers around a code: ${wrong.length} wrong, ${lost.length} lost of ${around.length}`);
    expect(wrong).toEqual([]);
    expect(lost.length / around.length).toBeLessThan(0.01);
  });

  test('are of many languages, with and without codes', () => {
    const languages = (some: readonly Sample[]) => new Set(some.map(({ lang }) => lang)).size;
    for (const set of [DEVELOPMENT, HELD_OUT]) {
      const withCode = set.filter(({ code }) => code !== null);
      const ordinary = set.filter(({ code }) => code === null);
      expect(withCode.length).toBeGreaterThanOrEqual(245);
      expect(ordinary.length).toBeGreaterThanOrEqual(245);
      expect(languages(withCode)).toBeGreaterThanOrEqual(25);
      expect(languages(ordinary)).toBeGreaterThanOrEqual(25);
    }
    const seen = new Set(DEVELOPMENT.map(({ text }) => text));
    expect(HELD_OUT.filter(({ text }) => seen.has(text))).toEqual([]);
  });
});

describe('what is handed out', () => {
  const found = (text: string, hint?: CodeHint) => {
    const code = findCode(text, hint);
    return code === null ? null : [code.value, code.raw];
  };

  test.each([
    ['Your code is 738-204.', '738204', '738-204'],
    ['G-190224 is your Google verification code.', '190224', 'G-190224'],
    ['FB-58213 ist dein Bestätigungscode für Facebook', '58213', 'FB-58213'],
    ['Your code: 4️⃣8️⃣2️⃣9️⃣!', '4829', '4️⃣8️⃣2️⃣9️⃣'],
    ['您的验证码是１２３４５６。', '123456', '１２３４５６'],
    ['رمز التحقق: \u200e٤٨٢-٩١٥\u200f', '482915', '٤٨٢-٩١٥'],
    ['Your code is \u2067482915\u2069', '482915', '482915'],
    ['Your code: 8F3K-2QWX', '8F3K2QWX', '8F3K-2QWX'],
    ['OTP482910 is valid for 3 minutes', '482910', '482910'],
    ['Your code is P482910', 'P482910', 'P482910'],
    ['Amount: 20JPY. Password: 482910', '482910', '482910'],
    ['OTP-482910 is valid for 3 minutes', '482910', '482910'],
  ])('%s', (text, value, raw) => {
    expect(found(text)).toEqual([value, raw]);
  });

  test('the confidence falls with what speaks for the code', () => {
    const confidence = (text: string) => findCode(text)?.confidence ?? 0;
    const falling = [
      'Your verification code is 482915',
      'Your code for Acme 482915',
      'Do not share your code.\n482915',
      '482915',
      'Acme 482915',
    ].map(confidence);
    expect(falling).toEqual([...falling].sort((a, b) => b - a));
    expect(falling[0]).toBeGreaterThan(0.95);
    expect(falling[3]).toBeLessThan(0.5);
    expect(falling[4]).toBe(0);
  });

  test('an origin-bound last line decides', () => {
    expect(found('Use 5813 to sign in.\n\n@shop.example #9F3K2Q %pay.example')).toEqual(['9F3K2Q', '9F3K2Q']);
    expect(found('Hello\n@shop.example #k-9.f:3\r\n')).toEqual(['k9.f:3', 'k-9.f:3']);
    expect(found('Log in\n@localhost:8080 #secret')).toEqual(['secret', 'secret']);
    // No host; not the last line; the tag of an advert.
    expect(found('Greetings from @shop #12345')).toBeNull();
    expect(found('@shop.example #9F3K2Q\nSee you')).toBeNull();
    expect(found('Half price at our shops\n@shop.example #blackfriday')).toBeNull();
  });

  test('a template of the service decides, with any flags', () => {
    const text = 'Acme 12345. Your code is 482915. Ref X-77120-Q';
    expect(found(text)).toEqual(['482915', '482915']);
    expect(found(text, { patterns: [/nothing (\d+)/, /X-(\d{5})-Q/g] })).toEqual(['77120', 'X-77120']);
    expect(found(text, { patterns: [/^Acme (\d{5})\b/y] })).toEqual(['12345', '12345']);
    const again = /Ref X-(\d{5})/g;
    expect(found(text, { patterns: [again] })).toEqual(found(text, { patterns: [again] }));
    expect(found('کد: ۴۸۲۹۱', { patterns: [/: (\d{5})/] })).toEqual(['48291', '۴۸۲۹۱']);
    // One that does not fit, and one without a group, change nothing.
    expect(found(text, { patterns: [/no (\d)/, /Acme/] })).toEqual(['482915', '482915']);
  });

  test("the sender's own number is no code", () => {
    expect(found('Verify with 46645', { sender: '46645' })).toBeNull();
    expect(found('Acme code from 46645: 9071', { sender: '46645' })).toEqual(['9071', '9071']);
  });

  test.each([
    ['a parcel', 'Your parcel is in locker 12. PIN: 4821'],
    ['a delivery', 'Give the courier the code 4821'],
    ['a door', 'The code of the door is 4821'],
    ['a discount', 'Code 482190 saves you 20%'],
  ])('the code of %s is none', (_, text) => {
    expect(found(text)).toBeNull();
  });

  test('a text that calls the secret of a hand-over an OTP is taken at its word', () => {
    expect(found('OTP for delivery of your parcel is 482190')).toEqual(['482190', '482190']);
  });
});

describe('properties', () => {
  /** The zeros of all runs of decimal digits that Unicode has in its first planes. */
  const zeros = Array.from({ length: 0x1ffff }, (_, code) => code).filter(
    (code) => /\p{Nd}/u.test(String.fromCodePoint(code)) && !/\p{Nd}/u.test(String.fromCodePoint(code - 1)),
  );
  const withCode = ALL.filter(({ code }) => code !== null);

  test('digits of any script have the same value', () => {
    expect(zeros.length).toBeGreaterThan(50);
    fc.assert(
      fc.property(fc.constantFrom(...zeros), fc.integer({ min: 0, max: 999_999 }), (zero, number) => {
        const digits = String(number).padStart(6, '0');
        const other = [...digits].map((digit) => String.fromCodePoint(zero + Number(digit))).join('');
        const code = findCode(`Your verification code is ${other}.`);
        expect(code).toMatchObject({ value: digits, raw: other });
      }),
    );
  });

  test('blanks around change nothing', () => {
    for (const { text } of ALL) {
      const code = findCode(text);
      for (const blanks of [' ', '\n', ' \r\n\t', '\u3000\u00a0']) {
        expect(findCode(blanks + text + blanks)).toEqual(code);
      }
    }
  });

  test('it does not matter whether letters carry their marks, and how', () => {
    for (const { text } of withCode) {
      const [composed, apart] = [findCode(text.normalize('NFC')), findCode(text.normalize('NFD'))];
      expect(apart?.value).toBe(composed?.value);
    }
  });

  test('the same code comes again, whatever it is', () => {
    const sixDigits = withCode.filter(({ code, text }) => /^\d{6}$/.test(code!) && text.includes(code!));
    fc.assert(
      fc.property(
        fc.constantFrom(...sixDigits),
        fc.integer({ min: 0, max: 999_999 }),
        ({ text, code }, number) => {
          const other = String(number).padStart(6, '0');
          expect(findCode(text.replaceAll(code!, other))?.value ?? null).toBe(
            findCode(text) === null ? null : other,
          );
        },
      ),
    );
  });

  test('nothing comes out that does not stand in the text', () => {
    fc.assert(codesStandInTexts, { numRuns: 2000 });
  });

  test('a text may begin and end with anything', () => {
    const signs = Array.from({ length: 0x7f - 0x20 }, (_, index) => String.fromCharCode(0x20 + index));
    const around = ['', ...signs, '\ud83d', '\u0301', '验', 'ー', '€'];
    for (const before of around) {
      for (const after of around) {
        for (const text of ['4821', 'code 4821', '4821 code', 'G-482913', '482 913', 'AB12CD']) {
          findCode(before + text + after);
        }
      }
    }
    expect(findCode('Your code: 4821/')?.value).toBe('4821');
    expect(findCode('.4821')).toBeNull();
  });

  /** 255 parts of 153 septets. */
  const LONGEST = 39_015;
  test.each([
    ['digits', '1'],
    ['groups', '123 '],
    ['dashes', '1-'],
    ['names', 'code '],
    ['names and numbers', 'code 4821 '],
    ['words', 'one '],
    ['one word', 'verification'],
    ['capitals', 'ABCD '],
    ['full stops', 'a.'],
    ['an address', 'http://a.b/'],
    ['at signs', 'a@b.'],
    ['blanks', ' '],
    ['line ends', '\n'],
    ['marks', '\u0301'],
    ['Han', '验证码'],
    ['Thai', 'รหัส'],
    ['brackets', '['],
    ['beginnings of a term', 'kod za '],
    ['ends of an address', 'x/?.,;:!)'],
    ['a host-bound line', '@a.b #c '],
  ])('the longest message of %s takes no longer than its length allows', (_, piece) => {
    const ofLength = (length: number) => piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
    /** Processor time in milliseconds, which other programs on this machine do not lengthen; the least of some runs. */
    const took = (text: string, times: number): number => {
      const runs = Array.from({ length: 5 }, () => {
        const before = process.cpuUsage();
        for (let time = 0; time < times; time++) findCode(text);
        return process.cpuUsage(before).user / 1000;
      });
      return Math.min(...runs);
    };
    const eighths = took(ofLength(LONGEST / 8), 8);
    // As much text in both: as long when linear, eight times as long when quadratic. What is less than a blink is let pass.
    expect(took(ofLength(LONGEST), 1)).toBeLessThan(4 * eighths + 20);
  });
});
