/**
 * A YAML file that people write, read against a schema: all faults at once, each with its path and its line.
 *
 * Unknown members are the schema's to refuse; a member with nothing behind it is one that is not given.
 */
import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { messageOf, SimbankError } from './errors.ts';

export interface ConfigFault {
  /** `gateway.ports[1].baudRate`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
  readonly line: number | null;
}

/**
 * Reads and checks a file; `${NAME}` in a string is taken from `env`.
 *
 * @throws SimbankError `config.invalid` whose `detail.faults` lists every fault (ConfigFault[]).
 */
export function readYaml<T extends z.ZodType>(schema: T, path: string, env: NodeJS.ProcessEnv): z.output<T> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw invalid(path, [{ path: '', message: `cannot be read: ${messageOf(error)}`, line: null }]);
  }
  return parseYaml(schema, path, text, env);
}

/** As readYaml, for a text that came from the file `name`. */
export function parseYaml<T extends z.ZodType>(
  schema: T,
  name: string,
  text: string,
  env: NodeJS.ProcessEnv,
): z.output<T> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const faults: ConfigFault[] = document.errors.map((error) => ({
    path: '',
    message: error.message,
    line: lines.linePos(error.pos[0]).line,
  }));
  if (faults.length > 0) throw invalid(name, faults);

  /** The line of a member; where it is missing, that of what it is missing from. */
  const lineOf = (path: readonly PropertyKey[]): number | null => {
    for (let length = path.length; length > 0; length -= 1) {
      const node = document.getIn(path.slice(0, length), true) as
        | { range?: [number, number, number] }
        | undefined;
      if (node?.range !== undefined) return lines.linePos(node.range[0]).line;
    }
    return document.range === undefined ? null : lines.linePos(document.range[0]).line;
  };
  let read: unknown;
  try {
    read = document.toJS() ?? {};
  } catch (error) {
    // Aliases are only followed here: one to nowhere, or so many that they stand for gigabytes.
    throw invalid(name, [{ path: '', message: messageOf(error), line: null }]);
  }
  const value = substitute(read, env, [], (path, message) => {
    faults.push({ path: pathText(path), message, line: lineOf(path) });
  });
  const parsed = schema.safeParse(value);
  for (const issue of flatten(parsed.error?.issues ?? [])) {
    faults.push({ path: pathText(issue.path), message: issue.message, line: lineOf(issue.path) });
  }
  if (faults.length > 0) throw invalid(name, faults);
  return parsed.data as z.output<T>;
}

/** The faults of a `config.invalid`, one a line, as a person reads them. */
export function describeFaults(name: string, faults: readonly ConfigFault[]): string {
  return faults
    .map((fault) => {
      const place = fault.line === null ? name : `${name}:${fault.line}`;
      return fault.path === '' ? `${place}: ${fault.message}` : `${place}: ${fault.path}: ${fault.message}`;
    })
    .join('\n');
}

function invalid(name: string, faults: ConfigFault[]): SimbankError {
  return new SimbankError('config.invalid', describeFaults(name, faults), { file: name, faults });
}

/** Replaces `${NAME}` in every string; a name that is not set is a fault, not an empty string. */
function substitute(
  value: unknown,
  env: NodeJS.ProcessEnv,
  path: PropertyKey[],
  fault: (path: PropertyKey[], message: string) => void,
): unknown {
  if (typeof value === 'string') {
    return value.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (whole, name: string) => {
      const found = env[name];
      if (found !== undefined) return found;
      fault(path, `\${${name}} is not set in the environment`);
      return whole;
    });
  }
  if (Array.isArray(value)) return value.map((item, i) => substitute(item, env, [...path, i], fault));
  if (typeof value === 'object' && value !== null) {
    // A member with nothing behind it (`hub:`) is one that is not given.
    const given = Object.entries(value).filter(([, item]) => item !== null);
    return Object.fromEntries(
      given.map(([key, item]) => [key, substitute(item, env, [...path, key], fault)]),
    );
  }
  return value;
}

/** A fault that zod found, with the path to the member. */
export interface FlatIssue {
  readonly path: (string | number)[];
  readonly message: string;
}

/** One fault for each unknown member, and the best branch of a union instead of «invalid input». */
export function flatten(issues: readonly z.core.$ZodIssue[], base: PropertyKey[] = []): FlatIssue[] {
  return issues.flatMap((issue) => {
    const path = [...base, ...issue.path] as (string | number)[];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ path: [...path, key], message: 'is not a known member' }));
    }
    if (issue.code === 'invalid_union') {
      const best = [...issue.errors].sort((a, b) => depth(b) - depth(a))[0] ?? [];
      return best.length > 0 && depth(best) > 0 ? flatten(best, path) : [{ path, message: issue.message }];
    }
    return [{ path, message: issue.message }];
  });
}

function depth(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(0, ...issues.map((i) => i.path.length + (i.code === 'unrecognized_keys' ? 1 : 0)));
}

/** `usb[0].id` */
export function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((p, i) => (typeof p === 'number' ? `[${p}]` : i === 0 ? String(p) : `.${String(p)}`))
    .join('');
}
