/**
 * Events: stored raw as they come, applied in the order of their numbers up to the first gap (contracts/mqtt.md, «Hubs»).
 * What becomes of gaps that stay is in epochs.ts, what an event means in apply.ts.
 */
import { sql } from 'kysely';
import { apply } from './apply.ts';
import { type Held, lockGateway, lockGateways, noteEpochs, noteGateways } from './epochs.ts';
import type { Db, Tables } from './schema.ts';
import { together } from './transaction.ts';

export interface RawEvent {
  readonly gateway: string;
  readonly epoch: string;
  readonly seq: number;
  readonly id: string;
  /** `(unreadable)` for one whose envelope is wrong beyond its position. */
  readonly type: string;
  /** The payload as it came. */
  readonly body: string;
}

/** Where one epoch of a gateway stands. */
export interface Progress {
  readonly gateway: string;
  readonly epoch: string;
  /** The epoch of the last live `online`; also while there was none yet. */
  readonly current: boolean;
  /** Every event of the epoch up to here is committed and applied: what an ack may say. */
  readonly upTo: number;
  /** The id of event `upTo`; null where there is no such event to name, and so nothing to acknowledge. */
  readonly id: string | null;
  /** The highest number known to exist; above `upTo` something is missing. */
  readonly lastSeq: number;
  readonly passed: boolean;
  /** True when a further call has more to apply. */
  readonly more: boolean;
  /** Events that were applied as «nothing», because their data could not be read. */
  readonly rejected: readonly { readonly seq: number; readonly type: string; readonly faults: string }[];
}

/** Rows of one multi-row insert: far below the parameter limits of both databases. */
const ROWS = 100;
/** Events applied in one call: it bounds how long the gateway's row is locked and a commit takes. */
const APPLY = 500;

/**
 * Stores raw events, ignoring what is there already under the same gateway, epoch and number, unless under another id: then
 * the gateway's database is an older copy that counts again, and nothing from there on is taken. The receipt for what is here
 * tells the gateway, which begins a new epoch and sends it all again.
 */
export async function insertEvents(db: Db, arg: { events: readonly RawEvent[]; now: string }): Promise<void> {
  await noteGateways(db, gatewaysOf(arg.events));
  await storeEvents(db, await withoutConflicts(db, arg.events), arg.now);
}

/**
 * Both in one transaction, as `insertEvents` and then `project` of each epoch: with few round trips to a server.
 *
 * @returns where the epochs of these events stand.
 */
export async function takeEvents(
  db: Db,
  arg: { events: readonly RawEvent[]; now: string },
): Promise<Progress[]> {
  const gateways = gatewaysOf(arg.events);
  const [, held, events] = await together(
    noteGateways(db, gateways),
    lockGateways(db, gateways),
    withoutConflicts(db, arg.events),
  );
  const byGateway = Map.groupBy(arg.events, ({ gateway }) => gateway);
  const projectAll = async (): Promise<Progress[]> => {
    const answers: Progress[] = [];
    for (const [id, row] of held) {
      const epochs = [...new Set(byGateway.get(id)!.map(({ epoch }) => epoch))];
      answers.push(...(await projectHeld(db, row, { gateway: id, epochs, now: arg.now })));
    }
    return answers;
  };
  const [, answers] = await together(storeEvents(db, events, arg.now), projectAll());
  return answers;
}

/** One order for all, so that two hubs cannot wait for each other's rows. */
function gatewaysOf(events: readonly RawEvent[]): string[] {
  return [...new Set(events.map(({ gateway }) => gateway))].sort();
}

async function storeEvents(db: Db, events: readonly RawEvent[], now: string): Promise<void> {
  const epochs = new Map<string, { gateway: string; epoch: string; lastSeq: number }>();
  for (const { gateway, epoch, seq } of events) {
    const known = epochs.get(`${gateway}/${epoch}`);
    if (known === undefined) epochs.set(`${gateway}/${epoch}`, { gateway, epoch, lastSeq: seq });
    else if (seq > known.lastSeq) known.lastSeq = seq;
  }
  const inserts: Promise<unknown>[] = [noteEpochs(db, [...epochs.values()])];
  for (let i = 0; i < events.length; i += ROWS) {
    const rows = events
      .slice(i, i + ROWS)
      .map((event): Tables['event'] => ({ ...event, stored_at: now, applied: 0 }));
    inserts.push(
      db
        .insertInto('event')
        .values(rows)
        .onConflict((conflict) => conflict.columns(['gateway', 'epoch', 'seq']).doNothing())
        .execute(),
    );
  }
  await together(...inserts);
}

/** The events, less those of an epoch from the first number on that is here under another id. */
async function withoutConflicts(db: Db, events: readonly RawEvent[]): Promise<readonly RawEvent[]> {
  const byEpoch = Map.groupBy(events, ({ gateway, epoch }) => `${gateway}/${epoch}`);
  const conflicts = new Map<string, number>();
  for (const [key, list] of byEpoch) {
    const ids = new Map(list.map(({ seq, id }) => [seq, id]));
    for (let i = 0; i < list.length; i += ROWS) {
      const here = await db
        .selectFrom('event')
        .select(['seq', 'id'])
        .where('gateway', '=', list[0]!.gateway)
        .where('epoch', '=', list[0]!.epoch)
        .where(
          'seq',
          'in',
          list.slice(i, i + ROWS).map(({ seq }) => seq),
        )
        .execute();
      for (const { seq, id } of here) {
        if (ids.get(seq) !== id) conflicts.set(key, Math.min(seq, conflicts.get(key) ?? seq));
      }
    }
  }
  if (conflicts.size === 0) return events;
  return events.filter(({ gateway, epoch, seq }) => seq < (conflicts.get(`${gateway}/${epoch}`) ?? Infinity));
}

/**
 * Applies what is stored of some epochs of a gateway, in the order of its numbers and up to the first gap, and says where
 * each of them stands. The same call again changes nothing.
 */
export async function project(
  db: Db,
  arg: { gateway: string; epochs: readonly string[]; now: string },
): Promise<Progress[]> {
  const gateway = await lockGateway(db, arg.gateway);
  return gateway === undefined ? [] : await projectHeld(db, gateway, arg);
}

/** Of a gateway whose row is held. */
async function projectHeld(
  db: Db,
  gateway: Held,
  arg: { gateway: string; epochs: readonly string[]; now: string },
): Promise<Progress[]> {
  const answer: Progress[] = [];
  for (const epoch of arg.epochs) {
    const [row, waiting] = await together(
      db
        .selectFrom('epoch')
        .selectAll()
        .where('gateway', '=', arg.gateway)
        .where('epoch', '=', epoch)
        .executeTakeFirst(),
      waitingIn(db, arg.gateway, epoch),
    );
    if (row === undefined) continue;
    const step = await projectEpoch(db, row, waiting, arg.now);
    answer.push({
      gateway: arg.gateway,
      epoch,
      current: gateway.epoch === null || gateway.epoch === epoch,
      upTo: step.frontier,
      id: step.id,
      lastSeq: row.last_seq,
      passed: row.passed === 1,
      more: step.more,
      rejected: step.rejected,
    });
  }
  return answer;
}

type Waiting = Pick<Tables['event'], 'seq' | 'id' | 'type' | 'body'>;

/** What is stored and not yet applied. */
async function waitingIn(db: Db, gateway: string, epoch: string): Promise<Waiting[]> {
  return await db
    .selectFrom('event')
    .select(['seq', 'id', 'type', 'body'])
    .where('gateway', '=', gateway)
    .where('epoch', '=', epoch)
    // A literal, so that both databases see that their partial index holds them all.
    .where('applied', '=', sql.lit(0))
    .orderBy('seq')
    .limit(APPLY)
    .execute();
}

async function projectEpoch(db: Db, row: Tables['epoch'], waiting: readonly Waiting[], now: string) {
  const taken: Waiting[] = [];
  let frontier = row.frontier;
  let id = row.frontier_id;
  for (const event of waiting) {
    if (event.seq === frontier + 1) {
      frontier = event.seq;
      id = event.id;
    } else if (event.seq > frontier && row.passed === 0) {
      break;
    }
    // Below the frontier is what came after a truncated replay had given it up: late is better than never.
    taken.push(event);
  }

  const rejected = await apply(db, row.gateway, taken, now);
  const [, end] = await together(noteApplied(db, row, taken), closeUp(db, row, frontier, id));
  ({ frontier, id } = end);
  if (frontier !== row.frontier) {
    await db
      .updateTable('epoch')
      .set({ frontier, frontier_id: id })
      .where('gateway', '=', row.gateway)
      .where('epoch', '=', row.epoch)
      .execute();
  }
  return { frontier, id, more: taken.length === APPLY, rejected };
}

async function noteApplied(
  db: Db,
  { gateway, epoch }: Pick<Tables['epoch'], 'gateway' | 'epoch'>,
  events: readonly Waiting[],
): Promise<void> {
  if (events.length === 0) return;
  await db
    .updateTable('event')
    .set({ applied: 1 })
    .where('gateway', '=', gateway)
    .where('epoch', '=', epoch)
    .where(
      'seq',
      'in',
      events.map(({ seq }) => seq),
    )
    .execute();
}

/** Moves a frontier over events that were applied beyond it, while the epoch was passed, once the gap before them closes. */
async function closeUp(
  db: Db,
  row: Pick<Tables['epoch'], 'gateway' | 'epoch'>,
  from: number,
  fromId: string | null,
): Promise<{ frontier: number; id: string | null }> {
  let frontier = from;
  let id = fromId;
  for (;;) {
    const end = frontier + APPLY;
    const next = await db
      .selectFrom('event')
      .select(['seq', 'id', 'applied'])
      .where('gateway', '=', row.gateway)
      .where('epoch', '=', row.epoch)
      .where('seq', '>', frontier)
      .where('seq', '<=', end)
      .orderBy('seq')
      .execute();
    for (const event of next) {
      if (event.seq !== frontier + 1 || event.applied === 0) return { frontier, id };
      frontier = event.seq;
      id = event.id;
    }
    if (frontier < end) return { frontier, id };
  }
}
