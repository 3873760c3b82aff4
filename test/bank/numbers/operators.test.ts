import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { numberInAnswer, operatorOfCard, readOperators } from '../../../src/bank/numbers/operators.ts';
import { mccmncOf } from '../../../src/sim/mcc.ts';
import { temporaryDir } from '../../temporary.ts';

const shipped = readOperators();

function table(text: string) {
  const path = join(temporaryDir(), 'operators.yaml');
  writeFileSync(path, text);
  return readOperators(path);
}

describe('the table of operators', () => {
  it('that is shipped knows the emulated network, and more than a hundred others, by codes as IMSIs have them', () => {
    expect(shipped.get('00101')).toMatchObject({ name: 'Emulated Network', ussd: '*101#' });
    expect(shipped.get('310260')?.name).toBe('T-Mobile US');
    expect(shipped.size).toBeGreaterThan(100);
    // One with too few digits, or too many, would never be found.
    expect([...shipped.keys()].filter((code) => mccmncOf(`${code}0123456789`) !== code)).toEqual([]);
  });

  it('of one’s own says what is wrong with it, and where', () => {
    const faults = (text: string): string[] => {
      try {
        return [String(table(text).size)];
      } catch (error) {
        return String((error as Error).message)
          .split('\n')
          .map((line) => line.slice(line.indexOf('operators.yaml')));
      }
    };
    expect(
      faults(`operators:
  - { codes: [26201], name: A, ussd: "100" }
  - { codes: ["26202"], name: B, ussd: "*1#", pattern: "(" }
  - { codes: ["26203"], name: C, pattern: "\\\\d+" }
`),
    ).toEqual([
      expect.stringMatching(/^operators.yaml:2: operators\[0\].codes\[0\]: /),
      expect.stringMatching(/^operators.yaml:2: operators\[0\].ussd: is a USSD string/),
      expect.stringMatching(/^operators.yaml:3: operators\[1\].pattern: is not a regular expression/),
      expect.stringMatching(/^operators.yaml:4: operators\[2\].pattern: has no group/),
    ]);
    expect(
      faults('operators:\n  - { codes: ["26201"], name: A }\n  - { codes: ["26202", "26201"], name: B }\n'),
    ).toEqual(['operators.yaml:3: operators[1].codes[1]: "26201" is that of A as well']);
  });
});

describe('the operator of a card', () => {
  it.each([
    [
      'the table’s',
      '262011234567890',
      { operator: 'Visited', registration: 'roaming' },
      'Telekom Deutschland',
    ],
    ['the network it is at home in', '262991234567890', { operator: 'Own', registration: 'home' }, 'Own'],
    [
      'the same for messages only',
      '262991234567890',
      { operator: 'Own', registration: 'home-sms-only' },
      'Own',
    ],
    ['not the one it visits', '262991234567890', { operator: 'Visited', registration: 'roaming' }, null],
    ['nobody’s where nothing is known', null, null, null],
  ])('is %s', (_, imsi, network, operator) => {
    expect(operatorOfCard(shipped, imsi, network)).toBe(operator);
  });
});

describe('the number in an answer', () => {
  it('stands where the pattern says, and nowhere else', () => {
    const operator = table(
      'operators: [{ codes: ["26201"], name: A, ussd: "*1#", pattern: "Nummer:? (\\\\S+)" }]',
    ).get('26201')!;
    const told = (text: string) => numberInAnswer(operator, text, 'DE')?.msisdn ?? null;
    expect(told('Kundenkonto 4915100000000, Nummer: 015112345678')).toBe('+4915112345678');
    expect(told('Ihr Konto: 4915100000000')).toBeNull();
    expect(told('Nummer: unbekannt')).toBeNull();
  });

  it('is the first telephone number where there is no pattern', () => {
    expect(numberInAnswer({ name: 'A', ussd: '*1#' }, 'You have +49 151 12345678.', null)?.msisdn).toBe(
      '+4915112345678',
    );
  });
});
