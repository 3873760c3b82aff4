/** A kept number has one webhook (M-30), however many set it at once. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../programs.ts';
import { DATABASES } from '../databases.ts';
import { until } from '../gateway.ts';
import { type Account, type Market, startMarket } from './market.ts';

describe.skipIf(!needs('mosquitto')).each(DATABASES)('the webhook of a number, on $name', (kind) => {
  let market: Market;
  let ann: Account;

  beforeAll(async () => {
    market = await startMarket({ kind, sims: 6 });
    ann = await market.account();
  });
  afterAll(() => market?.close());

  const provision = async () =>
    (await ann.customer.post('/numbers/provision', {})).body as { id: string; activation_id: string };
  const change = async (id: string, body: object) =>
    await ann.customer.ask('PATCH', `/numbers/${id}`, { body });
  const endpoints = async (id: string) => {
    const { webhooks } = (await ann.customer.get('/webhooks')).body;
    return webhooks.filter(({ number_id }: { number_id: string }) => number_id === id);
  };
  const shown = async (id: string) => (await ann.customer.get(`/numbers/${id}`)).body.webhook_url;
  const urls = (count: number) => Array.from({ length: count }, (_, i) => `${market.receiver.url}/hook-${i}`);

  it('is one of those that were set at once, and the only one', async () => {
    const { id } = await provision();
    const answers = await Promise.all(urls(6).map((url) => change(id, { webhook_url: url })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    const there = await endpoints(id);
    expect(there).toHaveLength(1);
    expect(urls(6)).toContain(there[0].url);
    expect(await shown(id)).toBe(there[0].url);
  });

  it('is gone when it was taken away, also where it was set several times before', async () => {
    const number = await provision();
    const { id } = number;
    await Promise.all(urls(4).map((url) => change(id, { webhook_url: url })));
    expect((await change(id, { webhook_url: null })).body.webhook_url).toBeNull();
    expect(await endpoints(id)).toEqual([]);
    // Set again it is a new one, and the only one that is told.
    const url = `${market.receiver.url}/last`;
    expect((await change(id, { webhook_url: url, signature_scheme: 'both' })).body.webhook_url).toBe(url);
    market.receiver.received.length = 0;
    await market.gateway.text(await market.attempt(ann.id, number.activation_id), 'hello', null);
    await until(
      () => market.receiver.received.map(({ path }) => path),
      (paths) => paths.length > 0 && paths.every((path) => path === '/last'),
    );
  });

  it('that was turned off goes on with a new URL; another signature leaves it as it is', async () => {
    const { id } = await provision();
    const [first, second] = urls(2);
    await change(id, { webhook_url: first });
    const [{ id: webhook }] = await endpoints(id);
    await ann.customer.ask('PATCH', `/webhooks/${webhook}`, { body: { active: false } });
    await change(id, { signature_scheme: 'body' });
    expect(await endpoints(id)).toMatchObject([
      { id: webhook, url: first, state: 'disabled', signature_scheme: 'body' },
    ]);
    await change(id, { webhook_url: second });
    expect(await endpoints(id)).toMatchObject([
      { id: webhook, url: second, state: 'active', signature_scheme: 'body' },
    ]);
    // Without a webhook there is nothing to sign.
    await change(id, { webhook_url: null });
    expect((await change(id, { signature_scheme: 'both' })).status).toBe(200);
    expect(await endpoints(id)).toEqual([]);
  });

  it('several of an earlier time become one when it is set again', async () => {
    const { id } = await provision();
    await change(id, { webhook_url: urls(1)[0] });
    const twin = {
      id: 'we_00000000000000000000000000',
      url: urls(2)[1]!,
      rendering: 'meisim' as const,
      events: null,
      options: {},
      description: '',
      secret: null,
    };
    const now = new Date().toISOString();
    await market.hub.store.verbs.createEndpoint({ ...twin, account: ann.id, number: id, now });
    expect(await endpoints(id)).toHaveLength(2);
    await change(id, { webhook_url: urls(3)[2] });
    expect((await endpoints(id)).map(({ url }: { url: string }) => url)).toEqual([urls(3)[2]]);
  });

  it('of a number that was given back is not set any more', async () => {
    const { id } = await provision();
    await ann.customer.delete(`/numbers/${id}`);
    expect(await change(id, { webhook_url: urls(1)[0] })).toMatchObject({
      status: 409,
      body: { code: 'ILLEGAL_STATE' },
    });
    expect(await change('num_00000000000000000000000000', { webhook_url: null })).toMatchObject({
      status: 404,
      body: { code: 'NUMBER_NOT_FOUND' },
    });
  });

  it('M-04: is signed with the account’s secret, which is replaced only while those before still fit beside it', async () => {
    const bob = await market.account();
    const rotate = async () => await bob.customer.post('/webhooks/rotate-account-secret');
    const { previous_valid_until: until } = (await rotate()).body;
    for (const _ of [2, 3, 4]) expect((await rotate()).status).toBe(200);
    const { status, body } = await rotate();
    expect([status, body.code]).toEqual([409, 'WEBHOOK_LIMIT']);
    expect(body.detail).toContain(`ends at ${until}`);
  });
});
