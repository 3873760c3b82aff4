/**
 * What the events of gateways mean for activations: opened, matched, closed, and whose message it is. Called by the projector
 * for each event once, in the order of their numbers; every step also holds by itself when it is repeated.
 */
import { z } from 'zod';
import { faultsOf } from '../../protocol/commands.ts';
import {
  ActivationClosed,
  ActivationMatched,
  ActivationOpened,
  type SmsReceived,
} from '../../protocol/events.ts';
import { advance, enqueueClose } from './activations.ts';
import { lockAttempt, opened } from './attempts.ts';
import { attribute, type Match, updateAttributed } from './attributions.ts';
import type { Db } from './schema.ts';

export type GatewayEvent =
  | { readonly type: 'activation.opened'; readonly data: ActivationOpened }
  | { readonly type: 'activation.matched'; readonly data: ActivationMatched }
  | { readonly type: 'activation.closed'; readonly data: ActivationClosed }
  | { readonly type: 'sms.received' | 'sms.updated'; readonly data: SmsReceived };

const bodies = {
  'activation.opened': z.object({ data: ActivationOpened }),
  'activation.matched': z.object({ data: ActivationMatched }),
  'activation.closed': z.object({ data: ActivationClosed }),
} as const;

/** What an event says of an activation; null for events of other types; what is wrong with it, in one line. */
export function readActivationEvent(type: string, body: string): GatewayEvent | { faults: string } | null {
  if (!(type in bodies)) return null;
  const known = type as keyof typeof bodies;
  const parsed = bodies[known].safeParse(JSON.parse(body));
  if (!parsed.success) return { faults: faultsOf(parsed.error) };
  return { type: known, data: parsed.data.data } as GatewayEvent;
}

/** Carries out one event. Its message, if it has one, is in the message table. */
export async function applyGatewayEvent(
  db: Db,
  gateway: string,
  event: GatewayEvent,
  now: string,
): Promise<void> {
  switch (event.type) {
    case 'activation.opened':
      await applyOpened(db, gateway, event.data, now);
      break;
    case 'activation.closed':
      await applyClosed(db, gateway, event.data, now);
      break;
    case 'activation.matched':
    case 'sms.received':
    case 'sms.updated':
      for (const match of matchesOf(gateway, event, now)) await attribute(db, match);
      if (event.type === 'sms.updated') await updateAttributed(db, event.data.messageId, event.type, now);
      break;
  }
}

/** What an event says of whose message it is. */
export function matchesOf(gateway: string, event: GatewayEvent, now: string): Match[] {
  switch (event.type) {
    case 'activation.matched': {
      const { activationId, messageId, code } = event.data;
      return [{ gateway, attempt: activationId, message: messageId, code, own: false, now }];
    }
    case 'sms.received':
    case 'sms.updated': {
      const { messageId: message, activations } = event.data;
      return activations.map((attempt) => ({ gateway, attempt, message, code: null, own: true, now }));
    }
    default:
      return [];
  }
}

async function applyOpened(db: Db, gateway: string, data: ActivationOpened, now: string): Promise<void> {
  const { activationId, iccid, msisdn, openedAt, expiresAt } = data;
  const known = await db.selectFrom('attempt').select('id').where('id', '=', activationId).executeTakeFirst();
  if (known === undefined) {
    // Of another hub's database, or of one before this was put back: nobody here will ever close it.
    await enqueueClose(db, { gateway, attempt: activationId, reason: 'cancelled', now });
    return;
  }
  const sim = await db
    .selectFrom('sim')
    .select(['operator', 'country'])
    .where('gateway', '=', gateway)
    .where('iccid', '=', iccid)
    .executeTakeFirst();
  const result = {
    iccid,
    msisdn,
    operator: sim?.operator ?? null,
    countryIso: sim?.country ?? null,
    openedAt: utc(openedAt),
    expiresAt: utc(expiresAt),
  };
  await opened(db, { attempts: [activationId], gateway, result, now });
}

async function applyClosed(
  db: Db,
  gateway: string,
  { activationId, reason }: ActivationClosed,
  now: string,
): Promise<void> {
  const found = await lockAttempt(db, activationId, gateway);
  if (found === null) return;
  const { attempt, row } = found;
  await db
    .updateTable('attempt')
    .set({ state: 'closed', closed_at: now, reason })
    .where('id', '=', attempt.id)
    .execute();
  if (row.attempt !== attempt.id || attempt.state === 'refused') return;
  await advance(db, row, 'ended', { now, change: { reason } });
}

/** RFC 3339 with any offset, as UTC with milliseconds. */
function utc(time: string): string {
  return new Date(time).toISOString();
}
