import { describe, expect, it } from 'vitest';
import { needs } from '../programs.ts';
import { temporaryDir } from '../temporary.ts';
import { replug } from './replug-suite.ts';

/** As `npm run replug`, which does a thousand. */
describe.skipIf(!needs('mosquitto'))('30 times unplugged and plugged in again', () => {
  it('leaves the gateway with the descriptors, threads, handles and listeners it had', async () => {
    const { grown, counts } = await replug({ cycles: 30, modems: 10, every: 30, dir: temporaryDir() });
    expect(counts.map(({ cycles }) => cycles)).toEqual([0, 30]);
    expect(counts[0]!.figures.descriptors.pts).toBe(30);
    expect(grown).toEqual([]);
  }, 180_000);
});
