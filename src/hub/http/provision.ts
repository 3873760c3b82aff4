/** Getting a number to keep, its webhook, and giving it back (customer-apis, section 1.1). */
import { z } from 'zod';
import { ulid } from '../../protocol/ulid.ts';
import type { NumberEndpoint } from '../store/reserve.ts';
import { SCHEMES } from '../webhooks/signature.ts';
import { type Api, now, ownerOf, type Routes } from './api.ts';
import { Amount } from './catalogue-words.ts';
import { type Answer, answerAgain, answerOnce, idempotencyOf } from './idempotency.ts';
import { KeptNumber } from './number-view.ts';
import { knownNumber, shownNumber } from './numbers.ts';
import { Operators, wishOf } from './orders.ts';
import { ProblemError } from './problem.ts';
import { failureOf, purchaseOf } from './purchase.ts';

const tags = ['Numbers'];
const Id = z.object({ id: z.string() });
/** */
const aliases = {
  webhookUrl: 'webhook_url',
  webhook: 'webhook_url',
  countryIso: 'country',
  country_iso: 'country',
  signatureScheme: 'signature_scheme',
};
const Scheme = z
  .enum(SCHEMES)
  .optional()
  .describe('what X-MeiSIM-Signature covers; t.body (timestamp, dot, body) unless it is given');

const Provision = z
  .object({
    webhook_url: z.string().min(1).max(2_048).optional().describe('also taken as webhookUrl or webhook'),
    country: z
      .string()
      .regex(/^[A-Za-z]{2}$/, 'must be two letters such as US')
      .transform((text) => text.toUpperCase())
      .optional(),
    operator: Operators.optional(),
    signature_scheme: Scheme,
    max_price: Amount.optional().describe('of the first 30 days'),
    idempotency_token: z.string().min(1).max(64).optional().describe('instead of the header Idempotency-Key'),
  })
  .meta({ id: 'NumberOrder', example: { country: 'US', max_price: '2.00' } });

const Change = z
  .object({
    webhook_url: z
      .string()
      .max(2_048)
      .nullable()
      .optional()
      .describe('null takes the webhook away; also taken as webhookUrl or webhook'),
    signature_scheme: Scheme,
  })
  .meta({ id: 'NumberChange', example: { webhook_url: 'https://example.com/simbankd' } });

export function provisionRoutes(routes: Routes, api: Api): void {
  const { store, flow } = api;
  const { reads, verbs } = store;

  const endpointOf = async (
    url: string,
    scheme: (typeof SCHEMES)[number] | undefined,
  ): Promise<NumberEndpoint> => ({
    id: `we_${ulid(Date.now())}`,
    url: await api.admit(url),
    rendering: 'meisim',
    events: null,
    options: scheme === undefined ? {} : { scheme },
    description: '',
    // M-04: all of an account's numbers sign with its one secret.
    secret: null,
  });

  routes.post(
    '/numbers/provision',
    {
      config: { need: 'buy', aliases },
      schema: {
        tags,
        operationId: 'provisionNumber',
        summary: 'Get a number to keep',
        description:
          'Each message to the number is posted to its webhook, signed with the secret of the account, and kept for 30 days for polling. ' +
          'It costs its price for each 30 days in advance. `iccid` is that of the SIM; the eSIM members are null for a SIM that is a card.',
        body: Provision,
        response: { 201: KeptNumber },
      },
    },
    async (request, reply) => {
      const { id: apiKey, account } = ownerOf(request);
      const { webhook_url: url, country, operator, max_price, signature_scheme } = request.body;
      const idempotency = idempotencyOf(request, 'POST /numbers/provision', request.body.idempotency_token);
      const provisioned = await flow.provision({
        account,
        apiKey,
        facade: 'rest',
        country: country ?? null,
        wish: wishOf({ operator }),
        maxCost: max_price ?? null,
        idempotency,
        endpoint: url === undefined ? null : await endpointOf(url, signature_scheme),
      });
      switch (provisioned.outcome) {
        case 'bought': {
          const body = await shownNumber(api, provisioned.number);
          return await answerOnce(store, reply, { account, idempotency }, { status: 201, body });
        }
        case 'replay':
          return await answerAgain(reply, provisioned, async (): Promise<Answer | null> => {
            const row = await purchaseOf(reads, { account, batch: provisioned.batch });
            if (row === null) return null;
            const number = await reads.keptNumberOf({ account, activation: row.id });
            return number === null ? null : { status: 201, body: await shownNumber(api, number) };
          });
        default:
          throw failureOf(provisioned);
      }
    },
  );

  routes.patch(
    '/numbers/:id',
    {
      config: { need: 'buy', aliases },
      schema: {
        tags,
        operationId: 'changeNumber',
        summary: 'Change the webhook of a number',
        params: Id,
        body: Change,
        response: { 200: KeptNumber },
      },
    },
    async (request) => {
      const { account } = ownerOf(request);
      const number = await knownNumber(api, request, request.params.id);
      const { webhook_url: url, signature_scheme: scheme } = request.body;
      const endpoint = url == null ? url : await endpointOf(url, scheme);
      const touched = await verbs.setNumberWebhook({
        account,
        number: number.id,
        ...(endpoint === undefined ? {} : { endpoint }),
        ...(scheme === undefined ? {} : { options: { scheme } }),
        now: now(),
      });
      if (touched === null) {
        throw new ProblemError('ILLEGAL_STATE', 'this number was given back: it has no webhook any more');
      }
      api.deliver(touched);
      return await shownNumber(api, number);
    },
  );

  for (const { method, url, operationId } of [
    { method: 'DELETE', url: '/numbers/:id', operationId: 'deleteNumber' },
    { method: 'POST', url: '/numbers/:id/release', operationId: 'releaseNumber' },
  ] as const) {
    routes.route({
      method,
      url,
      config: { need: 'buy' },
      schema: {
        tags,
        operationId,
        summary: 'Give a number back',
        description:
          'Nothing more is received or charged; what it received stays to be read. Once more changes nothing.',
        params: Id,
        response: { 200: KeptNumber },
      },
      async handler(request) {
        const { account } = ownerOf(request);
        const number = await knownNumber(api, request, request.params.id);
        const done = await verbs.cancel({ account, id: number.activation, now: now() });
        if (done.outcome === 'illegal' && number.state !== 'released') {
          throw new ProblemError(
            'ILLEGAL_STATE',
            `this number is ${number.state}: it cannot be given back now`,
          );
        }
        api.wake();
        return await shownNumber(api, await knownNumber(api, request, number.id));
      },
    });
  }
}
