#!/usr/bin/env node
/** The program's entry: says in one sentence what is missing before anything is loaded that an old Node cannot run. */
import { setFlagsFromString } from 'node:v8';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  // better-sqlite3 would end an older Node with a segmentation fault, and no word why.
  console.error(`simbankd needs Node 22.19 or newer, and this is ${process.version}: install Node 24.`);
  process.exit(1);
}
// V8 lets a heap grow to four times what lives in it before it cleans up: while 100,000 messages arrived this process went
// from 240 to 380 MB of which 45 were in use. Growing by a third at a time it stays at 180 MB, for a tenth of the top speed.
setFlagsFromString('--heap-growing-percent=30');
setFlagsFromString('--semi-space-growth-factor=1');
// Opens of ttys run on libuv's threads, four unless told otherwise, and a USB hub that is half gone hangs one for each of its
// devices (at/gate.ts). Twelve threads more take 7 MB. The pool starts with the first file that is opened behind this line.
process.env.UV_THREADPOOL_SIZE ??= '16';
const { run } = await import('./cli.ts');
process.exitCode = await run(process.argv);
