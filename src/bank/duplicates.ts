/** IMEIs that several modems claim: cheap pools carry one for all their ports. Nothing here is keyed by it; people may be. */

export interface Claimed {
  readonly name: string;
  readonly imei: string | null;
}

/** One sentence that names every IMEI of several slots, its middle masked, with the slots; null when each has its own. */
export function duplicateImeis(slots: Iterable<Claimed>): string | null {
  const holders = new Map<string, string[]>();
  for (const { name, imei } of slots) {
    if (imei === null) continue;
    const others = holders.get(imei);
    if (others === undefined) holders.set(imei, [name]);
    else others.push(name);
  }
  const shared = [...holders].filter(([, names]) => names.length > 1);
  if (shared.length === 0) return null;
  const said = shared.map(([imei, names]) => `${imei.slice(0, 4)}…${imei.slice(-4)} in ${names.join(', ')}`);
  return `modems with one IMEI: ${said.join('; ')}`;
}
