/** What a command answers, and how its errors are spelt (27.007 clause 9.2, 27.005 clause 3.2.5). */

export type Refusal =
  | { readonly refused: 'error' }
  | { readonly refused: 'cme' | 'cms'; readonly code: number }
  /** A vendor's own words, whatever +CMEE says. */
  | { readonly refused: 'line'; readonly line: string };

/** 27.005 §3.5.1: the command asks for a text after `> `. */
export interface Prompt {
  readonly onText: (text: string) => Reply;
}

/** What no working modem says: these lines, and never a final result. */
export interface Unfinished {
  readonly unfinished: readonly string[];
  /** The last line breaks off, too. */
  readonly brokenOff: boolean;
}

/** Information lines before `OK`, or something else. */
export type Reply = readonly string[] | Refusal | Prompt | Unfinished;

export const OK: readonly string[] = [];
export const ERROR: Refusal = { refused: 'error' };
export const SILENCE: Unfinished = { unfinished: [], brokenOff: false };

export function cme(code: number): Refusal {
  return { refused: 'cme', code };
}

export function cms(code: number): Refusal {
  return { refused: 'cms', code };
}

export function isInformation(reply: Reply): reply is readonly string[] {
  return Array.isArray(reply);
}

const CME_TEXT: Readonly<Record<number, string>> = {
  3: 'operation not allowed',
  4: 'operation not supported',
  10: 'SIM not inserted',
  11: 'SIM PIN required',
  12: 'SIM PUK required',
  13: 'SIM failure',
  14: 'SIM busy',
  16: 'incorrect password',
  21: 'invalid index',
  30: 'no network service',
  50: 'incorrect parameters',
  100: 'unknown',
};

const CMS_TEXT: Readonly<Record<number, string>> = {
  302: 'operation not allowed',
  304: 'invalid PDU mode parameter',
  305: 'invalid text mode parameter',
  310: 'SIM not inserted',
  311: 'SIM PIN required',
  313: 'SIM failure',
  314: 'SIM busy',
  316: 'SIM PUK required',
  321: 'invalid memory index',
  322: 'memory full',
  330: 'SMSC address unknown',
  331: 'no network service',
  500: 'unknown error',
};

/** The final line of a refusal at this level of +CMEE. */
export function refusalLine(refusal: Refusal, cmee: number): string {
  if (refusal.refused === 'line') return refusal.line;
  if (refusal.refused === 'error' || cmee === 0) return 'ERROR';
  const prefix = refusal.refused === 'cme' ? '+CME ERROR: ' : '+CMS ERROR: ';
  if (cmee === 1) return prefix + refusal.code;
  const text = (refusal.refused === 'cme' ? CME_TEXT : CMS_TEXT)[refusal.code];
  return prefix + (text ?? refusal.code);
}
