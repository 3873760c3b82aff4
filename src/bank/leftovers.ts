/** What a sweep leaves in a store, and why. */
import { SimbankError } from '../errors.ts';
import type { StoredMessage } from '../modem/messages.ts';
import type { Trouble } from '../modem/state.ts';
import type { KeepResult } from './keep.ts';

/** The rounds of one sweep of a store: a listing each, until one leaves nothing to do. */
export class Rounds {
  readonly #store: string;
  /** Entries that were deleted, by the modem's word: a place with its PDU. */
  readonly #deleted = new Set<string>();

  constructor(store: string) {
    this.#store = store;
  }

  /**
   * One round is over: what was listed, and what was done about it.
   *
   * @returns null while another listing may show more, or less; else what stays in the store: for which reason (null for
   * none that anybody has to know), and how many that the modem counts as deleted.
   */
  after(
    entries: readonly StoredMessage[],
    result: KeepResult,
  ): { readonly why: Trouble | null; readonly miscounted: number } | null {
    const nameOf = ({ index, pdu }: StoredMessage): string => `${index} ${pdu}`;
    const before = this.#deleted.size;
    for (const entry of entries) if (result.deleted.includes(entry.index)) this.#deleted.add(nameOf(entry));
    if (this.#deleted.size > before) return null;
    // All that was deleted this time was deleted before, and is listed again.
    const miscounted = result.deleted.length;
    const refusal = result.refusal ?? (miscounted > 0 ? notDone() : null);
    const left = { ...result, undeletable: result.undeletable + miscounted, refusal };
    return { why: whyLeft(this.#store, left), miscounted };
  }
}

function notDone(): SimbankError {
  return new SimbankError('modem.delete_refused', 'the modem says that it did, and lists them again');
}

function whyLeft(
  store: string,
  { unreadable, undeletable, refusal }: Omit<KeepResult, 'deleted' | 'again'>,
): Trouble | null {
  const some = (count: number): string => `${count} message${count === 1 ? '' : 's'} in ${store}`;
  const cure = 'look at them in a phone, or replace the card';
  if (unreadable > 0) {
    const message = `${some(unreadable)} cannot be read, and stay there: ${cure}`;
    return { code: 'store.unreadable', message };
  }
  if (refusal === null) return null;
  const message = `${some(undeletable)} cannot be deleted, and stay there though they were received: ${refusal.message}; ${cure}`;
  return { code: refusal.code, message };
}
