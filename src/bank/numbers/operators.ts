/** How operators tell a SIM its own number: a table in config/operators.yaml, or the operator's own file in its place. */
import { z } from 'zod';
import { readYaml } from '../../yaml-file.ts';

const pattern = z.string().transform((text, context) => {
  try {
    return new RegExp(text, 'i');
  } catch (error) {
    context.addIssue({ code: 'custom', message: `is not a regular expression: ${String(error)}` });
    return z.NEVER;
  }
});

const Operators = z.strictObject({
  operators: z.array(
    z.strictObject({
      /** Country and network code. */
      codes: z.array(z.string().regex(/^\d{5,6}$/, 'is five or six digits, in quotes')).min(1),
      name: z.string().min(1),
      ussd: z.string().regex(/^[*#][*#\d]+#$/, 'is a USSD string such as *100#'),
      pattern: pattern.optional(),
    }),
  ),
});

export interface Operator {
  readonly name: string;
  readonly ussd: string;
  /** Its first group is the number; without it the first telephone number in the answer is. */
  readonly pattern?: RegExp | undefined;
}

const SHIPPED = new URL(
  `../../../${import.meta.url.endsWith('.ts') ? '' : '../'}config/operators.yaml`,
  import.meta.url,
);

/** @throws SimbankError `config.invalid` with every fault of the file. */
export function readOperators(path?: string): ReadonlyMap<string, Operator> {
  const { operators } = readYaml(Operators, path ?? SHIPPED.pathname, {});
  return new Map(
    operators.flatMap(({ codes, ...operator }) => codes.map((code) => [code, operator] as const)),
  );
}
