/** From a modem's store to the disk, and only then from the modem's store: the one place that deletes messages. */
import { hasCode, SimbankError } from '../errors.ts';
import { failpoint } from '../failpoint.ts';
import type { Logger } from '../log.ts';
import type { MessageAccess, StoredMessage } from '../modem/messages.ts';
import type { Modem } from '../modem/modem.ts';
import type { StoredEvent } from './store/events.ts';
import type { PartOutcome } from './store/messages.ts';
import type { BankStore } from './store/store.ts';

/** Whose messages they are, and where they go. */
export interface Keeper {
  readonly slot: string;
  readonly modem: Modem;
  readonly store: BankStore;
  readonly log: Logger;
  /** Committed events, in any order. */
  readonly committed: (events: readonly StoredEvent[]) => void;
  /** A message was committed. */
  readonly received: () => void;
  /** Since when the card is ready; null while it is not. */
  readonly readySince: () => Date | null;
}

export interface KeepJob {
  readonly access: MessageAccess;
  readonly store: string;
  readonly entries: readonly StoredMessage[];
  /** Card and dialogue are still those in which the entries were read. */
  readonly stillValid: () => boolean;
  readonly iccid: string;
  /** When what is at a place was announced. A place that was emptied is taken out: what comes there next is another message. */
  readonly announced: Map<number, string>;
  /** Whether what is at a place came to this card for certain. */
  readonly isCertain: (index: number) => boolean;
}

export interface KeepResult {
  /** The places of entries that were deleted, by the modem's word. */
  readonly deleted: readonly number[];
  /** Everything has to be looked at once more. */
  readonly again: boolean;
  /** How many entries could not be read, however often: they stay where they are. */
  readonly unreadable: number;
  /** How many are on disk and stay where they are, because the modem refuses to delete them. */
  readonly undeletable: number;
  /** What it says to that, of the first. */
  readonly refusal: SimbankError | null;
}
type Deletion = Omit<KeepResult, 'unreadable'>;

const NOTHING: Deletion = { deleted: [], again: false, undeletable: 0, refusal: null };

/** An entry that is on disk. */
export type Kept = StoredMessage & Pick<PartOutcome, 'long'>;

const READ_AGAIN = 3;
/** By then the network has handed over what it held back while the card was away: what is announced is new. */
const LIVE_AFTER_MS = 300_000;

/** Whether what was announced at `at` had only just come. */
export function isLive({ readySince }: Pick<Keeper, 'readySince'>, at: string): boolean {
  const since = readySince();
  return since !== null && Date.parse(at) - since.getTime() >= LIVE_AFTER_MS;
}

/** 2 and 3 are messages of our own in the store, unsent and sent. */
export function isReceived(entry: StoredMessage): boolean {
  return entry.state !== 2 && entry.state !== 3;
}

/**
 * Commits what was read, then deletes it from the card. What fails keeps nothing else back: the first failure is thrown
 * when all the rest is done.
 */
export async function keep(keeper: Keeper, job: KeepJob): Promise<KeepResult> {
  const { access, store, stillValid, iccid } = job;
  const { entries, unreadable } = await readWhole(access, job.entries);
  if (entries.length === 0) return { ...NOTHING, unreadable };
  failpoint('after-read');
  if (!stillValid()) return { ...NOTHING, again: true, unreadable };
  if (!(await access.holdsCard())) {
    keeper.modem.tell({ type: 'sim-event' });
    throw new SimbankError('modem.not_ready', 'another card is in the slot than when it was made ready');
  }
  const common = {
    slot: keeper.slot,
    store,
    iccid,
    imei: keeper.modem.identity?.imei ?? null,
    now: new Date().toISOString(),
  };
  // Sent together, they share one commit.
  const outcomes = await Promise.allSettled(
    entries.map(({ index, pdu, length }) => {
      const attribution = job.isCertain(index) ? ('certain' as const) : ('doubtful' as const);
      const announcedAt = job.announced.get(index);
      const live = announcedAt !== undefined && isLive(keeper, announcedAt);
      const receivedAt = announcedAt ?? common.now;
      return keeper.store.write.receivePart({ ...common, attribution, pdu, length, live, receivedAt });
    }),
  );
  failpoint('after-commit');
  keeper.committed(
    outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value.events : [])),
  );
  keeper.received();
  const kept = entries.flatMap((entry, i) => {
    const outcome = outcomes[i];
    return outcome?.status === 'fulfilled' ? [{ ...entry, long: outcome.value.long }] : [];
  });
  const deletion =
    keeper.modem.driver?.deletesSiblings === true
      ? await deleteWithSiblings(keeper, job, kept)
      : await deleteKept(job, kept);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return { ...deletion, unreadable };
}

/** Entries that lost something on the line are read again; what stays damaged is kept as it is, what has no PDU is not. */
async function readWhole(
  access: MessageAccess,
  listed: readonly StoredMessage[],
): Promise<{ entries: (StoredMessage & { pdu: string })[]; unreadable: number }> {
  const entries: (StoredMessage & { pdu: string })[] = [];
  let unreadable = 0;
  for (const first of listed) {
    let entry: StoredMessage | null = first;
    for (let i = 0; i < READ_AGAIN && entry?.damaged === true; i++) entry = await access.read(first.index);
    if (entry === null) continue;
    const { pdu } = entry;
    if (pdu === null) unreadable += 1;
    else entries.push({ ...entry, pdu });
  }
  return { entries, unreadable };
}

/**
 * SIM600-class modems drop all parts of a long message with the first that is deleted (smstools3, check_memory_method 5). So of
 * one message only one entry goes at a time, what is left is seen by the next listing; and none while there is an entry that was
 * not read with these: it might be a part as well.
 */
async function deleteWithSiblings({ modem }: Keeper, job: KeepJob, kept: readonly Kept[]): Promise<Deletion> {
  const there = await job.access.list();
  const { total = Number.POSITIVE_INFINITY } = modem.storage.find(({ name }) => name === job.store) ?? {};
  const going = oneOfEach(kept, there.length >= total);
  if (there.filter(isReceived).every((entry) => isOnDisk(entry, job.entries, kept)))
    return await deleteKept(job, going);
  const deletion = await deleteKept(
    job,
    going.filter(({ long }) => long === null),
  );
  return { ...deletion, again: true };
}

/** Whether an entry of a new listing is one of these, or could not be read at all, which would hold back everything for ever. */
export function isOnDisk(
  { index, pdu }: StoredMessage,
  listed: readonly StoredMessage[],
  kept: readonly StoredMessage[],
): boolean {
  if (pdu === null || kept.some((entry) => entry.pdu === pdu)) return true;
  // Damaged in every listing, and whole when it is read by itself.
  const before = listed.find((entry) => entry.index === index);
  return before?.pdu === pdu && before.damaged && kept.some((entry) => entry.index === index);
}

/**
 * What may go where the parts of a message go together: of a message that is still to come nothing, unless there is nothing else
 * in a full store. No part can come then, and none be lost; with the first that goes there is room, so that no second may.
 */
export function oneOfEach(kept: readonly Kept[], isFull: boolean): readonly Kept[] {
  const whole = new Set(kept.flatMap(({ long }) => (long?.isCollecting === false ? [long.messageId] : [])));
  const done = kept.filter(({ long }) => long === null || whole.has(long.messageId));
  if (done.length === 0) return isFull ? kept.slice(0, 1) : [];
  const seen = new Set<string>();
  return done.filter(({ long }) => {
    if (long === null) return true;
    const isFirst = !seen.has(long.messageId);
    seen.add(long.messageId);
    return isFirst;
  });
}

async function deleteKept(
  { access, store, stillValid, announced }: KeepJob,
  entries: readonly StoredMessage[],
): Promise<Deletion> {
  if (entries.length === 0) return NOTHING;
  // 27.005 keeps one memory for reading and deleting, and another program on another port of this modem may have
  // changed it: the read then was from another store, and deleting would hit a message nobody has read.
  if (!stillValid() || !(await access.isSelected(store))) return { ...NOTHING, again: true };
  const deleted: number[] = [];
  let undeletable = 0;
  let refusal: SimbankError | null = null;
  for (const { index } of entries) {
    if (!stillValid()) return { deleted, again: true, undeletable, refusal };
    try {
      const at = announced.get(index);
      await access.delete(index);
      deleted.push(index);
      // Unless the next one was announced there while it was being deleted.
      if (announced.get(index) === at) announced.delete(index);
    } catch (error) {
      if (!hasCode(error, 'modem.delete_refused')) throw error;
      undeletable += 1;
      refusal ??= error;
    }
    failpoint('after-delete');
  }
  return { deleted, again: false, undeletable, refusal };
}
