/** What a customer does to an activation: completes it, cancels it, asks for one more message. */
import { z } from 'zod';
import type { ActivationRow } from '../store/activations.ts';
import type { Done } from '../store/purchases.ts';
import type { HubStore } from '../store/store.ts';
import { Activation, activationOf, type Status, statusOf } from './activation-view.ts';
import { knownActivation, unknownActivation } from './activations.ts';
import { type Api, now, ownerOf, type Routes } from './api.ts';
import { ProblemError } from './problem.ts';

/** S-08. */
const MOST_RESENDS = 5;

interface Deed {
  carryOut(verbs: HubStore['verbs'], arg: { account: string; id: string; now: string }): Promise<Done>;
  refusal(row: ActivationRow): ProblemError;
}

export const complete: Deed = {
  carryOut: async (verbs, arg) => repeated(await verbs.complete(arg), 'COMPLETED'),
  refusal: (row) => illegal(row, 'only one that has received a message can be completed'),
};

export const cancel: Deed = {
  async carryOut(verbs, arg) {
    const done = await verbs.cancel(arg);
    // One that has expired has a reason.
    const isOwn = done.outcome === 'illegal' && done.activation.reason === null;
    return isOwn ? repeated(done, 'CANCELLED', 'REFUNDED') : done;
  },
  refusal: (row) => illegal(row, 'only one that has received nothing can be cancelled'),
};

export const requestResend: Deed = {
  carryOut: (verbs, arg) => verbs.rearm({ ...arg, most: MOST_RESENDS }),
  refusal: (row) =>
    row.state === 'received'
      ? new ProblemError('RESEND_LIMIT', `one more message can be asked for ${MOST_RESENDS} times`)
      : illegal(row, 'only one that has received a message can wait for another'),
};

/** @throws ProblemError 404, or 409 where its state does not allow it. */
export async function carryOut(api: Api, deed: Deed, account: string, id: string): Promise<ActivationRow> {
  await knownActivation(api, account, id);
  const done = await deed.carryOut(api.store.verbs, { account, id, now: now() });
  if (done.outcome === 'unknown') throw unknownActivation(id);
  if (done.outcome === 'illegal') throw deed.refusal(done.activation);
  api.wake();
  return done.activation;
}

const ROUTES = [
  {
    method: 'POST',
    url: '/activations/:id/complete',
    deed: complete,
    operationId: 'completeActivation',
    summary: 'Say that the code was used',
    description: 'The number is free from then on. Completing again changes nothing.',
  },
  {
    method: 'DELETE',
    url: '/activations/:id',
    deed: cancel,
    operationId: 'cancelActivation',
    summary: 'Cancel an activation without a message',
    description: 'The money is back at once. Cancelling again changes nothing.',
  },
  {
    method: 'POST',
    url: '/activations/:id/cancel',
    deed: cancel,
    operationId: 'cancelActivationByPost',
    summary: 'Cancel an activation without a message',
    description: 'The same as DELETE, for clients that have no DELETE.',
  },
  {
    method: 'POST',
    url: '/activations/:id/request-resend',
    deed: requestResend,
    operationId: 'requestResend',
    summary: 'Wait for one more message on the same number',
    description: `Costs nothing, and is possible ${MOST_RESENDS} times. The last code stays until the next one is there.`,
  },
] as const;

export function deedRoutes(routes: Routes, api: Api): void {
  for (const { method, url, deed, ...words } of ROUTES) {
    routes.route({
      method,
      url,
      config: { need: 'buy' },
      schema: {
        tags: ['Activations'],
        ...words,
        params: z.object({ id: z.string() }),
        response: { 200: Activation },
      },
      handler: async (request) =>
        activationOf(await carryOut(api, deed, ownerOf(request).account, request.params.id)),
    });
  }
}

/** The same again is no fault: a client may not have heard the first answer. */
function repeated(done: Done, ...there: readonly Status[]): Done {
  if (done.outcome !== 'illegal' || !there.includes(statusOf(done.activation.state))) return done;
  return { outcome: 'done', activation: done.activation };
}

function illegal(row: ActivationRow, rule: string): ProblemError {
  return new ProblemError('ILLEGAL_STATE', `this activation is ${statusOf(row.state)}: ${rule}`);
}
