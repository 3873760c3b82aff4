import { describe, expect, it } from 'vitest';
import { parseNumbers, readNumbers } from '../../../src/bank/numbers/list.ts';

describe('the operator’s list', () => {
  it('is read with or without its heading, with quotes, blanks and comments', () => {
    const text = [
      '\uFEFFiccid,msisdn,country,operator,label',
      '8999000000000000011, +1 202 555-0143',
      '# a comment',
      '',
      '"8999000000000000029F","+12025550144",us,"Acme, Inc.",drawer #3',
    ].join('\r\n');
    expect(parseNumbers(text)).toEqual({
      numbers: [
        { iccid: '8999000000000000011', msisdn: '+12025550143', country: 'US', operator: null, label: null },
        {
          iccid: '8999000000000000029',
          msisdn: '+12025550144',
          country: 'US',
          operator: 'Acme, Inc.',
          label: 'drawer #3',
        },
      ],
      faults: [],
    });
  });

  it('leaves out what it cannot use, and says which line and why', () => {
    const { numbers, faults } = parseNumbers(
      [
        '12345,+12025550143',
        '8999000000000000011,555-0143',
        '8999000000000000037,+999123456789',
        '8999000000000000045,2025550146,US',
        '8999000000000000052,+12025550147,USA',
        '8999000000000000029,+12025550144',
        '8999000000000000029,+12025550145',
        '8.999E+18,+12025550148',
        '8999000000000000060,"+12025550149',
        '8999000000000000078,+12025550150',
      ].join('\n'),
    );
    expect(numbers.map(({ msisdn }) => msisdn)).toEqual([
      '+999123456789',
      '+12025550146',
      '+12025550144',
      '+12025550150',
    ]);
    expect(faults).toEqual([
      { line: 1, message: 'the first column is no ICCID (18 to 20 digits from 89…)' },
      { line: 2, message: 'the number is none that exists: write it as +12025550143' },
      { line: 5, message: 'the country is not two letters, as US' },
      { line: 7, message: 'ICCID 8999000000000000029 was given before; the first line counts' },
      {
        line: 8,
        message: 'a spreadsheet has rounded the ICCID: make its column one of text, and enter it again',
      },
      { line: 9, message: 'a quote is not closed, or stands in the middle of a column' },
    ]);
  });

  it('says when it gives one number to two SIMs, and keeps both lines', () => {
    const { numbers, faults } = parseNumbers(
      '8999000000000000011,+12025550143\n8999000000000000029,+1 202 555 0143\n8999000000000000037,+12025550143\n',
    );
    expect(numbers).toHaveLength(3);
    expect(faults.map(({ line, message }) => [line, message])).toEqual([
      [2, 'the number is that of line 1, too: neither SIM serves with it before one is corrected'],
      [3, 'the number is that of line 1, too: neither SIM serves with it before one is corrected'],
    ]);
  });

  it('that is not there is a fault of the configuration', () => {
    expect(() => readNumbers('/nowhere/numbers.csv')).toThrow(
      /^\/nowhere\/numbers.csv: cannot be read: .*\(gateway.numbers\)$/,
    );
  });
});
