/** What became of a purchase, in the words of the API. */

import type { Unopened } from '../activations/flow.ts';
import { formatAmount } from '../money.ts';
import type { ActivationRow } from '../store/activations.ts';
import type { Reads } from '../store/reads.ts';
import type { Reserved } from '../store/reserve.ts';
import { ProblemError } from './problem.ts';

export type Failure = Unopened | Exclude<Reserved, { outcome: 'reserved' } | { outcome: 'replay' }>;

export function failureOf(failed: Failure): ProblemError {
  switch (failed.outcome) {
    case 'no-numbers':
      return new ProblemError(
        'NO_NUMBERS',
        'no number is free for this: wait a little, or try another country',
        {
          retryAfter: 10,
        },
      );
    case 'cancelled':
      return new ProblemError(
        'ILLEGAL_STATE',
        'this order was cancelled before it had a number: take a new idempotency key to order again',
      );
    case 'no-funds':
      return new ProblemError(
        'INSUFFICIENT_FUNDS',
        `the balance is ${formatAmount(failed.balance)}, and this costs ${formatAmount(failed.cost)}`,
      );
    case 'too-expensive':
      return new ProblemError(
        'PRICE_TOO_HIGH',
        `this costs ${formatAmount(failed.cost)}, more than the request allows`,
      );
    case 'no-price':
      return new ProblemError('SERVICE_NOT_FOUND', 'this is not sold');
    case 'not-active':
      return new ProblemError(
        'ACCOUNT_NOT_ACTIVE',
        'this account is suspended: it can read and cancel, and buy nothing',
      );
    case 'mismatch':
      return new ProblemError(
        'IDEMPOTENCY_KEY_REUSED',
        'another request came with this idempotency key: take a new one for each purchase',
      );
  }
}

/**
 * What was bought under an idempotency key; null while a gateway is asked.
 *
 * @throws ProblemError 409 when it was cancelled before it had a number. It stands in the customer's list, and so the key
 *   stays that of this one (H-24): else whoever repeats a request would get what was given up.
 */
export async function purchaseOf(
  reads: Reads,
  { account, batch }: { readonly account: string; readonly batch: string },
): Promise<ActivationRow | null> {
  const [row] = await reads.activationsOfBatch({ account, batch });
  if (row === undefined || row.state === 'asking') return null;
  if (row.opened_at === null && (row.state === 'cancelled' || row.state === 'refunded')) {
    throw failureOf({ outcome: 'cancelled' });
  }
  return row;
}
