import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SmsReceived } from '../../src/protocol/events.ts';
import { at, deliver, HELLO, ICCID, longPart, NOW, part, store } from './incoming.ts';

const DAY = 86_400;

afterEach(() => vi.restoreAllMocks());

describe('a late part', () => {
  /** The first of three parts was told of a day ago, the second came an hour before that day was over. */
  function halfForgotten() {
    const made = store();
    const { receive, verbs } = made;
    receive(longPart(1, 3, 'first ', 0));
    verbs.publishOverdue({ before: at(600), now: at(600) });
    receive(longPart(2, 3, 'second ', 1), { now: at(DAY - 3_600) });
    const purge = (now: number) => {
      const before = at(now - DAY);
      while (
        verbs.purge({ before, identitiesBefore: at(-900 * DAY), commandsBefore: before, auditBefore: before })
      );
    };
    purge(DAY + 3_600);
    return { ...made, purge };
  }
  const texts = (db: ReturnType<typeof store>['db']) =>
    db.prepare<[], string>("SELECT tpdu FROM part WHERE tpdu <> ''").pluck().all();

  it('after the retention of the first completes the message: it is as old as its last part', () => {
    const { receive, db, purge } = halfForgotten();
    const { outcome, events } = receive(longPart(3, 3, 'third', 2), { now: at(DAY + 3_600) });
    expect(outcome).toBe('message');
    expect(JSON.parse(events[0]!.data)).toMatchObject({ text: 'first second third', complete: true });
    purge(3 * DAY);
    expect(texts(db)).toEqual([]);
  });

  it('that does not come keeps nothing for longer than the retention of the last that came', () => {
    const { db, purge } = halfForgotten();
    expect(texts(db)).toHaveLength(2);
    purge(2 * DAY);
    expect(texts(db)).toEqual([]);
    expect(db.prepare('SELECT count(*) FROM message').pluck().get()).toBe(0);
  });

  it('of a message whose first part is forgotten updates it with a gap', () => {
    const { receive, db } = halfForgotten();
    db.exec("UPDATE part SET tpdu = '' WHERE number = 1");
    const { events } = receive(longPart(3, 3, 'third', 2), { now: at(DAY + 3_600) });
    const data = SmsReceived.parse(JSON.parse(events[0]!.data));
    expect(data).toMatchObject({
      text: '[…]second third',
      complete: false,
      parts: { total: 3, received: 2 },
    });
  });
});

describe('parts of messages with one reference', () => {
  /** Each is of two parts, the first [n1], the second [n2]; arrivals as `a1`: what is told as complete, in that order. */
  function told(stamps: Record<string, readonly [number, number]>, arrivals: readonly string[]): string[] {
    const { receive } = store();
    return arrivals.flatMap((arrival, i) => {
      const [name, number] = [arrival[0]!, Number(arrival[1])];
      const pdu = longPart(number, 2, `[${arrival}]`, stamps[name]![number - 1]!);
      return receive(pdu, { now: at(600 + i) }).events.map(({ data }) => JSON.parse(data).text as string);
    });
  }
  const minutesApart = { a: [0, 1], b: [300, 301] } as const;

  it.each([
    ['in turns', ['a1', 'b1', 'a2', 'b2'], ['[a1][a2]', '[b1][b2]']],
    ['in turns, the later one first', ['b1', 'a1', 'b2', 'a2'], ['[b1][b2]', '[a1][a2]']],
    ['the other way round', ['b2', 'a2', 'a1', 'b1'], ['[a1][a2]', '[b1][b2]']],
    ['with the first part of the older one last', ['a2', 'b1', 'b2', 'a1'], ['[b1][b2]', '[a1][a2]']],
  ] as const)('that come %s are told apart by their stamps', (_how, arrivals, texts) => {
    expect(told(minutesApart, arrivals)).toEqual(texts);
  });

  it.each([
    ['minutes apart, in their order', [0, 400], ['a1', 'a2']],
    ['minutes apart, and come the other way round', [0, 400], ['a2', 'a1']],
    ['in the other order by clocks that differ a little', [90, 0], ['a1', 'a2']],
  ] as const)('that are stamped %s are one message all the same', (_how, stamps, arrivals) => {
    expect(told({ a: stamps }, arrivals)).toEqual(['[a1][a2]']);
  });
});

describe('a fault of the program in one message', () => {
  /** A fault where a message finds its activation, which speaks of the text. */
  function failing() {
    const made = store();
    const { db, verbs } = made;
    verbs.simPresent({ slot: 'A01', iccid: ICCID, imsi: null, now: NOW });
    db.exec(`INSERT INTO activation (id, iccid, msisdn, mode, match, opened_at, expires_at)
      VALUES ('a', '${ICCID}', '+12025550143', 'single', '"Hello', '${NOW}', '${at(60)}')`);
    return made;
  }

  it('leaves it unread: it is on disk, told of with its PDU and an error, and the next time it is known', () => {
    const { receive, db } = failing();
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const { outcome, events, long } = receive(HELLO);
    expect([outcome, long, events.length]).toEqual(['message', null, 1]);
    const data = SmsReceived.parse(JSON.parse(events[0]!.data));
    expect(data).toMatchObject({ text: null, error: expect.any(String), pdus: [HELLO.slice(2)] });
    expect(receive(HELLO).outcome).toBe('resend');
    expect(db.prepare('SELECT tpdu FROM part').pluck().all()).toEqual([HELLO.slice(2)]);
    expect(warn).toHaveBeenCalledOnce();
    expect(String(warn.mock.calls[0]![0])).toMatch(/ at .*\.ts:\d+/);
    expect(String(warn.mock.calls[0]![0])).not.toContain('Hello');
  });

  it('leaves what was told and counted before it whole', () => {
    const { receive, db, epoch } = failing();
    vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    receive(part(1, 'a'));
    const [raw] = receive(part(2, 'b')).events;
    expect(JSON.parse(raw!.data)).toMatchObject({ text: null, pdus: [part(2, 'b').slice(2)] });
    expect(db.prepare('SELECT state, received FROM message').all()).toEqual([
      { state: 'collecting', received: 1 },
    ]);
    expect(db.prepare('SELECT last_seq FROM epoch WHERE id = ?').pluck().get(epoch)).toBe(raw!.seq);
  });

  it('keeps back no other message whose parts were waited for', () => {
    const { receive, verbs } = failing();
    vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    receive(part(1, 'a'));
    receive(part(1, 'a'), { iccid: '8999000000000000029' });
    const { events } = verbs.publishOverdue({ before: at(600), now: at(600) });
    expect(events.map(({ data }) => JSON.parse(data))).toMatchObject([
      {
        iccid: ICCID,
        text: null,
        complete: false,
        pdus: [part(1, 'a').slice(2)],
        parts: { total: 2, received: 1 },
      },
      { text: 'a[…]', error: null },
    ]);
    expect(verbs.publishOverdue({ before: at(600), now: at(600) }).events).toEqual([]);
  });

  it('is none where the disk takes nothing: then nothing is written, and it is tried again', () => {
    const { receive, db } = store();
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const pages = db.pragma('page_count', { simple: true });
    db.pragma(`max_page_count = ${pages}`);
    const fill = () => {
      for (let i = 0; i < 1_000; i++) receive(longPart(1, 1, `message ${i}`, i));
    };
    db.exec('BEGIN');
    expect(fill).toThrow(/full/);
    if (db.inTransaction) db.exec('ROLLBACK');
    expect(warn).not.toHaveBeenCalled();
    db.pragma('max_page_count = 100000');
    expect(receive(longPart(1, 1, 'message 0', 0)).outcome).toBe('message');
  });
});

describe('what a modem gives that is no PDU', () => {
  const upper = (text: string): string => Buffer.from(text).toString('hex').toUpperCase();

  it.each([
    ['half an octet', HELLO.slice(0, 21)],
    ['another character', HELLO.replace('8329', '83~9')],
    ['text mode', 'YOUR CODE IS 482913'],
    ['text mode in another script', 'Ваш код 482913'],
  ])('(%s) is told of as the hex of its octets, with an error', (_what, body) => {
    const { receive } = store();
    const { outcome, events } = receive(body, { length: 22, store: 'line' });
    expect(outcome).toBe('message');
    const data = SmsReceived.parse(JSON.parse(events[0]!.data));
    expect(data).toMatchObject({ text: null, complete: true, pdus: [upper(body)] });
    expect(data.error).toMatch(/hex|octets/);
    expect(data.error).not.toMatch(/482913/);
    expect(receive(body, { length: 22 }).outcome).toBe('resend');
  });

  it('never keeps a message from being told in the shape of its event, whatever it is', () => {
    const { db, receive, verbs } = store();
    const warn = vi.spyOn(process, 'emitWarning');
    const octets = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('hex'));
    const damage = fc
      .tuple(
        fc.constantFrom(HELLO, part(1, 'a'), longPart(2, 3, 'text', 0)),
        fc.nat(60),
        fc.string({ maxLength: 2 }),
      )
      .map(([pdu, place, other]) => pdu.slice(0, place) + other + pdu.slice(place + 1));
    const dated = fc
      .tuple(fc.uint8Array({ minLength: 7, maxLength: 7 }), octets)
      .map(([stamp, rest]) => deliver(`0000${Buffer.from(stamp).toString('hex')}${rest}`, rest.slice(0, 2)));
    const body = fc.oneof(octets, damage, dated, fc.string({ unit: 'binary' }), fc.string());
    const length = fc.oneof(fc.nat(200), fc.double(), fc.constant(0));
    const check = (events: readonly { data: string }[]) => {
      for (const { data } of events) SmsReceived.parse(JSON.parse(data));
    };
    db.exec('BEGIN');
    fc.assert(
      fc.property(body, length, fc.nat(3_600), (pdu, octetsSaid, seconds) => {
        check(receive(pdu, { length: octetsSaid, receivedAt: at(seconds), now: at(seconds) }).events);
      }),
      { numRuns: 2_000 },
    );
    check(verbs.publishOverdue({ before: at(3_600), now: at(3_600) }).events);
    db.exec('COMMIT');
    // No fault of the program either.
    expect(warn).not.toHaveBeenCalled();
  });
});
