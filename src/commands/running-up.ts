/**
 * A running `simbankd up`, as the other commands find it: it holds a lock in its state folder as long as it lives, and says in
 * `up.json` there where everything is. What it says is of use only while the lock is held: a kill leaves it behind.
 */
import { readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { type Config, loadConfig } from '../config.ts';
import { hasCode, SimbankError } from '../errors.ts';
import { isLocked, lockDataDirectory, sqlitePath } from '../sqlite.ts';
import { stateFolder } from './process.ts';

const LOCK = 'up-lock';

const Note = z.object({
  pid: z.number(),
  gateway: z.string(),
  status: z.string(),
  hub: z.string(),
  /** Without a user name and a password that its URL may carry. */
  mqtt: z.string(),
  root: z.string(),
  /** The file it was started with. */
  config: z.string().nullable(),
  dataDir: z.string(),
  /** Its hub's file; null when that database is on a server, which its configuration names. */
  database: z.string().nullable(),
});
type Note = z.infer<typeof Note>;

export function upFile(): string {
  return join(stateFolder(), 'up.json');
}

/**
 * Takes the lock of the state folder.
 *
 * @throws SimbankError `up.running`, with where the one that has it is to be found.
 */
export function lockUp(): { stop(): void } {
  try {
    const lock = lockDataDirectory(stateFolder(), LOCK);
    return { stop: () => lock.release() };
  } catch (error) {
    if (!hasCode(error, 'data.locked')) throw error;
    const up = read();
    const where = up === null ? '' : `: status page ${up.status}, hub ${up.hub}, MQTT ${up.mqtt}`;
    throw new SimbankError(
      'up.running',
      `"simbankd up" runs here already${up === null ? '' : ` (process ${up.pid})`}${where}. End that one first, or give this one a state folder of its own: XDG_STATE_HOME=DIR`,
      { folder: stateFolder() },
      { cause: error },
    );
  }
}

/** Says where everything is, until it is stopped. The caller holds the lock. */
export function tellUp(
  config: Config,
  file: string | undefined,
  addresses: Pick<Note, 'status' | 'hub' | 'mqtt' | 'root'>,
): { stop(): void } {
  const path = sqlitePath(config.hub.database);
  const note: Note = {
    pid: process.pid,
    gateway: config.gateway.id,
    ...addresses,
    config: file === undefined ? null : realpathSync(file),
    dataDir: resolve(config.gateway.dataDir),
    database: path === null ? null : resolve(path),
  };
  writeFileSync(upFile(), `${JSON.stringify(note, null, 2)}\n`);
  return { stop: () => rmSync(upFile(), { force: true }) };
}

/** What runs here now; null when nothing does. */
export function runningUp(): Note | null {
  try {
    return isLocked(stateFolder(), LOCK) ? read() : null;
  } catch {
    // Somebody else's folder, as with sudo that keeps HOME: what runs there is not meant.
    return null;
  }
}

function read(): Note | null {
  try {
    return Note.parse(JSON.parse(readFileSync(upFile(), 'utf8')));
  } catch {
    return null;
  }
}

export interface Installation {
  readonly config: Config;
  /** The running one that is meant. */
  readonly up: Note | null;
}

/**
 * What a command means: the running `simbankd up` when no configuration is named, or the very one that it runs on; else what
 * the configuration says, or the defaults.
 *
 * @throws SimbankError `config.invalid`
 */
export function installation(file: string | undefined): Installation {
  const running = runningUp();
  const isMeant = running !== null && (file === undefined || isSame(file, running.config));
  if (!isMeant) return { config: loadConfig(file), up: null };
  const config = loadConfig(running.config ?? undefined);
  config.gateway.id = running.gateway;
  config.gateway.dataDir = running.dataDir;
  if (running.database !== null) config.hub.database = `sqlite:${running.database}`;
  config.mqtt.root = running.root;
  config.mqtt.url = withCredentials(running.mqtt, config.mqtt.url);
  return { config, up: running };
}

/** Says on standard error which file was used, where that does not follow from the command line. */
export function sayWhich(path: string | null, file: string | undefined, { up }: Installation): void {
  if (path === null || (up === null && file !== undefined)) return;
  const whose = up === null ? 'for no configuration was named' : 'of the "simbankd up" that runs here';
  process.stderr.write(`in ${path}, ${whose}\n`);
}

/** For a database that a command only looks into. */
export function noDatabase(path: string, what: 'gateway' | 'hub'): SimbankError {
  return new SimbankError(
    'store.missing',
    `${path} is not there: no ${what} has run on it yet. Start one ("simbankd ${what} --config FILE", "simbankd up"), or name another configuration with --config`,
    { path },
  );
}

function isSame(file: string, other: string | null): boolean {
  try {
    return other !== null && realpathSync(file) === other;
  } catch {
    // Whoever reads it says what is wrong with it.
    return false;
  }
}

function withCredentials(address: string, configured: string): string {
  const [url, { username, password }] = [new URL(address), new URL(configured)];
  url.username = username;
  url.password = password;
  return url.href;
}

/** The folders that an installation keeps its data in. */
export function dataFolders({ gateway, hub }: Config): string[] {
  const path = sqlitePath(hub.database);
  return [resolve(gateway.dataDir), ...(path === null ? [] : [resolve(dirname(path))])];
}
