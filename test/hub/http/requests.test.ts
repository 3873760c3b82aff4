/** Requests that no route was written for: other methods, paths that cannot be read. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../programs.ts';
import { type Account, type Market, startMarket } from './market.ts';

describe.skipIf(!needs('mosquitto'))('a request', () => {
  let market: Market;
  let ann: Account;

  beforeAll(async () => {
    market = await startMarket({ sims: 2 });
    ann = await market.account();
  });
  afterAll(() => market?.close());

  const ask = (method: string, path: string) =>
    fetch(`${market.hub.url}${path}`, {
      method,
      headers: { 'x-api-key': ann.key },
      signal: AbortSignal.timeout(5_000),
    });

  it('with HEAD buys nothing, changes nothing and holds no stream open', async () => {
    const { id } = (await ann.customer.post('/activations', { serviceCode: 'tg', countryIso: 'US' })).body;
    for (const path of [
      `/sketch/number?service=telegram&country=us&key=${ann.key}`,
      `/sketch/cancel?id=${id}`,
      `/sketch/complete?id=${id}`,
      `/sketch/resend?id=${id}`,
      '/v1/stream',
      '/api/v1/stream',
    ]) {
      expect([path, (await ask('HEAD', path)).status]).toEqual([path, 404]);
    }
    const { body } = await ann.customer.get('/activations');
    expect(body.data.map((one: { id: string; status: string }) => [one.id, one.status])).toEqual([
      [id, 'WAITING'],
    ]);
    // What only reads has it, as RFC 9110 §9.1 wants.
    expect((await ask('HEAD', `/v1/activations/${id}`)).status).toBe(200);
  });

  it.each([
    ['/v1/activations/%ff', 400, 'INVALID_REQUEST'],
    ['/v1/activations/%zz', 400, 'INVALID_REQUEST'],
    ['/nowhere/%ff', 400, 'INVALID_REQUEST'],
    [`/v1/activations/${'a'.repeat(300)}`, 404, 'NOT_FOUND'],
    ['/v1/nowhere', 404, 'NOT_FOUND'],
  ])('for a path such as %s is told what is wrong like any other', async (path, status, code) => {
    const answer = await ask('GET', path);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({
      status,
      code,
      instance: path,
      requestId: expect.stringMatching(/./),
    });
  });
});
