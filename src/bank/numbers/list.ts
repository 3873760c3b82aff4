/** The operator's list of numbers: `iccid,msisdn[,country,operator,label]`, with or without that line on top. */
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { messageOf, SimbankError } from '../../errors.ts';
import { parseIccid } from '../../sim/iccid.ts';
import type { NumberRow } from '../store/sims.ts';
import { type Normalised, normalise } from './normalise.ts';

export interface NumberList {
  readonly numbers: readonly NumberRow[];
  /** One sentence for each line that was left out, with its number. */
  readonly faults: readonly string[];
}

/** @throws SimbankError `numbers.unreadable` when there is no such file. */
export function readNumbers(path: string): NumberList {
  try {
    return parseNumbers(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new SimbankError('numbers.unreadable', `gateway.numbers: ${path}: ${messageOf(error)}`, { path });
  }
}

export function parseNumbers(text: string): NumberList {
  const records = parse(text, {
    bom: true,
    comment: '#',
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
  }) as unknown as { record: string[]; info: { lines: number } }[];
  const numbers = new Map<string, NumberRow>();
  const faults: string[] = [];
  for (const { record, info } of records) {
    const [iccidText = '', msisdn = '', country = '', operator = '', label = ''] = record;
    if (/^iccid$/i.test(iccidText)) continue;
    const iccid = parseIccid(iccidText);
    const number = normalise(msisdn, country === '' ? null : country.toUpperCase()) ?? asWritten(msisdn);
    if (iccid === null)
      faults.push(`line ${info.lines}: the first column is no ICCID (18 to 20 digits from 89…)`);
    else if (country !== '' && !/^[A-Za-z]{2}$/.test(country)) {
      faults.push(`line ${info.lines}: the country is not two letters, as US`);
    } else if (number === null) {
      faults.push(`line ${info.lines}: the number is none that exists: write it as +12025550143`);
    } else if (numbers.has(iccid)) {
      faults.push(`line ${info.lines}: ICCID ${iccid} was given before; the first line counts`);
    } else {
      numbers.set(iccid, {
        iccid,
        msisdn: number.msisdn,
        country: country.toUpperCase() || number.countryIso,
        operator: operator || null,
        label: label || null,
      });
    }
  }
  return { numbers: [...numbers.values()], faults };
}

/** What the operator writes in full counts, though the ranges this program knows may be older than the number. */
function asWritten(text: string): Normalised | null {
  const digits = text.replace(/[\s().-]/g, '');
  return /^\+[1-9]\d{5,14}$/.test(digits) ? { msisdn: digits, countryIso: null } : null;
}
