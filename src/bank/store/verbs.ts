/** All that may be written to the gateway's database: a verb is a transaction. */
import type { Database } from '../../sqlite.ts';
import { alarmStore } from './alarms.ts';
import { eventStore } from './events.ts';
import { messageStore } from './messages.ts';
import { commandStore, retentionStore } from './retention.ts';
import { simStore } from './sims.ts';

export function bankVerbs(db: Database) {
  const events = eventStore(db);
  const { begin, acknowledge, handedOver, newEpoch } = events;
  return {
    begin,
    acknowledge,
    handedOver,
    newEpoch,
    /** Writes something: an answer says that the disk takes it. */
    probe: (arg: { now: string }) => events.probe(arg.now),
    ...alarmStore(db, events),
    ...messageStore(db, events),
    ...simStore(db, events),
    ...retentionStore(db),
    ...commandStore(db),
  };
}
export type BankVerbs = ReturnType<typeof bankVerbs>;
