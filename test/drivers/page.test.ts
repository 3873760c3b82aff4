import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { modemsPage } from '../../docs/make-modems.ts';
import { loadModules } from '../../src/commands/drivers.ts';

const committed = readFileSync(join(import.meta.dirname, '../../docs/modems.md'), 'utf8');

it('docs/modems.md is what the drivers say: if this fails, run npm run docs', async () => {
  expect(committed).toBe(modemsPage(await loadModules()));
});

it('every family is in the table, has its section, its dialogue, and what is not confirmed of it', async () => {
  for (const { default: driver, transcript } of await loadModules()) {
    expect(committed).toContain(`| [${driver.title}](#${driver.name}) |`);
    expect(committed).toContain(`<a id="${driver.name}"></a>`);
    expect(committed).toContain(transcript.trim());
    for (const sentence of driver.unconfirmed) expect(committed).toContain(`- ${sentence}`);
  }
});
