/**
 * Whose turn it is. Each endpoint has a queue of its own in the store; this decides at which of them is claimed next and how
 * much, so that a slow or dead one holds up nobody. Knows neither the store nor HTTP.
 *
 * An endpoint is `quick` after an attempt that was taken within a second. All others (unknown, slow, failing) get one
 * request at a time, and together at most half of all there may be: the other half is always there for the quick.
 */

export interface Limits {
  /** Requests that are open at once, at all endpoints together. */
  readonly open: number;
  /** … at all endpoints that are not quick. */
  readonly doubtful: number;
  /** … at one quick endpoint (W-53). */
  readonly each: number;
}

const LIMITS: Limits = { open: 256, doubtful: 128, each: 4 };
/** Queues that are remembered although nothing waits in them: it is known of each whether it is quick. */
const REMEMBERED = 10_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A turn: so many rows may be claimed at this endpoint. */
export interface Turn {
  readonly endpoint: string;
  readonly room: number;
  readonly quick: boolean;
}

interface Queue {
  readonly endpoint: string;
  /** When the next of its rows is due, as far as it is known; Infinity: nothing waits. */
  dueAt: number;
  /** Nothing is sent before. */
  heldUntil: number;
  /** Requests that are open, and rows that are being claimed. */
  open: number;
  claiming: boolean;
  quick: boolean;
  timer: NodeJS.Timeout | null;
}

export class Queues {
  readonly #now: () => number;
  /** Called when there may be a turn to take. */
  readonly #ready: () => void;
  readonly #limits: Limits;
  readonly #queues = new Map<string, Queue>();
  /** Queues with something due, in the order in which they get their turns. */
  readonly #quick = new Set<Queue>();
  readonly #doubtful = new Set<Queue>();
  #open = 0;
  #openDoubtful = 0;
  #stopped = false;

  constructor(now: () => number, ready: () => void, limits: Limits = LIMITS) {
    this.#now = now;
    this.#ready = ready;
    this.#limits = limits;
  }

  /** Something waits for the endpoint, due at this moment (Unix ms). */
  add(endpoint: string, dueAt: number): void {
    const queue = this.#queueOf(endpoint);
    queue.dueAt = Math.min(queue.dueAt, dueAt);
    this.#arrange(queue);
  }

  /** The endpoint wants to be left alone until then. */
  hold(endpoint: string, until: number): void {
    const queue = this.#queueOf(endpoint);
    queue.heldUntil = Math.max(queue.heldUntil, until);
  }

  /** At most `most` turns. Each has to be given back by `claimed`. */
  take(most: number): Turn[] {
    const turns: Turn[] = [];
    for (const [set, quick] of [
      [this.#quick, true],
      [this.#doubtful, false],
    ] as const) {
      for (const queue of set) {
        const room = this.#roomFor(quick);
        if (turns.length === most || room <= 0) break;
        set.delete(queue);
        const turn = this.#turnOf(queue, quick, room);
        if (turn !== null) turns.push(turn);
      }
    }
    return turns;
  }

  #turnOf(queue: Queue, quick: boolean, room: number): Turn | null {
    const own = (quick ? this.#limits.each : 1) - queue.open;
    // Whoever is being claimed at, or has all its requests open, is arranged anew when that is over.
    if (own <= 0 || queue.claiming) return null;
    if (Math.max(queue.dueAt, queue.heldUntil) > this.#now()) {
      this.#arrange(queue);
      return null;
    }
    const turn = { endpoint: queue.endpoint, room: Math.min(own, room), quick };
    // What becomes due while it is claimed is added again.
    queue.dueAt = Number.POSITIVE_INFINITY;
    queue.claiming = true;
    this.#count(queue, quick, turn.room);
    return turn;
  }

  /** What came of a turn: so many rows were claimed, and the next one is due then (Infinity: nothing waits). */
  claimed(turn: Turn, rows: number, nextAt: number): void {
    const queue = this.#queueOf(turn.endpoint);
    queue.claiming = false;
    queue.dueAt = Math.min(queue.dueAt, nextAt);
    this.#count(queue, turn.quick, rows - turn.room);
    this.#arrange(queue);
  }

  /** A request of a turn is over. */
  finished(turn: Turn, quick: boolean): void {
    const queue = this.#queueOf(turn.endpoint);
    queue.quick = quick;
    this.#count(queue, turn.quick, -1);
    this.#arrange(queue);
    // Its place may be what others wait for.
    if (this.#quick.size + this.#doubtful.size > 0) this.#ready();
  }

  /** Forgets queues in which nothing waits, when there are too many. */
  prune(): void {
    for (const queue of this.#queues.values()) {
      if (this.#queues.size <= REMEMBERED) return;
      const idle = queue.open === 0 && !queue.claiming && queue.dueAt === Number.POSITIVE_INFINITY;
      if (idle && queue.heldUntil <= this.#now()) this.#queues.delete(queue.endpoint);
    }
  }

  /** No more turns. */
  stop(): void {
    this.#stopped = true;
    this.#quick.clear();
    this.#doubtful.clear();
    for (const { timer } of this.#queues.values()) clearTimeout(timer ?? undefined);
  }

  /** Puts a queue where it belongs: in line, or to wait for its time. */
  #arrange(queue: Queue): void {
    clearTimeout(queue.timer ?? undefined);
    queue.timer = null;
    if (this.#stopped || queue.dueAt === Number.POSITIVE_INFINITY) return;
    const wait = Math.max(queue.dueAt, queue.heldUntil) - this.#now();
    if (wait > 0) {
      const arrange = () => this.#arrange(queue);
      queue.timer = setTimeout(arrange, Math.min(wait, LONGEST_TIMER_MS)).unref();
      return;
    }
    (queue.quick ? this.#doubtful : this.#quick).delete(queue);
    (queue.quick ? this.#quick : this.#doubtful).add(queue);
    this.#ready();
  }

  #roomFor(quick: boolean): number {
    const all = this.#limits.open - this.#open;
    return quick ? all : Math.min(all, this.#limits.doubtful - this.#openDoubtful);
  }

  #count(queue: Queue, quick: boolean, change: number): void {
    queue.open += change;
    this.#open += change;
    if (!quick) this.#openDoubtful += change;
  }

  #queueOf(endpoint: string): Queue {
    let queue = this.#queues.get(endpoint);
    if (queue === undefined) {
      queue = {
        endpoint,
        dueAt: Number.POSITIVE_INFINITY,
        heldUntil: 0,
        open: 0,
        claiming: false,
        quick: false,
        timer: null,
      };
      this.#queues.set(endpoint, queue);
    }
    return queue;
  }
}
