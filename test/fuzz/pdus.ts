/** Random PDUs, all of them valid and whole. */
import {
  address,
  alphanumeric,
  deliver,
  hex,
  type Octets,
  report,
  smsc,
  submit,
  time,
  type UserDataParts,
  userData,
} from '../vectors/writer.ts';
import type { Random } from './random.ts';

export function randomPdu(random: Random): string {
  const front = random.chance(4) ? [0] : smsc(0x91, digits(random, 4 + random.below(12)));
  const dcs = random.chance(3) ? random.below(256) : random.pick([0x00, 0x04, 0x08, 0xf5, 0xe8]);
  const { udh, ...body } = content(random, dcs);
  const parts = { ...body, ...(udh === undefined ? {} : { udh }), dcs, pid: random.below(256) };
  const flags = random.below(256) & 0xa0;
  const indicator = udh === undefined ? 0 : 0x40;
  switch (random.below(4)) {
    case 0: {
      const format = random.below(4);
      const vp = [[], random.octets(7), random.octets(1), when(random)][format] as Octets;
      const first = 0x01 | (format << 3) | flags | indicator;
      return hex(...front, ...submit({ ...parts, first, mr: random.below(256), da: party(random), vp }));
    }
    case 1: {
      const optional = random.chance(2) ? [] : [0x07, random.below(256), dcs, ...userData(parts)];
      const first = 0x02 | (random.below(2) << 2) | (optional.length > 0 ? indicator : 0);
      const times = { scts: when(random), dt: when(random) };
      return hex(
        ...front,
        ...report({ first, ra: party(random), ...times, st: random.below(256), optional }),
      );
    }
    default: {
      const first = (random.below(4) << 2) | flags | indicator;
      return hex(...front, ...deliver({ ...parts, first, oa: party(random), scts: when(random) }));
    }
  }
}

function content(random: Random, dcs: number): UserDataParts {
  const udh = random.chance(2) ? undefined : header(random);
  const taken = udh === undefined ? 0 : udh.length + 1;
  const group = dcs >> 4;
  const inSeptets =
    group < 8
      ? (dcs & 0x20) === 0 && [0x00, 0x0c].includes(dcs & 0x0c)
      : group === 0xf
        ? (dcs & 4) === 0
        : group !== 0xe;
  const withHeader = udh === undefined ? {} : { udh };
  if (inSeptets) {
    const length = random.below(161 - Math.ceil((8 * taken) / 7));
    // Escapes more often than chance would have them.
    const septets = random.octets(length).map((octet) => (octet > 240 ? 0x1b : octet & 0x7f));
    return { ...withHeader, septets };
  }
  const length = random.below(141 - taken) & ~1;
  const octets = random.octets(length);
  // Halves of surrogate pairs more often than chance would have them.
  if (random.chance(2))
    for (let at = 0; at < length; at += 2 * (1 + random.below(5))) octets[at] = 0xd8 + random.below(8);
  return { ...withHeader, octets };
}

function header(random: Random): Octets {
  const octets: Octets = [];
  for (let elements = random.below(4); elements > 0; elements--) {
    const known = [
      [0x00, 3, ...concat(random)],
      [0x08, 4, random.below(256), ...concat(random)],
      [0x05, 4, 0x0b, 0x84, ...random.octets(2)],
      [0x04, 2, ...random.octets(2)],
      [0x24, 1, random.below(16)],
      [0x25, 1, random.below(16)],
      [0x01, 2, ...random.octets(2)],
      [0x23, 6, random.below(256), 2, 0x81, 0x21, random.below(256), 0],
    ];
    const length = random.below(8);
    octets.push(
      ...(random.chance(4) ? [random.below(256), length, ...random.octets(length)] : random.pick(known)),
    );
  }
  return octets;
}

function concat(random: Random): Octets {
  const total = random.below(5);
  return [random.below(256), total, random.below(total + 2)];
}

function party(random: Random): Octets {
  if (random.chance(3)) return alphanumeric(random.octets(random.below(12)).map((octet) => octet & 0x7f));
  const type = random.pick([0x81, 0x91, 0xa1, 0xb1, 0xc1, 0xe1, 0xf1]);
  return address(type, digits(random, random.below(21)));
}

function digits(random: Random, count: number): string {
  return Array.from({ length: count }, () =>
    '0123456789*#abc'.charAt(random.below(random.chance(4) ? 15 : 10)),
  ).join('');
}

function when(random: Random): Octets {
  if (random.chance(5)) return random.octets(7);
  const two = (from: number, to: number): string =>
    String(from + random.below(to - from + 1)).padStart(2, '0');
  const date = `${two(0, 99)}${two(1, 12)}${two(1, 28)}`;
  return time(`${date}${two(0, 23)}${two(0, 59)}${two(0, 59)}`, random.below(159) - 79);
}
