import { describe, expect, it } from 'vitest';
import { noticeOf } from '../../src/modem/notice.ts';

const HELLO = '000405812143F500006211128000000005C8329BFD06';
const carried = (rest: string, line: string, kind = 'message-direct') =>
  noticeOf({ kind, rest, body: [line] });

describe('a message on the line itself', () => {
  it.each([
    ['as 27.005 has it', ',21', HELLO],
    ['in small letters', ',21', HELLO.toLowerCase()],
    ['with a tail, as some listings have', ',21', `${HELLO},0`],
    ['with an empty tail', ',21', ` ${HELLO},`],
  ])('%s', (_, rest, line) => {
    expect(carried(rest, line)).toEqual({ type: 'carried', pdu: HELLO, length: 21 });
  });

  it('of a report, with a comma in front of its length (ZTE)', () => {
    expect(carried(',21', HELLO, 'report-direct')).toEqual({ type: 'carried', pdu: HELLO, length: 21 });
  });

  it.each([
    ['a digit was lost', ',21', HELLO.slice(1)],
    ['an octet was spoilt', ',21', `${HELLO.slice(0, 20)}~${HELLO.slice(21)}`],
    ['it is a text', '"+12025550143",,"26/11/21,08:00:00+00"', 'Your code is 48,2913'],
  ])('is carried on as it came when it is no hex: %s', (_, rest, line) => {
    expect(carried(rest, line)).toMatchObject({ type: 'carried', pdu: line });
  });

  it('that was lost is a reason to look', () => {
    expect(noticeOf({ kind: 'message-direct', rest: ',21', body: [] })).toEqual({ type: 'look' });
  });
});
