/**
 * Opens and closes of devices, a few at a time: they run on libuv's thread pool, and the kernel may never come back from
 * one (a USB close may drain for 30 s, a device that is half gone may hang for ever).
 *
 * Knows nothing of ttys. A place is taken as long as its thread is busy, whatever the caller has been told: three
 * quarters of the pool are places (12 of the 16 threads that main.ts asks for, 3 of libuv's own 4), so that DNS and
 * files go on when all of them hang. An open that hangs takes one place however often its path is tried: so many
 * different devices may hang before no other can be opened, and then every open says so at once.
 */
import { SimbankError } from '../errors.ts';

/** Of a call that is let go on by itself; what comes of it is `late`. */
const DEADLINE_MS = 10_000;

interface Waiting {
  go(): void;
  /** Null for a close: it waits as long as it takes, or the device stays open. */
  readonly fail: (() => void) | null;
}

export class Gate {
  readonly #deadlineMs: number;
  readonly #places: number;
  #free: number;
  /** Calls past their deadline, each in a place of its own. */
  readonly #hung = new Set<{ readonly path: string }>();
  readonly #waiting: Waiting[] = [];

  constructor(places: number, deadlineMs = DEADLINE_MS) {
    this.#places = places;
    this.#free = places;
    this.#deadlineMs = deadlineMs;
  }

  /**
   * Runs `call` in a place, when there is one. `late` gets what a call resolves with after its deadline.
   *
   * @throws SimbankError `port.failed` at the deadline, and at once when an earlier call for this path hangs, or as many
   * as there are places; and what `call` throws.
   */
  async open<T>(path: string, call: () => Promise<T>, late: (opened: T) => void): Promise<T> {
    for (const { path: hung } of this.#hung)
      if (hung === path) throw hangs(path, 'an earlier open or close of it has not come back yet');
    if (this.#hung.size === this.#places) throw this.#full(path);
    await this.#place(path);
    return new Promise<T>((resolve, reject) => {
      let isLate = false;
      const told = (): void => {
        isLate = true;
        reject(hangs(path, `the kernel has not answered for ${this.#deadlineMs / 1_000} s`));
      };
      this.#occupy(path, call, told).then((opened) => (isLate ? late(opened) : resolve(opened)), reject);
    });
  }

  /** Runs `call` in a place; resolves when it is through, or when that or the place is not to be waited for. Never rejects. */
  async close(path: string, call: () => Promise<unknown>): Promise<void> {
    await new Promise<void>((resolve) => {
      const patience = setTimeout(resolve, this.#deadlineMs);
      void this.#place(null)
        .then(() => {
          clearTimeout(patience);
          return this.#occupy(path, call, resolve);
        })
        .catch(() => {})
        .finally(resolve);
    });
  }

  /** @param path - of an open, which fails when there is no hope; null for a close. */
  async #place(path: string | null): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    await new Promise<void>((go, fail) => {
      this.#waiting.push({ go, fail: path === null ? null : () => fail(this.#full(path)) });
    });
  }

  async #occupy<T>(path: string, call: () => Promise<T>, overdue: () => void): Promise<T> {
    const entry = { path };
    const timer = setTimeout(() => {
      this.#hung.add(entry);
      overdue();
      if (this.#hung.size === this.#places) this.#giveUpWaiting();
    }, this.#deadlineMs);
    try {
      return await call();
    } finally {
      clearTimeout(timer);
      this.#hung.delete(entry);
      // The place goes straight to the next in line, so that nobody can slip in between.
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next.go();
    }
  }

  #giveUpWaiting(): void {
    for (const waiting of this.#waiting.splice(0)) {
      if (waiting.fail === null) this.#waiting.push(waiting);
      else waiting.fail();
    }
  }

  #full(path: string): SimbankError {
    const paths = [...this.#hung].map((entry) => entry.path).join(', ');
    return hangs(path, `so do all ${this.#places} that may at a time: ${paths}`);
  }
}

function hangs(path: string, why: string): SimbankError {
  const remedy = 'unplug that device, or switch its USB port off and on';
  return new SimbankError('port.failed', `${path}: the open hangs: ${why}; ${remedy}`, { path });
}
