/**
 * What happens without anybody calling: expiries, refunds, closes that gateways have not confirmed, kept numbers, the queue of
 * priority requests, and what is taken out. Every hub does it; the store gives each piece of work to one of them.
 */
import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { CommandArgs, CommandName } from '../protocol/commands.ts';
import type { Flow } from './activations/flow.ts';
import type { Commander } from './commander.ts';
import type { HubStore } from './store/store.ts';

export interface SchedulerOptions {
  readonly store: HubStore;
  readonly flow: Flow;
  readonly commander: Commander;
  readonly log: Logger;
  /** What ended, and what was received, is kept for so many days. */
  readonly retentionDays: number;
  /** Whether gateways can be reached. */
  readonly connected: () => boolean;
}

const TICK_MS = 1_000;
const PURGE_EVERY_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** How long an answer to a repeated command is waited for; it is repeated anyway. */
const ANSWER_MS = 30_000;

export class Scheduler {
  readonly #options: SchedulerOptions;
  #timer: NodeJS.Timeout | null = null;
  #working: Promise<void> | null = null;
  #again = false;
  #stopped = false;
  #failing = false;
  #purgedAt = 0;
  readonly #sending = new Set<Promise<void>>();

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => this.wake(), TICK_MS);
    this.wake();
  }

  /** Looks at once instead of at the next second: something has just fallen due. */
  wake(): void {
    if (this.#stopped) return;
    this.#again = true;
    this.#working ??= this.#work().finally(() => {
      this.#working = null;
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#working;
    this.#options.commander.stop();
    await Promise.allSettled(this.#sending);
  }

  async #work(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        await this.#tick();
        this.#failing = false;
      } catch (error) {
        // Once for a failure that lasts: the disk or the server is told of elsewhere as well.
        if (!this.#failing && !this.#stopped) {
          this.#options.log.error({ error: messageOf(error) }, 'what is due could not be done: trying again');
        }
        this.#failing = true;
      }
    }
  }

  async #tick(): Promise<void> {
    const { store, flow, connected } = this.#options;
    for (;;) {
      const { more, reopen } = await store.verbs.workOff({ now: now() });
      if (connected()) for (const row of reopen) await flow.reopen(row);
      if (!more || this.#stopped) break;
    }
    if (connected()) {
      for (const command of await store.verbs.claimCommands({ now: now() })) this.#send(command);
      await flow.serveQueue();
    }
    if (Date.now() - this.#purgedAt > PURGE_EVERY_MS) await this.#purge();
  }

  /** Publishes a command that is repeated until it is answered. */
  #send(command: { gateway: string; id: string; name: string; args: Record<string, unknown> }): void {
    const { store, commander, log } = this.#options;
    const { gateway, id } = command;
    const sent = commander
      .send(
        gateway,
        command as { id: string; name: CommandName; args: CommandArgs<CommandName> } & typeof command,
        ANSWER_MS,
      )
      .then(async (answer) => {
        if (answer === null) return;
        const error = answer.ok ? null : { code: answer.code };
        await store.verbs.commandAnswered({ gateway, id, error, now: now() });
      })
      .catch((error) => log.error({ error: messageOf(error) }, 'the answer of a gateway could not be kept'))
      .finally(() => this.#sending.delete(sent));
    this.#sending.add(sent);
  }

  /** M-38; a little at a time, so that what arrives is not held up. */
  async #purge(): Promise<void> {
    const { store, retentionDays } = this.#options;
    const before = new Date(Date.now() - retentionDays * DAY_MS).toISOString();
    while (!this.#stopped && !(await store.verbs.purge({ before })));
    while (!this.#stopped && !(await store.verbs.purgeActivations({ before, now: now() })));
    while (!this.#stopped && !(await store.verbs.purgeWebhooks({ before })));
    this.#purgedAt = Date.now();
  }
}

function now(): string {
  return new Date().toISOString();
}
