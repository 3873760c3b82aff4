/**
 * What signs for each endpoint: its own secrets, or else its account's. One that was replaced goes on until the end that was
 * promised for it, however often it is replaced again: a receiver that knows it must not fail before.
 */
import { SimbankError } from '../../errors.ts';
import { ulid } from '../../protocol/ulid.ts';
import { newWebhookSecret } from './accounts.ts';
import type { Db } from './schema.ts';

/** Secrets that sign at once: each is one more signature in every request. */
const MAX_SECRETS = 5;

/**
 * Gives an account or one endpoint a new secret; what signed until now signs beside it until `overlapUntil`. For an endpoint
 * without one of its own that is its account's.
 *
 * @throws SimbankError `webhook.too_many`
 */
export async function rotateSecret(db: Db, arg: Parameters<typeof newWebhookSecret>[1]): Promise<void> {
  const { endpoint, account, now, overlapUntil } = arg;
  // One rotation after another: else each would leave the other's secret without an end.
  await db
    .updateTable('account')
    .set((eb) => ({ status: eb.ref('status') }))
    .where('id', '=', account)
    .execute();
  const place = { id: endpoint ?? '', account };
  const valid = validOf(await signing(db, [place], now), place);
  if (valid.length >= MAX_SECRETS) {
    const first = valid.at(-1)!.expires_at;
    throw new SimbankError(
      'webhook.too_many',
      `${MAX_SECRETS} secrets sign here by now, which is the most: the first of them ends at ${first}, rotate again after that`,
    );
  }
  const lent = endpoint === null ? [] : valid.filter((one) => one.endpoint === null);
  for (const { secret, expires_at } of lent) {
    await db
      .insertInto('webhook_secret')
      .values({
        id: `whs_${ulid(Date.parse(now))}`,
        account,
        endpoint,
        secret,
        created_at: now,
        expires_at: expires_at ?? overlapUntil,
      })
      .execute();
  }
  await newWebhookSecret(db, arg);
}

/** What signs for each of these endpoints now, the newest first: its own, or else its account's. */
export async function secretsOf(
  db: Db,
  endpoints: readonly { id: string; account: string }[],
  now: string,
): Promise<Map<string, string[]>> {
  const rows = await signing(db, endpoints, now);
  return new Map(
    endpoints.map((endpoint) => [endpoint.id, validOf(rows, endpoint).map(({ secret }) => secret)]),
  );
}

type Secrets = Awaited<ReturnType<typeof signing>>;

/** The newest first: the one that goes on for ever, then by how long each still goes on. */
export async function signing(db: Db, endpoints: readonly { id: string; account: string }[], now: string) {
  const accounts = new Set(endpoints.map(({ account }) => account));
  const ids = endpoints.map(({ id }) => id);
  return await db
    .selectFrom('webhook_secret')
    .select(['account', 'endpoint', 'secret', 'expires_at'])
    .where('account', 'in', [...accounts])
    .where((eb) => eb.or([eb('endpoint', 'is', null), eb('endpoint', 'in', ids)]))
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .orderBy((eb) => eb.fn.coalesce('expires_at', eb.val('~')), 'desc')
    .orderBy('created_at', 'desc')
    .execute();
}

function validOf(rows: Secrets, { id, account }: { id: string; account: string }): Secrets {
  const own = rows.filter(({ endpoint }) => endpoint === id);
  return own.length > 0 ? own : rows.filter((row) => row.endpoint === null && row.account === account);
}
