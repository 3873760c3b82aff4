/**
 * How the command line reaches accounts, keys and money. A database on a server takes several programs. A SQLite file has one
 * writer: while a hub runs that is the hub, which answers on a socket in the database's folder; else the command itself, which
 * takes the hub's lock for as long. Whoever may open that folder may do all of this.
 */
import { closeSync, openSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { hasCode, messageOf, SimbankError } from '../errors.ts';
import type { Remote } from '../group-commit.ts';
import { isThere, lockDataDirectory, sqlitePath } from '../sqlite.ts';
import type { Reads } from './store/reads.ts';
import { openStore } from './store/store.ts';
import type { HubVerbs } from './store/verbs.ts';

const VERBS = ['createAccount', 'changeAccount', 'topUp', 'createKey', 'revokeKey'] as const;
const READS = ['account', 'accounts', 'keys'] as const;

/** What the command line may do. */
export type Admin = Pick<Remote<HubVerbs>, (typeof VERBS)[number]> & Pick<Reads, (typeof READS)[number]>;

const SOCKET = 'hub.sock';

/**
 * Opens the way to the store that `hub.database` names.
 *
 * @param mayMake - a file that is not there is made; else that is an error.
 * @throws SimbankError those of opening the store; `store.missing`; `data.locked` when another program than a hub that answers
 *   has it.
 */
export async function openAdmin(
  database: string,
  mayMake: boolean,
): Promise<{ admin: Admin; close(): Promise<void> }> {
  const path = sqlitePath(database);
  if (path === null) return ofStore(database);
  if (!mayMake && !isThere(path)) {
    throw new SimbankError(
      'store.missing',
      `${path} is not there: no hub has run on it yet. Start one ("simbankd hub --config FILE", "simbankd up"), make the first account with "simbankd account create", or name another configuration with --config`,
      { path },
    );
  }
  let lock: { release(): void };
  try {
    lock = lockDataDirectory(dirname(path), 'hub-lock');
  } catch (error) {
    if (!hasCode(error, 'data.locked')) throw error;
    return await ofHub(dirname(path), error);
  }
  try {
    const opened = await ofStore(database);
    const close = () => opened.close().finally(() => lock.release());
    return { ...opened, close };
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function ofStore(database: string): Promise<{ admin: Admin; close(): Promise<void> }> {
  const store = await openStore({ database });
  return { admin: adminOf(store), close: () => store.close() };
}

function adminOf(store: { verbs: Remote<HubVerbs>; reads: Reads }): Admin {
  const of = (room: object, names: readonly string[]) =>
    names.map((name) => [
      name,
      (arg: unknown) => (room as Record<string, (arg: unknown) => unknown>)[name]!(arg),
    ]);
  return Object.fromEntries([...of(store.verbs, VERBS), ...of(store.reads, READS)]) as Admin;
}

/** One line of JSON each way. */
const Call = z.object({ call: z.enum([...VERBS, ...READS]), arg: z.unknown() });
type Reply = { ok: true; value: unknown } | { ok: false; code: string; message: string };

/** The hub's side; on a server's database there is none. Never fails the start: what is lost is only the command line's way. */
export async function serveControl(
  database: string,
  store: { verbs: Remote<HubVerbs>; reads: Reads },
): Promise<{ stop(): Promise<void> }> {
  const path = sqlitePath(database);
  if (path === null) return { stop: async () => {} };
  const admin = adminOf(store) as unknown as Record<string, (arg: unknown) => Promise<unknown>>;
  const sockets = new Set<Socket>();
  const answer = async (line: string): Promise<Reply> => {
    try {
      const { call, arg } = Call.parse(JSON.parse(line));
      return { ok: true, value: (await admin[call]!(arg)) ?? null };
    } catch (error) {
      const code = error instanceof SimbankError ? error.code : 'control.failed';
      return { ok: false, code, message: messageOf(error) };
    }
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    createInterface({ input: socket }).on('line', (line) => {
      void answer(line).then((reply) => socket.writable && socket.write(`${JSON.stringify(reply)}\n`));
    });
  });
  const dir = dirname(path);
  // Whoever holds the folder's lock is alone: what is there was left by one that was killed.
  rmSync(`${dir}/${SOCKET}`, { force: true });
  await inFolder(dir, (socket) => {
    // The socket is made with the call, and must be nobody else's from its first moment.
    const mask = process.umask(0o177);
    try {
      server.listen(socket);
    } finally {
      process.umask(mask);
    }
    return new Promise<void>((resolve, reject) => {
      server.once('listening', resolve);
      server.once('error', reject);
    });
  });
  return {
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      rmSync(`${dir}/${SOCKET}`, { force: true });
    },
  };
}

/** Speaks to the hub that holds the lock. */
async function ofHub(dir: string, locked: SimbankError): Promise<{ admin: Admin; close(): Promise<void> }> {
  const socket = await inFolder(
    dir,
    (path) =>
      new Promise<Socket>((resolve, reject) => {
        const opening = connect(path, () => resolve(opening));
        opening.once('error', reject);
      }),
  ).catch(() => {
    throw locked;
  });
  const lines = createInterface({ input: socket });
  const call = (name: string, arg: unknown) =>
    new Promise<unknown>((resolve, reject) => {
      const gone = () =>
        reject(new SimbankError('control.closed', 'the hub ended before it answered: try again'));
      socket.once('close', gone);
      lines.once('line', (line) => {
        socket.off('close', gone);
        const reply = JSON.parse(line) as Reply;
        if (reply.ok) resolve(reply.value);
        else reject(new SimbankError(reply.code, reply.message));
      });
      socket.write(`${JSON.stringify({ call: name, arg })}\n`);
    });
  const names = [...VERBS, ...READS].map((name) => [name, (arg: unknown) => call(name, arg)]);
  return {
    admin: Object.fromEntries(names) as Admin,
    async close() {
      socket.destroy();
    },
  };
}

/**
 * Uses a socket in a folder by a path that is always short enough: an address of a socket is at most 107 octets (unix(7)), and
 * people's folders are longer.
 */
async function inFolder<T>(dir: string, use: (path: string) => Promise<T>): Promise<T> {
  const fd = openSync(dir, 'r');
  try {
    return await use(`/proc/self/fd/${fd}/${SOCKET}`);
  } finally {
    closeSync(fd);
  }
}
