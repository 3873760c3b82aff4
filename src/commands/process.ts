/** What the long-running commands share: how they wait for their end, and how they say what went wrong. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { EXIT_CONFIG, placedError } from '../config.ts';
import { messageOf, SimbankError } from '../errors.ts';
import type { Logger } from '../log.ts';

/** The version in package.json, whether this runs from src/ or from dist/src/. */
export function programVersion(): string {
  for (const up of ['../../package.json', '../../../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8'));
      if (name === 'simbankd') return version;
    } catch {
      // Not at this depth.
    }
  }
  return '0.0.0';
}

/** Where `simbankd up` keeps everything. */
export function stateFolder(): string {
  return join(process.env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'simbankd');
}

/** Resolves at SIGINT or SIGTERM. A second signal while things are being stopped ends the process at once. */
export function untilStopped(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(1));
        resolve(signal);
      });
    }
  });
}

interface Part {
  stop(): Promise<void> | void;
}

/** Runs what starts parts one after another, and stops them the other way round, however it ends. */
export async function running<T>(run: (started: <P extends Part>(part: P) => P) => Promise<T>): Promise<T> {
  const parts: Part[] = [];
  try {
    return await run((part) => {
      parts.push(part);
      return part;
    });
  } finally {
    for (const part of parts.reverse()) await part.stop();
  }
}

/** Waits for a signal, or for a part that can no longer do its work; the exit status. */
export async function ending(
  log: Logger,
  stopped: Promise<NodeJS.Signals>,
  ...failures: readonly Promise<Error>[]
): Promise<number> {
  const end = await Promise.race([stopped, ...failures]);
  if (typeof end === 'string') {
    log.info({ signal: end }, 'stopping');
    return 0;
  }
  log.fatal(end.message);
  process.stderr.write(`${end.message}\n`);
  return 1;
}

/** Exit status of a command that was called wrongly. */
export const EXIT_USAGE = 2;

/** What starting again would not mend; all else is 1. */
const STATUS: Readonly<Record<string, number>> = {
  'config.invalid': EXIT_CONFIG,
  'broker.not_loopback': EXIT_CONFIG,
  'usage.invalid': EXIT_USAGE,
  'emulator.unknown_persona': EXIT_USAGE,
  'emulator.bad_count': EXIT_USAGE,
};

/**
 * Runs a command; its failure becomes one message on standard error and an exit status.
 *
 * @param config - the configuration file of the command, where faults of it have their place.
 */
export async function reporting(command: () => Promise<number>, config?: string): Promise<number> {
  // Everything that is made is its user's alone: databases, backups, keys, sockets.
  process.umask(0o077);
  try {
    return await command();
  } catch (thrown) {
    const error = placedError(config, thrown);
    process.stderr.write(`${messageOf(error)}\n`);
    const status = error instanceof SimbankError ? STATUS[error.code] : undefined;
    if (status === undefined && process.env.SIMBANKD_DEBUG !== undefined) console.error(error);
    return status ?? 1;
  }
}
