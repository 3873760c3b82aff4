/** What the long-running commands share: how they wait for their end, and how they say what went wrong. */
import { readFileSync } from 'node:fs';
import { EXIT_CONFIG } from '../config.ts';
import { hasCode, messageOf } from '../errors.ts';

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
  // Everything that is made here is its user's alone: databases, keys, sockets.
  process.umask(0o077);
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

/** Runs a command; its failure becomes one message on standard error and an exit status. */
export async function reporting(command: () => Promise<number>): Promise<number> {
  try {
    return await command();
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    if (hasCode(error, 'config.invalid')) return EXIT_CONFIG;
    if (process.env.SIMBANKD_DEBUG !== undefined) console.error(error);
    return 1;
  }
}
