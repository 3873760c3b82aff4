import { describe, expect, it } from 'vitest';
import { needs } from '../programs.ts';
import { temporaryDir } from '../temporary.ts';
import { storm } from './suite.ts';

/** Printed, so that a failure can be run again: `npm run storm -- --seed 20261121 --minutes 0.2 --modems 19`. */
const SEED = 20261121;

describe.skipIf(!needs('mosquitto'))(`a storm over every family of modems, seed ${SEED}`, () => {
  it('loses nothing, doubles nothing, invents nothing, and leaves every modem well', async () => {
    const report = await storm({ seed: SEED, seconds: 12, modems: 19, dir: temporaryDir() });
    expect(report.violations).toEqual([]);
    expect(report.recoveries.length).toBeGreaterThan(10);
  }, 300_000);
});
