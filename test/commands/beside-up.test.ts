/** The commands that find a running `simbankd up` by themselves. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../rig.ts';
import { temporaryDir } from '../temporary.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');

/** Everything on one machine, with a configuration such as a newcomer writes, or without one. */
async function everything(text: string | null = null) {
  const dir = temporaryDir();
  const env = { XDG_STATE_HOME: join(dir, 'state') };
  const config = join(dir, 'simbankd.yaml');
  if (text !== null) writeFileSync(config, text);
  const args = text === null ? [] : ['--config', config];
  const child = spawn(process.execPath, [MAIN, 'up', '--modems', '1', ...args], {
    cwd: dir,
    env: { ...process.env, ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  onTestFinished(() => void child.kill('SIGKILL'));
  await eventually(
    () => output.includes('Ctrl-C'),
    () => output,
  );
  const upFile = join(dir, 'state/simbankd/up.json');
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
      cwd: dir,
      encoding: 'utf8',
      env: { ...process.env, ...env },
    });
    return { status, stdout, stderr };
  };
  return { dir, config, upFile, up: JSON.parse(readFileSync(upFile, 'utf8')), child, output, run };
}

async function statusFor(hub: string, key: string): Promise<number> {
  const answer = await fetch(`${hub}/v1/numbers`, { headers: { authorization: `Bearer ${key}` } });
  return answer.status;
}

it('accounts, keys, audit and stores are those of the "up" that runs, with its configuration and without', async () => {
  const text = 'gateway: { id: host-a, dataDir: ./data }\nmqtt: { embedded: true }\n';
  const { dir, config, up, run, output } = await everything(text);
  const made = run('account', 'create', 'acme', '--config', config, '--json');
  expect(made).toMatchObject({ status: 0, stderr: '' });
  expect(await statusFor(up.hub, JSON.parse(made.stdout).key)).toBe(200);
  const key = run('key', 'create', 'acme', '--json');
  expect(await statusFor(up.hub, JSON.parse(key.stdout).key)).toBe(200);
  for (const args of [['--config', config], []]) {
    const listed = run('account', 'list', ...args);
    expect(listed.stdout).toMatch(/default[\s\S]*acme/);
    expect(listed.stderr).toBe(
      `in ${join(dir, 'state/simbankd/hub/hub.db')}, of the "simbankd up" that runs here\n`,
    );
    expect(run('store', 'check', ...args).stdout).toContain('/data/gateway.db: no faults');
  }
  const audit = run('audit');
  expect(audit.stdout).toBe('nothing was opened\n');
  expect(audit.stderr).toContain('/data/gateway.db, of the "simbankd up"');
  expect(run('store', 'check', '--hub').stdout).toContain('state/simbankd/hub/hub.db: no faults');
  const unknown = run('at', '--config', config, '--gateway', 'nope', 'modem-000', 'AT');
  expect(unknown.stderr).toMatch(/^no gateway nope is known at .*: known are host-a\./);
  const off = run('at', '--config', config, 'modem-000', 'AT');
  expect(off.stderr).toBe('raw AT commands are off: set gateway.allowAt to allow them\n');
  const backup = run('store', 'backup', join(dir, 'nope/x.db'), '--config', config);
  expect(backup).toMatchObject({ status: 1, stdout: '' });
  expect(backup.stderr).toBe(
    `${join(dir, 'nope/x.db')} cannot be made: there is no folder ${join(dir, 'nope')}. Make it (mkdir -p), or name another\n`,
  );
  const other = join(dir, 'other.yaml');
  writeFileSync(other, `gateway: { dataDir: ${join(dir, 'elsewhere')} }\n`);
  const elsewhere = run('audit', '--config', other);
  expect(elsewhere).toMatchObject({ status: 1, stderr: expect.stringContaining('elsewhere/gateway.db') });
  // The folders that hold what it keeps, and nothing else.
  expect(output).toContain(`  data         ${join(dir, 'data')}, ${join(dir, 'state/simbankd/hub')}\n`);
}, 120_000);

it('a second one says where the first is, and one that was killed is not spoken to', async () => {
  const { up, upFile, child, run } = await everything();
  const again = run('up', '--modems', '1');
  expect(again).toMatchObject({ status: 1, stdout: '' });
  expect(again.stderr).toBe(
    `"simbankd up" runs here already (process ${child.pid}): status page ${up.status}, hub ${up.hub}, MQTT ${up.mqtt}. ` +
      'End that one first, or give this one a state folder of its own: XDG_STATE_HOME=DIR\n',
  );
  expect(child.exitCode).toBeNull();
  const over = once(child, 'exit');
  child.kill('SIGKILL');
  await over;
  const sent = run('ussd', '8999000000000000999', '*100#');
  expect(sent).toMatchObject({ status: 1, stdout: '' });
  expect(sent.stderr).toBe(
    `"simbankd up" does not run any more (it was killed, and left ${upFile}): ` +
      "start it again, or name the gateway's configuration with --config\n",
  );
}, 120_000);
