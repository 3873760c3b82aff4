import { describe, expect, it } from 'vitest';
import { fields, hasOpenQuote, matchUrc, sortUrcs } from '../../src/at/urc.ts';

const table = sortUrcs([
  { prefix: '+QIND:', kind: 'noise' },
  { prefix: '+QIND: SMS DONE', kind: 'sms-ready' },
  { prefix: '+CMTI:', kind: 'message-stored' },
  { prefix: '+CREG:', kind: 'registration', answerFields: 2 },
  { prefix: '+CMTI:', kind: 'declared later' },
  { prefix: 'RDY', kind: 'restarted' },
  { prefix: 'RDY!', kind: 'loud' },
  { prefix: '$GP*', kind: 'position' },
]);
const kind = (line: string, running: string | null = null): string | null =>
  matchUrc(table, line, running)?.kind ?? null;

describe('a URC', () => {
  it('is known by what it starts with, the longest first, and of equals by the first', () => {
    expect(kind('+QIND: SMS DONE')).toBe('sms-ready');
    expect(kind('+QIND: "csq",20,99')).toBe('noise');
    expect(kind('+CMTI: "SM",3')).toBe('message-stored');
    expect(kind('$GP*GGA,1')).toBe('position');
  });

  it('that is a whole line is nothing more', () => {
    expect(kind('RDY')).toBe('restarted');
    expect(kind('RDYE')).toBeNull();
    expect(kind('RDY!')).toBe('loud');
    expect(kind('+QIND: SMS DONE NOW')).toBe('noise');
  });

  it('is the command’s when it has the fields of an answer', () => {
    expect(kind('+CREG: 1,5', '+CREG')).toBeNull();
    expect(kind('+CREG: 5', '+CREG')).toBe('registration');
    expect(kind('+CREG: "a,b"', '+CREG')).toBe('registration');
    expect(kind('+CREG: 1,5', '+CGREG')).toBe('registration');
    expect(kind('+CREG: 1,5', null)).toBe('registration');
  });

  it.each(['EC25', '', ':', '+CMT: ,24', '0791947122723033', '+CMTI'])('is not «%s»', (line) => {
    expect(kind(line)).toBeNull();
  });
});

describe('a quote', () => {
  it.each([
    '+CUSD: 0,"all here",15',
    '+CUSD: 0,"say "hello" now",15',
    '+CUSD: 0,""',
    '+CUSD: 2',
    '+CUSD: 0,"a","b"',
    '+CUSD: 0,"two\nlines",15',
    '+CUSD: 0,"no coding"',
  ])('is closed in %j', (line) => expect(hasOpenQuote(line)).toBe(false));

  it.each([
    '+CUSD: 0,"first',
    '+CUSD: 0,"',
    '+CUSD: 0,"say "hello',
    '+CUSD: 0,"a","b',
    '+CUSD: 0,"1: one, 2: two',
    '+CUSD: 0,"two\nlines',
  ])('is open in %j', (line) => expect(hasOpenQuote(line)).toBe(true));

  it('keeps commas and line ends together', () => {
    expect(fields('0,"a,\nb",15')).toEqual(['0', 'a,\nb', '15']);
  });
});
