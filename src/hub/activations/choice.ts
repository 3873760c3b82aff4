/** Which gateway is asked first: stock and how well it went lately, with a little chance so that one in trouble is tried again. */

export interface Chance {
  readonly gateway: string;
  /** SIMs that fit. */
  readonly stock: number;
  /** In the window: activations that got their message, that waited in vain, and that were refused or not answered. */
  readonly received: number;
  readonly missed: number;
  readonly refused: number;
}

/** Of what was opened, how much got its message; one half before anything is known (Laplace's rule of succession). */
export function successRate({ received, missed }: Pick<Chance, 'received' | 'missed'>): number {
  return (received + 1) / (received + missed + 2);
}

/** How much of the choice falls to a gateway. */
export function weightOf(chance: Chance): number {
  const opened = chance.received + chance.missed;
  const answered = (opened + 1) / (opened + chance.refused + 1);
  // Squared: one that succeeds twice as often is worth more than one with twice the numbers.
  return chance.stock * successRate(chance) ** 2 * answered;
}

/**
 * The gateways in the order in which they are to be asked: a weighted draw without putting back (Efraimidis and Spirakis).
 *
 * @param random - numbers from 0 to 1, one for each.
 */
export function drawOrder(chances: readonly Chance[], random: () => number): string[] {
  return chances
    .filter(({ stock }) => stock > 0)
    .map((chance) => ({ gateway: chance.gateway, key: Math.log(1 - random()) / weightOf(chance) }))
    .toSorted((a, b) => b.key - a.key)
    .map(({ gateway }) => gateway);
}
