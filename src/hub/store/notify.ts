/**
 * One internal event, and a delivery of it to every endpoint that wants it, in the transaction of what happened: an event is
 * told exactly when it is true. How it is rendered, signed and sent is the webhooks' concern.
 */
import type { Selectable } from 'kysely';
import { ulid } from '../../protocol/ulid.ts';
import type { Db, Tables } from './schema.ts';
import { together } from './transaction.ts';

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
  return (await tellAll(db, [event], now)) === 1;
}

/** @returns how many of them were not told before. */
export async function tellAll(db: Db, events: readonly HubEvent[], now: string): Promise<number> {
  if (events.length === 0) return 0;
  const at = Date.parse(now);
  const rows = events.map((event) => ({ ...event, id: `evt_${ulid(at)}`, at: now }));
  const [made, endpoints] = await together(
    db
      .insertInto('webhook_event')
      .values(rows.map((row) => ({ ...row, data: JSON.stringify(row.data) })))
      .onConflict((conflict) => conflict.columns(['account', 'type', 'reference']).doNothing())
      .returning('id')
      .execute(),
    endpointsFor(db, events),
  );
  if (made.length === 0) return 0;
  const ids = new Set(made.map(({ id }) => id));
  const fresh = rows.filter(({ id }) => ids.has(id));
  const deliveries = fresh.flatMap((event) =>
    endpoints
      .filter((endpoint) => wants(endpoint, event))
      .map((endpoint) => ({
        id: `del_${ulid(at)}`,
        event: event.id,
        endpoint: endpoint.id,
        account: event.account,
        next_at: now,
        claimed_by: null,
        claimed_until: null,
        body: null,
        content_type: null,
        created_at: now,
        done_at: null,
      })),
  );
  for (let i = 0; i < deliveries.length; i += ROWS) {
    await db
      .insertInto('delivery')
      .values(deliveries.slice(i, i + ROWS))
      .execute();
  }
  return made.length;
}

/** Rows of one multi-row insert: an event has as many deliveries as its account has endpoints. */
const ROWS = 100;

type Listening = Pick<Selectable<Tables['webhook_endpoint']>, 'id' | 'account' | 'number' | 'events'>;

/** Those of the accounts, and of the numbers that the events are about. */
async function endpointsFor(db: Db, events: readonly HubEvent[]): Promise<Listening[]> {
  const accounts = [...new Set(events.map(({ account }) => account))];
  const numbers = [...new Set(events.flatMap(({ number }) => (number === null ? [] : [number])))];
  return await db
    .selectFrom('webhook_endpoint')
    .select(['id', 'account', 'number', 'events'])
    .where('account', 'in', accounts)
    .where('state', '=', 'active')
    .where((eb) =>
      numbers.length === 0
        ? eb('number', 'is', null)
        : eb.or([eb('number', 'is', null), eb('number', 'in', numbers)]),
    )
    .execute();
}

function wants(endpoint: Listening, { account, number, type }: HubEvent): boolean {
  if (endpoint.account !== account || (endpoint.number !== null && endpoint.number !== number)) return false;
  return endpoint.events === '*' || endpoint.events.split(' ').includes(type);
}
