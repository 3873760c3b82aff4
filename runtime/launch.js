// Runs a command of this repository under a Node that is new enough, and needs nothing but npm.
//
//   node runtime/launch.js node src/main.ts up
//   node runtime/launch.js tsc --noEmit
//
// Plain JavaScript without dependencies, because it is what an old Node reads first: the host's Node is kept
// when it is new enough; otherwise the binary of the optional dependency node-linux-<cpu> is put first on PATH.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [major, minor] = process.versions.node.split('.').map(Number);
const hostIsNewEnough = major > 22 || (major === 22 && minor >= 19);

// Long enough for the other processes of a busy host to notice a signal, too short for a person to notice the wait.
const SIGNAL_WINDOW_MS = 250;

const [command, ...args] = process.argv.slice(2);
if (command === undefined) fail('usage: node runtime/launch.js COMMAND [ARG ...]', 2);
if (!existsSync(join(root, 'node_modules'))) fail(`nothing is installed here yet: run "npm ci" in ${root}`);

const node = hostIsNewEnough ? process.execPath : bundledNode();
const env = { ...process.env };
if (!hostIsNewEnough) {
  env.PATH = [dirname(node), ...(env.PATH ? [env.PATH] : [])].join(delimiter);
  // Some hosts point node-gyp at the headers of their own, older Node.
  env.npm_config_nodedir = dirname(dirname(node));
}
const script = scriptOf(command);
// Before there is a child: it may be up, and a signal on its way, before this process goes on.
let witness = startWitness();
relaySignals();
const child = spawn(node, [...script, ...args], { stdio: 'inherit', env });
child.on('error', (error) => fail(`cannot start ${command}: ${error.message}`));
child.on('exit', (code, signal) => {
  const end = () => {
    if (signal === null) process.exit(code ?? 1);
    // Whoever started this shall see the same end: a shell tells a signal from a status.
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  };
  // Not left to be an orphan: who waits for the whole group is done when this process is.
  if (lives(witness)) witness.once('exit', end).kill('SIGKILL');
  else end();
});

/** The Node that `npm ci` brought; ends in one sentence when there is none that starts. */
function bundledNode() {
  const name = `node-linux-${process.arch}`;
  const need = `simbankd needs Node 22.19 or newer, and this is ${process.version}`;
  let path;
  try {
    const require = createRequire(join(root, 'runtime', 'package.json'));
    path = join(dirname(require.resolve(`${name}/package.json`)), 'bin', 'node');
  } catch {
    fail(
      `${need}. "npm ci" brings a newer one (the package ${name}, where there is one) unless it is told --omit=optional: ` +
        'run it again without that, or install Node 24.',
    );
  }
  const { status } = spawnSync(path, ['--version']);
  if (status === 0) return path;
  // It is linked with glibc: on musl (Alpine) it is installed and does not start.
  return fail(`${need}. The one in node_modules/${name} does not start on this system: install Node 24.`);
}

/** What the chosen Node is to run: nothing for `node` itself, or a tool of node_modules/.bin, whatever its first line says. */
function scriptOf(name) {
  if (name === 'node') return [];
  const script = join(root, 'node_modules', '.bin', name);
  if (existsSync(script)) return [script];
  return fail(`${name} is not installed: run "npm ci" without --omit=dev (and without NODE_ENV=production)`);
}

/**
 * Gives the child every signal once.
 *
 * Ctrl-C goes to the whole process group, the child among it; npm sends its own copy to this process, and so does whoever
 * signals npm alone. A second signal means "at once" to most programs, so the child must not get both. Which it was is
 * seen on a witness: a process of the same group that does nothing, and dies when the group is signalled.
 */
function relaySignals() {
  const pending = new Set();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) {
    process.on(signal, () => {
      if (pending.has(signal)) return;
      pending.add(signal);
      setTimeout(() => {
        // What was reported during a busy turn of the loop is seen before the check.
        setImmediate(() => {
          pending.delete(signal);
          if (witness.signalCode === null) child.kill(signal);
          else witness = startWitness();
        });
      }, SIGNAL_WINDOW_MS);
    });
  }
}

/** Ends with this process at the latest, for its input closes then. */
function startWitness() {
  const cat = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
  // Where there is none, every signal is passed on.
  cat.on('error', () => {});
  cat.stdin.on('error', () => {});
  return cat;
}

function lives({ pid, exitCode, signalCode }) {
  return pid !== undefined && exitCode === null && signalCode === null;
}

function fail(message, status = 1) {
  console.error(message);
  process.exit(status);
}
