/** When an activation has to be looked at although nothing was heard: moments in, moment out. */
import type { State } from './transitions.ts';

/** contracts/mqtt.md: the gateway expires; the hub gives the money back this long after, when the gateway is away. */
export const RELEASE_AFTER_MS = 600_000;
/** The same while the gateway is there: its word may still be on the way, behind a backlog of events. */
export const RELEASE_AFTER_ALL_MS = 3_600_000;
/** An attempt whose hub died: after the time for its answer. */
const ORPHAN_MS = 5_000;
/** How often a kept number that lost its SIM is tried again. */
export const REOPEN_EVERY_MS = 30_000;

/** How often a kept number is looked at: whether it is paid, and how long its gateway still keeps it. */
const DAY_MS = 86_400_000;

export interface Clocked {
  readonly state: State;
  /** Until when the gateway waits; in the queue until when it stays there. */
  readonly expiresAt: string | null;
  /** Until when an attempt may be answered. */
  readonly answerBy: string | null;
}

/** RFC 3339; null: never by itself. */
export function dueAt({ state, expiresAt, answerBy }: Clocked, now: string): string | null {
  switch (state) {
    case 'queued':
      return expiresAt ?? now;
    case 'asking':
      return after(answerBy ?? now, ORPHAN_MS);
    case 'waiting':
    case 'received':
    case 'waiting-again':
      return after(expiresAt ?? now, RELEASE_AFTER_MS);
    case 'kept':
      return after(now, DAY_MS);
    case 'suspended':
      return after(now, REOPEN_EVERY_MS);
    case 'cancelled':
    case 'expired':
      return now;
    default:
      return null;
  }
}

export function after(time: string, ms: number): string {
  return new Date(Date.parse(time) + ms).toISOString();
}
