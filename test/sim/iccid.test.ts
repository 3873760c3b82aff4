import { describe, expect, it } from 'vitest';
import { iccidFromFile, parseIccid } from '../../src/sim/iccid.ts';

describe('an ICCID', () => {
  it.each([
    ['+QCCID: 8986001234567890123F', '8986001234567890123'],
    ['+CCID: "8944501234567890123"', '8944501234567890123'],
    ['ICCID: 89860012345678901234', '89860012345678901234'],
    ['^SCID: 8986001234567890123F', '8986001234567890123'],
    ['^ICCID: 98680021436587092143', '89860012345678901234'],
    ['89860012345678901234', '89860012345678901234'],
    ['+ICCID: 898600D1234567890123', '898600D1234567890123'],
    ['+CCID: 894450123456789012', '894450123456789012'],
  ])('is read from %s', (line, iccid) => expect(parseIccid(line)).toBe(iccid));

  it.each(['OK', '+CCID: ', '+CCID: 1234567890123456789', '+CCID: 89XY', '354444444444444', '+CSQ: 20,99'])(
    'is not in %s',
    (line) => expect(parseIccid(line)).toBeNull(),
  );

  it('is read from EF-ICCID, whose nibbles are swapped and whose odd end is filled', () => {
    expect(iccidFromFile('986800214365870921F3')).toBe('8986001234567890123');
    expect(iccidFromFile('98')).toBeNull();
  });
});
