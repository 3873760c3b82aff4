/**
 * The sketch of an API in SMSBulk's guide (customer-apis G-03 to G-10, A-10, A-11), as thin words over activations: all GET, the
 * key in the query. Under a path of its own, because it is no part of the API that is described.
 */
import { z } from 'zod';
import { statusOf } from './activation-view.ts';
import { awaitedActivation } from './activations.ts';
import { type Api, ownerOf, type Routes } from './api.ts';
import { serviceOf, unknownService } from './catalogue-words.ts';
import { cancel, carryOut, complete, requestResend } from './deeds.ts';
import { Wait } from './page.ts';
import { failureOf } from './purchase.ts';

const hide = true;
const Id = z.object({ id: z.string() });

export function sketchRoutes(routes: Routes, api: Api): void {
  const { flow, catalogue } = api;

  routes.get(
    '/number',
    {
      // HEAD asks what GET would say (RFC 9110 §9.3.2), and this one buys.
      exposeHeadRoute: false,
      config: { need: 'buy', policy: 'write' },
      schema: {
        hide,
        querystring: z.object({
          service: z.string(),
          country: z
            .string()
            .regex(/^[A-Za-z]{2}$/, 'must be two letters such as us')
            .optional(),
        }),
      },
    },
    async (request) => {
      const { id: apiKey, account } = ownerOf(request);
      const { service: text, country } = request.query;
      const service = serviceOf(catalogue, text);
      if (service === undefined) throw unknownService(text);
      const bought = await flow.buy({
        account,
        apiKey,
        facade: 'sketch',
        services: [service.code],
        country: country?.toUpperCase() ?? null,
        wish: {},
      });
      if (bought.outcome !== 'bought') {
        // Without a key of its own a request is never a repeated one, and without a markup it does not wait.
        if (bought.outcome === 'replay' || bought.outcome === 'queued') throw new Error('not asked for');
        throw failureOf(bought);
      }
      const { id, msisdn } = bought.activations[0]!;
      return { activation_id: id, number: msisdn };
    },
  );

  routes.get(
    '/status',
    { config: { policy: 'poll' }, schema: { hide, querystring: Id.extend({ wait: Wait }) } },
    async (request, reply) => {
      const { id, wait: seconds } = request.query;
      const row = await awaitedActivation(api, request, reply, { id, seconds });
      return { id: row.id, status: statusOf(row.state).toLowerCase(), number: row.msisdn, code: row.code };
    },
  );

  for (const [name, deed] of Object.entries({ complete, cancel, resend: requestResend })) {
    routes.get(
      `/${name}`,
      {
        exposeHeadRoute: false,
        config: { need: 'buy', policy: 'write' },
        schema: { hide, querystring: Id },
      },
      async (request) => {
        const row = await carryOut(api, deed, ownerOf(request).account, request.query.id);
        return { id: row.id, status: statusOf(row.state).toLowerCase() };
      },
    );
  }
}
