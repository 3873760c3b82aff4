/** Random numbers from a seed: the same run again for the same seed, on every host. */
export interface Random {
  /** 0 to `limit` - 1. */
  below(limit: number): number;
  chance(oneIn: number): boolean;
  pick<T>(from: readonly T[]): T;
  octets(count: number): number[];
  hex(octets: number): string;
}

/** The generator is mulberry32: 32 bits of state, good enough to spread mutations. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const random: Random = {
    below: (limit) => Math.floor(next() * limit),
    chance: (oneIn) => random.below(oneIn) === 0,
    pick: (from) => from[random.below(from.length)] as (typeof from)[number],
    octets: (count) => Array.from({ length: count }, () => random.below(256)),
    hex: (octets) =>
      random
        .octets(octets)
        .map((octet) => octet.toString(16).toUpperCase().padStart(2, '0'))
        .join(''),
  };
  return random;
}
