/**
 * What gateways still have to be told: written in the transaction that decided it, published again and again until it is
 * answered. Carrying one out twice does nothing more than once (contracts/mqtt.md, «Commands and replies»).
 */
import { ulid } from '../../protocol/ulid.ts';
import { claiming } from './dialect.ts';
import type { Db } from './schema.ts';

export interface NewCommand {
  readonly gateway: string;
  readonly name: 'activation.close' | 'activation.rearm';
  readonly args: Readonly<Record<string, unknown>>;
  readonly attempt: string;
  readonly now: string;
}

export async function enqueue(db: Db, command: NewCommand): Promise<void> {
  const { gateway, name, args, attempt, now } = command;
  await db
    .insertInto('command')
    .values({
      id: ulid(Date.parse(now)),
      gateway,
      name,
      args: JSON.stringify(args),
      attempt,
      state: 'waiting',
      published_as: null,
      next_at: now,
      created_at: now,
      answered_at: null,
      error: null,
    })
    .execute();
}

/** A command as it is to be published now. */
export interface DueCommand {
  readonly gateway: string;
  /** The id to publish it under. */
  readonly id: string;
  readonly name: string;
  readonly args: Record<string, unknown>;
}

const FIRST_RETRY_MS = 5_000;
const LAST_RETRY_MS = 600_000;
const LIMIT = 100;

/** Commands whose turn it is, to gateways that are there; until their next turn nobody else gets them. */
export async function claimCommands(db: Db, arg: { now: string }): Promise<DueCommand[]> {
  const { now } = arg;
  const due = await claiming(
    db,
    db
      .selectFrom('command')
      .select(['id', 'gateway', 'name', 'args', 'tries', 'published_as'])
      .where('state', '=', 'waiting')
      .where('next_at', '<=', now)
      .where('gateway', 'in', db.selectFrom('gateway').select('id').where('online', '=', 1))
      .orderBy('next_at')
      .limit(LIMIT),
  ).execute();
  const claimed: DueCommand[] = [];
  for (const { id, gateway, name, args, tries, published_as } of due) {
    const wait = Math.min(FIRST_RETRY_MS * 2 ** tries, LAST_RETRY_MS);
    // Under the same id, so that a gateway that has carried it out says so; a new one after an answer that it came too late.
    const publishAs = published_as ?? ulid(Date.parse(now));
    await db
      .updateTable('command')
      .set({
        published_as: publishAs,
        tries: tries + 1,
        next_at: new Date(Date.parse(now) + wait).toISOString(),
      })
      .where('id', '=', id)
      .execute();
    claimed.push({ gateway, id: publishAs, name, args: JSON.parse(args) });
  }
  return claimed;
}
