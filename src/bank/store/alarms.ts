/** Alarms, told when they begin and when they end, once each. */
import type { Database } from '../../sqlite.ts';
import type { eventStore, StoredEvent } from './events.ts';

export interface AlarmChange {
  readonly alarm: string;
  readonly slot?: string;
  readonly iccid?: string;
  readonly detail: string;
  readonly active: boolean;
  readonly now: string;
}

export function alarmStore(db: Database, events: ReturnType<typeof eventStore>) {
  const raise = db.prepare(
    'INSERT INTO alarm (alarm, subject, raised_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const clear = db.prepare('DELETE FROM alarm WHERE alarm = ? AND subject = ?');
  return {
    /** An event where this changes anything, none where the alarm was in that state already. */
    setAlarm({ active, now, ...data }: AlarmChange): { events: StoredEvent[] } {
      const subject = data.slot ?? data.iccid ?? '';
      const { changes } = active ? raise.run(data.alarm, subject, now) : clear.run(data.alarm, subject);
      if (changes === 0) return { events: [] };
      return { events: [events.append(active ? 'alarm.raised' : 'alarm.cleared', data, now)] };
    },
  };
}
