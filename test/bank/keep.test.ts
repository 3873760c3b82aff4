import { describe, expect, test } from 'vitest';
import { isOnDisk, type Kept, oneOfEach } from '../../src/bank/keep.ts';

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

  test('what is listed anew is on disk when it is as it was read, or as damaged as it was listed before', () => {
    const damaged = { ...entry(1), pdu: 'x', damaged: true };
    const kept = [entry(1), entry(2)];
    const listed = [damaged, entry(2)];
    expect(isOnDisk(entry(2), listed, kept)).toBe(true);
    expect(isOnDisk(damaged, listed, kept)).toBe(true);
    expect(isOnDisk({ ...damaged, pdu: null }, listed, kept)).toBe(true);
    expect(isOnDisk({ ...damaged, pdu: 'y' }, listed, kept)).toBe(false);
    expect(isOnDisk(damaged, listed, [entry(2)])).toBe(false);
    expect(isOnDisk(entry(3), listed, kept)).toBe(false);
  });
});
