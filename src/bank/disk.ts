/**
 * Whether the disk takes what is committed. While it does not, nothing is deleted from any card; this says so, tries
 * again, and tells when it is over.
 */
import { statfsSync } from 'node:fs';
import { messageOf } from '../errors.ts';
import type { Fault } from '../group-commit.ts';
import type { Logger } from '../log.ts';
import type { Problem } from '../protocol/state.ts';
import type { BankStore } from './store/store.ts';

export interface DiskOptions {
  readonly dataDir: string;
  readonly log: Logger;
  /** The problem came, changed or went. */
  readonly changed: () => void;
  /** It is over: what waits on the cards can be read again. */
  readonly recovered: () => void;
}

const FIRST_PROBE_MS = 1_000;
const LAST_PROBE_MS = 30_000;
/** Below this an alarm is raised while it can still be written down: a day of messages is some 10 MB. */
export const LOW_BYTES = 64 * 2 ** 20;

/** What SQLite calls it, and what a person can do. */
const TROUBLE: Record<string, string> = {
  SQLITE_FULL: 'the disk is full: make room',
  SQLITE_IOERR: 'the disk reports errors: look at the kernel log, and replace it',
  SQLITE_READONLY: 'the disk is read-only: look at the kernel log, and mount it for writing',
  SQLITE_CORRUPT: 'the database is damaged: stop the gateway, "simbankd store check", and restore a backup',
  SQLITE_NOTADB: 'the database is damaged: stop the gateway, "simbankd store check", and restore a backup',
  SQLITE_CANTOPEN: 'the database cannot be opened: look at the data directory',
};

export class Disk {
  readonly #options: DiskOptions;
  #store: BankStore | null = null;
  #problem: Problem | null = null;
  #probe: NodeJS.Timeout | undefined;
  #pauseMs = FIRST_PROBE_MS;

  constructor(options: DiskOptions) {
    this.#options = options;
  }

  get problem(): Problem | null {
    return this.#problem;
  }

  /** From here on a failing store is tried again until it takes something. */
  watch(store: BankStore): void {
    this.#store = store;
  }

  stop(): void {
    clearTimeout(this.#probe);
    this.#store = null;
  }

  /** Every answer of the store passes here. */
  readonly answered = (fault: Fault | null): void => {
    if (fault === null) {
      if (this.#problem !== null) this.#over();
      return;
    }
    const code = String(fault.detail.sqlite ?? '');
    const known = Object.keys(TROUBLE).find((name) => code.startsWith(name));
    if (fault.code !== 'store.failed' || known === undefined) return;
    const message = `${this.#options.dataDir}: ${TROUBLE[known]}. Until then no message is deleted from its card`;
    if (this.#problem?.message !== message) {
      this.#problem = { code: 'store.failed', message, since: new Date().toISOString() };
      this.#options.log.error({ sqlite: code }, message);
      this.#options.changed();
    }
    this.#probeLater();
  };

  /** Bytes that are free, as far as the file system tells. */
  free(): number {
    try {
      const { bavail, bsize } = statfsSync(this.#options.dataDir);
      return bavail * bsize;
    } catch (error) {
      this.#options.log.warn(
        `the free space of ${this.#options.dataDir} cannot be read: ${messageOf(error)}`,
      );
      return Number.POSITIVE_INFINITY;
    }
  }

  #over(): void {
    const { since } = this.#problem!;
    this.#problem = null;
    this.#pauseMs = FIRST_PROBE_MS;
    clearTimeout(this.#probe);
    this.#probe = undefined;
    this.#options.log.info({ since }, 'the disk takes messages again');
    this.#options.changed();
    this.#options.recovered();
  }

  #probeLater(): void {
    if (this.#probe !== undefined) return;
    this.#probe = setTimeout(() => {
      this.#probe = undefined;
      this.#pauseMs = Math.min(2 * this.#pauseMs, LAST_PROBE_MS);
      // The answer comes back through `answered`, whichever it is.
      this.#store?.write.probe({ now: new Date().toISOString() }).catch(() => {});
    }, this.#pauseMs);
    this.#probe.unref();
  }
}
