/** Hubs in processes of their own, as customers and kills meet them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const CHILD = fileURLToPath(new URL('./hub-child.ts', import.meta.url));

export class HubProcess {
  readonly #broker: string;
  readonly #database: string;
  #child: ChildProcess | null = null;
  #calls = new Map<number, (answer: { value?: unknown; error?: string } | null) => void>();
  #next = 1;
  url = '';
  key: string | null = null;

  constructor(broker: string, database: string) {
    this.#broker = broker;
    this.#database = database;
  }

  get running(): boolean {
    return this.#child !== null;
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, [CHILD, this.#broker, this.#database], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child.stdin.on('error', () => {});
    const lines = createInterface({ input: child.stdout });
    const [first] = (await once(lines, 'line')) as [string];
    ({ url: this.url, key: this.key } = JSON.parse(first));
    const calls = new Map<number, (answer: { value?: unknown; error?: string } | null) => void>();
    lines.on('line', (line) => {
      const answer = JSON.parse(line);
      calls.get(answer.id)?.(answer);
      calls.delete(answer.id);
    });
    child.once('exit', () => {
      for (const end of calls.values()) end(null);
      calls.clear();
    });
    this.#calls = calls;
    this.#child = child;
  }

  /** A customer's request; null when the hub died over it, or is not there, or failed. */
  call(call: string, arg: unknown): Promise<unknown> {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return Promise.resolve(null);
    const id = this.#next;
    this.#next += 1;
    return new Promise((resolve) => {
      this.#calls.set(id, (answer) => resolve(answer?.value ?? null));
      child.stdin!.write(`${JSON.stringify({ id, call, arg })}\n`);
    });
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  }
}
