import { describe, expect, it } from 'vitest';
import { needs } from '../programs.ts';
import { temporaryDir } from '../temporary.ts';
import { storm } from './suite.ts';

/** Printed, so that a failure can be run again: `npm run crash -- --seed 20261121 --kills 20 --messages 600 --modems 8`. */
const SEED = 20261121;

describe.skipIf(!needs('mosquitto'))(`a storm of kills, seed ${SEED}`, () => {
  it('loses nothing, doubles nothing, invents nothing', async () => {
    const report = await storm({ seed: SEED, kills: 20, messages: 600, modems: 8, dir: temporaryDir() });
    expect(report.violations).toEqual([]);
    expect(report.sent).toBe(600);
  }, 240_000);
});
