/** Whose messages are: many at once, or one by one, it ends in the same tables. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAmount } from '../../src/hub/money.ts';
import { newWebhookSecret } from '../../src/hub/secrets.ts';
import { attribute, type Match } from '../../src/hub/store/attributions.ts';
import { attributeAll } from '../../src/hub/store/matches.ts';
import { applyMessages } from '../../src/hub/store/messages.ts';
import type { Db } from '../../src/hub/store/schema.ts';
import { ulid } from '../../src/protocol/ulid.ts';
import { DATABASES, empty, SQLITE, type TestDatabase, type TestStore } from './databases.ts';
import { START, sms, status } from './events.ts';

const ACCOUNT = 'account-1';
const NOW = new Date(START).toISOString();
const ITEMS = [0, 1, 2, 3].map((i) => ({ id: `act_${i}`, attempt: ulid(START + i), iccid: iccidOf(i) }));
const MESSAGES = Array.from({ length: 6 }, (_, i) => ulid(START + 100 + i));

function iccidOf(i: number): string {
  return `890126000000000001${i}`;
}

const said = fc.record({
  message: fc.nat(MESSAGES.length - 1),
  // The last one is of an attempt that nobody knows.
  attempt: fc.nat(ITEMS.length),
  /** Said by the message's own event, or by one that only names it. */
  own: fc.boolean(),
  gateway: fc.constantFrom('host-a', 'host-a', 'host-a', 'host-b'),
});
type Said = typeof said extends fc.Arbitrary<infer T> ? T : never;

describe.each(DATABASES)('on $name', (kind) => {
  let database: TestDatabase;
  let store: TestStore;

  beforeAll(async () => {
    database = await kind.make();
    store = await database.open();
  });
  afterAll(async () => {
    await store.close();
    await database.remove();
  });

  test('a run of them is carried out as each of them would be', async () => {
    const runs = fc.array(said, { minLength: 2, maxLength: 12 });
    const property = fc.asyncProperty(runs, fc.uniqueArray(fc.nat(5)), async (list, missing) => {
      const together = await outcome(list, missing, attributeAll);
      const single = await outcome(list, missing, async (db, matches) => {
        for (const match of matches) await attribute(db, match);
      });
      expect(together).toEqual(single);
    });
    await fc.assert(property, { numRuns: kind === SQLITE ? 60 : 20, endOnFailure: true });
  }, 120_000);

  async function outcome(
    list: readonly Said[],
    missing: readonly number[],
    carryOut: (db: Db, matches: readonly Match[]) => Promise<void>,
  ) {
    await empty(store.db);
    await begin();
    const events = MESSAGES.map((messageId, i) => {
      const receivedAt = new Date(START + ((i * 5) % 6) * 1_000).toISOString();
      return {
        type: 'sms.received' as const,
        gateway: 'host-a',
        data: sms(i, { messageId, receivedAt, iccid: iccidOf(i % ITEMS.length) }),
      };
    }).filter((_, i) => !missing.includes(i));
    await applyMessages(store.db, events, NOW);
    const matches = list.map(({ message, attempt, own, gateway }) => ({
      gateway,
      attempt: ITEMS[attempt]?.attempt ?? ulid(START + 50),
      message: MESSAGES[message]!,
      // A message's own event puts it there first.
      own: own && !missing.includes(message),
      code: own ? null : '123456',
      now: NOW,
    }));
    await store.db.transaction().execute((transaction) => carryOut(transaction, matches));
    return await everything();
  }

  /** Two activations that wait, one whose opening was not heard of, and a kept number; with webhooks. */
  async function begin(): Promise<void> {
    const { verbs } = store;
    const secret = { id: 'whs_1', value: newWebhookSecret() };
    await verbs.createAccount({ id: ACCOUNT, name: 'one', secret, now: NOW });
    await verbs.topUp({ account: ACCOUNT, amount: parseAmount('9.00'), reference: 'first', now: NOW });
    for (const product of ['activation', 'number'] as const) {
      const price = { product, account: '', service: '', country: '', operator: '' };
      await verbs.setPrice({ ...price, amount: parseAmount('0.30'), now: NOW });
    }
    await verbs.noteStatus({ status: status(ulid(START), 0), live: true });
    const endpoint = (id: string) => ({
      id,
      url: 'http://127.0.0.1:9/',
      rendering: 'standard' as const,
      events: null,
      options: {},
      description: '',
      secret: null,
    });
    await verbs.createEndpoint({ ...endpoint('we_all'), account: ACCOUNT, number: null, now: NOW });
    for (const [i, { id, attempt, iccid }] of ITEMS.entries()) {
      const isKept = i === 3;
      await verbs.reserve({
        account: ACCOUNT,
        apiKey: null,
        facade: 'rest',
        batch: `batch ${i}`,
        items: [{ id, attempt, service: isKept ? null : 'tg' }],
        mode: isKept ? 'continuous' : 'single',
        country: 'US',
        wish: {},
        ttl: 1_200,
        maxCost: null,
        orderId: null,
        idempotency: null,
        number: isKept ? { id: 'num_1', endpoint: endpoint('we_num') } : null,
        markup: 0,
        ask: { gateway: 'host-a', command: `command ${i}`, answerBy: NOW },
        queueUntil: null,
        now: NOW,
      });
      if (i === 2) continue;
      const times = { openedAt: NOW, expiresAt: NOW };
      const result = { iccid, msisdn: '+12025550143', operator: null, countryIso: 'US', ...times };
      await verbs.opened({ attempts: [attempt], gateway: 'host-a', result, now: NOW });
    }
  }

  async function everything() {
    const { db } = store;
    const rows = async (table: Parameters<typeof db.selectFrom>[0], ...order: string[]) => {
      let query = db.selectFrom(table as 'activation').selectAll();
      for (const column of order) query = query.orderBy(column as 'id');
      return (await query.execute()) as unknown as Record<string, unknown>[];
    };
    const without = (list: Record<string, unknown>[], ...names: string[]) =>
      list.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name))));
    const events = await rows('webhook_event', 'type', 'reference');
    const references = new Map(events.map(({ id, type, reference }) => [id, `${type} ${reference}`]));
    const deliveries = (await rows('delivery')).map(
      ({ event: id, endpoint }) => `${references.get(id)} to ${endpoint}`,
    );
    return {
      activations: without(await rows('activation', 'id'), 'n'),
      attempts: await rows('attempt', 'id'),
      numbers: await rows('kept_number', 'id'),
      attributions: await rows('attribution', 'activation', 'n'),
      messages: await rows('message', 'id'),
      ledger: without(await rows('ledger', 'n'), 'id'),
      outcomes: await rows('outcome', 'service'),
      used: await rows('used_sim', 'iccid'),
      // Its `data` has the activation's counting number, which goes on from one database to the next.
      events: without(events, 'id').map(({ data, ...row }) => ({
        ...row,
        data: JSON.parse(String(data), (name, value) => (name === 'n' ? null : value)),
      })),
      deliveries: deliveries.toSorted(),
    };
  }
});
