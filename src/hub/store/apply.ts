/** What events do when their turn has come: messages first, for others refer to them, then each in its order. */
import { ulid } from '../../protocol/ulid.ts';
import { raiseAlarm } from './epochs.ts';
import type { Progress } from './events.ts';
import { applyGatewayEvent, type GatewayEvent, matchesOf, readActivationEvent } from './gateway-events.ts';
import { isolated } from './isolation.ts';
import { attributeAll } from './matches.ts';
import { applyMessages, readMessage, type SmsEvent } from './messages.ts';
import type { Db } from './schema.ts';

/** Rows of one multi-row insert. */
const ROWS = 100;

/** Carries out events whose turn has come, leaving out those whose id was applied before. */
export async function apply(
  db: Db,
  gateway: string,
  events: readonly { seq: number; id: string; type: string; body: string }[],
  now: string,
): Promise<Progress['rejected']> {
  if (events.length === 0) return [];
  const before = await db
    .selectFrom('applied')
    .select('id')
    .where(
      'id',
      'in',
      events.map(({ id }) => id),
    )
    .execute();
  const known = new Set(before.map(({ id }) => id));
  const fresh = events.filter(({ id }) => !known.has(id) && known.add(id));
  if (fresh.length === 0) return [];

  const messages: SmsEvent[] = [];
  const rejected: { seq: number; type: string; faults: string }[] = [];
  const steps: Step[] = [];
  for (const { seq, type, body } of fresh) {
    const read = readMessage(type, body) ?? readActivationEvent(type, body);
    if (read === null) continue;
    if ('faults' in read) {
      rejected.push({ seq, type, faults: read.faults });
      continue;
    }
    if (isMessage(read)) messages.push({ ...read, gateway });
    // Most messages are nobody's, and cost nothing more.
    if (!isMessage(read) || read.data.activations.length > 0) steps.push({ seq, event: read });
  }
  await applyMessages(db, messages, now);
  for (const run of runsOf(steps)) {
    const together = () =>
      attributeAll(
        db,
        run.flatMap(({ event }) => matchesOf(gateway, event, now)),
      );
    // Where one of them cannot be carried out, each by itself: it must not keep the others from their turn for ever.
    if (run.length > 1 && (await isolated(db, together)) === null) continue;
    for (const { seq, event } of run) {
      const fault = await isolated(db, () => applyGatewayEvent(db, gateway, event, now));
      if (fault === null) continue;
      rejected.push({ seq, type: event.type, faults: fault });
      await raiseAlarm(db, {
        id: ulid(Date.parse(now)),
        gateway,
        kind: 'event.failed',
        detail: `event ${seq}, ${event.type}: ${fault}`,
        at: now,
      });
    }
  }
  for (let i = 0; i < fresh.length; i += ROWS) {
    await db
      .insertInto('applied')
      .values(fresh.slice(i, i + ROWS).map(({ id }) => ({ id, applied_at: now })))
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute();
  }
  return rejected;
}

interface Step {
  readonly seq: number;
  readonly event: GatewayEvent;
}

/** In their order: those that only say whose messages they are, as many as follow each other; all others one by one. */
function runsOf(steps: readonly Step[]): Step[][] {
  const runs: Step[][] = [];
  let open: Step[] | null = null;
  for (const step of steps) {
    const isMatch = step.event.type === 'sms.received' || step.event.type === 'activation.matched';
    if (isMatch && open !== null && open.length < ROWS) {
      open.push(step);
      continue;
    }
    const run = [step];
    runs.push(run);
    open = isMatch ? run : null;
  }
  return runs;
}

function isMessage(event: GatewayEvent): event is Pick<SmsEvent, 'type' | 'data'> {
  return event.type === 'sms.received' || event.type === 'sms.updated';
}
