/**
 * The recovery ladder: what is done next to a modem that does not do its work.
 *
 * Pure. The mildest first, each once; when all were tried, the hardest again at growing distances. Re-applying the settings
 * comes before the port is opened anew: it is milder, and cures what forgets (CNMI after a reboot nobody announced).
 */

export const RUNGS = ['reinit', 'reopen', 'radio', 'reset', 'power'] as const;
export type Rung = (typeof RUNGS)[number];

/**
 * `silent`: no command is answered, so only the port and the power can be reached, and a reset is sent blind.
 * `unhealthy`: it answers, and its messages cannot be read. `clogged`: they are read, and their store stays full, which
 * may be drafts of somebody's: nothing to reset a modem for. `unregistered`: it answers, and finds no network for long.
 */
export type Complaint = 'silent' | 'unhealthy' | 'clogged' | 'unregistered';

const ORDER: Record<Complaint, readonly Rung[]> = {
  // A second opening costs a second, and spares a modem that was only slow to boot.
  silent: ['reopen', 'reopen', 'reset', 'reopen', 'power'],
  unhealthy: ['reinit', 'reopen', 'radio', 'reset', 'power'],
  clogged: ['reinit', 'reopen', 'radio'],
  // Not COPS=2: it makes the next registration longer (device-os PR 2177).
  unregistered: ['radio', 'reset', 'power'],
};

/**
 * @param climbed - rungs since messages were last read as they should be.
 * @param available - the rungs that this modem has beyond `reinit` and `reopen`.
 * @returns null for «nothing now»: the ladder was climbed, and it is not yet time to begin again.
 */
export function rungFor(complaint: Complaint, climbed: number, available: readonly Rung[]): Rung | null {
  const rungs = ORDER[complaint].filter(
    (rung) => rung === 'reinit' || rung === 'reopen' || available.includes(rung),
  );
  if (climbed < rungs.length) return rungs[climbed]!;
  // The hardest again after 2, 4, 8… further complaints, so that a modem that is dead for days is left in peace.
  const beyond = climbed - rungs.length + 1;
  const isTime = beyond > 1 && (beyond & (beyond - 1)) === 0;
  const hardest = rungs.at(-1) ?? 'reopen';
  if (complaint === 'silent') return isTime ? hardest : 'reopen';
  return isTime ? hardest : null;
}
