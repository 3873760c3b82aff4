/** `/wallet`: what can be spent, and every movement of it (customer-apis B-27, S-02, S-10). */
import { z } from 'zod';
import { formatAmount } from '../money.ts';
import type { LedgerRow } from '../store/account-reads.ts';
import type { LedgerKind } from '../store/tables/accounts.ts';
import { type Api, ownerOf, type Routes } from './api.ts';
import { Cursor, encodeCursor, Limit } from './page.ts';

const tags = ['Wallet'];

const TYPES = {
  'top-up': 'TOP_UP',
  hold: 'CHARGE',
  capture: 'CAPTURE',
  release: 'REFUND',
  charge: 'RENEWAL',
  adjust: 'ADJUSTMENT',
} as const satisfies Record<LedgerKind, string>;

const Transaction = z
  .object({
    id: z.string(),
    type: z
      .enum(Object.values(TYPES))
      .describe(
        'CHARGE: taken from the balance for an activation or a number. CAPTURE: it was delivered, so that the charge stays. ' +
          'REFUND: it was not. RENEWAL: 30 more days of a number.',
      ),
    amount: z.string().describe('how much the balance changed: negative for a charge'),
    held: z.string().describe('how much the sum set aside for open activations changed'),
    currency: z.string(),
    activationId: z.string().nullable(),
    reference: z.string().describe('the activation, or what a top-up was called'),
    balanceAfter: z.string(),
    note: z.string(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Transaction' });

export function walletRoutes(routes: Routes, { store }: Api): void {
  routes.get(
    '/wallet/balance',
    {
      schema: {
        tags,
        operationId: 'getBalance',
        summary: 'What can be spent',
        response: {
          200: z.object({
            balance: z.string(),
            held: z.string().describe('set aside for open activations; no longer in the balance'),
            currency: z.string(),
          }),
        },
      },
    },
    async (request) => {
      const { account, currency } = ownerOf(request);
      const { balance, held } = (await store.reads.wallet(account)) ?? { balance: 0, held: 0 };
      return { balance: formatAmount(balance), held: formatAmount(held), currency };
    },
  );

  routes.get(
    '/wallet/transactions',
    {
      schema: {
        tags,
        operationId: 'listTransactions',
        summary: 'Every movement of money, the newest first',
        querystring: z.object({
          limit: Limit(100, 25),
          cursor: Cursor('transaction', /^\d{1,15}$/),
          activationId: z.string().max(64).optional().describe('only those of one activation'),
        }),
        response: {
          200: z.object({
            data: z.array(Transaction),
            nextCursor: z.string().nullable(),
            hasMore: z.boolean(),
          }),
        },
      },
    },
    async (request) => {
      const { account, currency } = ownerOf(request);
      const { limit, cursor, activationId } = request.query;
      const rows = await store.reads.transactions({
        account,
        before: cursor === undefined ? null : Number(cursor),
        limit: limit + 1,
        ...(activationId === undefined ? {} : { reference: activationId }),
      });
      const page = rows.slice(0, limit);
      const hasMore = rows.length > limit;
      const nextCursor = hasMore ? encodeCursor('transaction', String(page.at(-1)!.n)) : null;
      return { data: page.map((row) => transactionOf(row, currency)), nextCursor, hasMore };
    },
  );
}

function transactionOf(row: LedgerRow, currency: string): z.infer<typeof Transaction> {
  return {
    id: row.id,
    type: TYPES[row.kind],
    amount: formatAmount(row.amount),
    held: formatAmount(row.held),
    currency,
    activationId: row.reference.startsWith('act_') ? row.reference : null,
    reference: row.reference,
    balanceAfter: formatAmount(row.balance_after),
    note: row.note,
    createdAt: row.at,
  };
}
