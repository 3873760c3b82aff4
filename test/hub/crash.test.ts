import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { startMosquitto } from '../mosquitto.ts';
import { needs } from '../programs.ts';
import { DATABASES } from './databases.ts';
import { ICCID } from './events.ts';
import { FakeGateway, until } from './gateway.ts';

const CHILD = fileURLToPath(new URL('./hub-child.ts', import.meta.url));

interface Child {
  readonly process: ChildProcess;
  readonly url: string;
  readonly key: string | null;
}

/** Starts a hub; null when it was killed before it had begun, as a failpoint may do. */
async function startChild(broker: string, database: string, failpoint?: string): Promise<Child | null> {
  const child = spawn(process.execPath, [CHILD, broker, database], {
    env: { ...process.env, ...(failpoint === undefined ? {} : { SIMBANKD_FAILPOINT: failpoint }) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout! });
  const line = await Promise.race([
    once(lines, 'line').then(([text]) => String(text)),
    once(child, 'exit').then(() => null),
  ]);
  return line === null ? null : { process: child, ...JSON.parse(line) };
}

async function kill(child: Child | null): Promise<void> {
  if (child === null || child.process.exitCode !== null || child.process.signalCode !== null) return;
  child.process.kill('SIGKILL');
  await once(child.process, 'exit');
}

describe.skipIf(!needs('mosquitto')).each(DATABASES)('kill -9 of the hub, on $name', ({ make }) => {
  test('in the middle of everything loses nothing and doubles nothing', async () => {
    const { url: database, remove } = await make();
    const broker = await startMosquitto();
    const gateway = new FakeGateway({ url: broker.url, version: 5 });
    const count = 1_500;
    let child: Child | null = null;
    try {
      child = await startChild(broker.url, database);
      const key = child!.key!;
      await gateway.connect();
      await gateway.online();
      let stop = false;
      // Each event is published once, as a gateway does that trusts its broker: what is lost must be asked for.
      const publishing = (async () => {
        while (!stop && gateway.events.length < count) {
          await gateway.publish(gateway.record(25));
          if (gateway.events.length % 250 === 0) await gateway.online();
          await sleep(20);
        }
      })();
      for (const failpoint of [undefined, 'before-ack:1', undefined, 'before-ack:4', undefined]) {
        await sleep(60 + Math.random() * 120);
        await kill(child);
        child = await startChild(broker.url, database, failpoint);
      }
      if (child === null || child.process.signalCode !== null) child = await startChild(broker.url, database);
      await publishing.finally(() => {
        stop = true;
      });
      await gateway.online();
      await until(
        () => gateway.lastAck,
        (ack) => ack === count,
        20_000,
      );
      expect(await poll(child!.url, key)).toEqual(gateway.events.map(({ data }) => data.text));
    } finally {
      await gateway.vanish();
      await kill(child);
      await broker.remove();
      await remove();
    }
  });
});

/** Everything of the number, page by page. */
async function poll(url: string, key: string): Promise<string[]> {
  const texts: string[] = [];
  for (let after = ''; ; ) {
    const answer = await fetch(`${url}/v1/numbers/${ICCID}/messages?limit=400${after}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const page = (await answer.json()) as { messages: { text: string }[]; next_cursor: string | null };
    texts.push(...page.messages.map(({ text }) => text));
    if (page.next_cursor === null) return texts;
    after = `&after=${page.next_cursor}`;
  }
}
