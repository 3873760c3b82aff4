/** Final result codes: what ends a command's answer, V.250 §5.7.1, 27.007 §9, 27.005 §3.2.5. */
import { SimbankError } from '../errors.ts';

export type Final = { readonly ok: true } | { readonly ok: false; readonly error: SimbankError };

const OK: Final = { ok: true };

/** The final result in this line, or null when the line is something else. `command` is named in the error. */
export function parseFinal(line: string, command: string): Final | null {
  if (line === 'OK') return OK;
  const extended = /^\+(CME|CMS) ERROR: ?(.*)$/.exec(line);
  if (extended !== null) return refusal(command, extended[1] as 'CME' | 'CMS', extended[2]!.trim());
  if (PLAIN_REFUSALS.has(line)) {
    return {
      ok: false,
      error: new SimbankError('at.refused', `${command}: ${line}`, { command, answer: line }),
    };
  }
  return null;
}

/** `COMMAND NOT SUPPORT` is Huawei's, `TOO MANY PARAMETERS` is seen on several; both end an answer like ERROR. */
const PLAIN_REFUSALS = new Set([
  'ERROR',
  'NO CARRIER',
  'BUSY',
  'NO ANSWER',
  'NO DIALTONE',
  'COMMAND NOT SUPPORT',
  'TOO MANY PARAMETERS',
]);

function refusal(command: string, family: 'CME' | 'CMS', value: string): Final {
  const number = /^\d+$/.test(value) ? Number(value) : null;
  const meaning = number === null ? value : (MEANING[family][number] ?? 'unknown');
  const code = number !== null && BUSY[family].has(number) ? 'at.busy' : `at.${family.toLowerCase()}`;
  const shown = number === null ? value : `${number} (${meaning})`;
  return {
    ok: false,
    error: new SimbankError(code, `${command}: +${family} ERROR: ${shown}`, {
      command,
      family,
      number,
      meaning,
    }),
  };
}

/** The modem may do it a moment later: SIM busy, «please wait» (Wavecom), the message store still loading. */
const BUSY = { CME: new Set([14, 515]), CMS: new Set([14, 314, 500, 512, 515]) };

/** 27.007 §9.2.1 and 27.005 §3.2.5: those a bank meets. */
const MEANING: Record<'CME' | 'CMS', Record<number, string>> = {
  CME: {
    0: 'phone failure',
    3: 'operation not allowed',
    4: 'operation not supported',
    5: 'PH-SIM PIN required',
    10: 'SIM not inserted',
    11: 'SIM PIN required',
    12: 'SIM PUK required',
    13: 'SIM failure',
    14: 'SIM busy',
    15: 'SIM wrong',
    16: 'incorrect password',
    17: 'SIM PIN2 required',
    18: 'SIM PUK2 required',
    20: 'memory full',
    21: 'invalid index',
    22: 'not found',
    23: 'memory failure',
    30: 'no network service',
    31: 'network timeout',
    32: 'emergency calls only',
    50: 'incorrect parameters',
    100: 'unknown',
    515: 'please wait',
  },
  CMS: {
    300: 'ME failure',
    301: 'SMS service of ME reserved',
    302: 'operation not allowed',
    303: 'operation not supported',
    304: 'invalid PDU mode parameter',
    305: 'invalid text mode parameter',
    310: 'SIM not inserted',
    311: 'SIM PIN required',
    313: 'SIM failure',
    314: 'SIM busy',
    315: 'SIM wrong',
    316: 'SIM PUK required',
    320: 'memory failure',
    321: 'invalid memory index',
    322: 'memory full',
    330: 'SMSC address unknown',
    331: 'no network service',
    332: 'network timeout',
    340: 'no +CNMA acknowledgement expected',
    500: 'unknown error',
    512: 'the store is busy',
    515: 'please wait',
  },
};
