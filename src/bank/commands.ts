/**
 * Requests from the hub or an operator: looked up by id before anything else, carried out once, answered always.
 *
 * Knows no command; those are in command-table.ts. Different ones do not wait for each other.
 */
import { messageOf, SimbankError } from '../errors.ts';
import { failpoint } from '../failpoint.ts';
import type { Logger } from '../log.ts';
import {
  Command,
  type CommandArgs,
  type CommandName,
  commandArgs,
  faultsOf,
  parsePayload,
  type Reply,
} from '../protocol/commands.ts';
import { VERSION } from '../protocol/events.ts';
import type { Done, Handler, Handlers } from './command-table.ts';
import { type Answered, type Order, refusalOf } from './store/commands.ts';
import type { BankStore } from './store/store.ts';

export interface CommandOptions {
  readonly store: Pick<BankStore, 'write'>;
  readonly handlers: Handlers;
  readonly log: Logger;
  /** What a command has changed, committed. */
  readonly carriedOut: (answered: Answered) => void;
}

/** A function from a command's payload to its reply's, as JSON text; null where no id can be read. */
export function commandRunner(
  options: CommandOptions,
): (payload: Buffer, objection: string | null) => Promise<string | null> {
  const { store, handlers, log, carriedOut } = options;
  const { write } = store;

  const run = async ({ id, name, expiresAt, args: given }: Command): Promise<string> => {
    const order: Order = { id, name, expiresAt, now: new Date().toISOString() };
    const handler = Object.hasOwn(handlers, name) ? handlers[name as CommandName] : undefined;
    if (handler === undefined) {
      const message = `this gateway knows no command ${name}`;
      return (await write.refuseCommand({ order, code: 'command.unknown', message })).reply;
    }
    const args = commandArgs[name as CommandName].safeParse(given);
    if (!args.success) {
      const refusal = { order, code: 'command.invalid', message: faultsOf(args.error) };
      return (await write.refuseCommand(refusal)).reply;
    }
    return carryOut(handler as Handler<CommandName>, order, args.data as CommandArgs<CommandName>);
  };

  const carryOut = async (
    handler: Handler<CommandName>,
    order: Order,
    args: CommandArgs<CommandName>,
  ): Promise<string> => {
    if ('elsewhere' in handler) return elsewhere(order, () => handler.elsewhere(args as never));
    // The reply is on disk with what it tells of: the same id after a crash gets this answer and does nothing again.
    const answered = await handler.inStore(args as never, order);
    failpoint('before-reply');
    carriedOut(answered);
    if (answered.done) handler.after?.(args as never);
    return answered.reply;
  };

  const elsewhere = async (order: Order, act: () => Done | Promise<Done>): Promise<string> => {
    const before = await write.beginCommand({ order });
    if (before !== null) return before.reply;
    const { id } = order;
    let done: Done | null = null;
    let reply: Reply;
    try {
      done = await act();
      reply = { v: VERSION, id, ok: true, result: done.result };
    } catch (error) {
      const code = error instanceof SimbankError ? error.code : 'internal';
      reply = refusalOf(id, code, messageOf(error));
    }
    const text = JSON.stringify(reply);
    await write.endCommand({ id, reply: text, now: new Date().toISOString() });
    done?.after?.();
    return text;
  };

  /** What the store cannot take is answered all the same, and may be asked again under the same id. */
  const answer = async (command: Command): Promise<string> => {
    const { id, name } = command;
    const reply = await run(command).catch((error) => {
      const code = error instanceof SimbankError ? error.code : 'internal';
      return JSON.stringify(refusalOf(id, code, messageOf(error)));
    });
    if (log.isLevelEnabled('info')) {
      const { ok, error } = JSON.parse(reply) as { ok: boolean; error?: { code: string } };
      log.info({ id, name, ok, code: error?.code }, 'command');
    }
    return reply;
  };

  let unreadable = 0;
  const running = new Map<string, Promise<string>>();
  return async (payload, objection) => {
    const command = parsePayload(Command, payload);
    if (!command.ok) {
      unreadable += 1;
      log.warn({ faults: command.faults, unreadable }, 'a command that cannot be read');
      return command.id === null
        ? null
        : JSON.stringify(refusalOf(command.id, 'command.invalid', command.faults));
    }
    const { id } = command.value;
    if (objection !== null) return JSON.stringify(refusalOf(id, 'command.invalid', objection));
    // The same one twice at the same moment gets the first one's answer.
    const before = running.get(id);
    if (before !== undefined) return before;
    const reply = answer(command.value).finally(() => running.delete(id));
    running.set(id, reply);
    return reply;
  };
}
