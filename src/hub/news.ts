/**
 * Tells those who wait in this process what happened to an account: one read after a commit, however many wait. What other
 * hubs commit is found by a slow look, and only while somebody waits. Knows nothing of HTTP.
 *
 * Events come in the order of their ids, which on one database file is the order of the commits. Hubs that share a database may
 * commit a little out of order: each look therefore goes back a little, and the slow one further.
 */
import { decodeTime, encodeTime } from 'ulid';
import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { EventRow } from './store/event-reads.ts';
import type { HubStore } from './store/store.ts';

/** How far behind the newest event one may still appear. */
export const LATE_MS = 10_000;
/** The same for a look after a commit of this hub. */
const QUICK_MS = 250;
const POLL_MS = 2_000;
/** Events of one read. */
const PAGE = 2_000;

export type Listener = (event: EventRow) => void;

export interface NewsOptions {
  readonly reads: Pick<HubStore['reads'], 'eventsAfter' | 'eventsById'>;
  readonly log: Logger;
  /** For tests. */
  readonly pollMs?: number;
}

export class News {
  readonly #options: NewsOptions;
  readonly #listeners = new Map<string, Set<Listener>>();
  /** Events that were seen, as far back as one may still appear. */
  readonly #seen = new Set<string>();
  #newestMs = 0;
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;
  #again: 'no' | 'quick' | 'far' = 'no';
  #failing = false;

  constructor(options: NewsOptions) {
    this.#options = options;
  }

  /** Calls `listener` with each event of an account from now on, maybe with some of the last seconds. The answer ends it. */
  listen(account: string, listener: Listener): () => void {
    if (this.#listeners.size === 0) this.#begin();
    const those = this.#listeners.get(account) ?? new Set();
    those.add(listener);
    this.#listeners.set(account, those);
    return () => {
      those.delete(listener);
      if (those.size === 0 && this.#listeners.get(account) === those) this.#listeners.delete(account);
      if (this.#listeners.size === 0) this.#end();
    };
  }

  /** Something was committed. */
  ring(): void {
    this.#look('quick');
  }

  async stop(): Promise<void> {
    this.#listeners.clear();
    this.#end();
    await this.#looking;
  }

  #begin(): void {
    this.#newestMs = Date.now();
    this.#seen.clear();
    this.#timer = setInterval(() => this.#look('far'), this.#options.pollMs ?? POLL_MS);
  }

  #end(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #look(how: 'quick' | 'far'): void {
    if (this.#listeners.size === 0) return;
    if (this.#again !== 'far') this.#again = how;
    this.#looking ??= this.#work().finally(() => {
      this.#looking = null;
    });
  }

  async #work(): Promise<void> {
    // Whatever is committed in this turn of the loop shares a look.
    await new Promise(setImmediate);
    while (this.#again !== 'no' && this.#listeners.size > 0) {
      const how = this.#again;
      this.#again = 'no';
      try {
        await this.#read(how === 'far' ? LATE_MS : QUICK_MS);
        this.#failing = false;
      } catch (error) {
        if (!this.#failing) this.#options.log.error({ error: messageOf(error) }, 'news could not be read');
        this.#failing = true;
        return;
      }
    }
  }

  async #read(backMs: number): Promise<void> {
    const { reads } = this.#options;
    let after = before(this.#newestMs - backMs);
    for (;;) {
      const page = await reads.eventsAfter({ after, limit: PAGE });
      const fresh = page.filter(({ id }) => !this.#seen.has(id));
      for (const { id } of fresh) this.#seen.add(id);
      const wanted = fresh.filter(({ account }) => this.#listeners.has(account)).map(({ id }) => id);
      for (const event of await reads.eventsById(wanted)) this.#tell(event);
      const last = page.at(-1)?.id;
      if (last !== undefined) this.#newestMs = Math.max(this.#newestMs, timeOf(last));
      if (last === undefined || page.length < PAGE) break;
      after = last;
    }
    const oldest = before(this.#newestMs - LATE_MS);
    // A Set keeps the order in which it was filled, which is about that of the ids.
    for (const id of this.#seen) {
      if (id > oldest) break;
      this.#seen.delete(id);
    }
  }

  #tell(event: EventRow): void {
    for (const listener of [...(this.#listeners.get(event.account) ?? [])]) listener(event);
  }
}

const PREFIX = 'evt_';

/** When an event was made, by its id; Unix ms. */
export function timeOf(event: string): number {
  return decodeTime(event.slice(PREFIX.length));
}

/** An id before those of all events made at a moment or later. */
export function before(ms: number): string {
  return `${PREFIX}${encodeTime(Math.max(0, ms), 10)}`;
}

/**
 * Reads until `done`, each time after something happened that `concerns` it; what was read last when the time is over or
 * `gone` aborts.
 */
export async function waitFor<T>(options: {
  readonly news: News;
  readonly account: string;
  readonly concerns: (event: EventRow) => boolean;
  readonly read: () => Promise<T>;
  readonly done: (value: T) => boolean;
  readonly ms: number;
  readonly gone: AbortSignal;
}): Promise<T> {
  const { news, account, concerns, read, done, ms, gone } = options;
  if (ms === 0) return await read();
  let happened = false;
  let over = false;
  let wake = () => {};
  const end = news.listen(account, (event) => {
    if (!concerns(event)) return;
    happened = true;
    wake();
  });
  const leave = () => {
    over = true;
    wake();
  };
  const timer = setTimeout(leave, ms);
  gone.addEventListener('abort', leave);
  try {
    for (;;) {
      happened = false;
      const value = await read();
      if (over || gone.aborted || done(value)) return value;
      if (happened) continue;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    clearTimeout(timer);
    gone.removeEventListener('abort', leave);
    end();
  }
}
