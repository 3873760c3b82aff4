/** What the hub looks up. Reads run beside the verbs, on a connection that sees what is committed. */
import type { SmsReceived } from '../../protocol/events.ts';
import type { SimState } from '../../protocol/state.ts';
import { accountReadsOn } from './account-reads.ts';
import { activationReadsOn } from './activation-reads.ts';
import { eventReadsOn } from './event-reads.ts';
import type { Db, Tables } from './schema.ts';
import { claims, stockReadsOn } from './stock-reads.ts';
import { webhookReadsOn } from './webhook-reads.ts';

/** A number as its customer may see it: a SIM, and the gateway that has it. */
export interface NumberRow {
  readonly gateway: string;
  readonly online: boolean;
  /** The SIM was there and left. */
  readonly gone: boolean;
  readonly sim: SimState;
}

export interface MessageRow {
  readonly id: string;
  readonly n: number;
  readonly receivedAt: string;
  readonly updatedAt: string | null;
  readonly data: SmsReceived;
}

export type Reads = ReturnType<typeof readsOn>;

export function readsOn(db: Db) {
  return {
    ...accountReadsOn(db),
    ...activationReadsOn(db),
    ...eventReadsOn(db),
    ...stockReadsOn(db),
    ...webhookReadsOn(db),

    /** At most `limit` numbers whose ICCID follows `after`, in the order of their ICCIDs. */
    async numbers(arg: { after: string; limit: number }): Promise<NumberRow[]> {
      const rows = await claims(db)
        .where('iccid', '>', arg.after)
        .orderBy('iccid')
        .limit(arg.limit)
        .execute();
      return rows.map(numberOf);
    },

    async number(iccid: string): Promise<NumberRow | null> {
      const row = await claims(db).where('iccid', '=', iccid).executeTakeFirst();
      return row === undefined ? null : numberOf(row);
    },

    /** Whether this is a number of ours: a SIM is or was there, or a message arrived before its SIM was heard of. */
    async isNumber(iccid: string): Promise<boolean> {
      const row = await db
        .selectFrom('sim')
        .select('iccid')
        .where('iccid', '=', iccid)
        .union(db.selectFrom('inbox').select('iccid').where('iccid', '=', iccid).where('iccid', '!=', ''))
        .executeTakeFirst();
      return row !== undefined;
    },

    /**
     * At most `limit` messages of a number in order of arrival: those after number `after`, and since the moment `since`
     * (RFC 3339 UTC with milliseconds) by `listed_at`.
     */
    async messages(arg: {
      iccid: string;
      since: string | null;
      after: number | null;
      limit: number;
    }): Promise<MessageRow[]> {
      let query = db
        .selectFrom('message')
        .select(['id', 'n', 'received_at', 'updated_at', 'data'])
        .where('iccid', '=', arg.iccid)
        .limit(arg.limit);
      if (arg.since !== null) query = query.where('listed_at', '>=', arg.since);
      // `listed_at` never goes back within a number, so both orders are the same; each is the order of one index.
      query =
        arg.after !== null || arg.since === null
          ? query.where('n', '>', arg.after ?? 0).orderBy('n')
          : query.orderBy('listed_at').orderBy('n');
      const rows = await query.execute();
      return rows.map((row) => ({
        id: row.id,
        n: row.n,
        receivedAt: row.received_at,
        updatedAt: row.updated_at,
        data: JSON.parse(row.data),
      }));
    },

    /** Epochs that lack events, or have some that were stored and not applied before the end of the process. */
    async unfinished(): Promise<{ gateway: string; epoch: string }[]> {
      return await db
        .selectFrom('epoch')
        .select(['gateway', 'epoch'])
        .where('passed', '=', 0)
        .whereRef('frontier', '<', 'last_seq')
        .union(db.selectFrom('event').select(['gateway', 'epoch']).where('applied', '=', 0))
        .execute();
    },

    async gateways(): Promise<Tables['gateway'][]> {
      return await db.selectFrom('gateway').selectAll().orderBy('id').execute();
    },

    async alarms(arg: { limit: number }): Promise<Tables['alarm'][]> {
      return await db.selectFrom('alarm').selectAll().orderBy('id', 'desc').limit(arg.limit).execute();
    },
  };
}

function numberOf(row: { gateway: string; gone: 0 | 1; online: 0 | 1 | null; data: string }): NumberRow {
  return { gateway: row.gateway, online: row.online === 1, gone: row.gone === 1, sim: JSON.parse(row.data) };
}
