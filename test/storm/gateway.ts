/** The gateway under test: the program as it is shipped, in a process of its own, and what it shows on its local page. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SlotState } from '../../src/protocol/state.ts';
import { configFile, eventually } from '../rig.ts';
import type { Figures } from './figures.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
const FIGURES = join(import.meta.dirname, 'figures.ts');
const LOOK_MS = 100;

export interface GatewayOptions {
  readonly dir: string;
  readonly url: string;
  readonly ports: readonly unknown[];
  /** The folder that stands for the host. */
  readonly root: string;
  /** Also write every dialogue, to trace.log. */
  readonly trace?: boolean;
}

export class Gateway {
  readonly #options: GatewayOptions;
  readonly #log: string;
  #child: ChildProcess | null = null;
  #url = '';
  #timer: NodeJS.Timeout | undefined;
  #slots = new Map<string, SlotState>();
  #looked: (() => void)[] = [];

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#log = join(options.dir, 'gateway.log');
  }

  async start(): Promise<void> {
    const { dir, url, ports, root, trace = false } = this.#options;
    const config = configFile({ dir, url, ports });
    const out = openSync(this.#log, 'a');
    const err = openSync(join(dir, 'trace.log'), 'a');
    const child = spawn(
      process.execPath,
      ['--expose-gc', '--import', FIGURES, MAIN, 'gateway', '--config', config],
      {
        stdio: ['ignore', out, err, 'ipc'],
        env: {
          ...process.env,
          SIMBANKD_SYSROOT: root,
          // Set before anything else in the program; here something has run before it.
          UV_THREADPOOL_SIZE: '16',
          ...(trace ? { SIMBANKD_TRACE: 'all' } : {}),
        },
      },
    );
    closeSync(out);
    closeSync(err);
    this.#child = child;
    await eventually(
      () => this.#address() !== null || !this.running,
      () => readFileSync(this.#log, 'utf8').slice(-2_000),
    );
    if (!this.running) throw new Error(`the gateway ended: ${this.said}`);
    this.#url = this.#address()!;
    this.#look();
  }

  get running(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** What it has written to its log. */
  get said(): string {
    return readFileSync(this.#log, 'utf8');
  }

  /** As of the last look, some 100 ms ago. */
  slot(name: string): SlotState | undefined {
    return this.#slots.get(name);
  }

  get slots(): readonly SlotState[] {
    return [...this.#slots.values()];
  }

  /** Resolves with the end of the first look that began after now. */
  async looked(): Promise<void> {
    for (let i = 0; i < 2; i++) await new Promise<void>((resolve) => this.#looked.push(resolve));
  }

  async figures(): Promise<Figures> {
    return new Promise((resolve, reject) => {
      const child = this.#child;
      if (child === null || !this.running) return reject(new Error('the gateway has ended'));
      child.once('message', (figures) => resolve(figures as Figures));
      child.send('figures');
    });
  }

  /** Seconds of processor time so far. */
  get cpuSeconds(): number {
    const stat = readFileSync(`/proc/${this.#child?.pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  /** Stops it as systemd would; the exit status. */
  async stop(): Promise<number | NodeJS.Signals | null> {
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === null) return null;
    if (this.running) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      const patience = setTimeout(() => child.kill('SIGKILL'), 20_000);
      await ended;
      clearTimeout(patience);
    }
    return child.exitCode ?? child.signalCode;
  }

  #address(): string | null {
    return /"status":"(http:[^"]+)"/.exec(this.said)?.[1] ?? null;
  }

  #look(): void {
    void fetch(`${this.#url}/status.json`)
      .then(async (response) => {
        const { slots } = (await response.json()) as { slots: SlotState[] };
        this.#slots = new Map(slots.map((slot) => [slot.slot, slot]));
      })
      // It was asked while it ended.
      .catch(() => {})
      .finally(() => {
        for (const resolve of this.#looked.splice(0)) resolve();
        if (this.running) this.#timer = setTimeout(() => this.#look(), LOOK_MS);
      });
  }
}
