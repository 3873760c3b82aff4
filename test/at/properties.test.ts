import fc from 'fast-check';
import { describe, it } from 'vitest';
import { dialogueHolds, garbageHolds, lateAnswersHold, linesHold } from './properties.ts';

describe('it always holds that', () => {
  it('lines do not depend on how the bytes were cut', () => fc.assert(linesHold));

  it('an answer is the same wherever URCs are put and however the bytes are cut', () =>
    fc.assert(dialogueHolds, { numRuns: 200 }));

  it('a late answer is credited to nobody', () => fc.assert(lateAnswersHold, { numRuns: 100 }));

  it('no bytes make a channel throw, and when they end it is as good as new', () =>
    fc.assert(garbageHolds, { numRuns: 200 }));
});
