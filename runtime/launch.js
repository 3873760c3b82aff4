// Runs a command of this repository under a Node that is new enough, and needs nothing but npm.
//
//   node runtime/launch.js node src/main.ts up
//   node runtime/launch.js tsc --noEmit
//
// Plain JavaScript without dependencies, because it is what an old Node reads first: the host's Node is kept
// when it is new enough; otherwise the binary of the optional dependency node-linux-<cpu> is put first on PATH.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [major, minor] = process.versions.node.split('.').map(Number);
const hostIsNewEnough = major > 22 || (major === 22 && minor >= 19);

/** The path of a Node that runs this project, or null when there is none. */
function findNode() {
  if (hostIsNewEnough) return process.execPath;
  const require = createRequire(join(root, 'runtime', 'package.json'));
  try {
    const folder = dirname(require.resolve(`node-linux-${process.arch}/package.json`));
    const node = join(folder, 'bin', 'node');
    // It is a glibc binary: on musl it is installed and does not start.
    return spawnSync(node, ['--version']).status === 0 ? node : null;
  } catch {
    return null;
  }
}

/** The script behind a command of node_modules/.bin: started by the chosen Node, whatever its first line says. */
function resolveCommand(command) {
  const bin = join(root, 'node_modules', '.bin', command);
  if (!existsSync(bin)) return null;
  return readFileSync(bin).subarray(0, 2).toString() === '#!' ? bin : null;
}

const [command, ...args] = process.argv.slice(2);
if (command === undefined) {
  console.error('usage: node runtime/launch.js COMMAND [ARG ...]');
  process.exit(2);
}

const node = findNode();
if (node === null) {
  console.error(
    `simbankd needs Node 22.19 or newer; this is ${process.version}, and no Node binary for ${process.platform}-${process.arch} ` +
      'came with "npm ci". Install Node 24, or run "npm ci" without --omit=optional.',
  );
  process.exit(1);
}

const env = { ...process.env };
if (!hostIsNewEnough) {
  env.PATH = dirname(node) + delimiter + (env.PATH ?? '');
  // Some hosts point node-gyp at the headers of their own, older Node.
  env.npm_config_nodedir = dirname(dirname(node));
}

const script = command === 'node' ? null : resolveCommand(command);
const child =
  command === 'node'
    ? spawn(node, args, { stdio: 'inherit', env })
    : script === null
      ? spawn(command, args, { stdio: 'inherit', env })
      : spawn(node, [script, ...args], { stdio: 'inherit', env });

child.on('error', (error) => {
  console.error(`cannot start ${command}: ${error.message}`);
  process.exit(1);
});
// The child shares the terminal's process group and gets Ctrl-C by itself; a signal sent to this process alone is passed on.
process.on('SIGINT', () => {});
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => {
  if (signal !== null) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  } else {
    process.exit(code ?? 1);
  }
});
