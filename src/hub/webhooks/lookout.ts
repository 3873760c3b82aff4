/**
 * Finds what is due in the delivery table: what was just written when somebody says so, and everything now and then, for what
 * nobody told this hub of. Knows nothing of turns.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { messageOf } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import type { HubStore } from '../store/store.ts';

export interface LookoutOptions {
  readonly reads: Pick<HubStore['reads'], 'dueDeliveries' | 'newlyDue'>;
  readonly log: Logger;
  readonly now: () => number;
  readonly pollMs: number;
  /** Something waits for the endpoint, due at this moment (Unix ms). */
  readonly found: (endpoint: string, dueAt: number) => void;
  /** Every endpoint was looked at. */
  readonly all: () => void;
}

/** Endpoints in one read of all of them, and rows in one of what is new. */
const PAGE = 500;
const NEW = 300;
/** When there was more that is new than one read shows, how soon everything is looked at. */
const SOON_MS = 500;

export class Lookout {
  readonly #options: LookoutOptions;
  #looking: Promise<void> | null = null;
  /** What is to be looked at next. */
  #wanted: 'nothing' | 'new' | 'all' = 'nothing';
  #poll: NodeJS.Timeout | null = null;
  #soon: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(options: LookoutOptions) {
    this.#options = options;
  }

  /** Looks at everything, now and from time to time. */
  start(): void {
    this.#poll = setInterval(() => this.#want('all'), this.#options.pollMs);
    this.#want('all');
  }

  /** Looks at what is new. */
  look(): void {
    this.#want('new');
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#poll ?? undefined);
    clearTimeout(this.#soon ?? undefined);
    await this.#looking;
  }

  /** Whatever is wanted while a look is under way is one look after it. */
  #want(what: 'new' | 'all'): void {
    if (this.#stopped) return;
    if (this.#wanted !== 'all') this.#wanted = what;
    this.#looking ??= this.#look();
  }

  async #look(): Promise<void> {
    while (this.#wanted !== 'nothing' && !this.#stopped) {
      // Whatever is told in this turn of the loop is one look.
      await nextTurn();
      const what = this.#wanted;
      this.#wanted = 'nothing';
      try {
        if (what === 'all') await this.#lookAtAll();
        else await this.#lookAtNew();
      } catch (error) {
        this.#options.log.warn({ error: messageOf(error) }, 'what webhooks wait for could not be read');
      }
    }
    // At once with the end of the loop: what is wanted from now on needs a look of its own.
    this.#looking = null;
  }

  async #lookAtNew(): Promise<void> {
    const { reads, now, found } = this.#options;
    const at = now();
    const rows = await reads.newlyDue({ now: new Date(at).toISOString(), limit: NEW });
    for (const endpoint of new Set(rows)) found(endpoint, at);
    if (rows.length < NEW || this.#soon !== null || this.#stopped) return;
    this.#soon = setTimeout(() => {
      this.#soon = null;
      this.#want('all');
    }, SOON_MS);
  }

  async #lookAtAll(): Promise<void> {
    const { reads, found, all } = this.#options;
    for (let after = ''; !this.#stopped; await nextTurn()) {
      const page = await reads.dueDeliveries({ after, limit: PAGE });
      for (const { endpoint, at } of page) if (at !== null) found(endpoint, Date.parse(at));
      if (page.length < PAGE) break;
      after = page.at(-1)!.endpoint;
    }
    all();
  }
}
