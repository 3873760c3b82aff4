/** A real PostgreSQL for tests: started by the first that wants it, shared by the files of a run, a database for each test. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from '../mosquitto.ts';
import { pathOf } from '../programs.ts';

const run = promisify(execFile);

/** Where the server's programs are: Debian keeps them out of the way, the newest version first; null when there are none. */
function programs(): string | null {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).map(Number).filter(Number.isFinite) : [];
  const folders = versions.toSorted((a, b) => b - a).map((version) => join(root, String(version), 'bin'));
  const found = pathOf('initdb');
  if (found !== null) folders.push(dirname(found));
  return folders.find((bin) => existsSync(join(bin, 'postgres'))) ?? null;
}

/** Whether there is a server to start; use as `describe.skipIf(!needsPostgres())`. */
export function needsPostgres(): boolean {
  if (programs() !== null) return true;
  const reason = 'PostgreSQL is not installed (Debian: apt-get install postgresql)';
  if (process.env.CI === 'true') throw new Error(`under CI=true nothing is skipped: ${reason}`);
  console.warn(`skipped: ${reason}`);
  return false;
}

export interface Cluster {
  readonly dir: string;
  readonly port: number;
  /** Ends every process of it at once, as a crash does: the next start replays its log. */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
  remove(): Promise<void>;
}

/** A server of its own, for tests that end it. `durable`: with fsync, as in earnest. */
export async function startCluster(options: { durable?: boolean } = {}): Promise<Cluster> {
  const bin = programs();
  if (bin === null) throw new Error('PostgreSQL is not installed: guard the test with needsPostgres()');
  const dir = mkdtempSync(join(tmpdir(), 'simbankd-postgres-'));
  const user = await owner(dir);
  const port = await freePort();
  const data = join(dir, 'data');
  await run(
    join(bin, 'initdb'),
    ['-D', data, '-A', 'trust', '-U', 'postgres', '--no-sync', '-E', 'UTF8', '--locale=C.UTF-8'],
    { ...user, cwd: dir },
  );
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: dir,
    max_connections: 200,
    ...(options.durable === true ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  writeFileSync(
    join(data, 'postgresql.auto.conf'),
    Object.entries(settings)
      .map(([name, value]) => `${name} = '${value}'\n`)
      .join(''),
  );
  const control = (...args: string[]) =>
    run(join(bin, 'pg_ctl'), ['-D', data, '-w', ...args], { ...user, cwd: dir });
  const start = async () => {
    await control('-l', join(dir, 'log'), 'start').catch((error) => {
      throw new Error(`PostgreSQL does not start: ${readFileSync(join(dir, 'log'), 'utf8').slice(-2_000)}`, {
        cause: error,
      });
    });
  };
  const stop = async (how: string) => {
    await control('-m', how, 'stop').catch(() => {});
  };
  await start();
  return {
    dir,
    port,
    start,
    stop: () => stop('fast'),
    kill: () => stop('immediate'),
    async remove() {
      await stop('immediate');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The server refuses to run as root; the user postgres comes with the package. */
async function owner(dir: string): Promise<{ uid?: number; gid?: number }> {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, 'postgres'])).stdout)),
  );
  chownSync(dir, uid!, gid!);
  chmodSync(dir, 0o755);
  return { uid: uid!, gid: gid! };
}

/** A new, empty database on the run's shared server. */
export async function newDatabase(
  cluster?: Pick<Cluster, 'port'>,
): Promise<{ url: string; remove(): Promise<void> }> {
  const { port } = cluster ?? (await shared());
  const name = `t_${randomBytes(8).toString('hex')}`;
  await admin(port, `create database ${name} template template0`);
  return {
    url: `postgres://postgres@127.0.0.1:${port}/${name}`,
    remove: () => admin(port, `drop database if exists ${name} with (force)`),
  };
}

async function admin(port: number, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: `postgres://postgres@127.0.0.1:${port}/postgres` });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** The run's folder, which every test file finds in its environment. */
const SHARED = 'SIMBANKD_TEST_POSTGRES';

/** Whoever makes the folder first starts the server, the others wait for what it says. */
async function shared(): Promise<{ port: number }> {
  const dir = process.env[SHARED];
  if (dir === undefined)
    throw new Error(`${SHARED} is not set: is test/hub/postgres-run.ts in vitest's globalSetup?`);
  const told = join(dir, 'server.json');
  try {
    mkdirSync(join(dir, 'starting'));
    const { port, dir: folder } = await startCluster();
    writeFileSync(`${told}.new`, JSON.stringify({ port, dir: folder }));
    renameSync(`${told}.new`, told);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  for (let i = 0; i < 600; i += 1) {
    if (existsSync(told)) return JSON.parse(readFileSync(told, 'utf8'));
    await sleep(50);
  }
  throw new Error('the PostgreSQL of this run did not start within 30 s');
}

/** For vitest's globalSetup: a folder for the run, and the end of the server if one was started. */
export function sharedByRun(): () => Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'simbankd-run-'));
  process.env[SHARED] = dir;
  return async () => {
    const told = join(dir, 'server.json');
    if (existsSync(told)) {
      const { dir: folder } = JSON.parse(readFileSync(told, 'utf8')) as { dir: string };
      const bin = programs();
      const user = process.getuid?.() === 0 ? await owner(folder) : {};
      if (bin !== null) {
        await run(join(bin, 'pg_ctl'), ['-D', join(folder, 'data'), '-w', '-m', 'immediate', 'stop'], {
          ...user,
          cwd: folder,
        }).catch(() => {});
      }
      rmSync(folder, { recursive: true, force: true });
    }
    rmSync(dir, { recursive: true, force: true });
  };
}
