/** The outbox: numbering, acknowledgement, epochs. Every function runs inside the transaction of a verb. */
import { SimbankError } from '../../errors.ts';
import type { EventData, EventType } from '../../protocol/events.ts';
import { ulid } from '../../protocol/ulid.ts';
import type { Database } from '../../sqlite.ts';

/** An event as it is on disk; `data` is JSON text. */
export interface StoredEvent {
  readonly epoch: string;
  readonly seq: number;
  readonly id: string;
  readonly type: string;
  readonly time: string;
  readonly data: string;
}

export interface Numbering {
  readonly epoch: string;
  readonly lastSeq: number;
  readonly ackedSeq: number;
  /** An acknowledgement has been seen, ever: from then on only the hub's receipt counts. */
  readonly hubSeen: boolean;
}

export type AckOutcome =
  | { readonly outcome: 'progress' | 'nothing-new' | 'other-epoch' }
  | { readonly outcome: 'new-epoch'; readonly epoch: string; readonly lastSeq: number };

export function eventStore(db: Database) {
  const meta = db.prepare<[string], { value: string }>('SELECT value FROM meta WHERE key = ?');
  const setMeta = db.prepare(
    'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  );
  const count = db.prepare<[string], { last_seq: number }>(
    'UPDATE epoch SET last_seq = last_seq + 1 WHERE id = ? RETURNING last_seq',
  );
  const insert = db.prepare('INSERT INTO event (epoch, seq, id, type, time, data) VALUES (?, ?, ?, ?, ?, ?)');
  const epochRow = db.prepare<[string], { last_seq: number; acked_seq: number }>(
    'SELECT last_seq, acked_seq FROM epoch WHERE id = ?',
  );
  const eventId = db.prepare<[string, number], { id: string }>(
    'SELECT id FROM event WHERE epoch = ? AND seq = ?',
  );
  const newEpoch = db.prepare('INSERT INTO epoch (id, created_at) VALUES (?, ?)');
  const unacknowledged = db.prepare<[string, number], { seq: number }>(
    'SELECT seq FROM event WHERE epoch = ? AND seq > ? ORDER BY seq',
  );
  const move = db.prepare('UPDATE event SET epoch = ?, seq = ? WHERE epoch = ? AND seq = ?');
  const setAcked = db.prepare('UPDATE epoch SET acked_seq = ? WHERE id = ? AND acked_seq < ?');

  const currentEpoch = (): string => {
    const row = meta.get('epoch');
    if (row === undefined) throw new SimbankError('store.failed', 'the database has no epoch');
    return row.value;
  };

  /** Commits an event under the next number of the current epoch. */
  const append = <T extends EventType>(type: T, data: EventData<T>, now: string): StoredEvent => {
    const epoch = currentEpoch();
    const event: StoredEvent = {
      epoch,
      seq: count.get(epoch)!.last_seq,
      id: ulid(Date.parse(now)),
      type,
      time: now,
      data: JSON.stringify(data),
    };
    insert.run(event.epoch, event.seq, event.id, event.type, event.time, event.data);
    return event;
  };

  /** Begins a new numbering, and takes along under their old ids what nobody has acknowledged. */
  const beginEpoch = (now: string): string => {
    const old = meta.get('epoch')?.value;
    const epoch = ulid(Date.parse(now));
    newEpoch.run(epoch, now);
    setMeta.run('epoch', epoch);
    if (old === undefined) return epoch;
    const waiting = unacknowledged.all(old, epochRow.get(old)!.acked_seq);
    for (const { seq } of waiting) move.run(epoch, count.get(epoch)!.last_seq, old, seq);
    return epoch;
  };

  return {
    append,

    probe(now: string): null {
      setMeta.run('probed', now);
      return null;
    },

    /** After a restore: what the hub knows beyond the backup must not meet the same numbers again. */
    newEpoch(arg: { now: string }): { epoch: string } {
      return { epoch: beginEpoch(arg.now) };
    },

    /** First start: the identity of this data directory, and its first numbering. Counts the starts. */
    begin(arg: { now: string }): Numbering & { instance: string; boots: number } {
      if (meta.get('instance') === undefined) {
        setMeta.run('instance', ulid(Date.parse(arg.now)));
        beginEpoch(arg.now);
      }
      const boots = Number(meta.get('boots')?.value ?? 0) + 1;
      setMeta.run('boots', String(boots));
      const epoch = currentEpoch();
      const row = epochRow.get(epoch)!;
      return {
        instance: meta.get('instance')!.value,
        boots,
        epoch,
        lastSeq: row.last_seq,
        ackedSeq: row.acked_seq,
        hubSeen: meta.get('confirm')?.value === 'hub',
      };
    },

    /**
     * A receipt of the hub. One that speaks of an event that is not here, or that is another here, says that this
     * database is an older copy: numbering starts anew, so that no number ever means two events.
     */
    acknowledge(arg: { epoch: string; upTo: number; id: string; now: string }): AckOutcome {
      const epoch = currentEpoch();
      if (arg.epoch !== epoch) return { outcome: 'other-epoch' };
      if (meta.get('confirm') === undefined) setMeta.run('confirm', 'hub');
      const row = epochRow.get(epoch)!;
      const here = eventId.get(epoch, arg.upTo);
      // Acknowledged long ago and purged since: nothing to compare, and nothing new.
      if (here === undefined && arg.upTo <= row.acked_seq) return { outcome: 'nothing-new' };
      if (here === undefined || here.id !== arg.id) {
        const begun = beginEpoch(arg.now);
        const alarm = append(
          'alarm.raised',
          { alarm: 'store.older-copy', detail: olderCopy(arg.upTo, row.last_seq) },
          arg.now,
        );
        return { outcome: 'new-epoch', epoch: begun, lastSeq: alarm.seq };
      }
      return { outcome: setAcked.run(arg.upTo, epoch, arg.upTo).changes > 0 ? 'progress' : 'nothing-new' };
    },

    /** The broker has it, and the configuration says that this is enough. */
    handedOver(arg: { epoch: string; upTo: number }): null {
      setAcked.run(arg.upTo, arg.epoch, arg.upTo);
      return null;
    },
  };
}

function olderCopy(upTo: number, lastSeq: number): string {
  return `the hub has acknowledged event ${upTo}, which this database (up to ${lastSeq}) does not know as such: it was restored from an older copy`;
}
