#!/usr/bin/env node
/** The program's entry: says in one sentence what is missing before anything is loaded that an old Node cannot run. */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  // better-sqlite3 would end an older Node with a segmentation fault, and no word why.
  console.error(`simbankd needs Node 22.19 or newer, and this is ${process.version}: install Node 24.`);
  process.exit(1);
}
const { run } = await import('./cli.ts');
process.exitCode = await run(process.argv);
