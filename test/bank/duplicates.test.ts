import { describe, expect, it } from 'vitest';
import { duplicateImeis } from '../../src/bank/duplicates.ts';

describe('one IMEI on several modems', () => {
  it('is told once for each, with the slots, and never whole', () => {
    const said = duplicateImeis([
      { name: 'a', imei: '001234500000018' },
      { name: 'b', imei: '001234500000018' },
      { name: 'c', imei: '001234500000026' },
      { name: 'd', imei: null },
      { name: 'e', imei: null },
    ]);
    expect(said).toBe('modems with one IMEI: 0012…0018 in a, b');
    expect(said).not.toContain('001234500000018');
  });

  it('is nothing to tell where each has its own', () => {
    expect(
      duplicateImeis([
        { name: 'a', imei: '001234500000018' },
        { name: 'b', imei: null },
      ]),
    ).toBeNull();
  });
});
