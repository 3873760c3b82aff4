/** `simbankd key rotate` says how long the old key and the new one go, by the same rule as the API. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { scratch } from '../hub/events.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
const DAY = 86_400_000;

test('a key with an end is replaced by one that lives as long, also more than once', async () => {
  const folder = scratch();
  const config = join(folder.dir, 'config.yaml');
  writeFileSync(
    config,
    `mqtt: { url: "mqtt://127.0.0.1:1" }\nhub: { database: "sqlite:${join(folder.dir, 'hub.db')}" }\n`,
  );
  const simbankd = async (...args: string[]) =>
    (await promisify(execFile)(process.execPath, [MAIN, ...args, '--config', config])).stdout;
  const json = async (...args: string[]) => JSON.parse(await simbankd(...args, '--json'));
  try {
    await simbankd('account', 'create', 'acme');
    const expires = new Date(Date.now() + 10 * DAY).toISOString();
    const first = await json('key', 'create', 'acme', '--scopes', 'read', '--expires', expires);
    const second = await json('key', 'rotate', first.id, '--overlap-hours', '720');
    expect(second).toMatchObject({ replaces: first.id, until: expires });
    // Made a little later, and for as long.
    const later = Date.parse(second.expiresAt) - Date.parse(expires);
    expect(later).toBeGreaterThan(0);
    expect(later).toBeLessThan(DAY);
    const third = await json('key', 'rotate', first.id, '--overlap-hours', '1');
    expect(third.until < expires).toBe(true);
    expect(third.expiresAt > second.expiresAt).toBe(true);
    expect(await simbankd('key', 'rotate', second.id)).toMatch(
      /^key \S+: sbk_\S+\nIt is shown only this once, and goes until \S+\. Key \S+ goes until \S+\.\n$/,
    );
    const endless = await json('key', 'create', 'acme');
    expect(await json('key', 'rotate', endless.id)).toMatchObject({ expiresAt: null });
  } finally {
    folder.remove();
  }
});
