import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Claim, SOURCES, settle } from '../../../src/bank/numbers/claims.ts';

const A = '8999000000000000011';
const B = '8999000000000000029';
const C = '8999000000000000037';
const ONE = '+12025550101';
const TWO = '+12025550102';

/** `A operator ONE`. */
const claims = (...words: string[]): Claim[] =>
  words.map((word) => {
    const [sim, source, number] = word.split(' ');
    return {
      iccid: { A, B, C }[sim!]!,
      source: source as Claim['source'],
      msisdn: number === 'ONE' ? ONE : TWO,
    };
  });
const outcome = (...words: string[]) => {
  const verdicts = settle(claims(...words));
  const shown = (iccid: string) => {
    const verdict = verdicts.get(iccid);
    const number = verdict?.claim?.msisdn === ONE ? 'ONE' : 'TWO';
    return [
      verdict?.claim == null ? '-' : `${number} ${verdict.claim.source}`,
      verdict?.conflict == null ? '' : '!',
    ].join('');
  };
  return [A, B, C].filter((iccid) => verdicts.has(iccid)).map(shown);
};

describe('of one SIM', () => {
  it.each([
    ['the operator counts before the card', ['A sim TWO', 'A operator ONE'], ['ONE operator!']],
    ['the card before the network', ['A ussd TWO', 'A sim ONE'], ['ONE sim!']],
    ['the network before a message', ['A ussd ONE', 'A sms TWO'], ['ONE ussd!']],
    ['two that agree count as the better one', ['A ussd ONE', 'A sim ONE'], ['ONE sim']],
  ])('%s', (_, words, shown) => expect(outcome(...words)).toEqual(shown));
});

describe('a number that two SIMs claim', () => {
  it.each([
    ['is that of the better source', ['A sim ONE', 'B operator ONE'], ['-!', 'ONE operator']],
    ['is nobody’s by the same source', ['A operator ONE', 'B operator ONE'], ['-!', '-!']],
    [
      'stays nobody’s, whoever agrees with one of them',
      ['A sim ONE', 'B sim ONE', 'A ussd ONE', 'C ussd ONE'],
      ['-!', '-!', '-!'],
    ],
    ['leaves them what another source says', ['A sim ONE', 'B sim ONE', 'B ussd TWO'], ['-!', 'TWO ussd!']],
    [
      'leaves them nothing where the operator says it',
      ['A operator ONE', 'B operator ONE', 'B sim TWO', 'C sim TWO'],
      ['-!', '-!', 'TWO sim'],
    ],
    [
      'is free of a SIM that has another one from a better source',
      ['A operator TWO', 'A sim ONE', 'B sim ONE'],
      ['TWO operator!', 'ONE sim'],
    ],
  ])('%s', (_, words, shown) => expect(outcome(...words)).toEqual(shown));
});

it('a conflict is told with its sides, and no number in full', () => {
  const [a, b] = [A, B].map((iccid) =>
    settle(claims('A sim ONE', 'B operator ONE', 'B ussd TWO')).get(iccid),
  );
  expect(a!.conflict).toBe(
    `the card says +1202•••0101, and the operator, who counts before, says it of the SIM ${B}; it has no number that is certain`,
  );
  expect(b!.conflict).toBe('the network says +1202•••0102; +1202•••0101 counts, which the operator says');
  expect(settle(claims('A sim ONE', 'B sim ONE')).get(A)!.conflict).toBe(
    `the card says +1202•••0101, and the same of the SIM ${B}, so that neither has it; it has no number that is certain`,
  );
});

/** Few SIMs and few numbers, so that they meet. */
const claim = fc.record({
  iccid: fc.constantFrom(A, B, C, '8999000000000000045'),
  source: fc.constantFrom(...SOURCES),
  msisdn: fc.constantFrom(ONE, TWO, '+12025550103'),
});
const any = fc.uniqueArray(claim, { selector: ({ iccid, source }) => `${iccid} ${source}`, maxLength: 12 });
const rank = (source: Claim['source']): number => SOURCES.indexOf(source);

describe('whatever is said', () => {
  it('no number is given to two, and none that nobody said', () => {
    fc.assert(
      fc.property(any, (all) => {
        const given = [...settle(all).values()].flatMap(({ claim }) => (claim === null ? [] : [claim]));
        expect(new Set(given.map(({ msisdn }) => msisdn)).size).toBe(given.length);
        for (const one of given) expect(all).toContain(one);
      }),
    );
  });

  it('the order in which it was said does not matter', () => {
    fc.assert(
      fc.property(any, fc.infiniteStream(fc.nat()), (all, keys) => {
        const order = all.map((one) => ({ one, key: keys.next().value as number }));
        const shuffled = order.sort((a, b) => a.key - b.key).map(({ one }) => one);
        const plain = (list: readonly Claim[]) =>
          [...settle(list)].map(([iccid, { claim }]) => [iccid, claim?.msisdn, claim?.source]).sort();
        expect(plain(shuffled)).toEqual(plain(all));
      }),
    );
  });

  it('a SIM without a rival has its best source’s word, and a conflict exactly when another one differs', () => {
    fc.assert(
      fc.property(any, (all) => {
        for (const [iccid, { claim, conflict }] of settle(all)) {
          const own = all
            .filter((one) => one.iccid === iccid)
            .sort((a, b) => rank(a.source) - rank(b.source));
          const isRivalled = all.some(
            (one) => one.iccid !== iccid && own.some((o) => o.msisdn === one.msisdn),
          );
          if (!isRivalled) expect(claim).toBe(own[0]);
          expect(conflict === null).toBe(own.every(({ msisdn }) => msisdn === claim?.msisdn));
        }
      }),
    );
  });

  it('a worse source takes nothing from a better one', () => {
    fc.assert(
      fc.property(any, claim, (all, more) => {
        const before = settle(all);
        const rest = all.filter((one) => one.iccid !== more.iccid || one.source !== more.source);
        fc.pre(rest.length === all.length);
        const after = settle([...all, more]);
        for (const [iccid, { claim: had }] of before) {
          if (had === null || rank(had.source) >= rank(more.source)) continue;
          expect(after.get(iccid)!.claim).toBe(had);
        }
      }),
    );
  });
});
