import { readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Config } from '../../src/config.ts';
import { type Hub, startHub } from '../../src/hub/hub.ts';
import { createLog } from '../../src/log.ts';
import { ulid } from '../../src/protocol/ulid.ts';
import { event, ICCID, raw, START, scratch, sim, sms, status } from './events.ts';

const folder = scratch();
const config = (listen = '127.0.0.1:0') =>
  Config.parse({
    // Nobody listens there: the hub answers for what it has.
    mqtt: { url: 'mqtt://127.0.0.1:9' },
    hub: { listen, database: `sqlite:${join(folder.dir, 'hub.db')}` },
  });
const log = createLog('silent');
const OTHER = '8901260000000000025';
let hub: Hub;
let key: string;

beforeAll(async () => {
  hub = await startHub({ config: config(), log });
  key = hub.firstKey!;
  const epoch = ulid(START);
  const now = '2026-11-21T07:00:00.000Z';
  await hub.store.verbs.noteStatus({ status: status(epoch, 0), live: true });
  await hub.store.verbs.noteSim({ gateway: 'host-a', iccid: ICCID, state: sim(epoch, 1) });
  await hub.store.verbs.noteSim({
    gateway: 'host-a',
    iccid: OTHER,
    state: sim(epoch, 2, { iccid: OTHER, msisdn: null, msisdnSource: null, countryIso: null }),
  });
  const events = Array.from({ length: 250 }, (_, i) => raw(event(epoch, i + 1, sms(i + 1))));
  const binary = { iccid: OTHER, text: null, encoding: '8bit' as const, dataHex: 'DEAD' };
  events.push(raw(event(epoch, 251, sms(251, binary))));
  await hub.store.ingest(events, now);
});
afterAll(async () => {
  await hub.stop();
  folder.remove();
});

/** What any of the routes may answer. */
interface Answer {
  messages: { text: string | null }[];
  numbers: { id: string }[];
  next_cursor: string | null;
  cursor: string | null;
  id: string;
  detail: string;
  message: string;
}

async function get(path: string, headers: Record<string, string> = { authorization: `Bearer ${key}` }) {
  const answer = await fetch(hub.url + path, { headers });
  return {
    status: answer.status,
    type: answer.headers.get('content-type'),
    authenticate: answer.headers.get('www-authenticate'),
    body: (await answer.json()) as Answer,
  };
}

describe('keys', () => {
  test('are taken from either header, under either path', async () => {
    expect((await get('/v1/numbers')).status).toBe(200);
    expect((await get('/api/v1/numbers', { 'x-api-key': key })).status).toBe(200);
    expect((await get('/v1/numbers', { authorization: `bearer ${key}` })).status).toBe(200);
  });

  test('that are missing or wrong get 401 and a challenge, before anything else is looked at', async () => {
    const none = await get('/v1/numbers/x/messages?since=nonsense', {});
    expect(none).toMatchObject({
      status: 401,
      type: 'application/problem+json',
      authenticate: 'Bearer realm="simbankd"',
      body: { code: 'UNAUTHENTICATED', status: 401, type: 'about:blank' },
    });
    expect(none.body.message).toBe(none.body.detail);
    const wrong = await get('/v1/numbers', { authorization: `Bearer ${key}x` });
    expect(wrong.authenticate).toContain('invalid_token');
    expect(JSON.stringify(wrong.body)).not.toContain(key);
  });

  test('the first one is made once, and only its hash is stored', async () => {
    expect(key).toMatch(/^sbk_[\w-]{43}$/);
    const database = readFileSync(join(folder.dir, 'hub.db'), 'latin1');
    expect(database).not.toContain(key);
  });
});

describe('numbers', () => {
  test('are the SIMs the gateways have', async () => {
    const { body } = await get('/v1/numbers');
    expect(body.next_cursor).toBeNull();
    expect(body.numbers).toEqual([
      {
        id: ICCID,
        iccid: ICCID,
        phone: '+12025550143',
        msisdn: '+12025550143',
        state: 'ready',
        online: true,
        gateway: 'host-a',
        slot: 'A01',
        operator: 'Example Mobile',
        country: 'US',
        updated_at: '2026-11-21T06:30:00Z',
      },
      expect.objectContaining({ id: OTHER, phone: null, msisdn: null, country: null }),
    ]);
    expect((await get(`/v1/numbers/${OTHER}`)).body.id).toBe(OTHER);
  });

  test('come in pages when asked', async () => {
    const first = await get('/v1/numbers?limit=1');
    expect(first.body.numbers[0]?.id).toBe(ICCID);
    const second = await get(`/v1/numbers?limit=1&after=${first.body.next_cursor}`);
    expect(second.body.numbers[0]?.id).toBe(OTHER);
    expect(second.body.next_cursor).toBeNull();
  });

  test('that nobody has are 404', async () => {
    for (const path of [
      '/v1/numbers/1',
      '/v1/numbers/1/messages',
      '/v1/numbers/8901260000000000999/messages',
    ]) {
      expect(await get(path)).toMatchObject({ status: 404, body: { code: 'NUMBER_NOT_FOUND' } });
    }
  });
});

describe('messages', () => {
  const path = `/v1/numbers/${ICCID}/messages`;

  test('since a moment, its own second included (M-35, A-33, M-20)', async () => {
    const { body } = await get(`${path}?since=2026-11-21T06:34:08Z`);
    expect(body.messages.map(({ text }) => text)).toEqual(['message 248', 'message 249', 'message 250']);
    expect(body.messages[0]).toMatchObject({
      from: '72941',
      received_at: '2026-11-21T06:34:08Z',
      sequence: 248,
      complete: true,
      parts: { total: 1, received: 1 },
      encoding: 'gsm7',
      code: null,
    });
    expect(body.next_cursor).toBeNull();
  });

  test.each([
    ['2026-11-21T06:34:09.700Z', 2],
    ['2026-11-21T07:34:09%2B01:00', 2],
    ['2026-11-21T07:34:09+01:00', 2],
    ['2026-11-21T00:34:09-0600', 2],
    ['2026-11-21T06:34:10', 1],
    ['2026-11-21', 100],
    ['2026-11-22', 0],
  ])('since=%s', async (since, count) => {
    const { status, body } = await get(`${path}?since=${since}`);
    expect([status, body.messages.length]).toEqual([200, count]);
  });

  test.each(['yesterday', '2026-02-30T00:00:00Z', '2026-11-21T25:00:00Z', '1795242601', '', '2026-13-01'])(
    'since=%s is 400 and says how',
    async (since) => {
      const answer = await get(`${path}?since=${since}`);
      expect(answer).toMatchObject({
        status: 400,
        type: 'application/problem+json',
        body: { code: 'INVALID_REQUEST', errors: [{ pointer: '#/query/since' }] },
      });
      expect(answer.body.detail).toMatch(/^since must be an ISO 8601 .*2026-11-21T06:29:00Z/);
    },
  );

  test('page by page nothing is lost', async () => {
    const seen: (string | null)[] = [];
    let query = '?limit=100';
    for (;;) {
      const { body } = await get(path + query);
      seen.push(...body.messages.map(({ text }) => text));
      if (body.next_cursor === null) {
        // The place to go on from later.
        const later = await get(`${path}?after=${body.cursor}`);
        expect(later.body).toMatchObject({ messages: [], next_cursor: null, cursor: body.cursor });
        break;
      }
      query = `?limit=100&after=${body.next_cursor}`;
    }
    expect(seen).toEqual(Array.from({ length: 250 }, (_, i) => `message ${i + 1}`));
    expect((await get(path)).body.messages).toHaveLength(100);
    expect((await get(`${path}?limit=1000`)).body.messages).toHaveLength(250);
  });

  test.each(['limit=0', 'limit=1001', 'limit=many', 'after=nonsense', `after=${'A'.repeat(500)}`])(
    '%s is 400',
    async (query) => {
      expect(await get(`${path}?${query}`)).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
    },
  );

  test('that are binary say so', async () => {
    const { body } = await get(`/v1/numbers/${OTHER}/messages`);
    expect(body.messages).toMatchObject([{ text: null, data_hex: 'DEAD', encoding: '8bit', sequence: 1 }]);
  });
});

test('what is not there is a problem, too', async () => {
  expect(await get('/v2/nothing?x=1')).toMatchObject({
    status: 404,
    type: 'application/problem+json',
    body: { code: 'NOT_FOUND', detail: 'there is no GET /v2/nothing', instance: '/v2/nothing' },
  });
  expect((await get('/v1/nothing')).status).toBe(404);
});

test('/healthz needs no key', async () => {
  expect(await get('/healthz', {})).toMatchObject({
    status: 200,
    body: { status: 'ok', mqtt: 'disconnected' },
  });
});

describe('starting', () => {
  test('on a taken port says which member to change, and leaves nothing behind', async () => {
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
    const { port } = squatter.address() as { port: number };
    const other = scratch();
    const taken = Config.parse({
      hub: { listen: `127.0.0.1:${port}`, database: `sqlite:${join(other.dir, 'hub.db')}` },
    });
    for (let i = 0; i < 2; i += 1) {
      await expect(startHub({ config: taken, log })).rejects.toMatchObject({
        code: 'listen.in_use',
        message: expect.stringContaining('hub.listen'),
      });
    }
    squatter.close();
    other.remove();
  });

  test('a second hub on the same data directory is refused', async () => {
    await expect(startHub({ config: config(), log })).rejects.toMatchObject({ code: 'data.locked' });
  });

  test('a key file keeps a working key for the demo, whatever happened to it', async () => {
    const other = scratch();
    const demo = Config.parse({
      mqtt: { url: 'mqtt://127.0.0.1:9' },
      hub: { listen: '127.0.0.1:0', database: `sqlite:${join(other.dir, 'hub.db')}` },
    });
    const keyFile = join(other.dir, 'demo-key');
    const keys: (string | null)[] = [];
    for (const damage of [false, false, true]) {
      if (damage) rmSync(keyFile);
      const started = await startHub({ config: demo, log, keyFile });
      keys.push(started.firstKey);
      expect(statSync(keyFile).mode & 0o777).toBe(0o600);
      const kept = readFileSync(keyFile, 'utf8').trim();
      const answer = await fetch(`${started.url}/v1/numbers`, {
        headers: { authorization: `Bearer ${kept}` },
      });
      expect(answer.status).toBe(200);
      await started.stop();
    }
    expect(keys).toEqual([expect.stringMatching(/^sbk_/), null, null]);
    other.remove();
  });

  test('without the database server, or a file that is named, says which member it is', async () => {
    const away = Config.parse({ hub: { database: 'postgres://ann:secret@127.0.0.1:9/hub' } });
    await expect(startHub({ config: away, log })).rejects.toMatchObject({
      code: 'store.unreachable',
      message: expect.stringMatching(/^hub\.database: postgres:\/\/127\.0\.0\.1:9\/hub: .*ECONNREFUSED/),
    });
    const tls = Config.parse({ mqtt: { url: 'mqtts://localhost', caFile: '/nowhere/ca.pem' } });
    await expect(startHub({ config: tls, log })).rejects.toMatchObject({
      code: 'config.invalid',
      message: expect.stringContaining('mqtt.caFile: cannot be read'),
    });
  });
});
