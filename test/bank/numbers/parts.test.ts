import { describe, expect, it } from 'vitest';
import { numberParts } from '../../../src/bank/numbers/parts.ts';

describe('a number', () => {
  it.each([
    ['+12025550143', 'US', '2025550143'],
    ['+14165550100', 'CA', '4165550100'],
    ['+4915112345678', 'DE', '15112345678'],
    // Of the countries that share a code the main one, where the number itself does not tell.
    ['+447700900123', 'GB', '7700900123'],
    ['+99958955070000', null, null],
  ])('%s is of %s', (msisdn, countryIso, national) =>
    expect(numberParts(msisdn)).toEqual({ countryIso, national }),
  );
});
