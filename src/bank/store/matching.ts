/** A message's code and activations, found in the transaction that commits it, and the events that tell of them. */
import type { SmsReceived } from '../../protocol/events.ts';
import type { Database } from '../../sqlite.ts';
import { ALLOW_ALL, type Policy } from '../activations/activation.ts';
import { type Arrival, arrivalOf, matchMessage, refusesSender } from '../activations/matching.ts';
import type { activationStore } from './activations.ts';
import type { eventStore, StoredEvent } from './events.ts';
import { orElse } from './faults.ts';

/** What this bank knows of services, and what it refuses. */
export interface Rules {
  /** Codes of the services a message may be of, the likeliest first. */
  readonly servicesOf: (from: string, text: string | null) => readonly string[];
  /** The code in a text that may be of these services. */
  readonly findCode: (text: string, from: string, services: readonly string[]) => SmsReceived['code'];
  readonly policy: Policy;
}

export const NO_RULES: Rules = { servicesOf: () => [], findCode: () => null, policy: ALLOW_ALL };

const WITHOUT_CODE = 'a message is told of without its code';

/** A message but for what is found in it here. */
export type Readable = Omit<SmsReceived, 'code' | 'activations'>;

/** Takes a message that a SIM of this bank has sent to show its number; null for any other. */
export type Probed = (arg: { from: string; text: string; now: string }) => StoredEvent[] | null;

export function matchStore(
  db: Database,
  events: ReturnType<typeof eventStore>,
  activations: ReturnType<typeof activationStore>,
  { servicesOf, findCode, policy }: Rules,
  probed: Probed = () => null,
) {
  const sweptAt = db.prepare<[string], { at: string | null }>(
    'SELECT swept_at AS at FROM sim WHERE iccid = ?',
  );

  /** Tells of a message that is nobody's, and of nothing that could be found in it. */
  const tellPlainly = (type: 'sms.received' | 'sms.updated', message: Readable, now: string): StoredEvent =>
    events.append(type, { ...message, code: null, activations: [] }, now);

  return {
    tellPlainly,

    /** When something came that is committed now. */
    arrival(arg: {
      iccid: string | null;
      receivedAt: string;
      live: boolean;
      sentMs: number | null;
    }): Arrival {
      const swept = arg.iccid === null ? null : (sweptAt.get(arg.iccid)?.at ?? null);
      return arrivalOf({
        receivedMs: Date.parse(arg.receivedAt),
        live: arg.live,
        sentMs: arg.sentMs,
        sweptMs: swept === null ? null : Date.parse(swept),
      });
    },

    /**
     * Tells of a message, then of the activations it is the first for. `before`: to which it belonged when it was told of
     * with parts missing; it stays theirs.
     */
    tell(
      type: 'sms.received' | 'sms.updated',
      message: Readable,
      { arrival, before, now }: { arrival: Arrival; before: readonly string[]; now: string },
    ): { events: StoredEvent[]; activations: readonly string[] } {
      const { iccid, from, text, messageId } = message;
      // Nobody has paid for it, and nobody waits for it.
      const shown = type === 'sms.received' && text !== null ? probed({ from, text, now }) : null;
      if (shown !== null) {
        return { events: [tellPlainly(type, message, now), ...shown], activations: [] };
      }
      const services = orElse([], () => servicesOf(from, text), WITHOUT_CODE);
      const isRefused = text === null || refusesSender(policy, from);
      const code = isRefused ? null : orElse(null, () => findCode(text, from, services), WITHOUT_CODE);
      const isOurs = iccid !== null && message.attribution === 'certain' && before.length === 0;
      const open = isOurs ? activations.openOn(iccid) : [];
      const incoming = { from, text, hasCode: code !== null, services, arrival };
      const match = isOurs ? matchMessage(incoming, open, policy) : { activations: before, first: [] };
      const event = events.append(type, { ...message, code, activations: [...match.activations] }, now);
      // A number that is kept serves many: whoever gets it next must not get the codes of what its customer registered with it.
      for (const id of match.activations) activations.noteUsed(id, services, now);
      const told = match.first.map((activationId) => {
        return activations.matched({ activationId, messageId, code: code?.value ?? null }, now);
      });
      return { events: [event, ...told], activations: match.activations };
    },
  };
}
