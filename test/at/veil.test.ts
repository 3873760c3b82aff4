import { describe, expect, it } from 'vitest';
import { Veil } from '../../src/at/veil.ts';

const PDU = '0791447758100650040C914497726247010000';

/** What is seen of lines: `>` before what is written. */
function seen(...lines: string[]): string[] {
  const veil = new Veil();
  return lines.map((line) => (line.startsWith('>') ? veil.written(line.slice(1)) : veil.heard(line)));
}

describe('what may be seen of a dialogue', () => {
  it.each([
    ['a message on the line', ['+CMT: "+4915112345678",,"26/11/21,08:00:00+00"', 'Your code is 482913']],
    ['one of several lines', ['+CMT: "Shop",,"26/11/21"', 'Hello', 'your code', 'is 482913']],
    ['a report on the line', ['+CDS: 25', `${PDU}482913`]],
    ['a short PDU', ['+CMT: ,4', '482913']],
    [
      'a listing in text mode',
      ['+CMGL: 1,"REC READ","Shop"', '482913', '+CMGL: 2,"REC READ","A"', 'OK', '482913'],
    ],
    [
      'a message in text mode',
      ['>AT+CMGR=1', '+CMGR: "REC READ","Shop"', 'code: 482913', '+X: 482913', 'OK', '482913'],
    ],
    ['a USSD text', ['+CUSD: 0,"482913",15']],
    ['a USSD text without quotes', ['+CUSD: 0,482913']],
    ['a USSD text of several lines', ['+CUSD: 1,"Menu', '1 code 482913', '2 exit 482913",15']],
    ['what is said to an operator', ['>AT+CUSD=1,"*482913#",15', 'AT+CUSD=1,"*482913#",15']],
    ['a PIN', ['>AT+CPIN="482913"', 'AT+CPIN="482913"']],
    ['a text after its prompt', ['>AT+CMGS="12"', '>code 482913\x1a', 'code 482913', '+CMGS: 4', 'OK']],
    ['a text that looks like a command', ['>AT+CMGS="12"', '>AT 482913\x1a', 'AT 482913']],
  ])('hides %s', (_, lines) => {
    const shown = seen(...lines);
    expect(shown.join('\n')).not.toContain('482913');
    expect(shown.join('\n')).not.toMatch(/4915112345678|Shop/);
    // That there was a line, and how long it was, is seen.
    expect(shown.every((line) => line !== '')).toBe(true);
  });

  it('shows all else', () => {
    const lines = [
      '>AT+CMGL=4',
      '+CMGL: 1,1,,18',
      PDU,
      'OK',
      '>AT+CPMS="SM","SM","SM"',
      '+CPMS: 1,20,1,20',
      'OK',
    ];
    expect(seen(...lines)).toEqual([
      'AT+CMGL=4',
      '+CMGL: 1,1,,18',
      `(${PDU.length} characters)`,
      'OK',
      ...lines.slice(4).map((line) => line.replace('>', '')),
    ]);
    expect(seen('+CMT: ,4', '0011', 'RING', '+CREG: 5', '+CUSD: 2')).toEqual([
      '+CMT: ,4',
      '(4 characters)',
      'RING',
      '+CREG: 5',
      '+CUSD: 2',
    ]);
    expect(seen('>AT+CMGS=20', '+CMS ERROR: 500', '>AT+CSQ', '+CSQ: 20,99', '>\x1b', 'SMS Ready')).toEqual([
      'AT+CMGS=20',
      '+CMS ERROR: 500',
      'AT+CSQ',
      '+CSQ: 20,99',
      '\x1b',
      'SMS Ready',
    ]);
  });
});
