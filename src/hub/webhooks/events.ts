/** What the hub tells customers' endpoints of: one internal event, whatever forms it is sent in (renderings.ts). */
import { z } from 'zod';

/** `sms.received`, and `sms.updated` when a late part arrived. Members are added, never renamed or removed. */
export const SmsData = z.object({
  message_id: z.string(),
  number_id: z.string(),
  phone: z.string().nullable().describe('E.164; null until it is known'),
  from: z.string(),
  from_type: z.string(),
  text: z.string().nullable().describe('null for binary messages and those that could not be decoded'),
  code: z.string().nullable().describe('the one-time code in the text'),
  received_at: z.string().describe('RFC 3339 UTC'),
  sequence: z.number().int().describe('1, 2, 3… within the number: deliveries may overtake each other'),
  complete: z.boolean(),
  activation_ids: z.array(z.string()),
});
export type SmsData = z.infer<typeof SmsData>;

/** `endpoint.disabled`, told to the account's other endpoints. */
export const EndpointDisabled = z.object({
  endpoint_id: z.string(),
  url: z.string(),
  reason: z
    .enum(['gone', 'failing'])
    .describe('gone: it answered 410; failing: nothing but failures for days'),
  failing_since: z.string().nullable(),
  failures: z.number().int(),
});

/** `endpoint.test`: asked for by the customer, sent once. */
export const EndpointTest = z.object({ endpoint_id: z.string(), number_id: z.string().nullable() });

/** Events of activations are described where activations are. */
type Known =
  | { readonly type: 'sms.received' | 'sms.updated'; readonly data: SmsData }
  | { readonly type: 'endpoint.disabled'; readonly data: z.infer<typeof EndpointDisabled> }
  | { readonly type: 'endpoint.test'; readonly data: z.infer<typeof EndpointTest> }
  | { readonly type: `activation.${string}`; readonly data: Readonly<Record<string, unknown>> };

export type WebhookEvent = Known & {
  /** A ULID; `webhook-id` of every attempt at every endpoint, which receivers deduplicate by. */
  readonly id: string;
  /** When it happened, RFC 3339 UTC with milliseconds. */
  readonly at: string;
};
