/** Calls that were not answered: the number of who called can be the code. */
import type { CallReceived } from '../../protocol/events.ts';
import type { Database } from '../../sqlite.ts';
import { matchMessage } from '../activations/matching.ts';
import type { activationStore } from './activations.ts';
import type { eventStore, StoredEvent } from './events.ts';
import type { Rules } from './matching.ts';

export function callStore(
  db: Database,
  events: ReturnType<typeof eventStore>,
  activations: ReturnType<typeof activationStore>,
  rules: Rules,
) {
  const numberOf = db.prepare<[string], { msisdn: string | null }>('SELECT msisdn FROM sim WHERE iccid = ?');

  return {
    /** It is attributed as a message that is nothing but a code; what counts as received is a message all the same. */
    callReceived({ iccid, from, at }: { iccid: string; from: string | null; at: string }): {
      events: StoredEvent[];
    } {
      const atMs = Date.parse(at);
      const call = {
        from: from ?? '',
        text: '',
        hasCode: from !== null,
        services: rules.servicesOf(from ?? '', null),
        arrival: { atMs, openedByMs: atMs },
      };
      const match = matchMessage(call, activations.openOn(iccid), rules.policy);
      const msisdn = numberOf.get(iccid)?.msisdn ?? null;
      const data = { iccid, msisdn, from, at, activations: [...match.activations] };
      return { events: [events.append('call.received', data satisfies CallReceived, at)] };
    },
  };
}
