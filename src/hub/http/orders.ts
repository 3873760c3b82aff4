/** Buying an activation (customer-apis B-07 to B-11). */
import { z } from 'zod';
import type { Wish } from '../activations/wish.ts';
import type { ActivationRow } from '../store/activations.ts';
import { Activation, activationOf } from './activation-view.ts';
import { type Api, ownerOf, type Routes } from './api.ts';
import { Amount, serviceOf, unknownService } from './catalogue-words.ts';
import { type Answer, answerAgain, answerOnce, idempotencyOf } from './idempotency.ts';
import { failureOf, purchaseOf } from './purchase.ts';

const tags = ['Activations'];

/** Prices go by names: a network's code would be asked for at the price of any network. */
export const Operators = z
  .string()
  .max(200)
  .regex(/^(?!(.*,)?\s*\d+\s*(,|$))/, 'must be names of networks, not their codes')
  .describe('names with commas between, of which the dearest is paid; any: all of them');

const Order = z
  .object({
    serviceCode: z.string().max(64).describe('a code of /services, in any case, or a slug'),
    countryIso: z
      .string()
      .regex(/^([A-Za-z]{2}|any)$/i, 'must be two letters such as US, or any')
      .transform((text) => (text.toLowerCase() === 'any' ? undefined : text.toUpperCase()))
      .optional()
      .describe('ISO 3166-1 alpha-2; without it the cheapest that has numbers'),
    operator: Operators.optional(),
    areaCodes: z
      .string()
      .regex(/^\d{1,8}(,\d{1,8}){0,19}$/, 'must be digits with commas between')
      .optional(),
    phoneNumber: z
      .string()
      .regex(/^\+?\d{7,15}$/, 'must be a number such as +12025550143')
      .optional()
      .describe('this very number: one you had before, or one that nobody has used for this'),
    maxPrice: Amount.optional().describe('nothing is bought that costs more'),
    orderId: z.string().min(1).max(64).optional().describe('yours; shown with the activation'),
    idempotencyToken: z.string().min(1).max(64).optional().describe('instead of the header Idempotency-Key'),
  })
  .meta({
    id: 'ActivationOrder',
    example: { serviceCode: 'wa', countryIso: 'US', maxPrice: '0.50' },
  });

export function orderRoutes(routes: Routes, api: Api): void {
  const { store, flow, catalogue } = api;

  routes.post(
    '/activations',
    {
      config: {
        need: 'buy',
        aliases: {
          service: 'serviceCode',
          service_code: 'serviceCode',
          country: 'countryIso',
          country_iso: 'countryIso',
          max_price: 'maxPrice',
          order_id: 'orderId',
          idempotency_token: 'idempotencyToken',
        },
      },
      schema: {
        tags,
        operationId: 'createActivation',
        summary: 'Buy a number for one service',
        description:
          'Answers with the number, within seconds; it may take up to 15 s where several banks have to be asked. The price is held, ' +
          'and spent when a message comes. With an `Idempotency-Key` the same request twice buys once.',
        body: Order,
        response: { 201: Activation },
      },
    },
    async (request, reply) => {
      const { id: apiKey, account } = ownerOf(request);
      const { serviceCode, countryIso, maxPrice, orderId, idempotencyToken } = request.body;
      const service = serviceOf(catalogue, serviceCode);
      if (service === undefined) throw unknownService(serviceCode);
      const idempotency = idempotencyOf(request, 'POST /activations', idempotencyToken);
      const bought = await flow.buy({
        account,
        apiKey,
        facade: 'rest',
        services: [service.code],
        country: countryIso ?? null,
        wish: wishOf(request.body),
        maxCost: maxPrice ?? null,
        orderId: orderId ?? null,
        idempotency,
      });
      switch (bought.outcome) {
        case 'bought':
        case 'queued':
          return await answerOnce(store, reply, { account, idempotency }, answerOf(bought.activations[0]!));
        case 'replay':
          return await answerAgain(reply, bought, async () => {
            const row = await purchaseOf(store.reads, { account, batch: bought.batch });
            return row === null ? null : answerOf(row);
          });
        default:
          throw failureOf(bought);
      }
    },
  );
}

function answerOf(row: ActivationRow): Answer {
  return { status: 201, body: activationOf(row) };
}

export function wishOf(body: {
  operator?: string | undefined;
  areaCodes?: string | undefined;
  phoneNumber?: string | undefined;
}): Wish {
  const operators = (body.operator ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name.toLowerCase() !== 'any');
  return {
    ...(operators.length === 0 ? {} : { operators }),
    ...(body.areaCodes === undefined ? {} : { areaCodes: body.areaCodes.split(',') }),
    ...(body.phoneNumber === undefined ? {} : { msisdn: `+${body.phoneNumber.replace('+', '')}` }),
  };
}
