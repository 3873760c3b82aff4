/** `/webhooks`: where an account is told of what happens, what was sent there, and what signs it. */
import { z } from 'zod';
import { ulid } from '../../protocol/ulid.ts';
import { newWebhookSecret } from '../secrets.ts';
import type { EndpointRow } from '../store/webhook-reads.ts';
import { EVENTS } from '../webhooks/events.ts';
import { RENDERINGS, type RenderingName } from '../webhooks/renderings.ts';
import { SCHEMES } from '../webhooks/signature.ts';
import { type Api, now, ownerOf, type Routes } from './api.ts';
import { ProblemError } from './problem.ts';

const tags = ['Webhooks'];
const Id = z.object({ id: z.string() });
/** How long the secret before goes on signing beside a new one. */
const OVERLAP_MS = 86_400_000;

const Webhook = z
  .object({
    id: z.string(),
    url: z.string(),
    rendering: z.enum(RENDERINGS as [RenderingName, ...RenderingName[]]),
    events: z.array(z.string()).nullable().describe('null: all'),
    signature_scheme: z.enum(SCHEMES).nullable().describe('of the rendering meisim'),
    description: z.string(),
    number_id: z.string().nullable().describe('the number whose webhook it is; null: of the account'),
    state: z.enum(['active', 'disabled']),
    disabled_reason: z.string().nullable().describe('customer, gone (it answered 410) or failing'),
    failing_since: z.string().nullable(),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: 'Webhook' });
const Secret = z.string().describe('shown only this once');

const url = z.string().min(1).max(2_048);
const events = z
  .array(z.enum(EVENTS))
  .min(1)
  .nullable()
  .describe('null: all that the rendering has words for');
const rendering = z.enum(RENDERINGS as [RenderingName, ...RenderingName[]]);
const scheme = z.enum(SCHEMES);
const description = z.string().max(200);

export function webhookRoutes(routes: Routes, api: Api): void {
  const { reads, verbs } = api.store;

  const known = async (account: string, id: string): Promise<EndpointRow> => {
    const row = await reads.webhookEndpoint({ account, id });
    if (row === null) throw unknownWebhook(id);
    return row;
  };

  routes.get(
    '/webhooks',
    {
      schema: {
        tags,
        operationId: 'listWebhooks',
        summary: 'Webhooks of the account and of its numbers',
        response: { 200: z.object({ webhooks: z.array(Webhook) }) },
      },
    },
    async (request) => {
      const rows = await reads.webhookEndpoints({ account: ownerOf(request).account });
      return { webhooks: rows.map(webhookOf) };
    },
  );

  routes.post(
    '/webhooks',
    {
      config: { need: 'buy' },
      schema: {
        tags,
        operationId: 'createWebhook',
        summary: 'Have events sent to a URL',
        description: 'The answer holds the secret by which its signatures are verified, this once.',
        body: z
          .object({
            url,
            rendering: rendering.default('standard'),
            events: events.optional(),
            signature_scheme: scheme.optional(),
            description: description.default(''),
          })
          .meta({ example: { url: 'https://example.com/simbankd', events: ['activation.received'] } }),
        response: { 201: Webhook.extend({ secret: Secret }).meta({ id: 'WebhookWithSecret' }) },
      },
    },
    async (request, reply) => {
      const { account } = ownerOf(request);
      const { body } = request;
      const id = `we_${ulid(Date.now())}`;
      const secret = newWebhookSecret();
      await verbs.createEndpoint({
        id,
        account,
        number: null,
        url: await api.admit(body.url),
        rendering: body.rendering,
        events: body.events ?? null,
        options: body.signature_scheme === undefined ? {} : { scheme: body.signature_scheme },
        description: body.description,
        secret: { id: `whs_${ulid(Date.now())}`, value: secret },
        now: now(),
      });
      return reply.code(201).send({ ...webhookOf(await known(account, id)), secret });
    },
  );

  routes.get(
    '/webhooks/:id',
    {
      schema: {
        tags,
        operationId: 'getWebhook',
        summary: 'One webhook',
        params: Id,
        response: { 200: Webhook },
      },
    },
    async (request) => webhookOf(await known(ownerOf(request).account, request.params.id)),
  );

  routes.patch(
    '/webhooks/:id',
    {
      config: { need: 'buy' },
      schema: {
        tags,
        operationId: 'changeWebhook',
        summary: 'Change a webhook, or turn it off and on',
        params: Id,
        body: z
          .object({
            url: url.optional(),
            rendering: rendering.optional(),
            events: events.optional(),
            signature_scheme: scheme.optional(),
            description: description.optional(),
            active: z.boolean().optional(),
          })
          .meta({ example: { events: ['activation.received'], active: true } }),
        response: { 200: Webhook },
      },
    },
    async (request) => {
      const { account } = ownerOf(request);
      const { id } = request.params;
      const { url: text, signature_scheme, ...rest } = request.body;
      const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
      await verbs.updateEndpoint({
        id,
        account,
        ...given,
        ...(text === undefined ? {} : { url: await api.admit(text) }),
        ...(signature_scheme === undefined ? {} : { options: { scheme: signature_scheme } }),
        now: now(),
      });
      api.deliver([id]);
      return webhookOf(await known(account, id));
    },
  );

  routes.delete(
    '/webhooks/:id',
    {
      config: { need: 'buy' },
      schema: {
        tags,
        operationId: 'deleteWebhook',
        summary: 'Send nothing more there',
        params: Id,
        response: { 200: z.object({ id: z.string(), deleted: z.literal(true) }) },
      },
    },
    async (request) => {
      const { id } = request.params;
      await verbs.deleteEndpoint({ id, account: ownerOf(request).account, now: now() });
      api.deliver([id]);
      return { id, deleted: true as const };
    },
  );

  routes.post(
    '/webhooks/:id/test',
    {
      config: { need: 'buy' },
      schema: {
        tags,
        operationId: 'testWebhook',
        summary: 'Send a test there, once',
        params: Id,
        response: { 202: z.object({ delivery_id: z.string(), event_id: z.string() }) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const [event, delivery] = [`evt_${ulid(Date.now())}`, `del_${ulid(Date.now())}`];
      await verbs.testEndpoint({
        endpoint: id,
        account: ownerOf(request).account,
        event,
        delivery,
        now: now(),
      });
      api.deliver([id]);
      return reply.code(202).send({ delivery_id: delivery, event_id: event });
    },
  );

  const NewSecret = z.object({ secret: Secret, previous_valid_until: z.string() }).meta({ id: 'NewSecret' });

  routes.post(
    '/webhooks/:id/rotate-secret',
    {
      config: { need: 'buy' },
      schema: {
        tags,
        operationId: 'rotateWebhookSecret',
        summary: 'A new secret for one webhook',
        description: 'The one before signs beside it for a day; at most five do at a time.',
        params: Id,
        response: { 200: NewSecret },
      },
    },
    async (request) => {
      const { account } = ownerOf(request);
      const { id: endpoint } = await known(account, request.params.id);
      const { secret, rotation } = newSecret();
      await verbs.rotateEndpointSecret({ ...rotation, account, endpoint });
      return { secret, previous_valid_until: rotation.overlapUntil };
    },
  );

  routes.post(
    '/webhooks/rotate-account-secret',
    {
      config: { need: 'buy' },
      schema: {
        tags,
        operationId: 'rotateAccountSecret',
        summary: 'A new secret of the account, which signs the webhooks of its numbers',
        description: 'The one before signs beside it for a day; at most five do at a time.',
        response: { 200: NewSecret },
      },
    },
    async (request) => {
      const { account } = ownerOf(request);
      const { secret, rotation } = newSecret();
      await verbs.newWebhookSecret({ ...rotation, account, endpoint: null });
      return { secret, previous_valid_until: rotation.overlapUntil };
    },
  );
}

function newSecret() {
  const secret = newWebhookSecret();
  const at = Date.now();
  const rotation = {
    id: `whs_${ulid(at)}`,
    value: secret,
    now: new Date(at).toISOString(),
    overlapUntil: new Date(at + OVERLAP_MS).toISOString(),
  };
  return { secret, rotation };
}

function webhookOf(row: EndpointRow): z.infer<typeof Webhook> {
  const options = JSON.parse(row.options) as { scheme?: (typeof SCHEMES)[number] };
  return {
    id: row.id,
    url: row.url,
    rendering: row.rendering as RenderingName,
    events: row.events === '*' ? null : row.events.split(' '),
    signature_scheme: options.scheme ?? null,
    description: row.description,
    number_id: row.number,
    state: row.state === 'active' ? 'active' : 'disabled',
    disabled_reason: row.disabled_reason,
    failing_since: row.failing_since,
    created_at: row.created_at,
    updated_at: row.updated_at,
  };
}

export function unknownWebhook(id: string): ProblemError {
  return new ProblemError('WEBHOOK_NOT_FOUND', `there is no webhook with the id ${id.slice(0, 64)}`);
}
