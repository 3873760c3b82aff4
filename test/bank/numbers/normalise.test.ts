import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { normalise, numberIn } from '../../../src/bank/numbers/normalise.ts';
import { readOperators } from '../../../src/bank/numbers/operators.ts';
import { temporaryDir } from '../../temporary.ts';

describe('a number', () => {
  it.each([
    ['+1 (202) 555-0143', null, '+12025550143', 'US'],
    ['2025550143', 'US', '+12025550143', 'US'],
    ['12025550143', 'US', '+12025550143', 'US'],
    ['12025550143', null, '+12025550143', 'US'],
    ['030 123456', 'DE', '+4930123456', 'DE'],
    ['491701234567', 'DE', '+491701234567', 'DE'],
    ['07400 123456', 'GB', '+447400123456', 'GB'],
    ['+919812345678', 'XX', '+919812345678', 'IN'],
  ])('%s written in %s', (text, country, msisdn, countryIso) => {
    expect(normalise(text, country)).toEqual({ msisdn, countryIso });
  });

  it.each([
    ['611', 'US'],
    ['', null],
    ['12345', null],
    ['not a number', 'US'],
    ['+0000000000', null],
  ])('%j is none', (text, country) => {
    expect(normalise(text, country)).toBeNull();
  });
});

describe('an operator’s answer', () => {
  it.each([
    ['Your number is +12025550143. Thank you', 'US', '+12025550143'],
    ['MSISDN 447400123456', 'GB', '+447400123456'],
    ['Ваш номер: 9161234567', 'RU', '+79161234567'],
    ['Ihre Rufnummer lautet 0170 1234567.', 'DE', '+491701234567'],
  ])('%s', (text, country, msisdn) => {
    expect(numberIn(text, country)?.msisdn).toBe(msisdn);
  });

  it.each(['Balance 5.00 valid until 2026-12-24', 'Unknown code', 'Call 611'])('%s tells none', (text) => {
    expect(numberIn(text, 'US')).toBeNull();
  });
});

describe('the table of operators', () => {
  it('is read, and each code stands in it once', () => {
    const operators = readOperators();
    expect(operators.get('00101')?.ussd).toBe('*101#');
    expect(operators.get('310260')?.name).toBe('T-Mobile US');
    expect(operators.size).toBeGreaterThan(100);
  });

  it('of one’s own says what is wrong with it, and where', () => {
    const path = join(temporaryDir(), 'operators.yaml');
    writeFileSync(
      path,
      'operators:\n  - { codes: [26201], name: A, ussd: "100" }\n  - { codes: ["26202"], name: B, ussd: "*1#", pattern: "(" }\n',
    );
    expect(() => readOperators(path)).toThrow(
      /operators.yaml:2: operators\[0\].codes\[0\][\s\S]*operators\[0\].ussd[\s\S]*operators.yaml:3: operators\[1\].pattern/,
    );
  });
});
