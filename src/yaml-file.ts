/**
 * A YAML file that people write, read against a schema: all faults at once, each with its path and its line.
 *
 * Unknown members are the schema's to refuse; a member with nothing behind it is one that is not given.
 */
import { readFileSync } from 'node:fs';
import { isMap, isSeq, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { messageOf, SimbankError } from './errors.ts';
import { flatten, pathText } from './schema-faults.ts';

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
  return parseYaml(schema, path, readText(path), env);
}

/** @throws SimbankError `config.invalid`. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw invalidYaml(path, [{ path: '', message: `cannot be read: ${messageOf(error)}`, line: null }]);
  }
}

/** As readYaml, for a text that came from the file `name`. */
export function parseYaml<T extends z.ZodType>(
  schema: T,
  name: string,
  text: string,
  env: NodeJS.ProcessEnv,
): z.output<T> {
  const { faults, data } = examineYaml(schema, text, env);
  if (faults.length > 0) throw invalidYaml(name, faults);
  return data as z.output<T>;
}

/** What a text holds, whole or not. */
export interface Examined<T> {
  /** In the order of their lines. */
  readonly faults: readonly ConfigFault[];
  /** What the schema made of it; undefined where there is a fault. */
  readonly data: T | undefined;
  /** As it is written, with nothing but `${NAME}` replaced; undefined where it cannot be read at all. */
  readonly given: unknown;
  /** The line of a member; where it is missing, that of what it is missing from. */
  lineOf(path: readonly PropertyKey[]): number | null;
}

/** As parseYaml, for whoever wants to look further although there are faults. Throws nothing. */
export function examineYaml<T extends z.ZodType>(
  schema: T,
  text: string,
  env: NodeJS.ProcessEnv,
): Examined<z.output<T>> {
  const lines = new LineCounter();
  // Twice the same key is found below, where it has a path and does not hide the other faults.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const lineAt = (node: unknown): number | null => {
    const range = (node as { range?: [number, number, number] | null } | undefined)?.range;
    return range === undefined || range === null ? null : lines.linePos(range[0]).line;
  };
  const lineOf = (path: readonly PropertyKey[]): number | null => {
    for (let length = path.length; length > 0; length -= 1) {
      const line = lineAt(document.getIn(path.slice(0, length), true));
      if (line !== null) return line;
    }
    return lineAt(document);
  };
  const faults: ConfigFault[] = document.errors.map((error) => ({
    path: '',
    message: error.message,
    line: lines.linePos(error.pos[0]).line,
  }));
  const unreadable = (): Examined<z.output<T>> => ({ faults, data: undefined, given: undefined, lineOf });
  if (faults.length > 0) return unreadable();
  let read: unknown;
  try {
    read = document.toJS() ?? {};
  } catch (error) {
    // Aliases are only followed here: one to nowhere, or so many that they stand for gigabytes.
    faults.push({ path: '', message: messageOf(error), line: null });
    return unreadable();
  }
  const fault = (path: readonly PropertyKey[], message: string, line = lineOf(path)): void => {
    faults.push({ path: pathText(path), message, line });
  };
  for (const { path, keys } of repeated(document.contents)) {
    const [first, ...more] = keys.map(lineAt);
    for (const line of more) fault(path, `is here once more: it is in line ${first} already`, line);
  }
  const given = substitute(read, env, [], fault);
  const parsed = schema.safeParse(given);
  for (const { path, message } of flatten(schema, parsed.error?.issues ?? [], given)) fault(path, message);
  return { faults: byLine(faults), data: faults.length > 0 ? undefined : parsed.data, given, lineOf };
}

/** In the order of their lines; those of no line come last. */
export function byLine<F extends ConfigFault>(faults: readonly F[]): F[] {
  const line = (fault: F): number => fault.line ?? Number.MAX_SAFE_INTEGER;
  return [...faults].sort((a, b) => line(a) - line(b));
}

/** Members that are there more than once. */
function repeated(node: unknown, path: PropertyKey[] = []): { path: PropertyKey[]; keys: unknown[] }[] {
  if (isSeq(node)) return node.items.flatMap((item, i) => repeated(item, [...path, i]));
  if (!isMap(node)) return [];
  const keys = new Map<string, unknown[]>();
  for (const { key } of node.items) keys.set(String(key), [...(keys.get(String(key)) ?? []), key]);
  return [
    ...[...keys].flatMap(([name, all]) => (all.length > 1 ? [{ path: [...path, name], keys: all }] : [])),
    ...node.items.flatMap(({ key, value }) => repeated(value, [...path, String(key)])),
  ];
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

/** The error of a file with faults; they stand in its `detail.faults`. */
export function invalidYaml(name: string, faults: readonly ConfigFault[]): SimbankError {
  return new SimbankError('config.invalid', describeFaults(name, faults), { file: name, faults });
}

/** Replaces `${NAME}` in every string; a name that is not set is a fault, not an empty string. */
function substitute(
  value: unknown,
  env: NodeJS.ProcessEnv,
  path: PropertyKey[],
  fault: (path: readonly PropertyKey[], message: string) => void,
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
