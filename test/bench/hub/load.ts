/** Asking at an even pace for latencies, and as fast as answers come for the rate. What is asked it does not know. */
import { Pool } from 'undici';
import { cpuOf, quantile, sleep } from '../subject.ts';

/** Clients that ask without a pause. */
export const CLIENTS = 16;

export interface Figures {
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
  /** Processor time of what is measured, for each. */
  readonly cpuUs: number;
}

/** What is measured, by the process that does it. */
export interface Subject {
  readonly pid: number;
  readonly act: Act;
}

/** Does one thing, the n-th; resolves when it is done. */
export type Act = (n: number) => Promise<unknown>;

/** Latencies in ms at `rate` a second, then how many a second CLIENTS get done, and at what cost. */
export async function measure({ pid, act }: Subject, rate: number, seconds: number): Promise<Figures> {
  const times: number[] = [];
  const timed = async (n: number): Promise<void> => {
    const at = performance.now();
    await act(n);
    times.push(performance.now() - at);
  };
  const all: Promise<void>[] = [];
  await paced(rate * seconds, rate, (n) => all.push(timed(n)));
  await Promise.all(all);
  let n = rate * seconds;
  let done = 0;
  const cpu = cpuOf({ pid });
  const started = performance.now();
  const client = async (): Promise<void> => {
    while (performance.now() - started < seconds * 1_000) {
      await act(n++);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  const taken = (performance.now() - started) / 1_000;
  return {
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    perSecond: done / taken,
    cpuUs: ((cpuOf({ pid }) - cpu) / done) * 1e6,
  };
}

/** So often, by CLIENTS. */
export async function inParallel(count: number, act: Act): Promise<void> {
  let n = 0;
  const client = async (): Promise<void> => {
    while (n < count) await act(n++);
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
}

export async function paced(count: number, rate: number, act: (n: number) => void): Promise<void> {
  const started = performance.now();
  for (let n = 0; n < count; n++) {
    const due = started + (n * 1_000) / rate;
    while (performance.now() < due) await sleep(Math.max(0, due - performance.now()));
    act(n);
  }
}

export function medians(rounds: readonly Figures[]): Figures {
  const median = (key: keyof Figures): number =>
    quantile(
      rounds.map((round) => round[key]),
      0.5,
    );
  return { p50: median('p50'), p99: median('p99'), perSecond: median('perSecond'), cpuUs: median('cpuUs') };
}

/** Connections that are kept, with a key on each request. */
export class Client {
  readonly #pool: Pool;
  readonly #headers: Record<string, string>;

  constructor(url: string, key: string) {
    this.#pool = new Pool(url, { connections: CLIENTS });
    this.#headers = { authorization: `Bearer ${key}` };
  }

  /** The body; throws for what is no success. */
  async get(path: string): Promise<string> {
    return read(await this.#pool.request({ method: 'GET', path, headers: this.#headers }));
  }

  async post(path: string, body: object): Promise<string> {
    const headers = { ...this.#headers, 'content-type': 'application/json' };
    return read(await this.#pool.request({ method: 'POST', path, headers, body: JSON.stringify(body) }));
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}

async function read(answer: { statusCode: number; body: { text(): Promise<string> } }): Promise<string> {
  const text = await answer.body.text();
  if (answer.statusCode >= 300) throw new Error(`HTTP ${answer.statusCode}: ${text}`);
  return text;
}
