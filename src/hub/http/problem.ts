/** Errors as RFC 9457 problem details (api-conventions H-01), and the one table from a code to its HTTP status. */
import { z } from 'zod';
import { SimbankError } from '../../errors.ts';
import { isStoreAway } from '../store/away.ts';

/** Stable: clients branch on these. */
export const STATUS = {
  INVALID_REQUEST: [400, 'Invalid request'],
  UNAUTHENTICATED: [401, 'Authentication needed'],
  INSUFFICIENT_FUNDS: [402, 'Insufficient funds'],
  FORBIDDEN: [403, 'Not allowed'],
  ADDRESS_NOT_ALLOWED: [403, 'Address not allowed'],
  ACCOUNT_NOT_ACTIVE: [403, 'Account not active'],
  NOT_FOUND: [404, 'Not found'],
  ACTIVATION_NOT_FOUND: [404, 'Activation not found'],
  NUMBER_NOT_FOUND: [404, 'Number not found'],
  SERVICE_NOT_FOUND: [404, 'Service not found'],
  WEBHOOK_NOT_FOUND: [404, 'Webhook not found'],
  DELIVERY_NOT_FOUND: [404, 'Delivery not found'],
  KEY_NOT_FOUND: [404, 'Key not found'],
  NO_NUMBERS: [409, 'No numbers'],
  PRICE_TOO_HIGH: [409, 'Price too high'],
  ILLEGAL_STATE: [409, 'Not possible in this state'],
  RESEND_LIMIT: [409, 'Resend limit reached'],
  REQUEST_IN_PROGRESS: [409, 'Request in progress'],
  WEBHOOK_OFF: [409, 'Webhook turned off'],
  WEBHOOK_LIMIT: [409, 'Webhook limit reached'],
  PAYLOAD_TOO_LARGE: [413, 'Payload too large'],
  UNSUPPORTED_MEDIA_TYPE: [415, 'Unsupported media type'],
  IDEMPOTENCY_KEY_REUSED: [422, 'Idempotency key reused'],
  WEBHOOK_URL_REFUSED: [422, 'Webhook URL refused'],
  RATE_LIMITED: [429, 'Too many requests'],
  TOO_MANY_ATTEMPTS: [429, 'Too many attempts'],
  TOO_MANY_STREAMS: [429, 'Too many streams'],
  INTERNAL_ERROR: [500, 'Internal error'],
  STORE_UNAVAILABLE: [503, 'Store unavailable'],
} as const satisfies Record<string, readonly [number, string]>;
export type ProblemCode = keyof typeof STATUS;

/** What goes out, for the API's description. */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    instance: z.string(),
    code: z
      .enum(Object.keys(STATUS) as [ProblemCode, ...ProblemCode[]])
      .describe('stable: to branch on; new ones may be added'),
    message: z.string().describe('the same as detail'),
    requestId: z.string(),
    errors: z
      .array(
        z.object({ pointer: z.string().describe('where in the request: #/query/since'), detail: z.string() }),
      )
      .optional(),
  })
  .meta({ id: 'Problem' });

export interface ProblemFault {
  /** Where in the request: `#/query/since`. */
  readonly pointer: string;
  readonly detail: string;
}

/** Thrown by a route; the server's error handler writes it. */
export class ProblemError extends Error {
  readonly code: ProblemCode;
  readonly errors: readonly ProblemFault[];
  /** Seconds after which the same may succeed. */
  readonly retryAfter: number | null;

  constructor(
    code: ProblemCode,
    detail: string,
    more: { errors?: readonly ProblemFault[]; retryAfter?: number } = {},
  ) {
    super(detail);
    this.name = 'ProblemError';
    this.code = code;
    this.errors = more.errors ?? [];
    this.retryAfter = more.retryAfter ?? null;
  }

  get status(): number {
    return STATUS[this.code][0];
  }

  /** The body. `message` repeats `detail` for clients that read only that. */
  body(instance: string, requestId: string): Record<string, unknown> {
    return {
      type: 'about:blank',
      title: STATUS[this.code][1],
      status: this.status,
      detail: this.message,
      instance,
      code: this.code,
      message: this.message,
      requestId,
      ...(this.errors.length > 0 ? { errors: this.errors } : {}),
    };
  }
}

/** What the store, the flow and the webhooks say, in the words of the API. */
const OF_SIMBANK: Readonly<Record<string, ProblemCode>> = {
  'webhook.url_refused': 'WEBHOOK_URL_REFUSED',
  'webhook.too_many': 'WEBHOOK_LIMIT',
  'webhook.no_secret': 'ILLEGAL_STATE',
  'webhook.unknown': 'WEBHOOK_NOT_FOUND',
  'webhook.off': 'WEBHOOK_OFF',
  'delivery.unknown': 'DELIVERY_NOT_FOUND',
  'key.unknown': 'KEY_NOT_FOUND',
  'key.revoked': 'ILLEGAL_STATE',
  'amount.invalid': 'INVALID_REQUEST',
};

/** Seconds after which a store that is away is worth asking again. */
const STORE_RETRY_S = 5;

/** An error of the hub that is the customer's to know; null for all others. */
export function translated(error: unknown): ProblemError | null {
  if (isStoreAway(error)) {
    const detail = 'the database does not answer: try again later, with the same idempotency key';
    return new ProblemError('STORE_UNAVAILABLE', detail, { retryAfter: STORE_RETRY_S });
  }
  if (!(error instanceof SimbankError)) return null;
  const code = OF_SIMBANK[error.code];
  return code === undefined ? null : new ProblemError(code, error.message);
}
