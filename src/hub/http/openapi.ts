/** The API's description: OpenAPI 3.1 made from the schemas of the routes. */
import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { explorer } from './explorer.ts';
import { MOST_STREAMS, QUOTAS } from './limits.ts';
import { Problem } from './problem.ts';
import { SAMPLES } from './samples.ts';

const BASE = '/v1';

const samples = Object.entries(SAMPLES)
  .map(([name, { language, text }]) => `**${name}**\n\n\`\`\`${language}\n${text}\`\`\``)
  .join('\n\n');

const INFO = {
  title: 'simbankd',
  version: '1',
  license: { name: 'MIT', identifier: 'MIT' },
  description: `Buy numbers that receive texts, wait for their codes, and be told of them.

**Keys.** Send yours as \`X-API-Key\`, or as \`Authorization: Bearer\`. A key has scopes: \`read\`, \`buy\` (everything that changes
something), \`admin\` (keys, and every SIM). The catalogue needs no key.

**Bodies** are JSON or forms; none at all is as good as an empty one. Every path is under \`/api/v1\` as well as under \`/v1\`.

**Errors** are problem details (RFC 9457) with a stable \`code\` to branch on. Answers with \`Retry-After\` may be tried again then.

**Limits** are told in \`RateLimit\` and \`RateLimit-Policy\`: in a minute ${QUOTAS.read} reads and ${QUOTAS.write} changes by one key,
${QUOTAS.poll} polls of each number and activation beside them, ${QUOTAS.polls} polls in all, and ${QUOTAS.public} requests without
a key from one address. A key may have ${MOST_STREAMS} streams open at a time.

**Once only.** With an \`Idempotency-Key\` a purchase that comes again, within 24 hours, gets the first one's answer.`,
} as const;

const TAGS = [
  { name: 'Activations', description: 'A number for one service, until its code is there.' },
  { name: 'Numbers', description: 'Numbers that are kept, their messages and webhooks.' },
  { name: 'Catalogue', description: 'What can be bought now, where, and for how much. Open to all.' },
  { name: 'Wallet', description: 'What can be spent, and every movement of it.' },
  { name: 'Stream', description: 'What happens, as it happens.' },
  {
    name: 'Webhooks',
    description: `Where the account is told of what happens. Verify every request before you believe it: compute the signature over the
exact octets of the body, compare in constant time, refuse old timestamps, and keep \`webhook-id\` to know what comes twice. Answer
with a 2xx within 10 seconds; 200 is a good one. Webhooks of a number are tried at once and 15, 60 and 300 seconds after each other.

${samples}`,
  },
  { name: 'Keys', description: 'The keys of the account.' },
];

/** What comes to a webhook; MeiSIM's body has these six members and no others (customer-apis M-17). */
const NumberMessage = z.object({
  event: z.literal('sms.received'),
  number_id: z.string(),
  phone: z.string(),
  from: z.string().describe('a short code may have a hyphen: 729-41'),
  text: z.string(),
  received_at: z.string().describe('UTC, whole seconds'),
});
const Event = z.object({
  type: z.string(),
  timestamp: z.iso.datetime(),
  data: z.record(z.string(), z.unknown()),
});

const posted = (operationId: string, summary: string, schema: z.ZodType) => {
  const { $schema: _, ...body } = z.toJSONSchema(schema);
  return {
    post: {
      operationId,
      summary,
      tags: ['Webhooks'],
      security: [],
      requestBody: { content: { 'application/json': { schema: body } } },
      responses: {
        '200': { description: 'Taken. Any other 2xx is as well.' },
        '4XX': { description: 'Not taken: it comes again. 410 turns the webhook off.' },
      },
    },
  };
};

/** What an answer is, where its schema says nothing of it. */
const ANSWERS: Readonly<Record<string, string>> = {
  'GET 200': 'What was asked for.',
  'DELETE 200': 'Done: what there is now.',
  'POST 200': 'Done: what there is now.',
  'PATCH 200': 'Changed: what there is now.',
  '201': 'Made.',
  '202': 'Accepted, and on its way.',
};

/** A schema that says something of itself says what the answer is. */
function toldOf(schema: unknown, usual: string | undefined): object {
  const { description = usual } = schema as { description?: string };
  if ('content' in (schema as object)) return { description, ...(schema as object) };
  return { description, content: { 'application/json': { schema } } };
}

const problem = {
  description: 'A problem: `code` says which, and `detail` what to do about it.',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

const BODIES = ['application/json', 'application/x-www-form-urlencoded'];

type Described = ReturnType<typeof jsonSchemaTransformObject> & {
  components?: { schemas?: Readonly<Record<string, unknown>> };
};

/**
 * Without the components that nothing refers to (each is there twice, as what is taken and as what is given), open to members
 * that later versions add, and without noise.
 */
function tidied(document: Described): Described {
  const names = Object.keys(document.components?.schemas ?? {});
  const isUsed = (name: string): boolean =>
    JSON.stringify(document).includes(JSON.stringify(`#/components/schemas/${name}`));
  const taken = names.filter((name) => name.endsWith(INPUT) && isUsed(name));
  const renamed = new Map(taken.map((name) => [name, name.slice(0, -INPUT.length)]));
  const schemas: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(document.components?.schemas ?? {})) {
    if (!isUsed(name)) continue;
    schemas[renamed.get(name) ?? name] = schema;
  }
  const text = JSON.stringify(
    { ...document, components: { ...document.components, schemas } },
    (name, value) => (isNoise(name, value) ? undefined : value),
  );
  const all = [...renamed].reduce(
    (whole, [from, to]) => whole.replaceAll(`schemas/${from}"`, `schemas/${to}"`),
    text,
  );
  return JSON.parse(all);
}

const INPUT = 'Input';

/** What zod writes where a schema says nothing: closed objects, the bounds of its integers, times as a pattern beside their format. */
function isNoise(name: string, value: unknown): boolean {
  if (name === 'additionalProperties') return value === false;
  if (name === 'minimum' || name === 'maximum') return Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER;
  return name === 'pattern' && typeof value === 'string' && value.startsWith(TIME_PATTERN);
}

/** The pattern of z.iso.datetime(), whose format is date-time as well, begins with its leap years. */
const TIME_PATTERN = z.regexes.datetime({}).source.slice(0, 24);

/** Registers the description; before any route. */
export function describe(server: FastifyInstance): void {
  // Known to the registry of schemas, and so a component, although no route names it.
  z.globalRegistry.add(Problem, { id: 'Problem' });
  void server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: INFO,
      servers: [{ url: BASE }, { url: `/api${BASE}` }],
      tags: TAGS,
      components: {
        securitySchemes: {
          key: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
          bearer: { type: 'http', scheme: 'bearer' },
        },
      },
      security: [{ key: [] }, { bearer: [] }],
      ...{
        webhooks: {
          'number.message': posted(
            'numberMessage',
            'A message to a kept number, signed with X-MeiSIM-Signature',
            NumberMessage,
          ),
          event: posted('event', 'Anything else, signed as Standard Webhooks has it', Event),
        },
      },
    },
    stripBasePath: true,
    transform: (document) => {
      const isShown = document.url.startsWith(`${BASE}/`);
      const { schema, url } = jsonSchemaTransform({
        ...document,
        schema: { ...document.schema, hide: !isShown },
      } as Parameters<typeof jsonSchemaTransform>[0]);
      const { response, body } = schema as { response?: Record<string, unknown>; body?: unknown };
      if (response !== undefined) {
        for (const [status, answer] of Object.entries(response)) {
          response[status] = toldOf(answer, ANSWERS[status] ?? ANSWERS[`${document.route.method} ${status}`]);
        }
        Object.assign(response, { '4XX': problem, '5XX': problem });
      }
      if (body !== undefined) Object.assign(schema, { consumes: BODIES });
      return { schema, url };
    },
    transformObject: (document) => tidied(jsonSchemaTransformObject(document)),
  });
  explorer(server);
}
