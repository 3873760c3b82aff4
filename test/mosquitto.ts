/** A real mosquitto for a test: on a free port, in a folder of its own, with the settings the test asks for. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathOf } from './programs.ts';

export interface Mosquitto {
  readonly url: string;
  readonly port: number;
  /** Where its configuration, log and database are. */
  readonly dir: string;
  /** Ends it cleanly; its database is kept for `start`. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again after `stop` or `kill`, on the same port. */
  start(): Promise<void>;
  /** Ends it for good and removes its folder. */
  remove(): Promise<void>;
}

/**
 * Starts mosquitto. `settings` are further lines of its configuration (`persistence true`, `password_file …`); with
 * `listener: false` they must contain the listener as well. `$port` and `$dir` stand for their values; `files` are written
 * into the folder before the start.
 */
export async function startMosquitto(
  settings: readonly string[] = [],
  options: { listener?: boolean; files?: Readonly<Record<string, string>> } = {},
): Promise<Mosquitto> {
  const program = pathOf('mosquitto');
  if (program === null) throw new Error('mosquitto is not installed: guard the test with needs("mosquitto")');
  const dir = mkdtempSync(join(tmpdir(), 'simbankd-mosquitto-'));
  const port = await freePort();
  const fill = (line: string) => line.replaceAll('$port', String(port)).replaceAll('$dir', dir);
  const listener =
    options.listener === false
      ? []
      : [`listener ${port} 127.0.0.1`, 'allow_anonymous true', `persistence_location ${dir}/`];
  // Started by root it would give up its rights and could no longer write here.
  const user = process.getuid?.() === 0 ? ['user root'] : [];
  writeFileSync(
    join(dir, 'mosquitto.conf'),
    `${[...user, ...listener, ...settings.map(fill), 'log_dest stdout'].join('\n')}\n`,
  );

  for (const [name, text] of Object.entries(options.files ?? {})) writeFileSync(join(dir, name), text);

  let child: ChildProcess | null = null;
  let output = '';
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const running = child;
    child = null;
    if (running === null || running.exitCode !== null) return;
    const exited = new Promise((resolve) => running.once('exit', resolve));
    running.kill(signal);
    await exited;
  };
  const start = async (): Promise<void> => {
    const started = spawn(program, ['-c', join(dir, 'mosquitto.conf')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = started;
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-10_000);
    };
    started.stdout.on('data', keep);
    started.stderr.on('data', keep);
    for (let i = 0; i < 200; i += 1) {
      if (started.exitCode !== null) throw new Error(`mosquitto ended at once:\n${output}`);
      if (await answers(port)) return;
      await sleep(25);
    }
    throw new Error(`mosquitto does not listen:\n${output}`);
  };
  await start();
  return {
    url: `mqtt://127.0.0.1:${port}`,
    port,
    dir,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    start,
    async remove() {
      await end('SIGKILL');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A port that nobody listens on at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
