/**
 * What gateways still have to be told: written in the transaction that decided it, published again and again until it is
 * answered. Carrying one out twice does nothing more than once (contracts/mqtt.md, «Commands and replies»).
 */
import { RearmResult } from '../../protocol/commands.ts';
import { ulid } from '../../protocol/ulid.ts';
import { dueAt } from '../activations/due.ts';
import { claiming } from './dialect.ts';
import type { Db, Tables } from './schema.ts';

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

export interface CommandAnswer {
  readonly gateway: string;
  /** The id it was published under. */
  readonly id: string;
  /** null: it was carried out. */
  readonly error: { readonly code: string } | null;
  readonly result: Readonly<Record<string, unknown>>;
  readonly now: string;
}

/** A gateway answered. @returns false when nobody waits for that answer any more. */
export async function commandAnswered(db: Db, arg: CommandAnswer): Promise<boolean> {
  const { gateway, id, error, now } = arg;
  const late = error?.code === 'command.expired';
  const row = await db
    .updateTable('command')
    .set(
      late
        ? { published_as: null, next_at: now }
        : { state: 'answered', answered_at: now, error: error?.code ?? null },
    )
    .where('published_as', '=', id)
    .where('gateway', '=', gateway)
    .where('state', '=', 'waiting')
    .returning(['name', 'attempt'])
    .executeTakeFirst();
  if (row === undefined) return false;
  if (late || row.attempt === null) return true;
  if (row.name === 'activation.close') await closed(db, row.attempt, now);
  if (row.name === 'activation.rearm' && error === null) await rearmed(db, row.attempt, arg.result, now);
  return true;
}

/** The gateway said that it is closed; an error says that there is nothing to close. */
async function closed(db: Db, attempt: string, now: string): Promise<void> {
  await db
    .updateTable('attempt')
    .set({ state: 'closed', closed_at: now })
    .where('id', '=', attempt)
    .where('state', '=', 'closing')
    .execute();
}

async function rearmed(db: Db, attempt: string, result: unknown, now: string): Promise<void> {
  const read = RearmResult.safeParse(result);
  if (!read.success) return;
  const expiresAt = new Date(read.data.expiresAt).toISOString();
  await db.updateTable('attempt').set({ expires_at: expiresAt }).where('id', '=', attempt).execute();
  const row = await db
    .updateTable('activation')
    .set({ expires_at: expiresAt, updated_at: now })
    .where('attempt', '=', attempt)
    .where('state', 'in', ['waiting-again', 'received', 'kept'])
    .returning(['id', 'state'])
    .executeTakeFirst();
  if (row === undefined) return;
  const due = dueAt({ state: row.state, expiresAt, answerBy: null }, now);
  await db.updateTable('activation').set({ due_at: due }).where('id', '=', row.id).execute();
}

/** Gives up commands of before that moment: the gateway has been away for a month. */
export async function giveUpCommands(db: Db, arg: { before: string; now: string }): Promise<void> {
  const old = await db
    .updateTable('command')
    .set({ state: 'given-up', answered_at: arg.now })
    .where('state', '=', 'waiting')
    .where('created_at', '<', arg.before)
    .returning(['attempt', 'name'])
    .execute();
  for (const { attempt, name } of old) {
    if (attempt !== null && name === 'activation.close') await closed(db, attempt, arg.now);
  }
}

export type CommandRow = Tables['command'];
