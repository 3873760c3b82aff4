import { describe, expect, it } from 'vitest';
import { parseMsisdnRecord, parseOwnNumber } from '../../src/sim/msisdn.ts';

describe('+CNUM', () => {
  it.each([
    ['+CNUM: "","+12025550143",145', '12025550143', true],
    // Quectel leaves the name out and keeps its comma.
    ['+CNUM: ,"+12025550143",145', '12025550143', true],
    ['+CNUM: "My, line","12025550143",145,7,4', '12025550143', true],
    ['+CNUM: "Voice","02025550143",129', '02025550143', false],
    // Fibocom: the number is the fourth field.
    ['+CNUM: 1,,,"+12025550143",145', '12025550143', true],
    ['+CNUM: "+12025550143"', '12025550143', true],
  ])('%s', (line, digits, international) => {
    expect(parseOwnNumber([line])).toEqual({ digits, international });
  });

  it.each([[[]], [['+CNUM: "","",129']], [['+CNUM: ']], [['OK']], [['+CNUM: "Service","611",129']]])(
    'tells nothing: %j',
    (lines) => {
      expect(parseOwnNumber(lines)).toBeNull();
    },
  );

  it('takes the first line that has one', () => {
    expect(parseOwnNumber(['+CNUM: "","",129', '+CNUM: "","+12025550143",145'])?.digits).toBe('12025550143');
  });
});

describe('EF-MSISDN', () => {
  const name = 'FF'.repeat(10);
  it('reads what a writer of the standard writes', () => {
    for (const digits of ['12025550143', '441632960001', '8613800138000', '123456']) {
      const padded = digits.length % 2 === 1 ? `${digits}F` : digits;
      const octets = padded.replace(/(.)(.)/g, '$2$1');
      const length = (1 + octets.length / 2).toString(16).padStart(2, '0');
      const record = `${name}${length}91${octets.padEnd(20, 'F')}FFFF`;
      expect(parseMsisdnRecord(record)).toEqual({ digits, international: true });
      expect(parseMsisdnRecord(record.replace(`${length}91`, `${length}81`))?.international).toBe(false);
    }
  });

  it('an empty, short or damaged record has none', () => {
    for (const hex of [
      'FF'.repeat(24),
      'FF',
      '',
      'zz',
      `${name}0591${'FF'.repeat(12)}`,
      `${name}FF91${'12'.repeat(12)}`,
    ]) {
      expect(parseMsisdnRecord(hex)).toBeNull();
    }
  });
});
