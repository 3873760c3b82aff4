/**
 * Named places at which a crash test kills the process: `SIMBANKD_FAILPOINT=after-commit:3` sends SIGKILL at the third
 * passage of `after-commit`. Without the variable a passage costs one comparison.
 */
export type Failpoint =
  | 'after-read'
  | 'after-commit'
  | 'after-delete'
  | 'before-puback'
  | 'before-ack'
  /** A command's effect and its answer are written, and not committed. */
  | 'command-written'
  /** They are on disk, and nobody has heard of it. */
  | 'before-reply';

const [name, count] = (process.env.SIMBANKD_FAILPOINT ?? '').split(':');
let left = Number(count ?? 1);

export function failpoint(here: Failpoint): void {
  if (name !== here) return;
  left -= 1;
  if (left <= 0) process.kill(process.pid, 'SIGKILL');
}
