/** What a customer does to an activation: completes it, cancels it, asks for one more message. */
import { z } from 'zod';
import type { ActivationRow } from '../store/activations.ts';
import type { Done } from '../store/purchases.ts';
import { Activation, activationOf, type Status, statusOf } from './activation-view.ts';
import { knownActivation, unknownActivation } from './activations.ts';
import { type Api, now, ownerOf, type Routes } from './api.ts';
import { ProblemError } from './problem.ts';

const tags = ['Activations'];
const Id = z.object({ id: z.string() });
/** S-08. */
const MOST_RESENDS = 5;

export function deedRoutes(routes: Routes, api: Api): void {
  const { verbs } = api.store;

  /** One thing that a customer does to an activation. */
  const deed = (
    method: 'POST' | 'DELETE',
    url: string,
    words: { operationId: string; summary: string; description: string },
    carryOut: (arg: { account: string; id: string; now: string }) => Promise<Done>,
    refusal: (row: ActivationRow) => ProblemError,
  ) =>
    routes.route({
      method,
      url,
      config: { need: 'buy' },
      schema: { tags, ...words, params: Id, response: { 200: Activation } },
      async handler(request) {
        const { account } = ownerOf(request);
        const { id } = await knownActivation(api, account, request.params.id);
        const done = await carryOut({ account, id, now: now() });
        if (done.outcome === 'unknown') throw unknownActivation(id);
        if (done.outcome === 'illegal') throw refusal(done.activation);
        api.wake();
        return activationOf(done.activation);
      },
    });

  deed(
    'POST',
    '/activations/:id/complete',
    {
      operationId: 'completeActivation',
      summary: 'Say that the code was used',
      description: 'The number is free from then on. Completing again changes nothing.',
    },
    async (arg) => {
      const done = await verbs.complete(arg);
      return repeated(done, 'COMPLETED');
    },
    (row) => illegal(row, 'only one that has received a message can be completed'),
  );

  const cancel = async (arg: { account: string; id: string; now: string }) => {
    const done = await verbs.cancel(arg);
    const byCustomer = done.outcome === 'illegal' && done.activation.reason === null;
    return byCustomer ? repeated(done, 'CANCELLED', 'REFUNDED') : done;
  };
  const uncancellable = (row: ActivationRow) =>
    illegal(row, 'only one that has received nothing can be cancelled');
  deed(
    'DELETE',
    '/activations/:id',
    {
      operationId: 'cancelActivation',
      summary: 'Cancel an activation without a message',
      description: 'The money is back at once. Cancelling again changes nothing.',
    },
    cancel,
    uncancellable,
  );
  deed(
    'POST',
    '/activations/:id/cancel',
    {
      operationId: 'cancelActivationByPost',
      summary: 'Cancel an activation without a message',
      description: 'The same as DELETE, for clients that have no DELETE.',
    },
    cancel,
    uncancellable,
  );

  deed(
    'POST',
    '/activations/:id/request-resend',
    {
      operationId: 'requestResend',
      summary: 'Wait for one more message on the same number',
      description: `Costs nothing, and is possible ${MOST_RESENDS} times. The last code stays until the next one is there.`,
    },
    (arg) => verbs.rearm({ ...arg, most: MOST_RESENDS }),
    (row) =>
      row.state === 'received'
        ? new ProblemError('RESEND_LIMIT', `one more message can be asked for ${MOST_RESENDS} times`)
        : illegal(row, 'only one that has received a message can wait for another'),
  );
}

/** The same again is no fault: a client may not have heard the first answer. */
function repeated(done: Done, ...there: readonly Status[]): Done {
  if (done.outcome !== 'illegal' || !there.includes(statusOf(done.activation.state))) return done;
  return { outcome: 'done', activation: done.activation };
}

function illegal(row: ActivationRow, rule: string): ProblemError {
  return new ProblemError('ILLEGAL_STATE', `this activation is ${statusOf(row.state)}: ${rule}`);
}
