import { describe, expect, it } from 'vitest';
import { normalise, numberIn } from '../../../src/bank/numbers/normalise.ts';

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
