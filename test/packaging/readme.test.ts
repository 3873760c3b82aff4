import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');

/** The commands below one, as its own help lists them. */
function commandsOf(...parents: string[]): string[] {
  const args = [join(ROOT, 'src/main.ts'), ...parents, '--help'];
  const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 20_000 });
  const [, list = ''] = stdout.split('\nCommands:\n');
  const names = [...list.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name!);
  return names.filter((name) => name !== 'help');
}

describe('the README', () => {
  it('has every command in its table', () => {
    const table = readme.split('\n').filter((line) => line.startsWith('| `'));
    const missing = commandsOf().flatMap((command) => {
      const line = table.find((row) => new RegExp(`\`(simbankd )?${command}\\b`).test(row)) ?? '';
      const below = ['account', 'key', 'store', 'config', 'sms'].includes(command) ? commandsOf(command) : [];
      const wanted = [command, ...below.map((name) => `${command} ${name}`)];
      return wanted.filter((name) => !line.includes(name));
    });
    expect(missing).toEqual([]);
  });
});
