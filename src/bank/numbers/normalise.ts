/** Numbers as they are written, in the form the whole program uses: E.164 with its `+`. */
import {
  type CountryCode,
  isSupportedCountry,
  parsePhoneNumberFromString,
  searchPhoneNumbersInText,
} from 'libphonenumber-js/max';

export interface Normalised {
  readonly msisdn: string;
  /** ISO 3166-1 alpha-2; null where the country code is shared and the number tells no more. */
  readonly countryIso: string | null;
}

/**
 * @param country - whose national form the text may be in; null when it must be international.
 * @returns null where this is no number that can exist there.
 */
export function normalise(text: string, country: string | null): Normalised | null {
  const region = country !== null && isSupportedCountry(country) ? country : undefined;
  const digits = text.replace(/[^\d+]/g, '');
  if (digits.startsWith('+')) return checked(digits, undefined);
  // Cards and operators often leave the + out: so read, a number of this very country is not taken for a national one.
  const international = checked(`+${digits}`, undefined);
  if (international !== null && (region === undefined || international.countryIso === region))
    return international;
  return checked(text, region);
}

function checked(text: string, region: CountryCode | undefined): Normalised | null {
  const number = parsePhoneNumberFromString(text, region);
  if (number === undefined || !(number.isValid() || isKnownShape(number.number))) return null;
  return { msisdn: number.number, countryIso: number.country ?? null };
}

/** The first telephone number in a text: what an operator answers to «what is my number?». */
export function numberIn(text: string, country: string | null): Normalised | null {
  const region = country !== null && isSupportedCountry(country) ? (country as CountryCode) : undefined;
  for (const { number } of searchPhoneNumbersInText(text, region))
    if (number.isValid() || isKnownShape(number.number))
      return { msisdn: number.number, countryIso: number.country ?? null };
  // «Your number is 12025550143»: international digits without their +.
  const bare = /(?<!\d)\d{10,15}(?!\d)/.exec(text)?.[0];
  return bare === undefined ? null : normalise(bare, country);
}

/** Numbers kept for fiction and unassigned country codes, which validity refuses and tests and demos live on. */
function isKnownShape(e164: string): boolean {
  return /^\+1\d{3}55501\d{2}$/.test(e164);
}
