import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { freePort } from '../mosquitto.ts';
import { scratch } from './events.ts';
import { until } from './gateway.ts';

const folder = scratch();
afterAll(() => folder.remove());
const MAIN = join(import.meta.dirname, '../../src/main.ts');

function run(yaml: string): { child: ChildProcess; output(): string; ended: Promise<number | null> } {
  const config = join(folder.dir, 'config.yaml');
  writeFileSync(config, yaml);
  const args = [MAIN, 'hub', '--config', config];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk) => (output += chunk));
  return {
    child,
    output: () => output,
    ended: once(child, 'close').then(([status]) => status as number | null),
  };
}

const hubWith = async (listen: string, database = join(folder.dir, 'hub.db')) =>
  `mqtt: { url: "mqtt://127.0.0.1:${await freePort()}", embedded: true }\n` +
  `hub: { listen: "${listen}", database: "sqlite:${database}" }\n`;

test('it says where it listens and, only the first time, its key; a signal ends it cleanly', async () => {
  const keys: string[] = [];
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const { child, output, ended } = run(await hubWith('127.0.0.1:0'));
    const url = (await until(
      () => /listens on (\S+)/.exec(output()),
      (match) => match !== null,
    ))![1]!;
    await until(
      async () => ((await (await fetch(`${url}/healthz`)).json()) as { mqtt: string }).mqtt,
      (state) => state === 'connected',
    );
    await sleep(50);
    keys.push(...(output().match(/sbk_[\w-]{43}/g) ?? []));
    child.kill(signal);
    expect(await ended).toBe(0);
  }
  expect(keys).toHaveLength(1);
});

test('a configuration that cannot be used names every fault, and the status is 78', async () => {
  const bad = run('mqtt: { url: "http://x", port: 1 }\nhub: { listen: "here" }\n');
  expect(await bad.ended).toBe(78);
  expect(bad.output()).toMatch(/mqtt\.url.*mqtt\.port.*hub\.listen/s);
  const files = run('mqtt: { caFile: /nowhere, url: "mqtts://127.0.0.1" }\n');
  expect(await files.ended).toBe(78);
  expect(files.output()).toContain('mqtt.caFile: cannot be read');
});

test('a port that is taken is one clear sentence, and the first key is that of the first start that works', async () => {
  const squatter = createServer();
  await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
  const { port } = squatter.address() as { port: number };
  const database = join(folder.dir, 'fresh', 'hub.db');
  const { output, ended } = run(await hubWith(`127.0.0.1:${port}`, database));
  expect(await ended).toBe(1);
  expect(output().trim()).toBe(
    `hub.listen: 127.0.0.1:${port} is already in use by another program; give hub.listen another port`,
  );
  squatter.close();

  const listening = /listens on .*\n(.*)\n/;
  const started = async () => {
    const hub = run(await hubWith('127.0.0.1:0', database));
    const [, next] = (await until(
      () => listening.exec(hub.output()),
      (match) => match !== null,
    ))!;
    hub.child.kill('SIGTERM');
    await hub.ended;
    return next!;
  };
  expect(await started()).toMatch(/^The first API key, shown only this once: sbk_/);
  const config = join(folder.dir, 'config.yaml');
  const simbankd = (...args: string[]) =>
    execFileSync(process.execPath, [MAIN, ...args, '--config', config], { encoding: 'utf8' });
  const [{ id }] = JSON.parse(simbankd('key', 'list', '--json'));
  simbankd('key', 'revoke', id);
  expect(await started()).toBe(
    'No account has a key that works: make one with "simbankd key create default" (and the same --config)',
  );
});
