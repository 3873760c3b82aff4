/** Requests from the hub or an operator: looked up by id before anything else, carried out once, answered always. */
import type { z } from 'zod';
import { messageOf, SimbankError } from '../errors.ts';
import type { Logger } from '../log.ts';
import {
  Command,
  type CommandName,
  commandArgs,
  faultsOf,
  parsePayload,
  type ReplayResult,
  type Reply,
} from '../protocol/commands.ts';
import { VERSION } from '../protocol/events.ts';
import type { BankStore } from './store/store.ts';
import type { Outbox } from './uplink/outbox.ts';

/** Carries a command out; the result becomes the reply's. `after` runs once the reply is on its way. */
type Handler<N extends CommandName> = (args: z.infer<(typeof commandArgs)[N]>) => {
  result: Record<string, unknown>;
  after?: () => void;
};

export interface CommandOptions {
  readonly store: BankStore;
  readonly outbox: Outbox;
  readonly log: Logger;
  /** Publishes all retained state again. */
  readonly refresh: () => void;
}

/** A function from a command's payload to its reply's, as JSON text; null where no id can be read. */
export function commandRunner(
  options: CommandOptions,
): (payload: Buffer, objection: string | null) => Promise<string | null> {
  const { store, outbox, log } = options;
  const handlers: { [N in CommandName]?: Handler<N> } = {
    'events.replay': ({ epoch, after }) => {
      const span = store.eventSpan(epoch);
      const last = epoch === outbox.epoch ? outbox.lastSeq : (span?.last ?? after);
      const first = span?.first ?? last + 1;
      const from = Math.max(after + 1, first);
      const result = { from, to: last, truncated: first > after + 1 } satisfies ReplayResult;
      return { result, after: () => outbox.replay(epoch, from - 1) };
    },
    'inventory.refresh': () => ({ result: {}, after: options.refresh }),
  };

  const refuse = (id: string | null, code: string, message: string): Reply => ({
    v: VERSION,
    id,
    ok: false,
    error: { code, message },
  });

  const run = (command: Command): { reply: Reply; after?: () => void } => {
    const { id, name } = command;
    if (Date.parse(command.expiresAt) < Date.now()) {
      return { reply: refuse(id, 'command.expired', `${name} expired at ${command.expiresAt}`) };
    }
    const handler = handlers[name as CommandName] as Handler<never> | undefined;
    if (handler === undefined || !Object.hasOwn(commandArgs, name)) {
      return { reply: refuse(id, 'command.unknown', `this gateway knows no command ${name}`) };
    }
    const args = commandArgs[name as CommandName].safeParse(command.args);
    if (!args.success) return { reply: refuse(id, 'command.invalid', faultsOf(args.error)) };
    try {
      const { result, after } = handler(args.data as never);
      return { reply: { v: VERSION, id, ok: true, result }, ...(after === undefined ? {} : { after }) };
    } catch (error) {
      const code = error instanceof SimbankError ? error.code : 'internal';
      return { reply: refuse(id, code, messageOf(error)) };
    }
  };

  let unreadable = 0;
  const answer = async (payload: Buffer, objection: string | null): Promise<string | null> => {
    const command = parsePayload(Command, payload);
    if (!command.ok) {
      unreadable += 1;
      log.warn({ faults: command.faults, unreadable }, 'a command that cannot be read');
      return command.id === null
        ? null
        : JSON.stringify(refuse(command.id, 'command.invalid', command.faults));
    }
    const { id, name } = command.value;
    if (objection !== null) return JSON.stringify(refuse(id, 'command.invalid', objection));
    const before = await store.write.replyTo({ id });
    if (before !== null) return before;
    const { reply, after } = run(command.value);
    const text = JSON.stringify(reply);
    // On disk before it is sent: the same id after a crash gets this answer and is not carried out again.
    await store.write.keepReply({ id, reply: text, now: new Date().toISOString() });
    log.info({ id, name, ok: reply.ok }, 'command');
    after?.();
    return text;
  };

  // One after another: the same command twice at the same moment must find the first one's answer.
  let last: Promise<unknown> = Promise.resolve();
  return (payload, objection) => {
    const reply = last.then(() => answer(payload, objection));
    last = reply.catch(() => {});
    return reply;
  };
}
