/** Rows of the contracts that no other test of the API is about. docs/contracts.md lists which test holds which row. */
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Config } from '../../../src/config.ts';
import { needs } from '../../programs.ts';
import { SQLITE } from '../databases.ts';
import { event as eventOf, ICCID, raw, START, sms } from '../events.ts';
import { until } from '../gateway.ts';
import { startReceiver } from '../webhooks/receiver.ts';
import { ACCOUNT, startRig } from '../webhooks/rig.ts';
import { Customer } from './customer.ts';
import { type Account, type Market, startMarket } from './market.ts';

describe.skipIf(!needs('mosquitto'))('the contracts', () => {
  let market: Market;
  let ann: Account;
  let visitor: Customer;
  const logged: string[] = [];

  beforeAll(async () => {
    const log = pino({ level: 'trace' }, { write: (line: string) => logged.push(line) });
    market = await startMarket({ sims: 10, log });
    ann = await market.account();
    visitor = new Customer(market.hub.url, null);
  });
  afterAll(() => market?.close());

  const sketch = async (path: string, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${market.hub.url}/sketch${path}`, { headers });
    return { status: answer.status, body: (await answer.json()) as Record<string, string | null> };
  };

  it('G-01 G-04 G-05 G-06 G-07 G-08 G-09: the guide’s sketch: a number, its code, the end', async () => {
    const key = `key=${ann.key}`;
    const { body } = await sketch(`/number?${key}&service=whatsapp&country=us`);
    expect(body).toEqual({
      activation_id: expect.stringMatching(/^act_/),
      number: expect.stringMatching(/^\+1202555\d{4}$/),
    });
    const id = body.activation_id!;
    expect((await sketch(`/status?${key}&id=${id}`)).body).toMatchObject({
      id,
      status: 'waiting',
      code: null,
    });
    await market.gateway.text(await market.attempt(ann.id, id), 'Your code: 417-905', '417905');
    expect((await sketch(`/status?${key}&id=${id}&wait=10`)).body).toMatchObject({ code: '417905' });
    expect((await sketch(`/resend?${key}&id=${id}`)).body.status).toBe('waiting');
    expect((await sketch(`/complete?${key}&id=${id}`)).body).toEqual({ id, status: 'completed' });
    const other = (await sketch('/number?service=telegram', { authorization: `Bearer ${ann.key}` })).body;
    expect((await sketch(`/cancel?${key}&id=${other.activation_id}`)).body.status).toBe('cancelled');
    expect(await sketch('/number?key=wrong&service=telegram')).toMatchObject({ status: 401 });
    expect((await sketch(`/number?${key}&service=telegram&country=li`)).body.code).toBe('NO_NUMBERS');
    // Nowhere else is a key in an address taken for one.
    expect((await visitor.get(`/wallet/balance?${key}`)).status).toBe(401);
  });

  it('B-34: the whole loop is three calls', async () => {
    const { id } = (await ann.customer.post('/activations', { serviceCode: 'tg', countryIso: 'US' })).body;
    await market.gateway.text(await market.attempt(ann.id, id), 'code 1234', '1234');
    expect((await ann.customer.get(`/activations/${id}?wait=10`)).body.smsCode).toBe('1234');
    expect((await ann.customer.post(`/activations/${id}/complete`)).body.status).toBe('COMPLETED');
  });

  it('G-36: codes, texts, keys and whole numbers are in no log', async () => {
    const { customer } = ann;
    await customer.post('/webhooks', { url: `${market.receiver.url}/hook` });
    const { id, phoneNumber } = (await customer.post('/activations', { serviceCode: 'ub' })).body;
    await market.gateway.text(await market.attempt(ann.id, id), 'Ride 604118 now', '604118');
    await customer.get(`/activations/${id}?wait=10`);
    await until(
      () => market.receiver.received.length,
      (count) => count > 0,
    );
    await visitor.get('/activations', { 'x-api-key': 'sbk_wrong' });
    const log = logged.join('');
    expect(log).toContain('connected to the broker');
    for (const secret of ['604118', 'Ride', phoneNumber, ann.key, ann.secret, 'sbk_wrong']) {
      expect(log).not.toContain(secret);
    }
  });

  it('M-48 M-49: what the documents name is sold', async () => {
    const { body } = await visitor.get('/services');
    const names = body.map(({ name, slug }: { name: string; slug: string }) =>
      `${name} ${slug}`.toLowerCase(),
    );
    const missing = NAMED.filter(
      (wanted) => !names.some((name: string) => name.includes(wanted.toLowerCase())),
    );
    expect(missing).toEqual([]);
  });

  it('M-38: messages are kept for 30 days', async () => {
    expect(Config.parse({}).hub.retention.days).toBe(30);
    const database = await SQLITE.make();
    const store = await database.open();
    const now = new Date(START).toISOString();
    await store.verbs.insertEvents({ events: [raw(eventOf('01JD8Z6Q3V4N5R7T9W0X2Y4ZAB', 1, sms(1)))], now });
    await store.verbs.project({ gateway: 'host-a', epochs: ['01JD8Z6Q3V4N5R7T9W0X2Y4ZAB'], now });
    const left = async (days: number) => {
      const before = new Date(START + (days - 30) * 86_400_000).toISOString();
      await store.verbs.purge({ before });
      return (await store.reads.messages({ iccid: ICCID, since: null, after: null, limit: 10 })).length;
    };
    expect([await left(29), await left(31)]).toEqual([1, 0]);
    await store.close();
    await database.remove();
  });
});

describe('a number’s webhook', () => {
  it('M-24 M-25 M-26 M-27 M-28 M-29 A-05 A-06: four attempts, at 0, 15, 75 and 375 s, until one is answered with 2xx', async () => {
    const receiver = await startReceiver();
    const rig = await startRig(SQLITE, [receiver]);
    const lookAt = async () =>
      (await rig.store.reads.deliveries({ account: ACCOUNT, before: null, limit: 9 }))[0]!;
    const attempts = (count: number) => until(lookAt, (one) => one.attempts === count);
    try {
      await rig.endpoint(receiver.url, { rendering: 'meisim' });
      await rig.deliverer();
      const status = [500, 302, 404, 204];
      receiver.answer = (_request, response) => {
        response.writeHead(status[receiver.received.length - 1]!).end();
      };
      await rig.say('Acme: 604118 is your code');
      const seconds: number[] = [];
      for (const [n, wait] of [0, 15, 60, 300].entries()) {
        rig.pass(wait * 1_000);
        await attempts(n + 1);
        const sent = /t=(\d+)/.exec(String(receiver.received[n]!.headers['x-meisim-signature']));
        seconds.push(Number(sent![1]));
      }
      expect(seconds.map((at) => at - seconds[0]!)).toEqual([0, 15, 75, 375]);
      expect(await lookAt()).toMatchObject({ state: 'delivered', attempts: 4 });
      rig.pass(86_400_000);
      expect(receiver.received).toHaveLength(4);
      // Acknowledged at once, it is sent once.
      receiver.answer = (_request, response) => void response.writeHead(200).end();
      await rig.say('once');
      rig.pass(0);
      await until(
        () => receiver.received.length,
        (count) => count === 5,
      );
    } finally {
      await rig.close();
      await receiver.close();
    }
  });
});

/** customer-apis M-48, M-49; what is no single service is left out. */
const NAMED = [
  ...['Cash App', 'Venmo', 'Zelle', 'PayPal', 'Apple', 'Google Pay', 'Wise', 'Revolut', 'Stripe'],
  ...['Coinbase', 'Kraken', 'Binance', 'Gemini', 'Robinhood'],
  ...['Tinder', 'Bumble', 'Hinge', 'Match', 'OnlyFans'],
  ...['Discord', 'WhatsApp Business', 'Telegram', 'WeChat', 'RedNote', 'Instagram', 'TikTok', 'Facebook'],
  ...['Amazon', 'eBay', 'Etsy', 'Walmart', 'Shopify', 'Mercari', 'Poshmark'],
  ...['Uber', 'Lyft', 'DoorDash', 'Instacart', 'Grubhub', 'Chime', 'Mercury', 'Brex'],
  ...['Netflix', 'Hulu', 'Disney', 'Peacock', 'HBO', 'Paramount'],
];
