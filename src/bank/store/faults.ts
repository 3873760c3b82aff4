/**
 * A fault of this program in one message costs what would have been derived from that message: never the message, for its only
 * other copy is on a card that is to be emptied, and no other message. The warning says where the fault is; texts are secrets,
 * so it says nothing that the error does.
 */
import type { Database } from '../../sqlite.ts';

/** What `find` returns; `other`, with a warning that tells of the `loss`, where it throws. */
export function orElse<T>(other: T, find: () => T, loss: string): T {
  try {
    return find();
  } catch (error) {
    warn(loss, error);
    return other;
  }
}

/**
 * What `derive` wrote and returns. Where it throws, all that it wrote is taken back and `plain` is done instead.
 *
 * @throws what `plain` throws, and what SQLite throws of the disk or the file: then nothing can be written, and all that was
 *   asked for is tried again later.
 */
export function orPlain<T>(db: Database, derive: () => T, plain: () => T): T {
  const isPartOfMore = db.inTransaction;
  try {
    return db.transaction(derive)();
  } catch (error) {
    // A full disk rolls the whole transaction back by itself: what others wrote in it is gone as well.
    if (isOfDisk(error) || (isPartOfMore && !db.inTransaction)) throw error;
    warn('a message is told of unread', error);
    return plain();
  }
}

/** SQLite's other codes are of what it was given: https://sqlite.org/rescode.html */
const OF_DATA = /^SQLITE_(CONSTRAINT|ERROR|MISMATCH|RANGE|TOOBIG)/;

function isOfDisk(error: unknown): boolean {
  const code = String((error as { code?: unknown } | null)?.code ?? '');
  return code.startsWith('SQLITE_') && !OF_DATA.test(code);
}

function warn(loss: string, error: unknown): void {
  const { message = '', stack = '' } = error instanceof Error ? error : {};
  // The message may quote the text, over several lines.
  const frames = stack.replace(message, '').split('\n').slice(1, 3).join('');
  process.emitWarning(`${loss}: a fault of this program${frames}`);
}
