/** A client for an emulated tty that shares nothing with the gateway: opens the path, sends, and waits for a pattern. */
import { closeSync, constants, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ReadStream } from 'node:tty';
import { onTestFinished } from 'vitest';
import { type BankOptions, type EmulatedBank, startBank } from '../../src/emulator/bank.ts';

const FINAL = /\r\n(OK|ERROR|\+CM[ES] ERROR: [^\r]*)\r\n/;

export class Terminal {
  /** Everything since the last `take`. */
  received = '';
  /** Sees each read. */
  onChunk: (chunk: Buffer) => void = () => {};
  readonly closed: Promise<void>;
  readonly #stream: ReadStream;
  #wake: () => void = () => {};

  constructor(path: string) {
    const fd = openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
    this.#stream = new ReadStream(fd);
    this.#stream.on('data', (chunk) => {
      this.onChunk(chunk);
      this.received += chunk.toString('latin1');
      this.#wake();
    });
    this.#stream.on('error', () => {});
    this.closed = new Promise((resolve) => {
      this.#stream.once('close', () => {
        // libuv reads from a descriptor of its own.
        closeSync(fd);
        resolve();
      });
    });
  }

  send(text: string): void {
    this.#stream.write(text, 'latin1');
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  /** What came until the pattern fits; takes it all. */
  async until(pattern: RegExp, timeoutMs = 3000): Promise<string> {
    const deadline = Date.now() + timeoutMs;
    while (!pattern.test(this.received)) {
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`no ${pattern} in ${JSON.stringify(this.received.slice(-300))}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return this.take();
  }

  take(): string {
    const taken = this.received;
    this.received = '';
    return taken;
  }

  /** Sends a command line and returns all up to its final result. */
  async command(line: string, timeoutMs?: number): Promise<string> {
    this.send(`${line}\r`);
    return await this.until(FINAL, timeoutMs);
  }

  /** Asks again and again until the answer fits. */
  async untilAnswered(line: string, pattern: RegExp): Promise<string> {
    const deadline = Date.now() + 3000;
    for (;;) {
      const answer = await this.command(line);
      if (pattern.test(answer)) return answer;
      if (Date.now() > deadline) throw new Error(`no ${pattern} in ${JSON.stringify(answer)}`);
      await sleep(10);
    }
  }

  async commands(...lines: string[]): Promise<void> {
    for (const line of lines) await this.command(line);
  }

  close(): Promise<void> {
    this.#stream.destroy();
    return this.closed;
  }
}

/** A folder for the test that runs, removed after it. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'emulator-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A bank for the test that runs, closed after it. */
export async function bankOf(options: Partial<BankOptions> = {}): Promise<EmulatedBank> {
  const folder = await temporaryFolder();
  const bank = await startBank({ modems: 1, persona: 'generic', dir: join(folder, 'bank'), ...options });
  onTestFinished(() => bank.close());
  return bank;
}

export function modemOf(bank: EmulatedBank, index = 0) {
  const modem = bank.modems[index];
  if (modem === undefined) throw new Error(`no modem ${index}`);
  return modem;
}

/** A terminal for the test that runs, on one modem of the bank. */
export function openTerminal(bank: EmulatedBank, index = 0): Terminal {
  return terminalAt(modemOf(bank, index).path);
}

/** The same on any tty. */
export function terminalAt(path: string): Terminal {
  const terminal = new Terminal(path);
  onTestFinished(() => terminal.close());
  return terminal;
}
