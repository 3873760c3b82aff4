/** Whom to ask next for a SIM's number. Pure. */
import type { Asked } from '../store/number-inquiries.ts';

/** What is known of a SIM that is ready. Times are RFC 3339 UTC. */
export interface Unasked {
  readonly msisdn: string | null;
  readonly insertedAt: string;
  /** When each was asked last. */
  readonly askedAt: ReadonlyMap<Asked, string>;
  /** The network can be asked, and may be. */
  readonly ussd: boolean;
  /** A message may be sent, and there is a SIM to receive it. */
  readonly probe: boolean;
}

/** How long a question is not asked again that brought no number, in ms. */
export interface Patience {
  readonly ussdMs: number;
  readonly probeMs: number;
}

/**
 * The card once after each insertion, whatever is known, for it may contradict that. Then, while there is no number, the
 * network, and after it a message. Null where nothing is to be asked now.
 */
export function nextQuestion(sim: Unasked, nowMs: number, patience: Patience): Asked | null {
  const { askedAt, msisdn, insertedAt } = sim;
  const card = askedAt.get('sim');
  if (card === undefined || card < insertedAt) return 'sim';
  if (msisdn !== null) return null;
  const isDue = (source: Asked, pauseMs: number): boolean => {
    const at = askedAt.get(source);
    return at === undefined || nowMs - Date.parse(at) >= pauseMs;
  };
  if (sim.ussd && isDue('ussd', patience.ussdMs)) return 'ussd';
  return sim.probe && isDue('sms', patience.probeMs) ? 'sms' : null;
}
