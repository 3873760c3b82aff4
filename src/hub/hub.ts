/** The hub, wired: store, consumer, HTTP server, and its first account. What each of them does is theirs. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { readCatalogue } from '../catalogue.ts';
import type { Config } from '../config.ts';
import { SimbankError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { brokerOptions } from '../mqtt-options.ts';
import { ulid } from '../protocol/ulid.ts';
import { lockDataDirectory, sqlitePath } from '../sqlite.ts';
import { Flow } from './activations/flow.ts';
import { Commander } from './commander.ts';
import { Consumer } from './consumer.ts';
import { serveControl } from './control.ts';
import { buildServer } from './http/server.ts';
import { MICRO } from './money.ts';
import { News } from './news.ts';
import { readPrices } from './prices.ts';
import type { Timing } from './replay.ts';
import { Scheduler } from './scheduler.ts';
import { hashKey, hintOf, newKey, newWebhookSecret } from './secrets.ts';
import { type HubStore, openStore } from './store/store.ts';
import { announcing } from './tidings.ts';
import { Deliverer } from './webhooks/deliverer.ts';

export interface HubOptions {
  readonly config: Config;
  readonly log: Logger;
  /**
   * For the demo: a file (0600) that holds a key of the first account and is made when it is not there; that account then has
   * money, too. Without it the first key exists only as `firstKey`.
   */
  readonly keyFile?: string;
  /** For tests: how soon missing events are asked for, and how long a gateway may take to answer. */
  readonly timing?: Timing & { readonly answerMs?: number };
}

export interface Hub {
  /** Where the API listens. */
  readonly url: string;
  /** The key of the first account when it was made by this start, else null: nothing can show it again. */
  readonly firstKey: string | null;
  /** The name of the first account when no account has a key that works, else null. */
  readonly keyless: string | null;
  readonly store: HubStore;
  readonly consumer: Consumer;
  readonly flow: Flow;
  readonly scheduler: Scheduler;
  /** Resolves when it can no longer do its work: what supervises the process should start it anew. */
  readonly failed: Promise<SimbankError>;
  stop(): Promise<void>;
}

/**
 * Starts the hub. It runs whether or not there is a broker.
 *
 * @throws SimbankError `config.invalid`, `listen.in_use`, `listen.failed`, `data.locked`, or those of opening the store.
 */
export async function startHub({ config, log, keyFile, timing }: HubOptions): Promise<Hub> {
  // Faults of files that the configuration names are told now, not at the first reconnection.
  brokerOptions(config.mqtt);
  const prices = readPrices(config.hub.prices);
  const catalogue = readCatalogue(config.hub.services);
  const undo: (() => unknown)[] = [];
  try {
    const path = sqlitePath(config.hub.database);
    if (path !== null) {
      const lock = lockDataDirectory(dirname(path), 'hub-lock');
      undo.push(() => lock.release());
    }
    const opened = await openStore(config.hub);
    undo.push(() => opened.close());
    const deliverer = new Deliverer({ store: opened, log, policy: config.hub.webhooks });
    const news = new News({ reads: opened.reads, log });
    undo.push(() => Promise.all([deliverer.stop(), news.stop()]));
    const store = announcing(opened, () => {
      deliverer.wake();
      news.ring();
    });
    const control = await serveControl(config.hub.database, store);
    undo.push(() => control.stop());
    await store.verbs.loadPrices({ prices, now: new Date().toISOString() });
    // One a data directory, so that a broker lets go of the connection before this one at once. Hubs that share a database
    // must not push each other out.
    const fresh = ulid(Date.now());
    const instance =
      path === null ? fresh : await store.verbs.keepSetting({ name: 'instance', value: fresh });

    const commander: Commander = new Commander({
      root: config.mqtt.root,
      publish: (topic, command, gateway) => consumer.command(topic, command, gateway),
      skewOf: (gateway) => consumer.projector.skewOf(gateway),
    });
    const consumer: Consumer = new Consumer({
      mqtt: config.mqtt,
      instance,
      store,
      log,
      replied: (gateway, reply) => commander.hear(gateway, reply),
      ...(timing === undefined ? {} : { timing }),
    });
    const flow = new Flow({
      store,
      commander,
      log,
      ttl: config.hub.activations.ttlSeconds,
      ...(timing?.answerMs === undefined ? {} : { answerMs: timing.answerMs }),
    });
    const scheduler = new Scheduler({
      store,
      flow,
      commander,
      log,
      retentionDays: config.hub.retention.days,
      connected: () => consumer.state.connected,
    });
    const server = buildServer({
      store,
      log,
      flow,
      catalogue,
      news,
      admit: (url) => deliverer.admit(url),
      wake: () => scheduler.wake(),
      deliver: (endpoints) => deliverer.wake(endpoints),
      health: () => ({ connected: consumer.state.connected, storeProblem: consumer.storeProblem }),
    });
    undo.push(() => server.close());
    const { host, port } = config.hub.listen;
    try {
      await server.listen({ host, port });
    } catch (error) {
      throw cannotListen(config.hub.listen, error as NodeJS.ErrnoException);
    }
    undo.push(() => consumer.stop());
    await consumer.start();
    undo.push(() => scheduler.stop());
    scheduler.start();
    deliverer.start();
    // Last: a key that a start made which then failed would be known to nobody.
    const firstKey = await ensureKey(store, keyFile);

    const { port: bound } = server.server.address() as { port: number };
    return {
      url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
      firstKey,
      keyless: firstKey === null ? await keyless(store) : null,
      store,
      consumer,
      flow,
      scheduler,
      failed: store.ended,
      stop: () => unwind(undo),
    };
  } catch (error) {
    await unwind(undo);
    throw error;
  }
}

/** Last made, first undone, each of them whatever became of the others. */
async function unwind(undo: (() => unknown)[]): Promise<void> {
  for (let step = undo.pop(); step !== undefined; step = undo.pop()) {
    try {
      await step();
    } catch {
      // Already on the way out.
    }
  }
}

const DEMO_FUNDS = 100 * MICRO;

/** Makes the first account and its key where there is none, and sees to it that a key file's key is one of ours. */
async function ensureKey(store: HubStore, keyFile: string | undefined): Promise<string | null> {
  const kept = keyFile === undefined ? null : readKey(keyFile);
  const key = kept ?? newKey();
  if (keyFile !== undefined && kept === null) {
    // Before the database knows it: a crash between the two leaves a key to begin with, not a key that nobody has.
    writeFileSync(keyFile, `${key}\n`, { mode: 0o600 });
    // The mode above is only that of a new file.
    chmodSync(keyFile, 0o600);
  }
  const now = new Date().toISOString();
  const row = { id: ulid(Date.now()), hash: hashKey(key), hint: hintOf(key) };
  const account = await store.verbs.firstAccount({
    id: ulid(Date.now()),
    name: 'default',
    key: row,
    secret: { id: ulid(Date.now()), value: newWebhookSecret() },
    now,
  });
  if (keyFile !== undefined) {
    // Something to try it with.
    await store.verbs.topUp({ account: account.id, amount: DEMO_FUNDS, reference: 'demo', now });
  }
  if (account.created) return key;
  if (keyFile !== undefined && (await store.reads.accountOfKey(row.hash)) === null) {
    await store.verbs.createKey({ ...row, account: account.id, now });
  }
  return null;
}

async function keyless({ reads }: HubStore): Promise<string | null> {
  const now = new Date().toISOString();
  const works = async (account: string | null): Promise<boolean> =>
    (await reads.keys(account)).some(
      ({ revokedAt, expiresAt }) => revokedAt === null && (expiresAt === null || expiresAt > now),
    );
  const [first] = await reads.accounts({ after: '', limit: 1 });
  // Of all accounts only where it must be: there may be very many keys.
  if (first === undefined || (await works(first.id)) || (await works(null))) return null;
  return first.name;
}

function readKey(path: string): string | null {
  try {
    const key = readFileSync(path, 'utf8').trim();
    return /^sbk_[\w-]{43}$/.test(key) ? key : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function cannotListen(listen: { host: string; port: number }, error: NodeJS.ErrnoException): SimbankError {
  const place = `${listen.host}:${listen.port}`;
  const taken = error.code === 'EADDRINUSE';
  return new SimbankError(
    taken ? 'listen.in_use' : 'listen.failed',
    taken
      ? `hub.listen: ${place} is already in use by another program; give hub.listen another port`
      : `hub.listen: cannot listen on ${place}: ${error.message}`,
    { member: 'hub.listen', ...listen },
    { cause: error },
  );
}
