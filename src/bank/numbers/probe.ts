/** The message by which a SIM shows its number to another one: a word that nobody else can know. Pure. */

/** Capitals and digits of RFC 4648 base32: the same in every alphabet of 23.038. */
const LENGTH = 16;
const PROBE = new RegExp(`\\bSIMBANKD ([A-Z2-7]{${LENGTH}})\\b`);
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** @param random - an octet for each letter. */
export function nonceOf(random: Uint8Array): string {
  return [...random.subarray(0, LENGTH)].map((octet) => ALPHABET[octet & 31]).join('');
}

export const NONCE_OCTETS = LENGTH;

export function probeText(nonce: string): string {
  return `SIMBANKD ${nonce}`;
}

/** The word in a text, also where an operator has put something of its own around it; null where there is none. */
export function probeIn(text: string): string | null {
  return PROBE.exec(text)?.[1] ?? null;
}
