/**
 * Whose number is it? Several sources say something of one SIM, and several SIMs may say that a number is theirs.
 *
 * A better source counts before a worse one, on one SIM and between SIMs, and two that agree count no more than the
 * better of them. What a SIM says is void where a better source gives that number to another SIM; where the same source
 * gives it to several, it is nobody's, for worse sources as well: a guess would hand one customer's messages to another. A SIM
 * whose word is void has what its next source says (cards of one batch may all hold the same number, and the network knows
 * better), or no number, and then serves nobody. But for the operator's word, to which there is no next: that one holds, or
 * the SIM has no number until the operator has settled it. Pure.
 */
import { maskNumber } from '../../log.ts';

/** The best first: the operator's list or command, the card, the network's answer to a USSD, the sender of a message. */
export const SOURCES = ['operator', 'sim', 'ussd', 'sms'] as const;
export type NumberSource = (typeof SOURCES)[number];

/** What one source says of one SIM; each has at most one word. */
export interface Claim {
  readonly iccid: string;
  readonly source: NumberSource;
  readonly msisdn: string;
}

export interface Verdict<C extends Claim> {
  /** What counts; null where all that is said of the SIM is void. */
  readonly claim: C | null;
  /** What is contradicted, in a sentence with masked numbers; null where nothing is. */
  readonly conflict: string | null;
}

/** Decides for every SIM of which anything is said. Nothing but `claims` matters, and not their order. */
export function settle<C extends Claim>(claims: readonly C[]): Map<string, Verdict<C>> {
  const settled = new Map<string, C | null>();
  /** By number: the claims of the best source that names it. */
  const taken = new Map<string, readonly C[]>();
  for (const source of SOURCES) {
    const heard = claims.filter((claim) => claim.source === source && !settled.has(claim.iccid));
    for (const [msisdn, rivals] of Map.groupBy(heard, (claim) => claim.msisdn)) {
      if (taken.has(msisdn)) continue;
      taken.set(msisdn, rivals);
      if (rivals.length === 1) settled.set(rivals[0]!.iccid, rivals[0]!);
      else if (source === 'operator') for (const { iccid } of rivals) settled.set(iccid, null);
    }
  }
  const bySim = Map.groupBy(claims, ({ iccid }) => iccid);
  return new Map(
    [...bySim].map(([iccid, own]) => {
      const claim = settled.get(iccid) ?? null;
      return [iccid, { claim, conflict: conflictOf(own, claim, taken) }];
    }),
  );
}

const SPEAKERS: Record<NumberSource, string> = {
  operator: 'the operator',
  sim: 'the card',
  ussd: 'the network',
  sms: 'a message from it',
};

function conflictOf<C extends Claim>(
  own: readonly C[],
  counts: C | null,
  taken: ReadonlyMap<string, readonly C[]>,
): string | null {
  const [other] = own
    .filter(({ msisdn }) => msisdn !== counts?.msisdn)
    .sort((a, b) => SOURCES.indexOf(a.source) - SOURCES.indexOf(b.source));
  if (other === undefined) return null;
  const said = `${SPEAKERS[other.source]} says ${maskNumber(other.msisdn)}`;
  const outcome =
    counts === null
      ? 'it has no number that is certain'
      : `${maskNumber(counts.msisdn)} counts, which ${SPEAKERS[counts.source]} says`;
  const rival = taken.get(other.msisdn)?.find(({ iccid }) => iccid !== other.iccid);
  if (rival === undefined) return `${said}; ${outcome}`;
  const claimed =
    rival.source === other.source
      ? `and the same of the SIM ${rival.iccid}, so that neither has it`
      : `and ${SPEAKERS[rival.source]}, who counts before, says it of the SIM ${rival.iccid}`;
  return `${said}, ${claimed}; ${outcome}`;
}
