/** The operator's list of numbers: `iccid,msisdn[,country,operator,label]`, with or without that line on top. */
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { messageOf, SimbankError } from '../../errors.ts';
import { parseIccid } from '../../sim/iccid.ts';
import type { NumberRow } from '../store/numbers.ts';
import { type Normalised, normalise } from './normalise.ts';

export interface NumberList {
  readonly numbers: readonly NumberRow[];
  /** One for each line that was left out, or that says of a number what another line says, too. */
  readonly faults: readonly LineFault[];
}

export interface LineFault {
  readonly line: number;
  readonly message: string;
}

/** @throws SimbankError `config.invalid` when there is no such file; bad lines are in the answer. */
export function readNumbers(path: string): NumberList {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const fault = { path: '', message: `cannot be read: ${messageOf(error)}`, line: null };
    const message = `${path}: ${fault.message} (gateway.numbers)`;
    throw new SimbankError('config.invalid', message, { file: path, faults: [fault] });
  }
  return parseNumbers(text);
}

/** A line is a record, whatever quotes are in it: one that is spoilt spoils no other. */
export function parseNumbers(text: string): NumberList {
  const numbers = new Map<string, NumberRow>();
  const lineOf = new Map<string, number>();
  const faults: LineFault[] = [];
  for (const [i, content] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .entries()) {
    const line = i + 1;
    if (/^\s*(#|$)/.test(content)) continue;
    const row = readLine(content);
    if (row === null) continue;
    if (typeof row === 'string') {
      faults.push({ line, message: row });
      continue;
    }
    if (numbers.has(row.iccid)) {
      faults.push({ line, message: `ICCID ${row.iccid} was given before; the first line counts` });
      continue;
    }
    const before = lineOf.get(row.msisdn);
    if (before !== undefined) {
      const message = `the number is that of line ${before}, too: neither SIM serves with it before one is corrected`;
      faults.push({ line, message });
    }
    lineOf.set(row.msisdn, before ?? line);
    numbers.set(row.iccid, row);
  }
  return { numbers: [...numbers.values()], faults };
}

/** The row, what is wrong with it, or null for the heading. */
function readLine(content: string): NumberRow | string | null {
  let record: readonly string[];
  try {
    [record = []] = parse(content, { relax_column_count: true, trim: true }) as string[][];
  } catch {
    return 'a quote is not closed, or stands in the middle of a column';
  }
  const [iccidText = '', msisdn = '', country = '', operator = '', label = ''] = record;
  if (/^iccid$/i.test(iccidText)) return null;
  const iccid = parseIccid(iccidText);
  if (iccid === null) {
    return /^\d[.,]\d+E\+\d+$/i.test(iccidText)
      ? 'a spreadsheet has rounded the ICCID: make its column one of text, and enter it again'
      : 'the first column is no ICCID (18 to 20 digits from 89…)';
  }
  if (country !== '' && !/^[A-Za-z]{2}$/.test(country)) return 'the country is not two letters, as US';
  const countryIso = country.toUpperCase();
  const number = normalise(msisdn, countryIso || null) ?? asWritten(msisdn);
  if (number === null) return 'the number is none that exists: write it as +12025550143';
  return {
    iccid,
    msisdn: number.msisdn,
    country: countryIso || number.countryIso,
    operator: operator || null,
    label: label || null,
  };
}

/** What the operator writes in full counts, though the ranges this program knows may be older than the number. */
function asWritten(text: string): Normalised | null {
  const digits = text.replace(/[\s().-]/g, '');
  return /^\+[1-9]\d{5,14}$/.test(digits) ? { msisdn: digits, countryIso: null } : null;
}
