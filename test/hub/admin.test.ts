import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePort } from '../mosquitto.ts';
import { DATABASES, SQLITE, type TestDatabase } from './databases.ts';
import { scratch } from './events.ts';
import { until } from './gateway.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
let folder: ReturnType<typeof scratch>;
let database: TestDatabase;
let config: string;
let hub: ChildProcess | null = null;

afterEach(async () => {
  await endHub();
  await database.remove();
  folder.remove();
});

async function endHub(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (hub === null || hub.exitCode !== null || hub.signalCode !== null) return;
  hub.kill(signal);
  await once(hub, 'exit');
  hub = null;
}

async function startHub(): Promise<string> {
  const child = spawn(process.execPath, [MAIN, 'hub', '--config', config], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  hub = child;
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const match = await until(
    () => /listens on (\S+)/.exec(output),
    (found) => found !== null,
  );
  return match![1]!;
}

async function simbankd(...args: string[]): Promise<{ status: number | null; out: string; error: string }> {
  const child = spawn(process.execPath, [MAIN, ...args, '--config', config]);
  let out = '';
  let error = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    error += chunk;
  });
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, out, error };
}

async function json(...args: string[]): Promise<Record<string, string>> {
  const { status, out, error } = await simbankd(...args, '--json');
  expect({ status, error }).toEqual({ status: 0, error: '' });
  return JSON.parse(out);
}

async function configure(url: string): Promise<void> {
  config = join(folder.dir, 'config.yaml');
  writeFileSync(
    config,
    `mqtt: { url: "mqtt://127.0.0.1:${await freePort()}" }\n` +
      `hub: { listen: "127.0.0.1:0", database: "${url}" }\nlog: { level: silent }\n`,
  );
}

describe.each(DATABASES)('accounts and keys by the command line, on $name', ({ name, make }) => {
  beforeEach(async () => {
    folder = scratch();
    database = await make();
    await configure(database.url);
  });

  test('work without a hub, beside one, and beside one that came back from a kill', async () => {
    const account = await json('account', 'create', 'acme');
    expect(account).toMatchObject({
      name: 'acme',
      currency: 'USD',
      webhookSecret: expect.stringMatching(/^whsec_/),
    });
    for (const round of [1, 2]) {
      const url = await startHub();
      const made = await json('key', 'create', 'acme', '--scopes', 'read', '--label', `round ${round}`);
      for (const key of [account.key!, made.key!]) {
        const answer = await fetch(`${url}/v1/numbers`, { headers: { authorization: `Bearer ${key}` } });
        expect(answer.status).toBe(200);
      }
      await json('key', 'revoke', made.id!);
      const refused = await fetch(`${url}/v1/numbers`, { headers: { authorization: `Bearer ${made.key}` } });
      expect(refused.status).toBe(401);
      const paid = await json('account', 'top-up', account.id!, '12.5', '--reference', `payment ${round}`);
      expect(paid).toMatchObject({ balance: ['12.50', '25.00'][round - 1], added: true });
      await endHub(round === 1 ? 'SIGKILL' : 'SIGTERM');
    }
    const again = await json('account', 'top-up', 'acme', '12.5', '--reference', 'payment 1');
    expect(again).toMatchObject({ balance: '25.00', added: false });
    const listed = (await simbankd('key', 'list', 'acme')).out;
    expect(listed).toMatch(/round 1.*read .*revoked/);
    expect(listed).not.toContain(account.key);
    if (name === 'SQLite') {
      expect(readFileSync(database.url.slice('sqlite:'.length), 'latin1')).not.toContain(account.key);
    }
  });
});

describe('the command line', () => {
  beforeEach(async () => {
    folder = scratch();
    database = await SQLITE.make();
    await configure(database.url);
  });

  test('a key takes the place of another for a while, and says where and until when it goes', async () => {
    const { id } = await json('account', 'create', 'acme');
    const first = await json(
      'key',
      'create',
      id!,
      '--allow',
      '203.0.113.0/24',
      '--allow',
      '::1',
      '--expires',
      '2099-01-01',
    );
    const second = await json('key', 'rotate', first.id!, '--overlap-hours', '2');
    const keys = (await json('key', 'list')) as unknown as Record<string, unknown>[];
    expect(keys.find((key) => key.id === first.id)).toMatchObject({
      allow: ['203.0.113.0/24', '::1/128'],
      scopes: ['read', 'buy'],
      expiresAt: second.until,
    });
    expect(keys.find((key) => key.id === second.id)).toMatchObject({
      allow: ['203.0.113.0/24', '::1/128'],
      replaces: first.id,
    });
    expect(Date.parse(second.until!) - Date.now()).toBeLessThanOrEqual(2 * 3_600_000);
  });

  test('say what is wrong, with a status', async () => {
    await json('account', 'create', 'acme');
    const said = async (...args: string[]) => {
      const { status, error } = await simbankd(...args);
      return [status, error.trim().split('\n')[0]];
    };
    expect(await said('account', 'create', 'acme')).toEqual([1, 'there is an account acme already']);
    expect(await said('account', 'top-up', 'nobody', '1')).toEqual([
      1,
      'there is no account nobody: see "simbankd account list"',
    ]);
    expect(await said('key', 'revoke', 'nothing')).toEqual([1, 'there is no key nothing']);
    expect((await said('key', 'create', 'acme', '--scopes', 'all'))[0]).toBe(2);
    expect((await said('key', 'create', 'acme', '--allow', '10.0.0.0/33'))[0]).toBe(2);
    expect((await said('account', 'create', 'x', '--currency', 'usd'))[0]).toBe(2);
  });
});

test('the socket of a hub is its own, however long the name of its folder', async () => {
  folder = scratch();
  const dir = join(folder.dir, 'a'.repeat(120));
  mkdirSync(dir);
  database = { url: `sqlite:${join(dir, 'hub.db')}`, open: () => Promise.reject(), remove: async () => {} };
  await configure(database.url);
  await startHub();
  expect(statSync(join(dir, 'hub.sock')).mode & 0o777).toBe(0o600);
  expect(await json('account', 'create', 'acme')).toMatchObject({ name: 'acme' });
});
