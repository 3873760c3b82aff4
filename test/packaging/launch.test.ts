import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { pathOf } from '../programs.ts';
import { type HostNode, hostNodes, oldNode } from './nodes.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const bundle = `node-linux-${process.arch}`;

/** Counts what it gets, ends cleanly half a second after the first signal, and tells what it counted. */
const COUNTING = `
const got = [];
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    got.push(signal);
    if (got.length === 1) setTimeout(() => { console.log('got', got.join(' ')); process.exit(0); }, 800);
  });
}
setTimeout(() => process.exit(9), 20_000);
console.log('ready');
`;

let folder: string;
let repository: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'simbankd-launch-'));
  repository = makeRepository('a folder with blanks');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** As much of this repository as the launcher needs, with the Node that `npm ci` brought. */
function makeRepository(name: string): string {
  const path = join(folder, name);
  cpSync(join(root, 'runtime'), join(path, 'runtime'), { recursive: true });
  mkdirSync(join(path, 'node_modules', '.bin'), { recursive: true });
  symlinkSync(join(root, 'node_modules', bundle), join(path, 'node_modules', bundle));
  tool(path, 'which-node', '#!/nowhere/old-node\nconsole.log(process.version, ...process.argv.slice(2));\n');
  writeFileSync(join(path, 'counting.mjs'), COUNTING);
  const scripts = { start: 'exec node runtime/launch.js node counting.mjs' };
  writeFileSync(join(path, 'package.json'), JSON.stringify({ name: 'trial', version: '1.0.0', scripts }));
  return path;
}

function tool(path: string, name: string, text: string): void {
  const file = join(path, 'node_modules', '.bin', name);
  writeFileSync(file, text);
  chmodSync(file, 0o755);
}

function launch(host: HostNode, args: string[], path = repository) {
  return spawnSync(host.path, [join(path, 'runtime', 'launch.js'), ...args], {
    cwd: path,
    encoding: 'utf8',
    env: pathOnly(host),
  });
}

/** An environment as a user's shell on that host has it, without what npm and vitest put into this one. */
function pathOnly(host: HostNode): NodeJS.ProcessEnv {
  return {
    PATH: [host.folder, '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter),
    HOME: folder,
    npm_config_update_notifier: 'false',
  };
}

/** Starts a command in a process group of its own, as a shell does, and waits until the counting program is ready. */
async function start(test: TestContext, host: HostNode, file: string, args: string[]) {
  const child = spawn(file, args, {
    cwd: repository,
    detached: true,
    env: pathOnly(host),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  test.onTestFinished(() => {
    if (groupLives(child.pid!)) process.kill(-child.pid!, 'SIGKILL');
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  await test.expect.poll(() => output, { timeout: 15_000 }).toContain('ready');
  return {
    pid: child.pid!,
    ended,
    got: () => /got (.*)/.exec(output)?.[1],
  };
}

/** True while any process of the group is alive. */
function groupLives(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe.each(hostNodes())('the launcher under $name', (host) => {
  it('runs a command under a Node that is new enough', () => {
    const { stdout, status } = launch(host, ['node', '-p', 'process.version']);
    expect(status).toBe(0);
    expect(Number(/^v(\d+)/.exec(stdout)?.[1])).toBeGreaterThanOrEqual(22);
  });

  it('puts that Node first on PATH for what the command starts', () => {
    const script = 'console.log(require("node:child_process").execSync("node --version").toString().trim())';
    expect(launch(host, ['node', '-e', script]).stdout).toBe(launch(host, ['node', '--version']).stdout);
  });

  it('runs a tool of node_modules/.bin under it, whatever the tool’s first line says', () => {
    const version = launch(host, ['node', '--version']).stdout.trim();
    expect(launch(host, ['which-node', 'a b', '$HOME', '"q"']).stdout).toBe(`${version} a b $HOME "q"\n`);
  });

  it('hands on the exit status', () => {
    expect(launch(host, ['node', '-e', 'process.exit(78)']).status).toBe(78);
  });

  it('ends by the signal that ended the command', () => {
    const { status, signal } = launch(host, ['node', '-e', 'process.kill(process.pid, "SIGKILL")']);
    expect({ status, signal }).toEqual({ status: null, signal: 'SIGKILL' });
  });

  // Concurrent: they wait more than they work.
  describe.concurrent.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s', (signal) => {
    it.for([
      ['the whole group, as Ctrl-C does', [-1]],
      ['the launcher alone, as a supervisor does', [1]],
      ['the group and the launcher, as Ctrl-C under npm does', [-1, 1]],
    ] as const)('sent to %s reaches the command once', async ([, targets], test) => {
      const run = await start(test, host, host.path, ['runtime/launch.js', 'node', 'counting.mjs']);
      for (const target of targets) process.kill(target * run.pid, signal);
      test.expect(await run.ended).toEqual({ code: 0, signal: null });
      test.expect(run.got()).toBe(signal);
      test.expect(groupLives(run.pid)).toBe(false);
    });
  });

  describe.concurrent('npm start', () => {
    it.for([
      ['SIGINT', 'the group', -1],
      ['SIGINT', 'npm alone', 1],
      ['SIGTERM', 'the group', -1],
      ['SIGTERM', 'npm alone', 1],
    ] as const)('ends cleanly when %s is sent to %s', async ([signal, , target], test) => {
      const npm = pathOf('npm');
      if (npm === null) throw new Error('these tests are started by npm');
      const run = await start(test, host, npm, ['start']);
      process.kill(target * run.pid, signal);
      test.expect(await run.ended).toEqual({ code: 0, signal: null });
      test.expect(run.got()).toBe(signal);
      test.expect(groupLives(run.pid)).toBe(false);
    });
  });

  it('lets a second signal through, which says "at once"', async (test) => {
    const run = await start(test, host, host.path, ['runtime/launch.js', 'node', 'counting.mjs']);
    process.kill(-run.pid, 'SIGINT');
    await sleep(400);
    process.kill(-run.pid, 'SIGINT');
    expect(await run.ended).toEqual({ code: 0, signal: null });
    expect(run.got()).toBe('SIGINT SIGINT');
  });

  it('says in one sentence that nothing is installed', () => {
    const path = makeRepository('not installed');
    rmSync(join(path, 'node_modules'), { recursive: true });
    const { stderr, status } = launch(host, ['node', '--version'], path);
    expect(status).toBe(1);
    expect(stderr).toBe(`nothing is installed here yet: run "npm ci" in ${path}\n`);
  });

  it('says in one sentence that a tool is missing', () => {
    const { stderr, status } = launch(host, ['tsc', '--noEmit']);
    expect(status).toBe(1);
    expect(stderr).toBe(
      'tsc is not installed: run "npm ci" without --omit=dev (and without NODE_ENV=production)\n',
    );
  });

  it('refuses to run nothing', () => {
    expect(launch(host, [])).toMatchObject({
      status: 2,
      stderr: 'usage: node runtime/launch.js COMMAND [ARG ...]\n',
    });
  });
});

describe.skipIf(oldNode === null)('an old Node', () => {
  it('is told in one sentence when npm was told to leave optional packages out', () => {
    const path = makeRepository('omitted');
    rmSync(join(path, 'node_modules', bundle));
    const { stderr, status } = launch(oldNode!, ['node', '--version'], path);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^simbankd needs Node 22\.19 or newer, and this is v.*--omit=optional.*\n$/);
  });

  it('is told in one sentence when the binary that came is for another libc', () => {
    const path = makeRepository('musl');
    rmSync(join(path, 'node_modules', bundle));
    const bin = join(path, 'node_modules', bundle, 'bin', 'node');
    mkdirSync(dirname(bin), { recursive: true });
    writeFileSync(join(dirname(bin), '..', 'package.json'), '{"version":"24.0.0"}');
    writeFileSync(bin, '#!/lib/ld-of-another-libc\n');
    chmodSync(bin, 0o755);
    const { stderr, status } = launch(oldNode!, ['node', '--version'], path);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^simbankd needs Node .* does not start on this system: install Node 24\.\n$/);
  });

  it('is told in one sentence by the program itself, before anything is loaded that would crash it', () => {
    // An old Node does not take .ts files; this one has no types, and is what dist/ will hold.
    const file = join(repository, 'main.mjs');
    cpSync(join(root, 'src', 'main.ts'), file);
    const { stdout, stderr, status } = spawnSync(oldNode!.path, [file, '--version'], { encoding: 'utf8' });
    expect({ stdout, status }).toEqual({ stdout: '', status: 1 });
    expect(stderr).toMatch(/^simbankd needs Node 22\.19 or newer, and this is v.*: install Node 24\.\n$/);
  });
});

it('every script that runs for long replaces the shell that npm starts it in', () => {
  // That shell would die of SIGTERM and leave the program behind, and make a status of 130 of every Ctrl-C.
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const name of ['start', 'simbankd', 'test', 'bench']) expect(scripts[name]).toMatch(/^exec node /);
});
