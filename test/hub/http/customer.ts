/** A customer's program: asks over HTTP, and holds every answer to the committed description of the API. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect } from 'vitest';

// biome-ignore lint/suspicious/noExplicitAny: answers are what the test says they are.
type Json = any;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

interface Description {
  readonly paths: Record<string, Record<string, { responses: Record<string, unknown> }>>;
  readonly components: object;
}

const described = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../docs/openapi.json'), 'utf8'),
) as Description;

type Validator = { validateResponse(status: string, body: unknown): { errors: unknown } | undefined };
const { default: Validator } = createRequire(import.meta.url)('openapi-response-validator') as {
  default: new (args: object) => Validator;
};
const validators = new Map<string, Validator>();

const paths = Object.keys(described.paths).map((path) => ({
  path,
  // `/numbers/provision` before `/numbers/{id}`.
  variables: path.split('{').length,
  shape: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
}));

/** Fails where an answer is not as the description has it. */
export function hold(method: string, path: string, status: number, body: unknown): void {
  const found = paths
    .filter(({ shape, path: known }) => shape.test(path) && method.toLowerCase() in described.paths[known]!)
    .sort((a, b) => a.variables - b.variables)[0];
  // What is not described at all is a 404 that says so.
  if (found === undefined) {
    expect({ method, path, status }).toMatchObject({ status: expect.toBeOneOf([401, 404, 429]) });
    return;
  }
  const name = `${method} ${found.path}`;
  let validator = validators.get(name);
  if (validator === undefined) {
    const { responses } = described.paths[found.path]![method.toLowerCase()]!;
    validator = new Validator(structuredClone({ responses, components: described.components }));
    validators.set(name, validator);
  }
  const fault = validator.validateResponse(String(status), structuredClone(body));
  expect({ name, status, errors: fault?.errors ?? [] }).toEqual({ name, status, errors: [] });
}

export class Customer {
  readonly #url: string;
  readonly #headers: Record<string, string>;

  /** @param key - null: a visitor without one. */
  constructor(url: string, key: string | null, headers: Record<string, string> = {}) {
    this.#url = url;
    this.#headers = { ...(key === null ? {} : { 'x-api-key': key }), ...headers };
  }

  /** @param path - without `/v1`. */
  async ask(
    method: string,
    path: string,
    options: { body?: unknown; headers?: Record<string, string>; prefix?: string } = {},
  ): Promise<Answer> {
    const { body, headers = {}, prefix = '/v1' } = options;
    const isText = typeof body === 'string' || body instanceof URLSearchParams;
    const type = body === undefined || isText ? {} : { 'content-type': 'application/json' };
    const response = await fetch(`${this.#url}${prefix}${path}`, {
      method,
      headers: { ...type, ...this.#headers, ...headers },
      ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
    });
    const answer = (await response.json()) as Json;
    hold(method, path.split('?')[0]!, response.status, answer);
    if (response.status >= 400) {
      expect(response.headers.get('content-type')).toBe('application/problem+json');
    }
    return { status: response.status, headers: response.headers, body: answer };
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.ask('GET', path, { headers });
  }

  post(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.ask('POST', path, { headers, ...(body === undefined ? {} : { body }) });
  }

  delete(path: string): Promise<Answer> {
    return this.ask('DELETE', path);
  }
}
