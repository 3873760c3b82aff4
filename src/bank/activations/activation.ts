/** An activation that is open, and what decides over it. This folder knows no clock, no store and no modem. */

import type { MatchPatterns } from '../../protocol/commands.ts';
import type { ActivationMode } from '../../protocol/events.ts';

/** A number that serves somebody now. Times in Unix milliseconds. */
export interface Activation {
  readonly id: string;
  readonly iccid: string;
  /** A code of the catalogue; null: any service. */
  readonly service: string | null;
  readonly mode: ActivationMode;
  /** What its customer says fits, besides the catalogue. */
  readonly match: MatchPatterns | null;
  readonly openedMs: number;
  readonly expiresMs: number;
  /** A message came since it was opened, or armed again. */
  readonly matched: boolean;
}

/** What this bank refuses outright. */
export interface Policy {
  readonly services: readonly string[];
  /** Patterns of whole senders (pattern.ts). */
  readonly senders: readonly string[];
}

export const ALLOW_ALL: Policy = { services: [], senders: [] };
