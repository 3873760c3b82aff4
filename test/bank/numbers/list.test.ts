import { describe, expect, it } from 'vitest';
import { parseNumbers } from '../../../src/bank/numbers/list.ts';

describe('the operator’s list', () => {
  it('is read with or without its heading, with quotes, blanks and comments', () => {
    const text = [
      'iccid,msisdn,country,operator,label',
      '8999000000000000011, +1 202 555-0143',
      '# a comment',
      '"8999000000000000029F","+12025550144",us,"Acme, Inc.",drawer 3',
    ].join('\r\n');
    expect(parseNumbers(text)).toEqual({
      numbers: [
        { iccid: '8999000000000000011', msisdn: '+12025550143', country: 'US', operator: null, label: null },
        {
          iccid: '8999000000000000029',
          msisdn: '+12025550144',
          country: 'US',
          operator: 'Acme, Inc.',
          label: 'drawer 3',
        },
      ],
      faults: [],
    });
  });

  it('leaves out what it cannot use, and says which line and why', () => {
    const { numbers, faults } = parseNumbers(
      '12345,+12025550143\n8999000000000000011,555-0143\n8999000000000000037,+999123456789\n8999000000000000045,2025550146,US\n8999000000000000052,+12025550147,USA\n8999000000000000029,+12025550144\n8999000000000000029,+12025550145\n',
    );
    expect(numbers.map(({ msisdn }) => msisdn)).toEqual(['+999123456789', '+12025550146', '+12025550144']);
    expect(faults).toEqual([
      'line 1: the first column is no ICCID (18 to 20 digits from 89…)',
      'line 2: the number is none that exists: write it as +12025550143',
      'line 5: the country is not two letters, as US',
      'line 7: ICCID 8999000000000000029 was given before; the first line counts',
    ]);
  });
});
