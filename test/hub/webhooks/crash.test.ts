/** kill -9 of a hub while it delivers: nothing is lost, what was not noted comes again under the same id. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { DATABASES } from '../databases.ts';
import { until } from '../gateway.ts';
import { type Receiver, startReceiver } from './receiver.ts';
import { ACCOUNT, startRig } from './rig.ts';

const CHILD = fileURLToPath(new URL('./deliverer-child.ts', import.meta.url));

function start(database: string, receiver: Receiver, ...more: string[]): ChildProcess {
  return spawn(process.execPath, [CHILD, database, String(receiver.port), ...more], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

// Processes are started, and claims have to run out.
describe.each(DATABASES)('kill -9 on $name', { timeout: 90_000 }, (kind) => {
  test('between sending and noting it: sent again, the same octets under the same id', async () => {
    const receiver = await startReceiver();
    const rig = await startRig(kind, [receiver], { clock: 'real' });
    const children: ChildProcess[] = [];
    try {
      await rig.endpoint(receiver.url);
      await rig.say('one');
      // Killed by itself, over an answer that came; then from outside, over one that did not come yet.
      children.push(start(rig.url, receiver, 'before-settle'));
      await ended(children[0]!);
      expect(receiver.received).toHaveLength(1);
      receiver.answer = () => void children[1]!.kill('SIGKILL');
      children.push(start(rig.url, receiver));
      await ended(children[1]!);
      expect(receiver.received).toHaveLength(2);
      receiver.answer = (_request, response) => void response.end();
      children.push(start(rig.url, receiver));
      const [row] = await until(
        () => rig.store.reads.deliveries({ account: ACCOUNT, before: null, limit: 1 }),
        ([one]) => one?.state === 'delivered',
      );
      expect(row).toMatchObject({ attempts: 1 });
      expect(receiver.received).toHaveLength(3);
      expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
      expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    } finally {
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(children.map(ended));
      await rig.close();
      await receiver.close();
    }
  });

  test('anywhere: each of many messages arrives, and ends delivered', async () => {
    const receiver = await startReceiver();
    const rig = await startRig(kind, [receiver], { clock: 'real' });
    let child: ChildProcess | null = null;
    try {
      for (const path of ['a', 'b', 'c']) await rig.endpoint(`${receiver.url}/${path}`);
      for (let i = 0; i < 100; i += 1) await rig.say(`message ${i}`);
      for (const killAfter of [1, 60]) {
        const count = receiver.received.length;
        child = start(rig.url, receiver);
        await until(
          () => receiver.received.length,
          (length) => length >= count + killAfter,
          20_000,
        );
        child.kill('SIGKILL');
        await ended(child);
      }
      child = start(rig.url, receiver);
      await until(
        () => rig.store.reads.deliveries({ account: ACCOUNT, state: 'pending', before: null, limit: 1 }),
        (rows) => rows.length === 0,
        20_000,
      );
      const all = await rig.store.reads.deliveries({ account: ACCOUNT, before: null, limit: 1_000 });
      expect(all.filter(({ state }) => state === 'delivered')).toHaveLength(300);
      const seen = receiver.received.map(({ path, headers }) => `${path} ${headers['webhook-id']}`);
      expect(new Set(seen).size).toBe(300);
      // Twice at most what was under way at a kill, or being noted: four requests each at each of three endpoints.
      expect(seen.length).toBeLessThanOrEqual(300 + 2 * 24);
    } finally {
      child?.kill('SIGKILL');
      if (child !== null) await ended(child);
      await rig.close();
      await receiver.close();
    }
  });
});
