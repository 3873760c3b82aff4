/**
 * Commands and their answers: what a command does and what it is answered are one transaction, so that the same id is
 * carried out once and answered the same way each time, whatever crashes in between.
 */
import { SimbankError } from '../../errors.ts';
import { failpoint } from '../../failpoint.ts';
import type { Reply } from '../../protocol/commands.ts';
import { VERSION } from '../../protocol/events.ts';
import type { Database } from '../../sqlite.ts';
import type { StoredEvent } from './events.ts';

/** A command as every verb that carries one out takes it. */
export interface Order {
  readonly id: string;
  readonly name: string;
  readonly expiresAt: string;
  readonly now: string;
}

export interface Answered {
  /** The reply's payload. */
  readonly reply: string;
  /** It was carried out now: it is no refusal, nor the answer of an earlier time. */
  readonly done: boolean;
  readonly events: readonly StoredEvent[];
  /** SIMs that show something else now, of which no event tells. */
  readonly sims: readonly string[];
}

export type Outcome =
  | {
      readonly result: Record<string, unknown>;
      readonly events?: readonly StoredEvent[];
      readonly sims?: readonly string[];
    }
  /** Unlike one that is thrown, it undoes nothing. */
  | { readonly refusal: { readonly code: string; readonly message: string } };

/** The answer to what a crash interrupted: it may have taken effect, and is not done again. */
const INTERRUPTED = 'the gateway was stopped while it carried this out: whether it took effect is not known';

const NOTHING_DONE = { done: false, events: [], sims: [] } as const;

export function commandStore(db: Database) {
  const find = db.prepare<[string], { reply: string }>('SELECT reply FROM command WHERE id = ?');
  const keep = db.prepare(
    'INSERT INTO command (id, reply, at) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET reply = excluded.reply',
  );

  const answer = ({ id, now }: Order, reply: Reply): string => {
    const text = JSON.stringify(reply);
    keep.run(id, text, now);
    return text;
  };
  const refuse = (order: Order, { code, message }: { code: string; message: string }): Answered => {
    return { ...NOTHING_DONE, reply: answer(order, refusalOf(order.id, code, message)) };
  };

  /** What was answered before, or that it comes too late; null where it is to be carried out. */
  const settled = (order: Order): Answered | null => {
    const { id, name, expiresAt, now } = order;
    const before = find.get(id);
    if (before !== undefined) return { ...NOTHING_DONE, reply: before.reply };
    if (Date.parse(expiresAt) >= Date.parse(now)) return null;
    return refuse(order, { code: 'command.expired', message: `${name} expired at ${expiresAt}` });
  };

  /** A verb for a command that happens in the store alone. A SimbankError it throws is the answer, and undoes the rest. */
  const once = <A extends { readonly order: Order }>(carryOut: (arg: A) => Outcome) => {
    const undoable = db.transaction(carryOut);
    return (arg: A): Answered => {
      const { order } = arg;
      const before = settled(order);
      if (before !== null) return before;
      try {
        const outcome = undoable(arg);
        if ('refusal' in outcome) return refuse(order, outcome.refusal);
        const { result, events = [], sims = [] } = outcome;
        const reply = answer(order, { v: VERSION, id: order.id, ok: true, result });
        failpoint('command-written');
        return { reply, done: true, events, sims };
      } catch (error) {
        if (!(error instanceof SimbankError)) throw error;
        return refuse(order, error);
      }
    };
  };

  return {
    once,

    verbs: {
      refuseCommand: once(
        ({ code, message }: { order: Order; code: string; message: string }): Outcome => ({
          refusal: { code, message },
        }),
      ),

      /** A command whose effect nothing of is lost by a crash. */
      acceptCommand: once((_arg: { order: Order }): Outcome => ({ result: {} })),

      /** A command that happens elsewhere begins; null, or why it must not. Ends with `endCommand`. */
      beginCommand({ order }: { order: Order }): Answered | null {
        const before = settled(order);
        if (before === null) refuse(order, { code: 'command.interrupted', message: INTERRUPTED });
        return before;
      },

      endCommand(arg: { id: string; reply: string; now: string }): null {
        keep.run(arg.id, arg.reply, arg.now);
        return null;
      },
    },
  };
}

export function refusalOf(id: string | null, code: string, message: string): Reply {
  return { v: VERSION, id, ok: false, error: { code, message } };
}
