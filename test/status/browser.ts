/** A real chromium for a test, driven over its debugging pipe: no port, no library, gone with the test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathOf } from '../programs.ts';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--remote-debugging-pipe',
];

type Params = Record<string, unknown>;
interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly sessionId?: string;
  readonly params?: Params;
  readonly result?: Params;
  readonly error?: { readonly message: string };
}

export interface Page {
  /** What a JavaScript expression is worth in the page. */
  evaluate<T>(expression: string): Promise<T>;
  /** Waits until an expression is true there; fails with what the page shows. */
  until(expression: string, withinMs?: number): Promise<void>;
  /** Any command of the protocol: `Page.navigate`, `Emulation.setEmulatedMedia`. */
  command(method: string, params?: Params): Promise<Params>;
  /** Errors of scripts, and what the content-security policy refused. */
  readonly faults: readonly string[];
}

export class Browser {
  readonly #child: ChildProcess;
  readonly #dir = mkdtempSync(join(tmpdir(), 'simbankd-chromium-'));
  readonly #asked = new Map<number, { resolve: (result: Params) => void; reject: (error: Error) => void }>();
  readonly #heard = new Map<string, (method: string, params: Params) => void>();
  #next = 1;
  #ended = false;

  constructor() {
    const program = pathOf('chromium');
    if (program === null) throw new Error('chromium is not installed: guard the test with needs("chromium")');
    this.#child = spawn(program, [...FLAGS, `--user-data-dir=${this.#dir}`], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    this.#child.on('exit', () => {
      this.#ended = true;
      for (const { reject } of this.#asked.values()) reject(new Error('chromium ended'));
      this.#asked.clear();
    });
    let rest = '';
    (this.#child.stdio[3] as Writable).on('error', () => {});
    (this.#child.stdio[4] as Readable).setEncoding('utf8').on('data', (chunk: string) => {
      const messages = (rest + chunk).split('\0');
      rest = messages.pop() ?? '';
      for (const message of messages) this.#heed(JSON.parse(message) as Answer);
    });
  }

  async open(url: string): Promise<Page> {
    const { targetId } = await this.#ask('Target.createTarget', { url: 'about:blank' });
    const attached = await this.#ask('Target.attachToTarget', { targetId, flatten: true });
    const sessionId = attached.sessionId as string;
    const faults: string[] = [];
    this.#heard.set(sessionId, (method, params) => {
      if (method === 'Runtime.exceptionThrown') faults.push(JSON.stringify(params.exceptionDetails));
      const entry = params.entry as { level?: string; source?: string; text?: string } | undefined;
      // That a server is away is what some tests are about; everything else red in the console is a fault.
      if (method === 'Log.entryAdded' && entry?.level === 'error' && entry.source !== 'network') {
        faults.push(entry.text ?? '');
      }
    });
    const command = (method: string, params: Params = {}) => this.#ask(method, params, sessionId);
    const evaluate = async <T>(expression: string): Promise<T> => {
      const answer = await command('Runtime.evaluate', {
        expression,
        awaitPromise: true,
        returnByValue: true,
      });
      if (answer.exceptionDetails !== undefined) {
        throw new Error(`${expression}: ${JSON.stringify(answer.exceptionDetails)}`);
      }
      return (answer.result as { value: T }).value;
    };
    // A page that is just then left has no answer.
    const holds = (expression: string): Promise<boolean> =>
      evaluate<boolean>(expression).catch((error: Error) => {
        if (/navigated or closed|context was destroyed/.test(error.message)) return false;
        throw error;
      });
    const until = async (expression: string, withinMs = 10_000): Promise<void> => {
      for (const deadline = Date.now() + withinMs; !(await holds(expression)); await sleep(50)) {
        if (Date.now() < deadline) continue;
        const shown = await evaluate<string>('document.body.innerText');
        throw new Error(`not within ${withinMs} ms: ${expression}\n${shown}`);
      }
    };
    for (const domain of ['Runtime', 'Log', 'Page']) await command(`${domain}.enable`);
    await command('Page.navigate', { url });
    await until('document.readyState === "complete"');
    return { evaluate, until, command, faults };
  }

  async close(): Promise<void> {
    if (!this.#ended) {
      const exited = new Promise((resolve) => this.#child.once('exit', resolve));
      this.#ask('Browser.close').catch(() => {});
      const killing = setTimeout(() => this.#child.kill('SIGKILL'), 5_000);
      await exited;
      clearTimeout(killing);
    }
    rmSync(this.#dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  #ask(method: string, params: Params = {}, sessionId?: string): Promise<Params> {
    if (this.#ended) return Promise.reject(new Error('chromium ended'));
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      (this.#child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  #heed({ id, method, sessionId, params = {}, result = {}, error }: Answer): void {
    if (id === undefined) {
      this.#heard.get(sessionId ?? '')?.(method ?? '', params);
      return;
    }
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (error === undefined) asked?.resolve(result);
    else asked?.reject(new Error(error.message));
  }
}
