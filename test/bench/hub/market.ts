/** What is measured, started: a database that has been used, a hub on it, a gateway with SIMs, somebody who receives webhooks. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { MICRO } from '../../../src/hub/money.ts';
import { hashKey, hintOf, newKey, newWebhookSecret } from '../../../src/hub/secrets.ts';
import { openPostgres } from '../../../src/hub/store/postgres.ts';
import { readsOn } from '../../../src/hub/store/reads.ts';
import { ulid } from '../../../src/protocol/ulid.ts';
import { type Kind, SQLITE } from '../../hub/databases.ts';
import { type Cluster, newDatabase } from '../../hub/postgres.ts';
import { sleep } from '../subject.ts';
import { type Filled, fill } from './fill.ts';
import type { Order, Sent } from './gateway.ts';
import { Client } from './load.ts';

export { SQLITE };

/** Databases on a server of the bench's own, with its usual durability. */
export function onCluster(cluster: Cluster): Kind {
  return {
    name: 'PostgreSQL',
    async make() {
      const { url, remove } = await newDatabase(cluster);
      const open = async () => {
        const { db, verbs, close } = await openPostgres(url);
        return { db, verbs, reads: readsOn(db), close };
      };
      return { url, open, remove };
    },
  };
}

export interface UsedHub {
  readonly filled: Filled;
  readonly client: Client;
  readonly pid: number;
  /** May be called again. */
  close(): Promise<void>;
}

/** A hub in a process of its own, with so many messages in its store; the client's key may do everything and is not counted. */
export async function startUsedHub(
  kind: Kind,
  { broker, messages, webhookPort }: { broker: string; messages: number; webhookPort: number },
): Promise<UsedHub> {
  const database = await kind.make();
  const key = newKey();
  const store = await database.open();
  const now = new Date().toISOString();
  const account = await store.verbs.firstAccount({
    id: ulid(Date.now()),
    name: 'bench',
    key: { id: ulid(Date.now()), hash: hashKey(key), hint: hintOf(key) },
    secret: { id: ulid(Date.now()), value: newWebhookSecret() },
    now,
  });
  await store.verbs.topUp({ account: account.id, amount: 1_000_000 * MICRO, reference: 'bench', now });
  const filled = await fill(store.db, account.id, messages);
  await store.close();
  const { child, said } = await start('./hub.ts', broker, database.url, String(webhookPort));
  const client = new Client(said, key);
  while (!(await client.get('/healthz')).includes('"connected"')) await sleep(50);
  const close = async (): Promise<void> => {
    await client.close();
    await end(child);
    await database.remove();
  };
  let closed: Promise<void> | null = null;
  return {
    filled,
    client,
    pid: child.pid!,
    close() {
      closed ??= close();
      return closed;
    },
  };
}

export interface Seller {
  readonly pid: number;
  /** Has the gateway send messages; resolves when all went out. */
  send(order: Order): Promise<Sent>;
  close(): Promise<void>;
}

export async function startSeller(broker: string, sims: number, kept: number): Promise<Seller> {
  const { child } = await start('./gateway.ts', broker, String(sims), String(kept));
  return {
    pid: child.pid!,
    async send(order) {
      const sent = once(child, 'message');
      child.send(order);
      return (await sent)[0] as Sent;
    },
    close: () => end(child),
  };
}

/** Answers `/0`, `/1`, … with these bodies. */
export async function startFloor(...bodies: string[]): Promise<Omit<UsedHub, 'filled'>> {
  const { child, said } = await start('./floor.ts', ...bodies);
  const client = new Client(said, 'none');
  return {
    client,
    pid: child.pid!,
    async close() {
      await client.close();
      await end(child);
    },
  };
}

async function start(file: string, ...args: string[]): Promise<{ child: ChildProcess; said: string }> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, { serialization: 'advanced' });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${file} ended with ${code}`);
  });
  const [said] = (await Promise.race([once(child, 'message'), ended])) as [string];
  ended.catch(() => {});
  return { child, said };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  // It ends by itself then, and writes its profile when the bench runs under `node --cpu-prof`.
  child.disconnect();
  await ended;
}
