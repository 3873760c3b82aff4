/** Final result codes: what ends a command's answer, V.250 §5.7.1, 27.007 §9, 27.005 §3.2.5. */
import { SimbankError } from '../errors.ts';
import { withoutSecrets } from './command.ts';
import { FAMILIES, type Family, MEANING, OTHER_SPELLINGS, REASON, type Reason } from './result-tables.ts';

export type Final = { readonly ok: true } | { readonly ok: false; readonly error: SimbankError };

const OK: Final = { ok: true };

/** What `detail` of an `at.cme`, `at.cms` or `at.busy` holds. */
export interface RefusalDetail {
  readonly command: string;
  /** As the modem said it: some answer a command of 27.005 with +CME ERROR, or the other way round. */
  readonly family: Family;
  /** Null when it is a text that no table has. */
  readonly number: number | null;
  readonly meaning: string;
  /** The same for both families; null for all that nobody has to tell apart. */
  readonly reason: Reason | null;
}

/** `COMMAND NOT SUPPORT` is Huawei's, `TOO MANY PARAMETERS` is seen on several; both end an answer like ERROR. */
const PLAIN_REFUSALS = new Set([
  'ERROR',
  'COMMAND NOT SUPPORT',
  'COMMAND NOT SUPPORTED',
  'TOO MANY PARAMETERS',
]);
/** V.250 §6.3.1: how a call ends. Final where a call was asked for; else somebody hung up, and no command is over. */
const CALL_RESULTS = new Set(['NO CARRIER', 'BUSY', 'NO ANSWER', 'NO DIALTONE']);
const EXTENDED = /^\+?(CM[ES]) ERROR *:? *(.*)$/i;
/** No final is longer, and lines that are much longer are most of a listing. */
const LONGEST = 120;

/**
 * The final result in this line, or null when the line is something else. `command` is named in the error.
 *
 * @param refusals - whole lines that are refusals in this dialect.
 */
export function parseFinal(line: string, command: string, refusals: readonly string[]): Final | null {
  if (line === 'OK') return OK;
  if (line.length > LONGEST) return null;
  const extended = EXTENDED.exec(line);
  if (extended !== null) return refused(command, extended[1]!.toUpperCase() as Family, extended[2]!.trim());
  if (isPlain(line, refusals) || (CALL_RESULTS.has(line) && /^AT[AD]/i.test(command))) {
    const shown = withoutSecrets(command);
    return {
      ok: false,
      error: new SimbankError('at.refused', `${shown}: ${line}`, { command: shown, answer: line }),
    };
  }
  return null;
}

/** Whether a line ends the answer of some command. */
export function isFinal(line: string, refusals: readonly string[]): boolean {
  return line === 'OK' || (line.length <= LONGEST && (isPlain(line, refusals) || EXTENDED.test(line)));
}

/** Whether a command failed because the modem said no, as against no answer. */
export function isRefusal(error: SimbankError): boolean {
  return ['at.refused', 'at.cme', 'at.cms', 'at.busy'].includes(error.code);
}

/** Whether this is how a call ended that nobody here had asked for. */
export function isCallResult(line: string): boolean {
  return CALL_RESULTS.has(line);
}

function isPlain(line: string, refusals: readonly string[]): boolean {
  return PLAIN_REFUSALS.has(line) || refusals.includes(line);
}

function refused(command: string, family: Family, value: string): Final {
  const number = /^\d+$/.test(value) ? Number(value) : numberOf(family, value);
  const other = family === 'CME' ? 'CMS' : 'CME';
  const meaning = number === null ? value : (MEANING[family][number] ?? MEANING[other][number] ?? 'unknown');
  const shown = number === null ? value : `${number} (${meaning})`;
  const code = isBusy(command, family, number) ? 'at.busy' : `at.${family.toLowerCase()}`;
  const detail: RefusalDetail = {
    command: withoutSecrets(command),
    family,
    number,
    meaning,
    reason: number === null ? null : (REASON[number] ?? null),
  };
  return {
    ok: false,
    error: new SimbankError(code, `${detail.command}: +${family} ERROR: ${shown}`, { ...detail }),
  };
}

/** The modem may do it a moment later: SIM busy, «please wait» (Wavecom), the store busy. */
const BUSY = new Set([14, 314, 512, 515]);
/** What a modem also answers with «unknown error» while its message store is being loaded or written. */
const OF_THE_STORE = /^AT\+(CMG[LRD]|CPMS|CSCA)\b/i;

function isBusy(command: string, family: Family, number: number | null): boolean {
  if (number === 500) return family === 'CMS' && OF_THE_STORE.test(command);
  return number !== null && BUSY.has(number);
}

/** The number of a text (+CMEE=2): its own family's, or else the other's. */
function numberOf(family: Family, text: string): number | null {
  const own = NUMBERS[family].get(spelling(text));
  return own ?? NUMBERS[family === 'CME' ? 'CMS' : 'CME'].get(spelling(text)) ?? null;
}

/** `(U)SIM busy` and `SIM BUSY!` are one text. */
function spelling(text: string): string {
  return text
    .toLowerCase()
    .replace('(u)', '')
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();
}

const NUMBERS = Object.fromEntries(
  FAMILIES.map((family) => {
    const numbers = Object.entries(MEANING[family]).map(([n, text]) => [spelling(text), Number(n)] as const);
    return [family, new Map([...numbers, ...Object.entries(OTHER_SPELLINGS[family])])];
  }),
) as unknown as Record<Family, ReadonlyMap<string, number>>;
