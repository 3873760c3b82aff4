/**
 * A store in a worker thread, with group commit.
 *
 * An fsync of 10 ms on the main thread would stall every AT timer for as long, so the only writing connection lives
 * in a worker. Verbs that arrive while a commit is being synced wait together and share the next one. Each verb runs
 * under a SAVEPOINT, strictly one after another, fails alone, and is answered only after the COMMIT that holds it.
 */
import { type MessagePort, parentPort, receiveMessageOnPort, Worker, workerData } from 'node:worker_threads';
import { messageOf, SimbankError } from './errors.ts';
import type { Database } from './sqlite.ts';
import { storeFault } from './store-fault.ts';

// biome-ignore lint/suspicious/noExplicitAny: a verb's argument is whatever that verb declares
type Verb = (arg: any) => unknown;
export type Verbs = Record<string, Verb>;

/** What a store looks like from the main thread: every verb asynchronous, answered when it is on disk. */
export type Remote<V extends Verbs> = {
  readonly [K in keyof V]: (...arg: Parameters<V[K]>) => Promise<Awaited<ReturnType<V[K]>>>;
};

interface Call {
  readonly id: number;
  readonly verb: string;
  readonly arg: unknown;
}
export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly detail: Readonly<Record<string, unknown>>;
}
type Answer =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly fault: Fault };

/** More would make one commit long enough to be felt; the rest simply is the next batch. */
const MAX_BATCH = 256;

/* ------------------------------------------------------------------ main thread */

export interface StoreHandle<V extends Verbs> {
  readonly verbs: Remote<V>;
  /** Resolves when the thread ends without having been closed: nothing can be written any more. */
  readonly ended: Promise<SimbankError>;
  /** Waits for what was asked before, closes the database and ends the thread. */
  close(): Promise<void>;
}

/**
 * Starts the worker at `url` and waits until its database is open.
 *
 * @param answered - told of every answer: null, or why the verb failed. Whether the disk is well shows here first.
 * @throws SimbankError what opening the database threw there.
 */
export async function startStore<V extends Verbs>(
  url: URL,
  data: unknown,
  answered: (fault: Fault | null) => void = () => {},
): Promise<StoreHandle<V>> {
  const worker = new Worker(url, { workerData: data });
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let outbox: Call[] = [];
  let nextId = 1;
  let dead: SimbankError | null = null;
  let closing = false;

  const die = (error: SimbankError): void => {
    dead ??= error;
    for (const { reject } of waiting.values()) reject(dead);
    waiting.clear();
  };
  worker.on('message', (answers: Answer[]) => {
    for (const answer of answers) {
      const entry = waiting.get(answer.id);
      waiting.delete(answer.id);
      answered(answer.ok ? null : answer.fault);
      if (answer.ok) entry?.resolve(answer.value);
      else entry?.reject(revive(answer.fault));
    }
  });
  const ended = new Promise<SimbankError>((resolve) => {
    worker.on('error', (error) => {
      die(new SimbankError('store.ended', `the store's thread ended: ${messageOf(error)}`));
      if (dead !== null) resolve(dead);
    });
    worker.on('exit', () => {
      die(new SimbankError('store.ended', 'the store is closed'));
      if (dead !== null && !closing) resolve(dead);
    });
  });

  const call = (verb: string, arg: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (dead !== null) {
        reject(dead);
        return;
      }
      const id = nextId++;
      waiting.set(id, { resolve, reject });
      outbox.push({ id, verb, arg });
      if (outbox.length === 1) {
        queueMicrotask(() => {
          worker.postMessage(outbox);
          outbox = [];
        });
      }
    });

  try {
    await call(OPEN, null);
  } catch (error) {
    // Nobody will use it, and it would keep the process alive.
    await worker.terminate();
    throw error;
  }
  const verbs = new Proxy({} as Remote<V>, {
    get: (_target, verb) => (arg: unknown) => call(String(verb), arg),
  });
  return {
    verbs,
    ended,
    async close() {
      if (dead !== null) return;
      closing = true;
      const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
      await call(CLOSE, null);
      await exited;
    },
  };
}

function revive(fault: Fault): SimbankError {
  return new SimbankError(fault.code, fault.message, fault.detail);
}

/* ---------------------------------------------------------------- worker thread */

const OPEN = '(open)';
const CLOSE = '(close)';

/** The worker's whole program: opens the database with `open`, then serves verbs until it is closed. */
export function serveStore(open: (data: unknown) => { db: Database; verbs: Verbs }): void {
  const port = parentPort as MessagePort;
  const queue: Call[] = [];
  let store: { db: Database; verbs: Verbs } | null = null;
  let running = false;

  const drain = async (): Promise<void> => {
    if (running) return;
    running = true;
    while (queue.length > 0) {
      const first = queue[0]!;
      if (first.verb === OPEN) {
        queue.shift();
        const answer = attempt(first.id, () => {
          store = open(workerData);
        });
        port.postMessage([answer]);
      } else if (first.verb === CLOSE) {
        store?.db.close();
        port.postMessage([{ id: first.id, ok: true, value: null } satisfies Answer]);
        port.close();
        return;
      } else {
        const until = queue.findIndex((call) => call.verb === CLOSE);
        const batch = queue.splice(0, Math.min(MAX_BATCH, until === -1 ? queue.length : until));
        port.postMessage(await commit(store!, batch));
        collect();
      }
    }
    running = false;
  };
  // Messages that came in while a commit was syncing are taken at once, without a turn of the loop for each.
  const collect = (): void => {
    for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
      queue.push(...(next.message as Call[]));
    }
  };
  port.on('message', (calls: Call[]) => {
    queue.push(...calls);
    collect();
    void drain();
  });
}

/** Runs a batch in one transaction. Exported for the tests of its failures. */
export async function commit(
  store: { db: Database; verbs: Verbs },
  batch: readonly Call[],
): Promise<Answer[]> {
  const { db, verbs } = store;
  const faultOf = (error: unknown): Fault => faultAt(error, db.name);
  const answers: Answer[] = [];
  try {
    db.exec('BEGIN IMMEDIATE');
    for (const call of batch) {
      db.exec('SAVEPOINT verb');
      try {
        const verb = verbs[call.verb];
        if (verb === undefined) throw new SimbankError('store.no_verb', `the store has no verb ${call.verb}`);
        const value = verb(call.arg);
        answers.push({ id: call.id, ok: true, value: value instanceof Promise ? await value : value });
      } catch (error) {
        // A full disk or an I/O error rolls the whole transaction back by itself: nothing of this batch is there.
        if (!db.inTransaction) throw error;
        db.exec('ROLLBACK TO verb');
        answers.push({ id: call.id, ok: false, fault: faultOf(error) });
      }
      db.exec('RELEASE verb');
    }
    db.exec('COMMIT');
    return answers;
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK');
    const fault = faultOf(error);
    return batch.map((call) => ({ id: call.id, ok: false, fault }));
  }
}

function attempt(id: number, action: () => void): Answer {
  try {
    action();
    return { id, ok: true, value: null };
  } catch (error) {
    const { code, message, detail } =
      error instanceof SimbankError ? error : new SimbankError('store.failed', `store: ${messageOf(error)}`);
    return { id, ok: false, fault: { code, message, detail } };
  }
}

function faultAt(error: unknown, path: string): Fault {
  const { code, message, detail } = storeFault(error, path);
  return { code, message, detail };
}
