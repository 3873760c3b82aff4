/**
 * Commands to gateways and their answers: sends, waits, gives up. What a command means is not its concern; nor is the
 * connection, which hands it what comes and takes what goes (contracts/mqtt.md, «Commands and replies»).
 */
import type { Command, CommandArgs, CommandName, Reply } from '../protocol/commands.ts';
import { VERSION } from '../protocol/events.ts';
import { topicsOf } from '../protocol/topics.ts';

export interface CommanderOptions {
  readonly root: string;
  /** Sends a command with QoS 1 and asks for the answer under the hub's own reply topic; false without a connection. */
  readonly publish: (topic: string, command: Command, gateway: string) => boolean;
  /** How far a gateway's clock is ahead of this one, ms. */
  readonly skewOf: (gateway: string) => number;
}

/** What became of a command; null: nobody answered in time. */
export type Answer =
  | { readonly ok: true; readonly result: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly code: string; readonly message: string }
  | null;

export class Commander {
  readonly #options: CommanderOptions;
  readonly #waiting = new Map<string, { gateway: string; answer(reply: Answer): void }>();

  constructor(options: CommanderOptions) {
    this.#options = options;
  }

  /** Sends a command under an id of the caller's, and waits for its answer. Without a connection there is none, at once. */
  send<N extends CommandName>(
    gateway: string,
    command: { readonly id: string; readonly name: N; readonly args: CommandArgs<N> },
    waitMs: number,
  ): Promise<Answer> {
    const { root, publish, skewOf } = this.#options;
    const { id, name, args } = command;
    return new Promise((resolve) => {
      const timer = setTimeout(() => answer(null), waitMs);
      const answer = (reply: Answer) => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        resolve(reply);
      };
      this.#waiting.set(id, { gateway, answer });
      // A gateway whose clock is ahead would find the command expired when it comes.
      const expires = Date.now() + waitMs + Math.max(0, skewOf(gateway));
      const payload = { v: VERSION, id, name, args, expiresAt: new Date(expires).toISOString() } as const;
      if (!publish(topicsOf(root, gateway).commands, payload, gateway)) answer(null);
    });
  }

  /** Takes a reply; false when nobody here waits for it. */
  hear(gateway: string, reply: Reply): boolean {
    const waiting = reply.id === null ? undefined : this.#waiting.get(reply.id);
    if (waiting === undefined || waiting.gateway !== gateway) return false;
    waiting.answer(reply.ok ? { ok: true, result: reply.result } : { ok: false, ...reply.error });
    return true;
  }

  /** Nobody answers any more. */
  stop(): void {
    for (const { answer } of [...this.#waiting.values()]) answer(null);
  }
}
