/**
 * A plain writer of PDUs for vectors, benchmarks and the differential test: octets put down one after the other as the
 * figures of 23.040 clause 9 draw them, septets as a string of bits. It shares nothing with src/sms, so that a mistake
 * there is not made here too.
 */

export type Octets = number[];

export function hex(...octets: Octets): string {
  return octets.map((octet) => octet.toString(16).toUpperCase().padStart(2, '0')).join('');
}

/** Septets as octets: 23.038 clause 6.1.2.1. `fill` zero bits come first. */
export function packed(septets: readonly number[], fill = 0): Octets {
  // The bits in the order of their weight, the first septet's least one first.
  let bits = '0'.repeat(fill);
  for (const septet of septets) bits += septet.toString(2).padStart(7, '0').split('').reverse().join('');
  const octets: Octets = [];
  for (let at = 0; at < bits.length; at += 8) {
    octets.push(Number.parseInt(bits.slice(at, at + 8).padEnd(8, '0').split('').reverse().join(''), 2));
  }
  return octets;
}

/** ASCII letters, digits and the punctuation that has the same code in the default alphabet. */
export function ascii(text: string): Octets {
  return [...text].map((character) => {
    if (!/[\n\r !"#%&'()*+,\-./0-9:;<=>?A-Za-z]/.test(character)) throw new Error(`not the same code: ${character}`);
    return character.charCodeAt(0);
  });
}

export function utf16(text: string): Octets {
  const octets: Octets = [];
  for (let index = 0; index < text.length; index++) {
    octets.push(text.charCodeAt(index) >> 8, text.charCodeAt(index) & 0xff);
  }
  return octets;
}

/** Digits in swapped semi-octets, F as the filler: 23.040 clause 9.1.2.3. `*#abc` are A to E. */
export function semiOctets(digits: string): Octets {
  const nibbles = [...digits].map((digit) => '0123456789*#abc'.indexOf(digit));
  if (nibbles.length % 2 === 1) nibbles.push(15);
  const octets: Octets = [];
  for (let index = 0; index < nibbles.length; index += 2) {
    octets.push((nibbles[index + 1] as number) * 16 + (nibbles[index] as number));
  }
  return octets;
}

/** An address field: useful semi-octets, type of address, digits (9.1.2.5). */
export function address(typeOfAddress: number, digits: string): Octets {
  return [digits.length, typeOfAddress, ...semiOctets(digits)];
}

/** An alphanumeric one: the semi-octets that the septets need. */
export function alphanumeric(septets: readonly number[], length = Math.ceil((septets.length * 7) / 4)): Octets {
  return [length, 0xd0, ...packed(septets)];
}

export function smsc(typeOfAddress: number, digits: string): Octets {
  const octets = semiOctets(digits);
  return [octets.length + 1, typeOfAddress, ...octets];
}

/** `YYMMDDhhmmss` and the zone in quarters of an hour: 9.2.3.11. */
export function time(digits: string, quarters: number): Octets {
  const zone = String(Math.abs(quarters)).padStart(2, '0');
  const octets = semiOctets(digits + zone);
  if (quarters < 0) octets[6] = (octets[6] as number) + 8;
  return octets;
}

export interface UserDataParts {
  /** Information elements, one after the other. */
  udh?: Octets;
  septets?: readonly number[];
  octets?: Octets;
  /** To lie about the length. */
  udl?: number;
}

/** TP-UDL and TP-UD: 9.2.3.16 and 9.2.3.24. */
export function userData({ udh, septets, octets, udl }: UserDataParts): Octets {
  const header = udh === undefined ? [] : [udh.length, ...udh];
  if (septets === undefined) {
    const body = octets ?? [];
    return [udl ?? header.length + body.length, ...header, ...body];
  }
  const headerBits = header.length * 8;
  const fill = (7 - (headerBits % 7)) % 7;
  return [udl ?? (headerBits + fill) / 7 + septets.length, ...header, ...packed(septets, fill)];
}

export interface DeliverParts extends UserDataParts {
  /** The first octet; TP-MMS set (no more messages), TP-UDHI as there is a header. */
  first?: number;
  oa?: Octets;
  pid?: number;
  dcs?: number;
  scts?: Octets;
}

export const NOON = time('261121073001', 4);
export const SENDER = address(0x91, '12025550143');

/** An SMS-DELIVER without SMSC: 9.2.2.1. */
export function deliver(parts: DeliverParts): Octets {
  return [
    parts.first ?? (parts.udh === undefined ? 0x04 : 0x44),
    ...(parts.oa ?? SENDER),
    parts.pid ?? 0,
    parts.dcs ?? 0,
    ...(parts.scts ?? NOON),
    ...userData(parts),
  ];
}

export interface SubmitParts extends UserDataParts {
  first?: number;
  mr?: number;
  da?: Octets;
  pid?: number;
  dcs?: number;
  vp?: Octets;
}

/** An SMS-SUBMIT without SMSC: 9.2.2.2. */
export function submit(parts: SubmitParts): Octets {
  return [
    parts.first ?? (parts.udh === undefined ? 0x01 : 0x41),
    parts.mr ?? 0,
    ...(parts.da ?? SENDER),
    parts.pid ?? 0,
    parts.dcs ?? 0,
    ...(parts.vp ?? []),
    ...userData(parts),
  ];
}

export interface ReportParts {
  first?: number;
  mr?: number;
  ra?: Octets;
  scts?: Octets;
  dt?: Octets;
  st?: number;
  /** TP-PI and all that follows it. */
  optional?: Octets;
}

/** An SMS-STATUS-REPORT without SMSC: 9.2.2.3. */
export function report(parts: ReportParts): Octets {
  return [
    parts.first ?? 0x06,
    parts.mr ?? 0,
    ...(parts.ra ?? SENDER),
    ...(parts.scts ?? NOON),
    ...(parts.dt ?? NOON),
    parts.st ?? 0,
    ...(parts.optional ?? []),
  ];
}
