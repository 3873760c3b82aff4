/** A whole installation for tests: emulated modems on real ptys, gateway and hub as processes that can be killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bank, startBank } from '../src/bank/bank.ts';
import { loadDrivers } from '../src/commands/drivers.ts';
import { loadConfig } from '../src/config.ts';
import type { EmulatedModem } from '../src/emulator/bank.ts';
import { createLog } from '../src/log.ts';

const MAIN = join(import.meta.dirname, '../src/main.ts');

/** A program under test: what it printed, and how to end it. */
export class Program {
  readonly #args: readonly string[];
  #child: ChildProcess | null = null;
  output = '';

  constructor(...args: readonly string[]) {
    this.#args = args;
  }

  start(env: Record<string, string> = {}): void {
    const child = spawn(process.execPath, [MAIN, ...this.#args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const keep = (chunk: Buffer): void => {
      this.output = (this.output + chunk.toString()).slice(-200_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    this.#child = child;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get running(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Sends a signal and waits for the end; the exit status, or the signal that ended it. */
  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<number | NodeJS.Signals | null> {
    this.#child?.kill(signal);
    return this.ended();
  }

  async ended(): Promise<number | NodeJS.Signals | null> {
    const child = this.#child;
    if (child === null) return null;
    if (this.running) await new Promise((resolve) => child.once('exit', resolve));
    return child.exitCode ?? child.signalCode;
  }
}

export interface GatewayFile {
  readonly dir: string;
  readonly url: string;
  readonly ports: readonly unknown[];
  readonly mqtt?: Record<string, unknown>;
  readonly gateway?: Record<string, unknown>;
  readonly confirm?: 'auto' | 'hub' | 'broker';
}

/** Writes a configuration for one host; YAML is a superset of JSON. */
export function configFile(options: GatewayFile): string {
  const { dir, url, ports, mqtt = {}, gateway = {}, confirm = 'hub' } = options;
  const path = join(dir, 'simbankd.yaml');
  const content = {
    gateway: { id: 'host-a', dataDir: join(dir, 'gateway'), ports, ...gateway },
    mqtt: { url, ...mqtt },
    uplink: { confirm },
    status: { listen: '127.0.0.1:0' },
    hub: { listen: '127.0.0.1:0', database: `sqlite:${join(dir, 'hub', 'hub.db')}` },
    log: { level: 'info' },
  };
  writeFileSync(path, JSON.stringify(content));
  return path;
}

/** A gateway in this process, from its configuration file; silent unless TEST_LOG names a level. */
export async function gatewayFrom(file: string): Promise<Bank> {
  const log = createLog(process.env.TEST_LOG ?? 'silent');
  const config = loadConfig(file);
  return startBank({ config, drivers: await loadDrivers(config.gateway.drivers), log, version: 'test' });
}

/** Waits until every slot has found its modem, its SIM and its network. */
export function everyReady(bank: Bank): Promise<void> {
  const slots = () => bank.view().slots();
  return eventually(() => slots().every(({ phase }) => phase === 'ready'), slots);
}

/** Waits until nothing is left on the cards or in the air. */
export function emptied(...modems: readonly EmulatedModem[]): Promise<void> {
  const left = () => modems.reduce((sum, modem) => sum + modem.stored().length + modem.pending(), 0);
  return eventually(() => left() === 0, left, 40_000);
}

/** Waits until `test` is true; the last value of `show` is in the error when that takes too long. */
export async function eventually(
  test: () => boolean | Promise<boolean>,
  show: () => unknown = () => '',
  withinMs = 20_000,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await test())) {
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${JSON.stringify(show())}`);
    await sleep(25);
  }
}

export interface PolledMessage {
  readonly id: string;
  readonly from: string;
  readonly text: string | null;
  readonly complete: boolean;
  readonly attribution: string;
}

/** A customer of the hub's API, page by page as its answers say. */
export class Customer {
  readonly #url: string;
  readonly #headers: Record<string, string>;

  constructor(url: string, key: string) {
    this.#url = url;
    this.#headers = { authorization: `Bearer ${key}` };
  }

  async numbers(): Promise<{ id: string; msisdn: string | null }[]> {
    const response = await fetch(`${this.#url}/v1/numbers`, { headers: this.#headers });
    return ((await response.json()) as { numbers: { id: string; msisdn: string | null }[] }).numbers;
  }

  async messages(number: string): Promise<PolledMessage[]> {
    const all: PolledMessage[] = [];
    for (let after: string | null = null; ; ) {
      const query: string = after === null ? '' : `?after=${encodeURIComponent(after)}`;
      const response = await fetch(`${this.#url}/v1/numbers/${number}/messages${query}`, {
        headers: this.#headers,
      });
      if (response.status === 404) return [];
      const page = (await response.json()) as { messages: PolledMessage[]; next_cursor: string | null };
      all.push(...page.messages);
      if (page.next_cursor === null) return all;
      after = page.next_cursor;
    }
  }
}
