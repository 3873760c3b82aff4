import { describe, expect, it } from 'vitest';
import { isFinal, parseFinal } from '../../src/at/result.ts';
import type { SimbankError } from '../../src/errors.ts';

function refusal(line: string, command = 'AT+CMGR=1', refusals: string[] = []): SimbankError | null {
  const final = parseFinal(line, command, refusals);
  return final === null || final.ok ? null : final.error;
}

describe('a final result', () => {
  it.each([
    ['ERROR', 'at.refused'],
    ['COMMAND NOT SUPPORT', 'at.refused'],
    ['COMMAND NOT SUPPORTED', 'at.refused'],
    ['TOO MANY PARAMETERS', 'at.refused'],
    ['+CME ERROR: 4', 'at.cme'],
    ['+CME ERROR:4', 'at.cme'],
    ['+CME ERROR : 4', 'at.cme'],
    ['+CME ERROR', 'at.cme'],
    ['CME ERROR: 4', 'at.cme'],
    ['+cme error: operation not supported', 'at.cme'],
    ['+CMS ERROR: 321', 'at.cms'],
    ['+CMS ERROR:  invalid memory index', 'at.cms'],
    ['+CME ERROR: what no table has', 'at.cme'],
  ])('%s is %s', (line, code) => {
    expect(refusal(line)?.code).toBe(code);
    expect(isFinal(line, [])).toBe(true);
  });

  it.each(['OKAY', '+CMGR: 1,,24', 'ERRORS', '+CMTI: "SM",1', 'EC25', `ERROR${'R'.repeat(300)}`])(
    '%s is none',
    (line) => {
      expect(parseFinal(line, 'AT', [])).toBeNull();
      expect(isFinal(line, [])).toBe(false);
    },
  );

  it('is also what the dialect says', () => {
    expect(refusal('MODEM ERROR: 4')).toBeNull();
    expect(refusal('NA', 'AT', ['NA'])?.code).toBe('at.refused');
    expect(isFinal('NA', ['NA'])).toBe(true);
  });

  it.each([
    ['+CME ERROR: 10', '+CME ERROR: SIM not inserted', 'sim-absent'],
    ['+CME ERROR: 14', '+CME ERROR: SIM busy', 'sim-busy'],
    ['+CMS ERROR: 314', '+CMS ERROR: (U)SIM busy', 'sim-busy'],
    ['+CMS ERROR: 321', '+CMS ERROR: Invalid memory index', 'invalid-index'],
    ['+CME ERROR: 515', '+CME ERROR: Please wait, init or command processing in progress', null],
  ])('%s and %s are the same', (number, text, reason) => {
    expect(refusal(text)?.code).toBe(refusal(number)?.code);
    expect(refusal(text)?.detail).toEqual(refusal(number)?.detail);
    expect(refusal(text)?.detail.reason).toBe(reason);
  });

  it.each([
    ['+CMS ERROR: 310', 'AT+CPIN?', 'at.cms', 'sim-absent'],
    ['+CME ERROR: 21', 'AT+CMGR=1', 'at.cme', 'invalid-index'],
    ['+CME ERROR: 321', 'AT+CMGR=1', 'at.cme', 'invalid-index'],
    ['+CME ERROR: 314', 'AT+CMGR=1', 'at.busy', 'sim-busy'],
    ['+CMS ERROR: SIM failure', 'AT+CPIN?', 'at.cms', 'sim-failure'],
  ])('%s to %s is understood whichever family it is of', (line, command, code, reason) => {
    expect(refusal(line, command)).toMatchObject({ code, detail: { reason } });
  });

  it.each(['14', '314', '512', '515'])('%s is busy in both families', (number) => {
    expect(refusal(`+CME ERROR: ${number}`)?.code).toBe('at.busy');
    expect(refusal(`+CMS ERROR: ${number}`)?.code).toBe('at.busy');
  });

  it('takes «unknown error» for busy only where the store is asked', () => {
    expect(refusal('+CMS ERROR: 500', 'AT+CMGL=4')?.code).toBe('at.busy');
    expect(refusal('+CMS ERROR: unknown error', 'AT+CPMS="SM"')?.code).toBe('at.busy');
    expect(refusal('+CMS ERROR: 500', 'AT+CNMI=2,1')?.code).toBe('at.cms');
    expect(refusal('+CME ERROR: 500', 'AT+CMGL=4')?.code).toBe('at.cme');
  });

  it('ends a call only for who called', () => {
    expect(refusal('NO CARRIER', 'ATD*99#')?.code).toBe('at.refused');
    expect(refusal('BUSY', 'AT+CMGL=4')).toBeNull();
    expect(isFinal('BUSY', [])).toBe(false);
  });

  it('says nothing of a PIN', () => {
    const error = refusal('+CME ERROR: 16', 'AT+CPIN="4711"');
    expect(JSON.stringify([error?.message, error?.detail])).not.toContain('4711');
    expect(error?.message).toBe('AT+CPIN=(secret): +CME ERROR: 16 (incorrect password)');
  });

  it.each([
    'AT+CMEE=1;+CPIN="4711"',
    'AT +CPIN = "4711"',
    'AT^CPIN="4711"',
    'AT+CSIM=26,"00200001084711FFFFFFFFFFFF"',
  ])('nor of one in %s', (command) => {
    const error = refusal('ERROR', command);
    expect(JSON.stringify([error?.message, error?.detail])).not.toContain('4711');
  });
});
