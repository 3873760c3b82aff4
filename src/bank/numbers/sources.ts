/** The files that say which SIM has which number, and how it can be found out; read once, at the start. */
import type { Config } from '../../config.ts';
import type { Logger } from '../../log.ts';
import { type NumberList, readNumbers } from './list.ts';
import { type Operators, readOperators } from './operators.ts';

export interface NumberSources {
  /** Null where the operator has no list. */
  readonly list: NumberList | null;
  readonly operators: Operators;
}

/**
 * Every bad line of the list is in the log; the others count.
 *
 * @throws SimbankError `config.invalid` where a file cannot be read, and with every fault of the table.
 */
export function readNumberSources({ numbers, operators }: Config['gateway'], log: Logger): NumberSources {
  const list = numbers === undefined ? null : readNumbers(numbers);
  for (const { line, message } of list?.faults ?? []) log.warn({ file: numbers, line }, message);
  if (list !== null)
    log.info({ file: numbers, numbers: list.numbers.length, faults: list.faults.length }, 'list of numbers');
  return { list, operators: readOperators(operators) };
}
