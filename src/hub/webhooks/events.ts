/** An internal event as a rendering gets it: the snapshot that was stored when it happened (webhook_event). */

/** A message as it was then. Members are added, never renamed or removed. */
export interface MessageSnapshot {
  readonly id: string;
  readonly from: string;
  readonly text: string | null;
  /** RFC 3339 UTC. */
  readonly receivedAt: string;
}

/** What renderings read of it; whatever else an event says, `standard` passes on. */
export interface EventData {
  readonly activation?: { readonly id: string } | null;
  readonly number?: { readonly id: string } | null;
  /** E.164; null until it is known. */
  readonly phone?: string | null;
  readonly message?: MessageSnapshot;
}

export interface WebhookEvent {
  /** `evt_<ulid>`: `webhook-id` of every attempt at every endpoint, which receivers deduplicate by. */
  readonly id: string;
  /** `sms.received`, `activation.completed`, …; `endpoint.test` is asked for by the customer and sent once. */
  readonly type: string;
  /** When it happened, RFC 3339 UTC with milliseconds. */
  readonly at: string;
  readonly data: EventData & Readonly<Record<string, unknown>>;
}

/** The event by which a customer tries an endpoint: one attempt, whatever comes of it. */
export const TEST = 'endpoint.test';
/** The event that tells the account's other endpoints of one that was turned off. */
export const DISABLED = 'endpoint.disabled';

/** What an endpoint may ask to be told of. */
export const EVENTS = [
  'sms.received',
  'sms.updated',
  'activation.waiting',
  'activation.received',
  'activation.completed',
  'activation.cancelled',
  'activation.expired',
  'number.active',
  'number.suspended',
  'number.released',
  'endpoint.disabled',
] as const;
