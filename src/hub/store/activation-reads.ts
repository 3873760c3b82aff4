/** What customers see of what they bought. Every read names the account: nobody sees another's. */
import type { Selectable } from 'kysely';
import type { SmsReceived } from '../../protocol/events.ts';
import type { State } from '../activations/transitions.ts';
import type { ActivationRow } from './activations.ts';
import { type Earlier, earlierOf, type Idempotency } from './idempotency.ts';
import type { Db, Tables } from './schema.ts';

export type { ActivationRow };
export type KeptNumberRow = Selectable<Tables['kept_number']>;

/** A message of an activation or a kept number. */
export interface AttributedMessage {
  readonly id: string;
  /** 1, 2, 3… within the activation. */
  readonly n: number;
  readonly receivedAt: string;
  readonly updatedAt: string | null;
  /** It came after the end. */
  readonly late: boolean;
  readonly data: SmsReceived;
}

export function activationReadsOn(db: Db) {
  return {
    async activation(arg: { account: string; id: string }): Promise<ActivationRow | null> {
      const row = await db
        .selectFrom('activation')
        .selectAll()
        .where('id', '=', arg.id)
        .where('account', '=', arg.account)
        .executeTakeFirst();
      return row ?? null;
    },

    /** By the integer id of the older protocols. */
    async activationByN(arg: { account: string; n: number }): Promise<ActivationRow | null> {
      const row = await db
        .selectFrom('activation')
        .selectAll()
        .where('n', '=', arg.n)
        .where('account', '=', arg.account)
        .executeTakeFirst();
      return row ?? null;
    },

    /** Those of one request, in the order in which it named its services. */
    async activationsOfBatch(arg: { account: string; batch: string }): Promise<ActivationRow[]> {
      return await db
        .selectFrom('activation')
        .selectAll()
        .where('batch', '=', arg.batch)
        .where('account', '=', arg.account)
        .orderBy('n')
        .execute();
    },

    /**
     * At most `limit` activations that are no kept numbers, the newest first: those before number `before`, in one of
     * `states` (all but `failed` without), made since and before some moment.
     */
    async activations(arg: {
      account: string;
      before: number | null;
      limit: number;
      states?: readonly State[];
      from?: string;
      to?: string;
      offset?: number;
    }): Promise<ActivationRow[]> {
      let query = db
        .selectFrom('activation')
        .selectAll()
        .where('account', '=', arg.account)
        .where('mode', '=', 'single')
        .orderBy('n', 'desc')
        .limit(arg.limit);
      if (arg.before !== null) query = query.where('n', '<', arg.before);
      query =
        arg.states === undefined
          ? query.where('state', '!=', 'failed')
          : query.where('state', 'in', arg.states);
      if (arg.from !== undefined) query = query.where('created_at', '>=', arg.from);
      if (arg.to !== undefined) query = query.where('created_at', '<=', arg.to);
      if (arg.offset !== undefined) query = query.offset(arg.offset);
      return await query.execute();
    },

    /** Of one number and service: what usphoneverify asks for before it gives a number again. */
    async activationsOnNumber(arg: {
      account: string;
      msisdn: string;
      service?: string;
      limit: number;
    }): Promise<ActivationRow[]> {
      let query = db
        .selectFrom('activation')
        .selectAll()
        .where('account', '=', arg.account)
        .where('mode', '=', 'single')
        .where('msisdn', '=', arg.msisdn)
        .orderBy('n', 'desc')
        .limit(arg.limit);
      if (arg.service !== undefined) query = query.where('service', '=', arg.service);
      return await query.execute();
    },

    /**
     * At most `limit` messages of an activation in order of arrival: those after number `after`, and since the moment `since`
     * (RFC 3339 UTC with milliseconds) as with `messages`. Of a kept number: those of its activation.
     */
    async messagesOf(arg: {
      account: string;
      activation: string;
      since: string | null;
      after: number | null;
      limit: number;
    }): Promise<AttributedMessage[]> {
      let query = db
        .selectFrom('attribution')
        .innerJoin('message', 'message.id', 'attribution.message')
        .select(['message.id', 'message.received_at', 'message.updated_at', 'message.data'])
        .select(['attribution.n', 'attribution.late'])
        .where('attribution.activation', '=', arg.activation)
        .where('attribution.account', '=', arg.account)
        .limit(arg.limit);
      if (arg.since !== null) query = query.where('attribution.listed_at', '>=', arg.since);
      query =
        arg.after !== null || arg.since === null
          ? query.where('attribution.n', '>', arg.after ?? 0).orderBy('attribution.n')
          : query.orderBy('attribution.listed_at').orderBy('attribution.n');
      return (await query.execute()).map(messageOf);
    },

    /** The newest `limit` messages of an account's activations since a moment, the newest first. */
    async latestMessages(arg: {
      account: string;
      since: string;
      limit: number;
      activation?: string;
      msisdn?: string;
      service?: string;
    }): Promise<(AttributedMessage & { activation: ActivationRow })[]> {
      let query = db
        .selectFrom('attribution')
        .innerJoin('message', 'message.id', 'attribution.message')
        .innerJoin('activation', 'activation.id', 'attribution.activation')
        .selectAll('activation')
        .select([
          'message.id as message_id',
          'message.received_at as message_at',
          'message.data as message_data',
        ])
        .select(['message.updated_at as message_updated', 'attribution.n as place', 'attribution.late'])
        .where('attribution.account', '=', arg.account)
        .where('attribution.listed_at', '>=', arg.since)
        .orderBy('attribution.listed_at', 'desc')
        .orderBy('attribution.message', 'desc')
        .limit(arg.limit);
      if (arg.activation !== undefined) query = query.where('activation.id', '=', arg.activation);
      if (arg.msisdn !== undefined) query = query.where('activation.msisdn', '=', arg.msisdn);
      if (arg.service !== undefined) query = query.where('activation.service', '=', arg.service);
      const rows = await query.execute();
      return rows.map(
        ({ message_id, message_at, message_data, message_updated, place, late, ...activation }) => ({
          ...messageOf({
            id: message_id,
            n: place,
            received_at: message_at,
            updated_at: message_updated,
            late,
            data: message_data,
          }),
          activation,
        }),
      );
    },

    /** At most `limit` kept numbers of an account that it can see, in the order in which they were made. */
    async keptNumbers(arg: { account: string; after: string; limit: number }): Promise<KeptNumberRow[]> {
      return await db
        .selectFrom('kept_number')
        .selectAll()
        .where('account', '=', arg.account)
        .where('state', '!=', 'failed')
        .where('id', '>', arg.after)
        .orderBy('id')
        .limit(arg.limit)
        .execute();
    },

    async keptNumber(arg: { account: string; id: string }): Promise<KeptNumberRow | null> {
      const row = await db
        .selectFrom('kept_number')
        .selectAll()
        .where('id', '=', arg.id)
        .where('account', '=', arg.account)
        .executeTakeFirst();
      return row ?? null;
    },

    /** The attempts that one command opens, in the order in which their activations were named. */
    async attemptsOf(command: string): Promise<{ id: string; activation: string }[]> {
      return await db
        .selectFrom('attempt')
        .innerJoin('activation', 'activation.id', 'attempt.activation')
        .select(['attempt.id', 'attempt.activation'])
        .where('attempt.command', '=', command)
        .orderBy('activation.n')
        .execute();
    },

    /** The gateways that were asked for an activation, in their order. */
    async attempts(activation: string): Promise<Tables['attempt'][]> {
      return await db
        .selectFrom('attempt')
        .selectAll()
        .where('activation', '=', activation)
        .orderBy('n')
        .execute();
    },

    /** What is known of a request with that key; null when it never came. */
    async earlier(arg: Idempotency & { account: string }): Promise<Earlier | null> {
      return await earlierOf(db, arg);
    },

    /** Priority requests that wait for a number: the highest offer first, among equal ones the earliest. */
    async queue(arg: { limit: number }): Promise<ActivationRow[]> {
      return await db
        .selectFrom('activation')
        .selectAll()
        .where('state', '=', 'queued')
        .orderBy('markup', 'desc')
        .orderBy('n')
        .limit(arg.limit)
        .execute();
    },
  };
}

function messageOf(row: {
  id: string;
  n: number;
  received_at: string;
  updated_at: string | null;
  late: 0 | 1;
  data: string;
}): AttributedMessage {
  const { id, n } = row;
  return {
    id,
    n,
    receivedAt: row.received_at,
    updatedAt: row.updated_at,
    late: row.late === 1,
    data: JSON.parse(row.data),
  };
}
