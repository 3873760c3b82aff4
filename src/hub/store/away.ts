/** Whether a fault of the store is that it is away: the same succeeds later. Verbs say so by a code, reads as it comes. */
import { hasCode, messageOf, SimbankError } from '../../errors.ts';

export const UNREACHABLE = 'store.unreachable';

/** The server is away, starting, ending, or out of something; or the connection to it ended. */
export function isStoreAway(error: unknown): boolean {
  if (error instanceof SimbankError) return hasCode(error, UNREACHABLE);
  const code = codeOf(error);
  // Class 08: connection; 53: resources, a full disk among them; 57P: the server ends or starts; 58: its system.
  if (/^(08\d{3}|53\d{3}|57P\d{2}|58\d{3})$/.test(code)) return true;
  if (/^E(CONN|PIPE|HOST|NET|TIMEDOUT|AI_|NOTFOUND)/.test(code)) return true;
  return (
    code === '' &&
    /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Client was closed)/.test(
      messageOf(error),
    )
  );
}

/** A fault's code: of PostgreSQL, or of the system; empty without one. */
export function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null)?.code ?? '');
}
