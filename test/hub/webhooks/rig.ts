/** A store with an account, a clock that only the test moves, and deliverers on it. */
import { pino } from 'pino';
import { newWebhookSecret } from '../../../src/hub/secrets.ts';
import { tell } from '../../../src/hub/store/notify.ts';
import type { NewEndpoint } from '../../../src/hub/store/webhooks.ts';
import { Deliverer, type DelivererOptions } from '../../../src/hub/webhooks/deliverer.ts';
import { ulid } from '../../../src/protocol/ulid.ts';
import { type Kind, SQLITE, type TestStore } from '../databases.ts';
import type { Receiver } from './receiver.ts';

export const START = Date.parse('2026-11-21T06:30:00.000Z');
export const ACCOUNT = 'acc_1';
const REAL = {
  get at() {
    return Date.now();
  },
  set at(_time) {},
};

export interface Rig {
  readonly clock: { at: number };
  /** As `hub.database` names it. */
  readonly url: string;
  /** For the test itself. */
  readonly store: TestStore;
  /** The account's signing secret. */
  readonly secret: string;
  endpoint(url: string, more?: Partial<NewEndpoint>): Promise<string>;
  /** A message arrives: an event and its deliveries, as the projector writes them. Nobody is woken. */
  say(text: string): Promise<void>;
  deliverer(more?: Partial<DelivererOptions>): Promise<Deliverer>;
  /** Moves the clock and lets the deliverers look. */
  pass(ms: number): void;
  close(): Promise<void>;
}

/** @param options - `clock: 'real'` for tests with other processes: then `clock.at` is the time of day and stays it. */
export async function startRig(
  kind: Kind,
  receivers: readonly Receiver[],
  options: { readonly clock?: 'real' } = {},
): Promise<Rig> {
  const database = await kind.make();
  const store = await database.open();
  const clock = options.clock === 'real' ? REAL : { at: START };
  const now = () => new Date(clock.at).toISOString();
  const secret = newWebhookSecret();
  await store.verbs.createAccount({
    id: ACCOUNT,
    name: 'one',
    secret: { id: 'whs_1', value: secret },
    now: now(),
  });
  const deliverers: Deliverer[] = [];
  const stores: TestStore[] = [];
  let said = 0;
  return {
    clock,
    url: database.url,
    store,
    secret,
    async endpoint(url, more = {}) {
      const id = `we_${ulid(clock.at)}`;
      await store.verbs.createEndpoint({
        id,
        account: ACCOUNT,
        number: null,
        url,
        rendering: 'standard',
        events: null,
        options: {},
        description: '',
        secret: null,
        now: now(),
        ...more,
      });
      return id;
    },
    async say(text) {
      said += 1;
      await tell(store.db, smsEvent(said, text, now()), now());
    },
    async deliverer(more = {}) {
      // A file has one writer, and on one thread a second would wait for the first for ever.
      const own = kind === SQLITE ? store : await database.open();
      if (own !== store) stores.push(own);
      const deliverer = new Deliverer({
        store: own,
        log: pino({ level: 'silent' }),
        policy: { allowHttp: true, allowPrivate: true, ports: receivers.map(({ port }) => port) },
        now: () => clock.at,
        // Nothing happens by itself: a test says when it is time to look.
        timing: { pollMs: 3_600_000, graceMs: 200 },
        ...more,
      });
      deliverers.push(deliverer);
      deliverer.start();
      return deliverer;
    },
    pass(ms) {
      clock.at += ms;
      for (const deliverer of deliverers) deliverer.wake();
    },
    async close() {
      await Promise.all(deliverers.map((deliverer) => deliverer.stop()));
      for (const own of stores) await own.close();
      await store.close();
      await database.remove();
    },
  };
}

function smsEvent(n: number, text: string, at: string): Parameters<typeof tell>[1] {
  return {
    account: ACCOUNT,
    type: 'sms.received',
    reference: `message ${n}`,
    activation: null,
    number: null,
    message: null,
    sequence: n,
    data: {
      activation: null,
      number: { id: 'num_01JD8Z6Q3V4N5R7T9W0X2Y4ZAB' },
      phone: '+12025550143',
      iccid: '8901260000000000017',
      message: {
        id: ulid(Date.parse(at)),
        from: '72941',
        fromType: 'abbreviated',
        text,
        code: null,
        codeRaw: null,
        receivedAt: at,
        complete: true,
        parts: { total: 1, received: 1 },
        sequence: n,
        late: false,
      },
    },
  };
}
