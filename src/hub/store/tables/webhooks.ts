/** Who is told what: endpoints, internal events, and the delivery table, which is the queue. */
import type { Generated } from 'kysely';

export interface WebhookTables {
  webhook_endpoint: {
    /** `we_<ulid>` */
    id: string;
    account: string;
    /** A kept number's id when it is the webhook of that number alone; null: of the whole account. */
    number: string | null;
    url: string;
    /** `standard`, `meisim`, `sms-activate`, `usphoneverify`, `capcom6`, `cloudevents`, … */
    rendering: string;
    /** Event types with a blank between; `*`: all. */
    events: Generated<string>;
    /** What the rendering leaves open (which signature, JSON or form), as JSON. */
    options: Generated<string>;
    description: Generated<string>;
    state: Generated<'active' | 'disabled' | 'deleted'>;
    /** `customer`, `gone` (410), `failing`. */
    disabled_reason: string | null;
    /** Since when every delivery failed. */
    failing_since: string | null;
    created_at: string;
    updated_at: string;
  };
  /** One internal event; every endpoint that wants it gets a rendering of it. */
  webhook_event: {
    /** `evt_<ulid>`: the webhook-id of every attempt and every endpoint. */
    id: string;
    account: string;
    /** `sms.received`, `activation.received`, … (HubEvent of store/notify.ts). */
    type: string;
    /** What it is about; with `type` it is there once an account. */
    reference: string;
    activation: string | null;
    number: string | null;
    message: string | null;
    /** 1, 2, 3… within the activation or number. */
    sequence: number;
    at: string;
    /** HubEvent's `data`, as JSON: a snapshot, because messages change and prices do. */
    data: string;
  };
  /** One event on its way to one endpoint. Due rows are claimed, sent, and put back with the time of the next attempt. */
  delivery: {
    /** `del_<ulid>` */
    id: string;
    event: string;
    endpoint: string;
    account: string;
    /** `aborted`: the endpoint is off, or asked for no more. */
    state: Generated<'pending' | 'delivered' | 'failed' | 'aborted'>;
    attempts: Generated<number>;
    /** When it is due; also while it is claimed. */
    next_at: string;
    claimed_by: string | null;
    /** Whoever claimed it and is gone by then has lost it. */
    claimed_until: string | null;
    /** The exact octets that are sent and signed, made at the first attempt and kept for the others; UTF-8. */
    body: string | null;
    content_type: string | null;
    created_at: string;
    done_at: string | null;
  };
  /** The log of every attempt, kept 30 days (W-52). */
  delivery_attempt: {
    id: string;
    delivery: string;
    account: string;
    endpoint: string;
    /** 1, 2, 3… within the delivery. */
    n: number;
    at: string;
    ms: number;
    /** HTTP status; null without an answer. */
    status: number | null;
    /** `timeout`, `refused`, `dns`, `tls`, `blocked`, `status`, …; null: it was taken. */
    error: string | null;
    /** The first kB of the answer. */
    answer: string | null;
  };
}
