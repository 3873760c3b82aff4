/**
 * What a schema finds wrong with what a person wrote, in words for that person: what is expected, what there is to choose from,
 * and what was probably meant. It knows no files and no lines.
 */
import type { z } from 'zod';

/** A fault, with the path to the member. */
export interface FlatIssue {
  readonly path: (string | number)[];
  readonly message: string;
}

type Path = readonly PropertyKey[];
type Definition = z.core.$ZodTypeDef & {
  readonly innerType?: z.core.$ZodType;
  readonly in?: z.core.$ZodType;
  readonly element?: z.core.$ZodType;
  readonly options?: readonly z.core.$ZodType[];
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
};

/** What a schema is without defaults and transforms around it; the branches of a union, each by itself. */
export function bareSchemas(schema: z.core.$ZodType): z.core.$ZodType[] {
  const { innerType, in: before, options } = schema._zod.def as Definition;
  if (options !== undefined) return options.flatMap(bareSchemas);
  const inner = innerType ?? before;
  return inner === undefined ? [schema] : bareSchemas(inner);
}

/** The schema of an object's member or of a list's items; undefined where the schema is of neither. */
export function schemaBelow(schema: z.core.$ZodType, step: PropertyKey): z.core.$ZodType | undefined {
  const { element, shape } = schema._zod.def as Definition;
  return typeof step === 'number' ? element : shape?.[String(step)];
}

/**
 * One fault for each unknown member, and the best branch of a union instead of «invalid input».
 *
 * @param schema - what found them: it knows the members that there are.
 * @param given - what was read: it shows what stands there instead.
 */
export function flatten(
  schema: z.core.$ZodType,
  issues: readonly z.core.$ZodIssue[],
  given: unknown,
  base: Path = [],
): FlatIssue[] {
  return issues.flatMap((issue) => {
    const path = [...base, ...issue.path] as (string | number)[];
    if (issue.code === 'unrecognized_keys') {
      const known = membersAt(schema, path);
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: `is not a known member${meant(key, known)}`,
      }));
    }
    if (issue.code === 'invalid_union') {
      const best = [...issue.errors].sort((a, b) => depth(b) - depth(a))[0] ?? [];
      if (best.length > 0 && depth(best) > 0) return flatten(schema, best, given, path);
      return [{ path, message: choiceOf(issue.errors.flat(), valueAt(given, path)) ?? issue.message }];
    }
    // A schema's own words say it better.
    if (!/^(Invalid (input|option)|Too (small|big)): /.test(issue.message)) {
      return [{ path, message: issue.message }];
    }
    return [{ path, message: choiceOf([issue], valueAt(given, path)) ?? sizeOf(issue) }];
  });
}

/** What there is to choose from; null where it is not a matter of choice. */
function choiceOf(issues: readonly z.core.$ZodIssue[], value: unknown): string | null {
  const values = issues.flatMap((issue) => (issue.code === 'invalid_value' ? issue.values : []));
  const types = issues.flatMap((issue) => (issue.code === 'invalid_type' ? [issue.expected] : []));
  if (values.length + types.length === 0) return null;
  if (value === undefined) return 'is missing';
  if (types[0] === 'boolean') return `must be true or false${truth(value)}`;
  // 5 and "5" are one choice to whoever writes it.
  const texts = [...new Map(values.toReversed().map((one) => [String(one), one])).entries()].reverse();
  const choices = [
    ...texts.map(([text, one]) => (typeof one === 'string' ? JSON.stringify(text) : text)),
    ...types.map((type) => TYPES[type] ?? type),
  ];
  const last = choices.pop();
  const all = choices.length === 0 ? last : `${choices.join(', ')} or ${last}`;
  const names = texts.map(([text]) => text);
  return `must be ${all}${meant(String(value), names)}`;
}

const TYPES: Readonly<Record<string, string>> = {
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
  object: 'a section with members',
  array: 'a list',
};

/** YAML 1.2 has two truths; earlier ones had twenty-two. */
function truth(value: unknown): string {
  const word = String(value).toLowerCase();
  if (['yes', 'y', 'on', '1', 'true'].includes(word)) return ': write true';
  return ['no', 'n', 'off', '0', 'false'].includes(word) ? ': write false' : '';
}

function sizeOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'too_small') {
    if (issue.origin === 'string' || issue.origin === 'array') return 'must not be empty';
    return `must be ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`;
  }
  if (issue.code === 'too_big' && (issue.origin === 'number' || issue.origin === 'int')) {
    return `must be ${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`;
  }
  return issue.message;
}

function depth(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(0, ...issues.map((i) => i.path.length + (i.code === 'unrecognized_keys' ? 1 : 0)));
}

/** The members that an object at a path may have. */
function membersAt(schema: z.core.$ZodType, path: Path): string[] {
  let at = bareSchemas(schema);
  for (const step of path) {
    at = at.flatMap((one) => {
      const below = schemaBelow(one, step);
      return below === undefined ? [] : bareSchemas(below);
    });
  }
  return at.flatMap((one) => Object.keys((one._zod.def as Definition).shape ?? {}));
}

/** What stands at a path; undefined where nothing does. */
export function valueAt(given: unknown, path: Path): unknown {
  let at = given;
  for (const step of path) at = (at as Record<PropertyKey, unknown> | null | undefined)?.[step];
  return at;
}

/** `: did you mean "ports"?`; nothing where no name is near. */
function meant(written: string, names: readonly string[]): string {
  const near = names
    .map((name) => ({ name, far: distance(written.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, far }) => far <= 2 && far < Math.min(name.length, written.length) / 2)
    .sort((a, b) => a.far - b.far)[0];
  return near === undefined ? '' : `: did you mean "${near.name}"?`;
}

/** How many letters have to be put in, taken out, changed, or swapped with their neighbour. */
function distance(a: string, b: string): number {
  const row = (i: number): number[] => Array.from({ length: b.length + 1 }, (_, j) => (i === 0 ? j : i));
  const rows = [row(0)];
  for (let i = 1; i <= a.length; i += 1) {
    const here = row(i);
    const above = rows[i - 1]!;
    for (let j = 1; j <= b.length; j += 1) {
      const changed = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
          ? rows[i - 2]![j - 2]! + 1
          : Number.POSITIVE_INFINITY;
      here[j] = Math.min(above[j]! + 1, here[j - 1]! + 1, changed, swapped);
    }
    rows.push(here);
  }
  return rows[a.length]![b.length]!;
}

/** `usb[0].id` */
export function pathText(path: Path): string {
  return path
    .map((p, i) => (typeof p === 'number' ? `[${p}]` : i === 0 ? String(p) : `.${String(p)}`))
    .join('');
}

/** The steps of `usb[0].id`. */
export function pathSteps(text: string): (string | number)[] {
  return [...text.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([step, index]) =>
    index === undefined ? step : Number(index),
  );
}
