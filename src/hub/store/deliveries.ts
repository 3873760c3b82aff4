/**
 * The delivery table as a queue: claimed, sent by whoever claimed, settled. What is claimed is due again at the end of the
 * claim, so that the claims of a hub that was killed come back by themselves.
 *
 * Rows are looked up endpoint by endpoint (index `delivery_endpoint`), never across all of them: however long the queue of
 * one is, it stands in front of nobody else's.
 */
import type { Selectable } from 'kysely';
import { TEST, type WebhookEvent } from '../webhooks/events.ts';
import {
  type EndpointOptions,
  isRendering,
  type RenderingName,
  renderingOf,
} from '../webhooks/renderings.ts';
import { firstWaiting, updateEach } from './dialect.ts';
import type { Db, Tables } from './schema.ts';
import { secretsOf } from './signing.ts';
import { together } from './transaction.ts';

/** A delivery in the hands of one hub: everything that an attempt needs. */
export interface Claimed {
  readonly id: string;
  /** `webhook-id`. */
  readonly event: string;
  readonly endpoint: string;
  /** Its last attempt that was noted failed. */
  readonly isFailing: boolean;
  readonly url: string;
  readonly rendering: RenderingName;
  readonly options: EndpointOptions;
  /** The octets to sign and send; the same at every attempt. */
  readonly body: string;
  readonly contentType: string;
  /** Attempts that this delivery has had. */
  readonly attempts: number;
  /** A customer's test: there is no second attempt. */
  readonly once: boolean;
  /** What signs now, the newest first. */
  readonly secrets: readonly string[];
}

export interface Claim {
  readonly deliveries: readonly Claimed[];
  /** Of each endpoint that was asked for: when the next of its rows is due that was not claimed now; null: none is waiting. */
  readonly next: readonly { readonly endpoint: string; readonly at: string | null }[];
}

interface Claiming {
  /** Unique to the call: whoever settles names it. */
  readonly claim: string;
  readonly now: string;
  readonly until: string;
}

type Endpoint = Selectable<Tables['webhook_endpoint']>;
type Delivery = Selectable<Tables['delivery']>;

/** Rows that are taken out of the queue in one call, when their endpoint is off. */
const ABORT = 500;

/** Claims what is due at some endpoints, at most `room` rows of each. */
export async function claimDeliveries(
  db: Db,
  arg: Claiming & { endpoints: readonly { id: string; room: number }[] },
): Promise<Claim> {
  const rooms = new Map(arg.endpoints.map(({ id, room }) => [id, room]));
  const endpoints = await db
    .selectFrom('webhook_endpoint')
    .selectAll()
    .where('id', 'in', [...rooms.keys()])
    .execute();
  const next: { endpoint: string; at: string | null }[] = [];
  for (const { id, state } of endpoints) {
    if (state === 'active') continue;
    next.push({ endpoint: id, at: (await abortWaiting(db, id, arg.now)) ? arg.now : null });
  }
  // A form that is not known is one of a later version of this program: its hubs send it.
  const active = endpoints.filter(({ state, rendering }) => state === 'active' && isRendering(rendering));
  // One more than there is room for: it says when to come again.
  const places = active.map(({ id }) => ({ endpoint: id, limit: rooms.get(id)! + 1 }));
  const waiting = Map.groupBy(await firstWaiting(db, places), ({ endpoint }) => endpoint);
  const due: Due[] = [];
  for (const endpoint of active) {
    const rows = waiting.get(endpoint.id) ?? [];
    const first = rows.slice(0, rooms.get(endpoint.id)!).filter(({ next_at }) => next_at <= arg.now);
    due.push(...first.map((row) => ({ endpoint, row })));
    next.push({ endpoint: endpoint.id, at: rows[first.length]?.next_at ?? null });
  }
  if (due.length === 0) return { deliveries: [], next };
  return { deliveries: await claim(db, due, arg), next };
}

interface Due {
  readonly endpoint: Endpoint;
  readonly row: Delivery;
}

async function claim(db: Db, due: readonly Due[], arg: Claiming): Promise<Claimed[]> {
  const [events, secrets] = await together(
    eventsOf(
      db,
      due.map(({ row }) => row.event),
    ),
    secretsOf(db, [...new Set(due.map(({ endpoint }) => endpoint))], arg.now),
  );
  const deliveries: Claimed[] = [];
  const speechless: string[] = [];
  for (const { endpoint, row } of due) {
    const event = events.get(row.event)!;
    const rendering = renderingOf(endpoint.rendering as RenderingName);
    // Made before the first attempt and kept: one after an update of this program sends the same octets.
    const body = row.body ?? rendering.body(event);
    if (body === null) {
      speechless.push(row.id);
      continue;
    }
    deliveries.push({
      id: row.id,
      event: event.id,
      endpoint: endpoint.id,
      isFailing: endpoint.failing_since !== null,
      url: endpoint.url,
      rendering: endpoint.rendering as RenderingName,
      options: JSON.parse(endpoint.options),
      body,
      contentType: row.content_type ?? rendering.contentType,
      attempts: row.attempts,
      once: event.type === TEST,
      secrets: secrets.get(endpoint.id) ?? [],
    });
  }
  await updateEach(
    db,
    'delivery',
    deliveries.map(({ id, body, contentType }) => ({
      id,
      claimed_by: arg.claim,
      claimed_until: arg.until,
      next_at: arg.until,
      body,
      content_type: contentType,
    })),
  );
  if (speechless.length > 0) {
    await db
      .updateTable('delivery')
      .set({ state: 'aborted', done_at: arg.now })
      .where('id', 'in', speechless)
      .execute();
  }
  return deliveries;
}

async function eventsOf(db: Db, ids: readonly string[]): Promise<Map<string, WebhookEvent>> {
  const events = await db
    .selectFrom('webhook_event')
    .select(['id', 'type', 'at', 'data'])
    .where('id', 'in', [...new Set(ids)])
    .execute();
  return new Map(events.map(({ id, type, at, data }) => [id, { id, type, at, data: JSON.parse(data) }]));
}

/**
 * An endpoint that is off is sent nothing more: what waits for it ends, some of it at a time. What is being sent is left to whom
 * it was given.
 *
 * @returns true when there is more.
 */
async function abortWaiting(db: Db, endpoint: string, now: string): Promise<boolean> {
  const ended = await db
    .updateTable('delivery')
    .set({ state: 'aborted', done_at: now })
    .where('id', 'in', (waiting) =>
      waiting
        .selectFrom('delivery')
        .select('id')
        .where('endpoint', '=', endpoint)
        .where('state', '=', 'pending')
        .where((eb) => eb.or([eb('claimed_until', 'is', null), eb('claimed_until', '<=', now)]))
        .limit(ABORT),
    )
    .executeTakeFirst();
  return Number(ended.numUpdatedRows) === ABORT;
}

/** Gives claims back that were not made use of: they are due at once. */
export async function releaseDeliveries(
  db: Db,
  arg: { deliveries: readonly string[]; claim: string; now: string },
): Promise<void> {
  if (arg.deliveries.length === 0) return;
  await db
    .updateTable('delivery')
    .set({ claimed_by: null, claimed_until: null, next_at: arg.now })
    .where('id', 'in', arg.deliveries)
    .where('claimed_by', '=', arg.claim)
    .where('state', '=', 'pending')
    .execute();
}
