import { getCountries } from 'libphonenumber-js';
import { describe, expect, it } from 'vitest';
import { countryOfImsi, mccmncOf } from '../../src/sim/mcc.ts';

describe('an IMSI', () => {
  it.each([
    ['310260123456789', 'US', '310260'],
    ['262011234567890', 'DE', '26201'],
    ['302720123456789', 'CA', '302720'],
    ['234150123456789', 'GB', '23415'],
    ['001010123456789', null, '00101'],
    ['901700123456789', null, '90170'],
  ])('%s is of %s, %s', (imsi, country, network) => {
    expect(countryOfImsi(imsi)).toBe(country);
    expect(mccmncOf(imsi)).toBe(network);
  });

  it('every country of the table is one that telephone numbers know', () => {
    const known = new Set<string>(getCountries());
    const all = Array.from({ length: 1_000 }, (_, i) => countryOfImsi(String(i).padStart(3, '0')));
    const unknown = [...new Set(all)].filter((country) => country !== null && !known.has(country));
    expect(unknown).toEqual([]);
    expect(new Set(all).size).toBeGreaterThan(210);
  });
});
