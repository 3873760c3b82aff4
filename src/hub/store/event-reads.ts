/** What happened, as customers are told of it: for those that wait, and those that resume. Rows of webhook_event (notify.ts). */
import type { Selectable } from 'kysely';
import type { KeptNumberRow } from './activation-reads.ts';
import type { Db, Tables } from './schema.ts';

export type EventRow = Selectable<Tables['webhook_event']>;

/** Rows of one `in (…)`. */
const ROWS = 500;

export function eventReadsOn(db: Db) {
  const told = () => db.selectFrom('webhook_event').where('activation', 'is not', null);

  return {
    /** At most `limit` events of all accounts with ids after `after`, in the order of their ids; only whose they are. */
    async eventsAfter(arg: { after: string; limit: number }): Promise<{ id: string; account: string }[]> {
      return await told()
        .select(['id', 'account'])
        .where('id', '>', arg.after)
        .orderBy('id')
        .limit(arg.limit)
        .execute();
    },

    async eventsById(ids: readonly string[]): Promise<EventRow[]> {
      const rows: EventRow[] = [];
      for (let i = 0; i < ids.length; i += ROWS) {
        rows.push(
          ...(await db
            .selectFrom('webhook_event')
            .selectAll()
            .where('id', 'in', ids.slice(i, i + ROWS))
            .orderBy('id')
            .execute()),
        );
      }
      return rows;
    },

    /** At most `limit` events of an account with ids after `after`, in the order of their ids. */
    async eventsOf(arg: { account: string; after: string; limit: number }): Promise<EventRow[]> {
      return await told()
        .selectAll()
        .where('account', '=', arg.account)
        .where('id', '>', arg.after)
        .orderBy('id')
        .limit(arg.limit)
        .execute();
    },

    /** The ids of an account's events after one id, up to and with another. */
    async eventIds(arg: { account: string; after: string; upTo: string }): Promise<string[]> {
      const rows = await told()
        .select('id')
        .where('account', '=', arg.account)
        .where('id', '>', arg.after)
        .where('id', '<=', arg.upTo)
        .orderBy('id')
        .execute();
      return rows.map(({ id }) => id);
    },

    /** The kept number that an activation is the inside of. */
    async keptNumberOf(arg: { account: string; activation: string }): Promise<KeptNumberRow | null> {
      const row = await db
        .selectFrom('kept_number')
        .selectAll()
        .where('activation', '=', arg.activation)
        .where('account', '=', arg.account)
        .executeTakeFirst();
      return row ?? null;
    },
  };
}
