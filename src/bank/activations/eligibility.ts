/** Which SIM serves next: eligibility and choice. */
import type { SimSelection } from '../../protocol/commands.ts';
import type { ActivationMode } from '../../protocol/events.ts';

export interface Wish {
  readonly services: readonly (string | null)[];
  readonly mode: ActivationMode;
  readonly select: SimSelection;
}

/** What the modem that holds a SIM says of it now. */
export interface OnAir {
  readonly ready: boolean;
  /** Every store was listed since the SIM became ready. */
  readonly swept: boolean;
  readonly signalDbm: number | null;
  /** By the table or by its network, for SIMs whose operator nobody has named. */
  readonly operator: string | null;
}

export interface Candidate {
  readonly iccid: string;
  readonly imsi: string | null;
  readonly msisdn: string | null;
  readonly countryIso: string | null;
  readonly operator: string | null;
  /** The number behind its country code. */
  readonly national: () => string | null;
  /** The operator keeps it out of use. */
  readonly held: 'quarantined' | 'retired' | null;
  /** Null where no modem holds it. */
  readonly air: OnAir | null;
  /** RFC 3339 UTC; null when it never served. */
  readonly lastUsedAt: string | null;
  /** What is open on it. Asked only of SIMs that could serve. */
  readonly open: () => readonly { readonly service: string | null; readonly mode: ActivationMode }[];
  /** Services it has served before, `''` for one nobody knows. Asked only of SIMs that could serve. */
  readonly used: () => readonly string[];
}

export type Choice<C extends Candidate> =
  | { readonly sim: C }
  /** In a sentence: which SIMs were meant, and what kept them from serving. */
  | { readonly sim: null; readonly why: string };

/**
 * Least recently used first, weaker signal last. `candidates` come in the order of their last use, those that never
 * served first; no more of them are looked at than needed.
 */
export function chooseSim<C extends Candidate>(wish: Wish, candidates: Iterable<C>): Choice<C> {
  const excluded = new Set(wish.select.excludeIccids);
  let best: C | null = null;
  let meant = 0;
  const tally = new Map<string, number>();
  for (const candidate of candidates) {
    if (best !== null && candidate.lastUsedAt !== best.lastUsedAt) break;
    if (best !== null && !isBefore(candidate, best)) continue;
    if (excluded.has(candidate.iccid) || !isMeant(wish.select, candidate)) continue;
    meant += 1;
    const obstacle = obstacleOf(wish, candidate);
    if (obstacle === null) best = candidate;
    else tally.set(obstacle, (tally.get(obstacle) ?? 0) + 1);
  }
  return best === null ? { sim: null, why: refusal(wish, meant, tally) } : { sim: best };
}

/** Of two that were used at the same time, or never. */
function isBefore(a: Candidate, b: Candidate): boolean {
  const [signalA, signalB] = [signalOf(a), signalOf(b)];
  return signalA !== signalB ? signalA > signalB : a.iccid < b.iccid;
}

function signalOf({ air }: Candidate): number {
  return air?.signalDbm ?? Number.NEGATIVE_INFINITY;
}

/** The operator a SIM counts as: the one its owner has named, else the network it is in. */
export function operatorOf({ operator, air }: Pick<Candidate, 'operator' | 'air'>): string | null {
  return operator ?? air?.operator ?? null;
}

function isMeant(select: SimSelection, sim: Candidate): boolean {
  const { iccid, msisdn, countryIso, operators, areaCodes } = select;
  return (
    (iccid === undefined || sim.iccid === iccid) &&
    (msisdn === undefined || sim.msisdn === msisdn) &&
    (countryIso === undefined || sim.countryIso === countryIso) &&
    (operators === undefined || operators.some((wanted) => isOperator(wanted, sim))) &&
    (areaCodes === undefined || isInArea(areaCodes, sim.national()))
  );
}

function isOperator(wanted: string, sim: Candidate): boolean {
  if (/^\d{5,6}$/.test(wanted)) return sim.imsi?.startsWith(wanted) === true;
  return operatorOf(sim)?.toLowerCase() === wanted.toLowerCase();
}

function isInArea(areaCodes: readonly string[], national: string | null): boolean {
  return national !== null && areaCodes.some((code) => national.startsWith(code));
}

/** Why a SIM cannot serve; null when it can. */
function obstacleOf({ services, mode, select }: Wish, sim: Candidate): string | null {
  if (sim.msisdn === null) return 'without a known number';
  if (sim.held !== null) return sim.held;
  if (sim.air === null) return 'in no modem';
  if (!sim.air.ready) return 'not ready';
  if (!sim.air.swept) return 'not yet swept';
  const open = sim.open();
  if (open.some((other) => other.mode === 'continuous')) return 'kept by another customer';
  if (open.some((other) => services.includes(other.service))) return 'open for it already';
  if (open.length > 0 && (mode === 'continuous' || select.fresh === true)) return 'in use';
  const used = sim.used();
  if (select.fresh === true) return used.length > 0 ? 'used before' : null;
  // Who names a number wants that one, whatever it has served.
  if (select.iccid !== undefined || select.msisdn !== undefined) return null;
  return used.some((service) => services.includes(service)) ? 'used for it before' : null;
}

function refusal(
  { services, mode, select }: Wish,
  meant: number,
  tally: ReadonlyMap<string, number>,
): string {
  const scope = [
    select.iccid === undefined ? '' : ` with the ICCID ${select.iccid}`,
    select.msisdn === undefined ? '' : ' with that number',
    select.countryIso === undefined ? '' : ` in country ${select.countryIso}`,
    select.operators === undefined ? '' : ` of operator ${select.operators.join(' or ')}`,
    select.areaCodes === undefined ? '' : ` with area code ${select.areaCodes.join(' or ')}`,
    select.excludeIccids === undefined ? '' : ` besides the ${select.excludeIccids.length} excluded`,
  ].join('');
  if (meant === 0) return `this bank has no SIM${scope}`;
  const names = services.map((service) => service ?? 'any service');
  const purpose =
    names[0] === 'any service' && names.length === 1 ? names[0] : `service ${names.join(' and ')}`;
  const use = `${select.fresh === true ? 'fresh' : 'free'} for ${mode === 'continuous' ? 'continuous use with ' : ''}${purpose}`;
  const obstacles = [...tally].sort((a, b) => b[1] - a[1]).map(([what, count]) => `${count} ${what}`);
  return `no SIM${scope} is ${use}: of ${meant}, ${obstacles.join(', ')}`;
}
