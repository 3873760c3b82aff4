/** When an activation ends by itself. */
import type { Activation } from './activation.ts';

/** What is known of a SIM at a moment. Unix milliseconds. */
export interface Situation {
  readonly nowMs: number;
  /** When the last sweep began that listed every store, in the SIM's present readiness; null before it. */
  readonly sweptFromMs: number | null;
  /** Since when no modem holds the SIM; null while one does, and before every slot has been tried. */
  readonly absentSinceMs: number | null;
  /** Since when this daemon has tried every slot; null before. */
  readonly watchingSinceMs: number | null;
}

/** Modems restart, and SIMs change places: so long a SIM may be nowhere. */
const LOST_AFTER_MS = 120_000;
/** What came before the expiry and could not be read for so long will not be waited for. */
const PATIENCE_MS = 120_000;

/**
 * Why an activation ends now; null while it does not.
 *
 * An expiry is decided only when everything that came before it has been read: after a sweep that began later, with no
 * message of that time still waiting for its parts (`collectingSinceMs`: when the first part of the oldest came).
 */
export function endOf(
  { expiresMs }: Pick<Activation, 'expiresMs'>,
  { nowMs, sweptFromMs, absentSinceMs, watchingSinceMs }: Situation,
  collectingSinceMs: number | null,
): 'expired' | 'sim-lost' | null {
  const isDue = nowMs >= expiresMs;
  const isLost = absentSinceMs !== null && nowMs - absentSinceMs >= LOST_AFTER_MS;
  if (isLost) return isDue ? 'expired' : 'sim-lost';
  if (!isDue) return null;
  const isRead = sweptFromMs !== null && sweptFromMs >= expiresMs;
  const isWhole = collectingSinceMs === null || collectingSinceMs >= expiresMs;
  const isLate = watchingSinceMs !== null && nowMs - Math.max(expiresMs, watchingSinceMs) >= PATIENCE_MS;
  return (isRead && isWhole) || isLate ? 'expired' : null;
}
