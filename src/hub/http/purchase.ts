/** What a purchase that came to nothing is called in the API. */
import { formatAmount } from '../money.ts';
import type { Reserved } from '../store/reserve.ts';
import { ProblemError } from './problem.ts';

export type Failure =
  | { readonly outcome: 'no-numbers' }
  | Exclude<Reserved, { outcome: 'reserved' } | { outcome: 'replay' }>;

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
