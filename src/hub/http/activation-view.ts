/** How an activation looks in the API (customer-apis section 3 and ). Pure. */
import { z } from 'zod';
import type { State } from '../activations/transitions.ts';
import { formatAmount } from '../money.ts';
import type { ActivationRow } from '../store/activations.ts';

export const STATUSES = [
  'QUEUED',
  'WAITING',
  'RECEIVED',
  'COMPLETED',
  'CANCELLED',
  'EXPIRED',
  'REFUNDED',
] as const;
export type Status = (typeof STATUSES)[number];

const STATES: Readonly<Record<Status, readonly State[]>> = {
  QUEUED: ['queued', 'asking'],
  WAITING: ['waiting', 'waiting-again'],
  RECEIVED: ['received'],
  COMPLETED: ['completed'],
  CANCELLED: ['cancelled'],
  EXPIRED: ['expired'],
  REFUNDED: ['refunded'],
};

const STATUS = new Map<State, Status>(
  STATUSES.flatMap((status) => STATES[status].map((state) => [state, status] as const)),
);

export function statusOf(state: State): Status {
  // One that no gateway had a number for is shown to nobody; asked for by its id it has come to nothing.
  return STATUS.get(state) ?? 'CANCELLED';
}

export function statesOf(status: Status): readonly State[] {
  return STATES[status];
}

/** Still to come is a code, or the end. */
export function isPending(row: Pick<ActivationRow, 'state'>): boolean {
  const status = statusOf(row.state);
  return status === 'QUEUED' || status === 'WAITING';
}

const Time = z.iso.datetime();

export const Activation = z
  .object({
    id: z.string().describe('act_ and a ULID'),
    status: z
      .enum(STATUSES)
      .describe(
        'WAITING until a message comes, then RECEIVED. CANCELLED and EXPIRED become REFUNDED when the money is back.',
      ),
    serviceCode: z.string().nullable().describe('null: any sender'),
    countryIso: z.string().nullable(),
    phoneNumber: z.string().nullable().describe('digits without "+"'),
    phoneNumberE164: z.string().nullable(),
    operator: z.string().nullable(),
    userCost: z.string().describe('a decimal text'),
    currency: z.string(),
    smsCode: z.string().nullable().describe('the one-time code of the last message'),
    smsText: z.string().nullable(),
    smsFrom: z.string().nullable(),
    messageCount: z.number().int(),
    orderId: z.string().nullable(),
    createdAt: Time,
    expiresAt: Time.nullable(),
    receivedAt: Time.nullable().describe('of the first message: from then on it is paid'),
    closedAt: Time.nullable(),
  })
  .meta({ id: 'Activation' });

export function activationOf(row: ActivationRow): z.infer<typeof Activation> {
  return {
    id: row.id,
    status: statusOf(row.state),
    serviceCode: row.service,
    countryIso: row.country,
    phoneNumber: row.msisdn?.replace('+', '') ?? null,
    phoneNumberE164: row.msisdn,
    operator: row.operator,
    userCost: formatAmount(row.cost),
    currency: row.currency,
    smsCode: row.code,
    smsText: row.text,
    smsFrom: row.sender,
    messageCount: row.messages,
    orderId: row.order_id,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    receivedAt: row.received_at,
    closedAt: row.closed_at,
  };
}
