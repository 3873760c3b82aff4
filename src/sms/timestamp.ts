/**
 * TP-SCTS and TP-DT: seven octets of swapped semi-octets with the sender's own zone. 23.040 clause 9.2.3.11.
 */

export interface Scts {
  /** RFC 3339 with the sender's own offset: `2026-11-21T07:30:01+01:00`. */
  readonly iso: string;
  readonly epochMs: number;
}

export const TIMESTAMP_OCTETS = 7;

const daysInMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const twoDigits: readonly string[] = Array.from({ length: 100 }, (_, value) =>
  String(value).padStart(2, '0'),
);

/**
 * The time, or null when the octets make no possible one.
 *
 * 9.2.3.11 has a handset read a semi-octet that is no digit as 0. That would make up a time nobody wrote, and what is
 * stored here decides which activation a message belongs to: such a time is null too.
 */
export function readTimestamp(octets: Uint8Array): Scts | null {
  const year = swapped(octets[0]);
  const month = swapped(octets[1]);
  const day = swapped(octets[2]);
  const hour = swapped(octets[3]);
  const minute = swapped(octets[4]);
  const second = swapped(octets[5]);
  // Bit 3 of the zone's octet is its sign; the rest counts quarters of an hour.
  const zone = octets[6] ?? 0xff;
  const quarters = swapped(zone & 0xf7);
  if (Math.min(year, month, day, hour, minute, second, quarters) < 0) return null;
  if (month < 1 || month > 12 || day < 1 || day > (daysInMonth[month - 1] as number)) return null;
  if (hour > 23 || minute > 59 || second > 59) return null;

  // Only the two last digits are sent. No message is older than the service itself, which began in 1992.
  const fullYear = year >= 90 ? 1900 + year : 2000 + year;
  if (month === 2 && day === 29 && fullYear % 4 !== 0) return null;

  const negative = (zone & 8) !== 0 && quarters > 0;
  const offset = `${negative ? '-' : '+'}${twoDigits[quarters >> 2]}:${twoDigits[(quarters & 3) * 15]}`;
  const date = `${fullYear}-${twoDigits[month]}-${twoDigits[day]}`;
  const time = `${twoDigits[hour]}:${twoDigits[minute]}:${twoDigits[second]}`;
  const local = Date.UTC(fullYear, month - 1, day, hour, minute, second);
  return {
    iso: `${date}T${time}${offset}`,
    epochMs: local - (negative ? -quarters : quarters) * 900_000,
  };
}

/** The number of a swapped pair of semi-octets, or -1 when one is no digit. */
function swapped(octet: number | undefined): number {
  if (octet === undefined) return -1;
  const tens = octet & 0x0f;
  const units = octet >> 4;
  return tens > 9 || units > 9 ? -1 : 10 * tens + units;
}

/** The octets of a time; zeros, which make no possible time, for null. */
export function timestampOctets(scts: Scts | null): Uint8Array {
  const octets = new Uint8Array(TIMESTAMP_OCTETS);
  const match = scts?.iso.match(/^\d\d(\d\d)-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)([+-])(\d\d):(\d\d)$/);
  if (match === null || match === undefined) return octets;
  const [, year, month, day, hour, minute, second, sign, hours, minutes] = match;
  [year, month, day, hour, minute, second].forEach((digits, index) => {
    octets[index] = swap(Number(digits));
  });
  const quarters = 4 * Number(hours) + Math.floor(Number(minutes) / 15);
  octets[6] = swap(quarters) | (sign === '-' ? 0x08 : 0);
  return octets;
}

function swap(value: number): number {
  return ((value % 10) << 4) | Math.floor(value / 10);
}
