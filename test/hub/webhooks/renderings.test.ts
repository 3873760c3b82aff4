import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { WebhookEvent } from '../../../src/hub/webhooks/events.ts';
import { hyphenated, RENDERINGS, renderingOf } from '../../../src/hub/webhooks/renderings.ts';
import { retryAfterMs, verdictOf } from '../../../src/hub/webhooks/verdict.ts';

const MESSAGE = {
  id: '01JD8Z6Q3V4N5R7T9W0X2Y4ZAC',
  from: '72941',
  fromType: 'abbreviated',
  text: 'Acme: 604118 is your code',
  code: '604118',
  receivedAt: '2026-11-21T06:30:01.914Z',
  sequence: 7,
};
const DATA = {
  activation: null,
  number: { id: 'num_01JD8Z6Q3V4N5R7T9W0X2Y4ZAB' },
  phone: '+12025550143',
  message: MESSAGE,
};
const EVENT: WebhookEvent = {
  id: 'evt_01JD8Z6Q3V4N5R7T9W0X2Y4ZAD',
  type: 'sms.received',
  at: '2026-11-21T06:30:02.250Z',
  data: DATA,
};

describe('meisim', () => {
  const meisim = renderingOf('meisim');

  test('has the six members of the contract and no other, in its order', () => {
    expect(meisim.body(EVENT)).toBe(
      '{"event":"sms.received","number_id":"num_01JD8Z6Q3V4N5R7T9W0X2Y4ZAB","phone":"+12025550143",' +
        '"from":"729-41","text":"Acme: 604118 is your code","received_at":"2026-11-21T06:30:01Z"}',
    );
  });

  test.each([
    ['72941', '729-41'],
    ['729410', '729-410'],
    ['7294', '7294'],
    ['7294101', '7294101'],
    ['+12025', '+12025'],
    ['+12025550143', '+12025550143'],
    ['Acme', 'Acme'],
    ['12a45', '12a45'],
    ['', ''],
  ])('a sender %j is written %j', (from, written) => {
    expect(hyphenated(from)).toBe(written);
  });

  test('members are strings whatever is missing', () => {
    const body = meisim.body({
      ...EVENT,
      data: { ...DATA, phone: null, message: { ...MESSAGE, text: null } },
    });
    expect(JSON.parse(body!)).toMatchObject({ phone: '', text: '' });
  });

  test('says nothing of what the contract has no event for: one POST a message', () => {
    expect(meisim.body({ ...EVENT, type: 'sms.updated' })).toBeNull();
    expect(meisim.body({ ...EVENT, type: 'activation.closed' })).toBeNull();
  });

  test('puts what it adds into headers', () => {
    const headers = meisim.headers({ id: 'evt', seconds: 1, body: '{}', secrets: ['s'] }, {});
    expect(Object.keys(headers).sort()).toEqual(['webhook-id', 'x-meisim-signature']);
    expect(headers['webhook-id']).toBe('evt');
  });

  test('four attempts: at 0, 15, 75 and 375 s, of 10 s each, whatever the failure', () => {
    for (const outcome of [
      { status: 500, retryAfterMs: null },
      { status: 302, retryAfterMs: null },
      { status: 410, retryAfterMs: null },
      { status: 429, retryAfterMs: 3_600_000 },
      { failure: 'timeout' } as const,
    ]) {
      expect(attemptsOf('meisim', outcome)).toEqual([0, 15_000, 75_000, 375_000]);
    }
    expect(meisim.timeoutMs).toBe(10_000);
  });
});

describe('standard', () => {
  test('is type, timestamp and data', () => {
    expect(JSON.parse(renderingOf('standard').body(EVENT)!)).toEqual({
      type: 'sms.received',
      timestamp: '2026-11-21T06:30:02.250Z',
      data: {
        activation: null,
        number: { id: 'num_01JD8Z6Q3V4N5R7T9W0X2Y4ZAB' },
        phone: '+12025550143',
        message: {
          id: '01JD8Z6Q3V4N5R7T9W0X2Y4ZAC',
          from: '72941',
          from_type: 'abbreviated',
          text: 'Acme: 604118 is your code',
          code: '604118',
          received_at: '2026-11-21T06:30:01.914Z',
          sequence: 7,
        },
      },
    });
  });

  test('ten attempts, each pause up to a tenth longer or shorter', () => {
    const hours = (list: readonly number[]) => list.map((h) => h * 3_600_000);
    const planned = [5_000, 300_000, 1_800_000, ...hours([2, 5, 10, 14, 20, 24])];
    for (const random of [0, 0.5, 1]) {
      let at = 0;
      const wanted = [0, ...planned.map((pause) => (at += Math.round(pause * (0.9 + 0.2 * random))))];
      expect(attemptsOf('standard', { status: 500, retryAfterMs: null }, random)).toEqual(wanted);
    }
  });

  test('410 turns the endpoint off; the delivery is not tried again', () => {
    expect(verdictOf(renderingOf('standard'), { status: 410, retryAfterMs: null }, 0, 0.5)).toMatchObject({
      state: 'failed',
      gone: true,
    });
  });

  test.each([429, 502, 504])('%i slows the endpoint down, by Retry-After where there is one', (status) => {
    const standard = renderingOf('standard');
    const asked = (retryAfterMs: number | null) => verdictOf(standard, { status, retryAfterMs }, 0, 0.5);
    expect(asked(null)).toMatchObject({ state: 'pending', holdMs: 30_000, pauseMs: 30_000 });
    expect(asked(90_000)).toMatchObject({ holdMs: 90_000, pauseMs: 90_000 });
    expect(asked(1_000)).toMatchObject({ holdMs: 1_000, pauseMs: 5_000 });
    // No receiver may block its own queue for days by a header.
    expect(asked(7 * 86_400_000)).toMatchObject({ holdMs: 3_600_000 });
  });
});

describe('any rendering', () => {
  test.each(RENDERINGS)('%s takes every 2xx and nothing else', (name) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 200, max: 599 }),
        fc.nat(9),
        fc.float({ min: 0, max: 1, noNaN: true }),
        (status, failures, random) => {
          const { state, pauseMs } = verdictOf(
            renderingOf(name),
            { status, retryAfterMs: null },
            failures,
            random,
          );
          expect(state === 'delivered').toBe(status < 300);
          expect(pauseMs > 0).toBe(state === 'pending');
        },
      ),
    );
  });

  test.each(RENDERINGS)('%s has a form for a test of the endpoint', (name) => {
    const body = renderingOf(name).body({
      id: EVENT.id,
      at: EVENT.at,
      type: 'endpoint.test',
      data: { endpoint: { id: 'we_1' }, number: null },
    });
    expect(() => JSON.parse(body!)).not.toThrow();
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2026-11-21T06:30:00Z');
  test.each([
    ['120', 120_000],
    ['0', 0],
    ['Sat, 21 Nov 2026 06:31:00 GMT', 60_000],
    ['Sat, 21 Nov 2026 06:29:00 GMT', 0],
    ['soon', null],
    ['-5', null],
    ['1.5', null],
    ['', null],
    [undefined, null],
  ])('%j is %j ms', (value, ms) => {
    expect(retryAfterMs(value, now)).toBe(ms);
  });
});

/** The moments of all attempts of a delivery that always ends so, in ms from the first. */
function attemptsOf(
  name: 'meisim' | 'standard',
  outcome: Parameters<typeof verdictOf>[1],
  random = 0.5,
): number[] {
  const moments = [0];
  for (;;) {
    const verdict = verdictOf(renderingOf(name), outcome, moments.length - 1, random);
    if (verdict.state !== 'pending') return moments;
    moments.push(moments.at(-1)! + verdict.pauseMs);
  }
}
