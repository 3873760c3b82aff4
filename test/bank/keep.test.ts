import { describe, expect, test } from 'vitest';
import { type Kept, oneOfEach } from '../../src/bank/keep.ts';

const entry = (index: number, long: Kept['long'] = null): Kept => ({
  index,
  state: 1,
  pdu: String(index),
  length: 0,
  damaged: false,
  long,
});
const waits = { messageId: 'to come', isCollecting: true };
const whole = { messageId: 'whole', isCollecting: false };
const going = (kept: readonly Kept[], isFull: boolean) => oneOfEach(kept, isFull).map(({ index }) => index);

describe('where the parts of a message go together', () => {
  test('of a whole one the first goes, with all that is none', () => {
    expect(going([entry(1, whole), entry(2), entry(3, whole), entry(4)], false)).toEqual([1, 2, 4]);
  });

  test('one whose last part came with these is whole', () => {
    const first = { ...whole, isCollecting: true };
    expect(going([entry(1, first), entry(2, whole)], false)).toEqual([1]);
  });

  test('of one that is to come nothing goes while there is room, or something else to make it', () => {
    expect(going([entry(1, waits), entry(2, waits)], false)).toEqual([]);
    expect(going([entry(1, waits), entry(2), entry(3, waits)], true)).toEqual([2]);
  });

  test('in a full store one part goes when there is nothing else, and no second after it', () => {
    const another = { messageId: 'another', isCollecting: true };
    expect(going([entry(1, waits), entry(2, waits), entry(3, another)], true)).toEqual([1]);
  });
});
