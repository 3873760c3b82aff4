import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { contractsPage, faultsOfRows } from '../../../docs/make-contracts.ts';

it('every row of the contracts has a test, or a reason why not', () => {
  expect(faultsOfRows()).toEqual([]);
});

it('docs/contracts.md is what the tests say: if this fails, run npm run docs', () => {
  expect(readFileSync(join(import.meta.dirname, '../../../docs/contracts.md'), 'utf8')).toBe(contractsPage());
});
