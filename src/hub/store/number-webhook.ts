/** The webhook of a kept number: one at most (customer-apis M-30), whoever sets it at the same time. */
import type { EndpointOptions } from '../webhooks/renderings.ts';
import { holding } from './dialect.ts';
import type { NumberEndpoint } from './reserve.ts';
import type { Db } from './schema.ts';
import { createEndpoint, deleteEndpoint, updateEndpoint } from './webhooks.ts';

export interface NumberWebhook {
  readonly account: string;
  /** `num_<ulid>` */
  readonly number: string;
  /** What it becomes where there is none; where there is one, that takes this URL and is turned on. null takes it away. */
  readonly endpoint?: NumberEndpoint | null;
  /** Of the one that is there; without them they stay. */
  readonly options?: EndpointOptions;
  readonly now: string;
}

/**
 * Sets, changes or takes away the webhook of a number.
 *
 * @returns the endpoints where deliveries are due or ended by it; null when the number was given back, or is none of the account's.
 * @throws SimbankError `webhook.no_secret`
 */
export async function setNumberWebhook(db: Db, arg: NumberWebhook): Promise<string[] | null> {
  const { account, number, endpoint, options, now } = arg;
  const kept = db
    .selectFrom('kept_number')
    .select('state')
    .where('id', '=', number)
    .where('account', '=', account);
  const row = await holding(db, kept, ['kept_number']).executeTakeFirst();
  if (row === undefined || row.state === 'released' || row.state === 'failed') return null;
  const endpoints = db
    .selectFrom('webhook_endpoint')
    .select('id')
    .where('account', '=', account)
    .where('number', '=', number)
    .where('state', '!=', 'deleted')
    .orderBy('id');
  const [there, ...doubles] = await holding(db, endpoints, ['webhook_endpoint']).execute();
  if (there === undefined) {
    if (endpoint == null) return [];
    await createEndpoint(db, { ...endpoint, account, number, now });
    return [endpoint.id];
  }
  // Several are of a time when nobody held the number over this.
  const superfluous = endpoint === null ? [there, ...doubles] : doubles;
  for (const { id } of superfluous) await deleteEndpoint(db, { id, account, now });
  if (endpoint !== null) {
    await updateEndpoint(db, {
      id: there.id,
      account,
      ...(endpoint === undefined ? {} : { url: endpoint.url, active: true }),
      ...(options === undefined ? {} : { options }),
      now,
    });
  }
  return [there, ...doubles].map(({ id }) => id);
}
