/**
 * What could be sold now, and how well it went lately. Both come from what gateways say, and are a little behind: a gateway alone
 * assigns its SIMs (contracts/mqtt.md, «Assignment rules»).
 */
import { type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import type { Wish } from '../activations/wish.ts';
import { quarterOf } from './outcomes.ts';
import type { Db, Tables } from './schema.ts';

export interface StockQuery {
  /** null: any sender. */
  readonly service: string | null;
  /** ISO 3166-1 alpha-2; null: any. */
  readonly country: string | null;
  /** Leaves out what this account has turned down. */
  readonly account: string;
  /** Only SIMs on which nothing is open: for a number that is kept. */
  readonly idle?: boolean;
}

/** A gateway that may have a number. */
export interface Candidate {
  readonly gateway: string;
  /** SIMs that fit, as far as the hub knows. */
  readonly stock: number;
}

export interface Rate {
  readonly service: string;
  readonly country: string;
  readonly received: number;
  readonly missed: number;
  readonly refused: number;
  /** Of those that were received; null without any. */
  readonly averageArrivalMs: number | null;
}

export function stockReadsOn(db: Db) {
  return {
    /** Gateways that are there and have SIMs that fit, with the ICCIDs on them that must not be sold again. */
    async candidates(arg: StockQuery & { wish: Wish }): Promise<Candidate[]> {
      const rows = await fitting(db, arg)
        .select((eb) => ['gateway', eb.fn.countAll<number>().as('stock')])
        .groupBy('gateway')
        .execute();
      return rows.map(({ gateway, stock }) => ({ gateway, stock: Number(stock) }));
    },

    /** ICCIDs of a gateway that have served this service, or that the account has turned down for it. */
    async usedSims(arg: { gateway: string; service: string; account: string }): Promise<string[]> {
      const rows = await db
        .selectFrom('used_sim')
        .innerJoin('sim', 'sim.iccid', 'used_sim.iccid')
        .select('used_sim.iccid')
        .distinct()
        .where('used_sim.service', '=', arg.service)
        .where('used_sim.account', 'in', ['', arg.account])
        .where('sim.gateway', '=', arg.gateway)
        .where('sim.gone', '=', 0)
        .execute();
      return rows.map(({ iccid }) => iccid);
    },

    /** How many numbers there are for a service, by country. */
    async stock(arg: StockQuery & { wish?: Wish }): Promise<{ country: string; stock: number }[]> {
      const rows = await fitting(db, { wish: {}, ...arg })
        .select((eb) => ['country', eb.fn.countAll<number>().as('stock')])
        .where('country', 'is not', null)
        .groupBy('country')
        .orderBy('country')
        .execute();
      return rows.map(({ country, stock }) => ({ country: country!, stock: Number(stock) }));
    },

    /** The operators of the numbers in a country. */
    async operators(arg: {
      country: string | null;
    }): Promise<{ country: string; operator: string; stock: number }[]> {
      let query = available(db)
        .select((eb) => ['country', 'operator', eb.fn.countAll<number>().as('stock')])
        .where('country', 'is not', null)
        .where('operator', 'is not', null)
        .groupBy(['country', 'operator'])
        .orderBy('country')
        .orderBy('operator');
      if (arg.country !== null) query = query.where('country', '=', arg.country);
      const rows = await query.execute();
      return rows.map(({ country, operator, stock }) => ({
        country: country!,
        operator: operator!,
        stock: Number(stock),
      }));
    },

    /**
     * The whole catalogue's stock in two questions: numbers by country, and for which service how many of them are used up. What
     * is not named in `used` is not used at all.
     */
    async stockMatrix(arg: { account: string }): Promise<{
      countries: { country: string; stock: number }[];
      used: { service: string; country: string; used: number }[];
    }> {
      const countries = await available(db)
        .select((eb) => ['country', eb.fn.countAll<number>().as('stock')])
        .where('country', 'is not', null)
        .groupBy('country')
        .orderBy('country')
        .execute();
      const used = await available(db)
        .innerJoin(
          db
            .selectFrom('used_sim')
            .select(['service', 'iccid'])
            .where('account', 'in', ['', arg.account])
            .union(openServices(db))
            .as('taken'),
          'taken.iccid',
          'claim.iccid',
        )
        .select((eb) => ['taken.service', 'claim.country', eb.fn.countAll<number>().as('used')])
        .where('claim.country', 'is not', null)
        .groupBy(['taken.service', 'claim.country'])
        .execute();
      return {
        countries: countries.map(({ country, stock }) => ({ country: country!, stock: Number(stock) })),
        used: used.map(({ service, country, used: count }) => ({
          service: service!,
          country: country!,
          used: Number(count),
        })),
      };
    },

    /** How it went since a moment, by service and country; empty texts stand for any. */
    async rates(arg: { since: string; service?: string; country?: string }): Promise<Rate[]> {
      let query = db
        .selectFrom('outcome')
        .select(['service', 'country'])
        .select(totals)
        .where('bucket', '>=', quarterOf(arg.since))
        .groupBy(['service', 'country']);
      if (arg.service !== undefined) query = query.where('service', '=', arg.service);
      if (arg.country !== undefined) query = query.where('country', '=', arg.country);
      return (await query.execute()).map((row) => ({
        service: row.service,
        country: row.country,
        ...rateOf(row),
      }));
    },

    /** The same of single gateways, for one service and country. */
    async gatewayRates(arg: {
      since: string;
      service: string | null;
      country: string | null;
    }): Promise<({ gateway: string } & Omit<Rate, 'service' | 'country'>)[]> {
      let query = db
        .selectFrom('outcome')
        .select('gateway')
        .select(totals)
        .where('bucket', '>=', quarterOf(arg.since))
        .where('service', '=', arg.service ?? '')
        .groupBy('gateway');
      if (arg.country !== null) query = query.where('country', '=', arg.country);
      return (await query.execute()).map((row) => ({ gateway: row.gateway, ...rateOf(row) }));
    },
  };
}

const totals = (eb: ExpressionBuilder<Tables, 'outcome'>) => [
  eb.fn.sum<number>('received').as('received'),
  eb.fn.sum<number>('missed').as('missed'),
  eb.fn.sum<number>('refused').as('refused'),
  eb.fn.sum<number>('arrival_ms').as('arrival_ms'),
];

/** Sums of bigint come as texts from PostgreSQL. */
function rateOf(row: { received: unknown; missed: unknown; refused: unknown; arrival_ms: unknown }) {
  const received = Number(row.received);
  return {
    received,
    missed: Number(row.missed),
    refused: Number(row.refused),
    averageArrivalMs: received === 0 ? null : Math.round(Number(row.arrival_ms) / received),
  };
}

/** SIMs that a customer could get, whatever the service. */
function available(db: Db) {
  return db
    .selectFrom(claims(db).as('claim'))
    .where('claim.gone', '=', 0)
    .where('claim.eligible', '=', 1)
    .where('claim.online', '=', 1);
}

/** SIMs that fit a query. What only the gateway can judge (area codes, network codes) is left to it. */
function fitting(db: Db, { service, country, account, wish, idle }: StockQuery & { wish: Wish }) {
  let query = available(db);
  if (country !== null) query = query.where('claim.country', '=', country);
  if (wish.msisdn !== undefined) query = query.where('claim.msisdn', '=', wish.msisdn);
  if (wish.iccid !== undefined) query = query.where('claim.iccid', '=', wish.iccid);
  const names = (wish.operators ?? []).filter((operator) => !/^\d+$/.test(operator));
  if (names.length > 0 && names.length === wish.operators?.length) {
    const lower = names.map((name) => name.toLowerCase());
    query = query.where((eb) => eb(eb.fn<string>('lower', ['claim.operator']), 'in', lower));
  }
  if (idle === true) {
    query = query.where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('attempt')
            .select('attempt.id')
            .whereRef('attempt.iccid', '=', sql.ref('claim.iccid'))
            .where('attempt.state', 'in', ['open', 'closing']),
        ),
      ),
    );
  }
  if (service === null) return query;
  query = query.where((eb) =>
    eb.not(
      eb.exists(
        openServices(db)
          .whereRef('attempt.iccid', '=', sql.ref('claim.iccid'))
          .where('activation.service', '=', service),
      ),
    ),
  );
  const used = db
    .selectFrom('used_sim')
    .select('used_sim.iccid')
    .where(sql<SqlBool>`used_sim.iccid = claim.iccid`)
    .where('used_sim.service', '=', service)
    .where('used_sim.account', 'in', ['', account]);
  if (wish.msisdn === undefined) return query.where((eb) => eb.not(eb.exists(used)));
  // Who has had a number may ask for it by name, and again for the same service (customer-apis U-13). Anybody else would get
  // the codes of accounts that are another's.
  return query.where((eb) => {
    const isUnused = eb.not(eb.or([eb.exists(used), eb.exists(holders(db, 'kept by another', account))]));
    return eb.or([isUnused, eb.exists(holders(db, 'this one', account))]);
  });
}

/** Who had a SIM until now: this account, or another that kept its number, for whatever services. */
function holders(db: Db, who: 'this one' | 'kept by another', account: string) {
  const query = db
    .selectFrom('attempt')
    .innerJoin('activation', 'activation.id', 'attempt.activation')
    .select('attempt.id')
    .where(sql<SqlBool>`attempt.iccid = claim.iccid`);
  return who === 'this one'
    ? query.where('activation.account', '=', account)
    : query.where('activation.account', '!=', account).where('activation.mode', '=', 'continuous');
}

/** Services that are open on some SIM now. */
function openServices(db: Db) {
  return db
    .selectFrom('attempt')
    .innerJoin('activation', 'activation.id', 'attempt.activation')
    .select(['activation.service', 'attempt.iccid'])
    .where('attempt.state', 'in', ['open', 'closing'])
    .where('activation.service', 'is not', null)
    .where('attempt.iccid', 'is not', null)
    .$castTo<{ service: string; iccid: string }>();
}

/**
 * One row a SIM: of two gateways that claim it the newest `insertedAt` wins (contracts/mqtt.md, «Retained state»). Almost all have
 * one claim only: a look into an index for each that is asked for, where ranking them would sort all SIMs there are.
 */
export function claims(db: Db) {
  return db
    .selectFrom((eb) =>
      eb
        .selectFrom('sim')
        .leftJoin('gateway', 'gateway.id', 'sim.gateway')
        .select(['sim.iccid', 'sim.gateway', 'sim.gone', 'sim.data', 'gateway.online'])
        .select(['sim.country', 'sim.operator', 'sim.msisdn', 'sim.eligible'])
        .where((outer) =>
          outer.not(
            outer.exists(
              outer
                .selectFrom('sim as other')
                .select('other.iccid')
                .whereRef('other.iccid', '=', 'sim.iccid')
                .where(
                  sql<SqlBool>`(other.gone < sim.gone or (other.gone = sim.gone and (other.inserted_at > sim.inserted_at
                    or (other.inserted_at = sim.inserted_at and other.gateway < sim.gateway))))`,
                ),
            ),
          ),
        )
        .as('single'),
    )
    .selectAll();
}
