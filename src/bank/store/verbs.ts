/** All that may be written to the gateway's database: a verb is a transaction. */
import type { Database } from '../../sqlite.ts';
import { eventStore } from './events.ts';
import { messageStore } from './messages.ts';
import { commandStore, retentionStore } from './retention.ts';
import { simStore } from './sims.ts';

export function bankVerbs(db: Database) {
  const events = eventStore(db);
  const { begin, acknowledge, handedOver } = events;
  return {
    begin,
    acknowledge,
    handedOver,
    raiseAlarm: (arg: { alarm: string; slot?: string; detail: string; now: string }) => {
      const { now, ...data } = arg;
      return { events: [events.append('alarm.raised', data, now)] };
    },
    ...messageStore(db, events),
    ...simStore(db, events),
    ...retentionStore(db),
    ...commandStore(db),
  };
}
export type BankVerbs = ReturnType<typeof bankVerbs>;
