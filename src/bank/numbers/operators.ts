/**
 * Operators by country and network code: how each is called, and how its network tells a SIM its own number. A table in
 * config/operators.yaml, or the operator's own file in its place.
 */
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { mccmncOf } from '../../sim/mcc.ts';
import { readYaml } from '../../yaml-file.ts';
import { type Normalised, normalise, numberIn } from './normalise.ts';

const pattern = z.string().transform((text, context) => {
  try {
    const expression = new RegExp(text, 'i');
    if ((new RegExp(`${text}|`).exec('')?.length ?? 0) > 1) return expression;
    context.addIssue({ code: 'custom', message: 'has no group for the number, such as Number: (\\+?\\d+)' });
  } catch (error) {
    context.addIssue({ code: 'custom', message: `is not a regular expression: ${String(error)}` });
  }
  return z.NEVER;
});

const Table = z
  .strictObject({
    operators: z.array(
      z.strictObject({
        /** Country and network code. */
        codes: z.array(z.string().regex(/^\d{5,6}$/, 'is five or six digits, in quotes')).min(1),
        name: z.string().min(1),
        ussd: z
          .string()
          .regex(/^[*#][*#\d]+#$/, 'is a USSD string such as *100#')
          .optional(),
        pattern: pattern.optional(),
      }),
    ),
  })
  .superRefine(({ operators }, context) => {
    const owners = new Map<string, string>();
    for (const [i, { codes, name }] of operators.entries()) {
      for (const [j, code] of codes.entries()) {
        const owner = owners.get(code);
        owners.set(code, name);
        if (owner === undefined) continue;
        const path = ['operators', i, 'codes', j];
        context.addIssue({ code: 'custom', path, message: `"${code}" is that of ${owner} as well` });
      }
    }
  });

export interface Operator {
  readonly name: string;
  /** What its network is asked; absent where it tells no number, or nobody knows how. */
  readonly ussd?: string | undefined;
  /** Its first group is the number; without it the first telephone number in the answer is. */
  readonly pattern?: RegExp | undefined;
}

/** By the code that IMSIs begin with (`mccmncOf`). */
export type Operators = ReadonlyMap<string, Operator>;

/** Beside the sources; one folder further away in dist. */
const SHIPPED = fileURLToPath(
  new URL(`../../../${import.meta.url.endsWith('.ts') ? '' : '../'}config/operators.yaml`, import.meta.url),
);

/** @throws SimbankError `config.invalid` with every fault of the file. */
export function readOperators(path: string = SHIPPED): Operators {
  const { operators } = readYaml(Table, path, {});
  return new Map(
    operators.flatMap(({ codes, ...operator }) => codes.map((code) => [code, operator] as const)),
  );
}

/** 27.007 §7.2: at home, with all services or with messages only. */
const AT_HOME = ['home', 'home-sms-only'];

/** The operator a SIM counts as where nobody has named one: the table's, or the network it is in and at home. */
export function operatorOfCard(
  operators: Operators,
  imsi: string | null,
  network: { readonly operator: string | null; readonly registration: string } | null,
): string | null {
  const known = imsi === null ? undefined : operators.get(mccmncOf(imsi))?.name;
  if (known !== undefined) return known;
  return network !== null && AT_HOME.includes(network.registration) ? network.operator : null;
}

/** The number in a network's answer. @param country - whose national form it may be in. */
export function numberInAnswer(
  { pattern }: Operator,
  text: string,
  country: string | null,
): Normalised | null {
  if (pattern === undefined) return numberIn(text, country);
  const found = pattern.exec(text)?.[1];
  return found === undefined ? null : normalise(found, country);
}
