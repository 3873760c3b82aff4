/**
 * One internal event, and a delivery of it to every endpoint that wants it, in the transaction of what happened: an event is
 * told exactly when it is true. How it is rendered, signed and sent is the webhooks' concern.
 */
import { ulid } from '../../protocol/ulid.ts';
import type { Db } from './schema.ts';

export type HubEventType =
  | 'sms.received'
  | 'sms.updated'
  | 'activation.waiting'
  | 'activation.received'
  | 'activation.completed'
  | 'activation.cancelled'
  | 'activation.expired'
  | 'number.active'
  | 'number.suspended'
  | 'number.released'
  | 'endpoint.disabled';

/** What an event says, as it was at that moment. */
export interface HubEventData {
  readonly activation: {
    /** `act_<ulid>` */
    readonly id: string;
    /** The integer id of the older protocols. */
    readonly n: number;
    readonly state: string;
    readonly service: string | null;
    readonly country: string | null;
    /** A decimal text. */
    readonly cost: string;
    readonly currency: string;
    readonly charged: boolean;
    readonly markup: number;
    readonly orderId: string | null;
    readonly facade: string;
  } | null;
  readonly number: { readonly id: string } | null;
  /** E.164 */
  readonly phone: string | null;
  readonly iccid: string | null;
  readonly message: {
    readonly id: string;
    readonly from: string;
    readonly fromType: string;
    readonly text: string | null;
    /** Digits only. */
    readonly code: string | null;
    /** As the sender wrote it. */
    readonly codeRaw: string | null;
    readonly receivedAt: string;
    readonly complete: boolean;
    readonly parts: { readonly total: number; readonly received: number };
    /** 1, 2, 3… within the activation or number. */
    readonly sequence: number;
    /** It came after the end. */
    readonly late: boolean;
  } | null;
}

export interface HubEvent {
  readonly account: string;
  readonly type: HubEventType;
  /** With the account and the type it is told once. */
  readonly reference: string;
  readonly activation: string | null;
  readonly number: string | null;
  readonly message: string | null;
  readonly sequence: number;
  readonly data: HubEventData;
}

/** @returns false when it was told before. */
export async function tell(db: Db, event: HubEvent, now: string): Promise<boolean> {
  const { account, type, number } = event;
  const id = `evt_${ulid(Date.parse(now))}`;
  const made = await db
    .insertInto('webhook_event')
    .values({ ...event, id, at: now, data: JSON.stringify(event.data) })
    .onConflict((conflict) => conflict.columns(['account', 'type', 'reference']).doNothing())
    .returning('id')
    .executeTakeFirst();
  if (made === undefined) return false;
  const endpoints = await db
    .selectFrom('webhook_endpoint')
    .select(['id', 'events'])
    .where('account', '=', account)
    .where('state', '=', 'active')
    .where((eb) =>
      number === null
        ? eb('number', 'is', null)
        : eb.or([eb('number', 'is', null), eb('number', '=', number)]),
    )
    .execute();
  const wanting = endpoints.filter(({ events }) => events === '*' || events.split(' ').includes(type));
  if (wanting.length === 0) return true;
  await db
    .insertInto('delivery')
    .values(
      wanting.map((endpoint) => ({
        id: `del_${ulid(Date.parse(now))}`,
        event: id,
        endpoint: endpoint.id,
        account,
        next_at: now,
        claimed_by: null,
        claimed_until: null,
        body: null,
        content_type: null,
        created_at: now,
        done_at: null,
      })),
    )
    .execute();
  return true;
}
