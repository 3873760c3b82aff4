import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Progress } from '../../src/hub/store/events.ts';
import type { Event } from '../../src/protocol/events.ts';
import { ulid } from '../../src/protocol/ulid.ts';
import { DATABASES, type TestDatabase, type TestStore } from './databases.ts';
import { event, ICCID, raw, START, sim, sms, status } from './events.ts';

const NOW = '2026-11-21T07:00:00.000Z';
describe.each(DATABASES)('on $name', ({ make }) => {
  let database: TestDatabase;
  let store: TestStore;
  let epoch: string;

  beforeEach(async () => {
    database = await make();
    store = await database.open();
    epoch = ulid(START);
  });
  afterEach(async () => {
    await store.close();
    await database.remove();
  });

  async function ingest(events: readonly Event[]): Promise<Progress[]> {
    await store.verbs.insertEvents({ events: events.map(raw), now: NOW });
    const epochs = [...new Set(events.map((e) => e.epoch))];
    return await store.verbs.project({ gateway: 'host-a', epochs, now: NOW });
  }

  async function texts(iccid = ICCID): Promise<(string | null)[]> {
    const rows = await store.reads.messages({ iccid, since: null, after: null, limit: 1000 });
    return rows.map(({ data }) => data.text);
  }

  describe('events', () => {
    test('are applied in the order of their numbers, whatever order they come in', async () => {
      const all = [1, 2, 3].map((n) => event(epoch, n, sms(n)));
      const [step] = await ingest([all[2]!, all[0]!, all[1]!]);
      expect(step).toMatchObject({ upTo: 3, id: all[2]!.id, lastSeq: 3, current: true, more: false });
      expect(await texts()).toEqual(['message 1', 'message 2', 'message 3']);
    });

    test('wait behind a gap, and go on when it closes', async () => {
      const all = [1, 2, 3, 4].map((n) => event(epoch, n, sms(n)));
      expect(await ingest([all[0]!, all[2]!, all[3]!])).toMatchObject([
        { upTo: 1, id: all[0]!.id, lastSeq: 4 },
      ]);
      expect(await texts()).toEqual(['message 1']);
      expect(await ingest([all[1]!])).toMatchObject([{ upTo: 4, id: all[3]!.id, lastSeq: 4 }]);
      expect(await texts()).toHaveLength(4);
    });

    test('that come again change nothing, and are acknowledged again', async () => {
      const all = [1, 2].map((n) => event(epoch, n, sms(n)));
      await ingest(all);
      expect(await ingest(all)).toMatchObject([{ upTo: 2, id: all[1]!.id }]);
      expect(await ingest([all[0]!])).toMatchObject([{ upTo: 2, id: all[1]!.id }]);
      expect(await texts()).toHaveLength(2);
    });

    test('of another content under a taken number are ignored', async () => {
      const first = event(epoch, 1, sms(1));
      await ingest([first]);
      expect(await ingest([event(epoch, 1, sms(7))])).toMatchObject([{ upTo: 1, id: first.id }]);
      expect(await texts()).toEqual(['message 1']);
    });

    test('that move into a new epoch with the same id are one message', async () => {
      const old = [1, 2].map((n) => event(epoch, n, sms(n)));
      await ingest(old);
      const later = ulid(START + 10);
      const moved = old.map((e, i) => ({ ...e, epoch: later, seq: i + 1 }));
      const next = event(later, 3, sms(3));
      expect(await ingest([...moved, next])).toMatchObject([{ epoch: later, upTo: 3, id: next.id }]);
      expect(await texts()).toEqual(['message 1', 'message 2', 'message 3']);
    });

    test('with a message of the same id make one message; sms.updated completes it', async () => {
      const part = sms(1, { text: 'half', complete: false, parts: { total: 2, received: 1 } });
      const whole = { ...part, text: 'half and half', complete: true, parts: { total: 2, received: 2 } };
      await ingest([event(epoch, 1, part), event(epoch, 2, sms(2))]);
      await ingest([event(epoch, 3, whole, { type: 'sms.updated' })]);
      expect(await texts()).toEqual(['half and half', 'message 2']);
      // Across epochs the older picture may be applied last.
      await ingest([event(ulid(START + 20), 1, part)]);
      expect(await texts()).toEqual(['half and half', 'message 2']);
    });

    test('received and updated in one batch are one message', async () => {
      const part = sms(1, { text: 'half', complete: false, parts: { total: 2, received: 1 } });
      const whole = { ...part, text: 'whole', complete: true, parts: { total: 2, received: 2 } };
      await ingest([event(epoch, 1, part), event(epoch, 2, whole, { type: 'sms.updated' })]);
      expect(await texts()).toEqual(['whole']);
    });

    test('of unknown types count, and those with wrong data do not block the rest', async () => {
      const [step] = await ingest([
        event(epoch, 1, { anything: true }, { type: 'weather.changed' }),
        event(epoch, 2, { messageId: 'x' }),
        event(epoch, 3, sms(3)),
      ]);
      expect(step!.upTo).toBe(3);
      expect(step!.rejected).toHaveLength(1);
      expect(step!.rejected[0]).toMatchObject({ seq: 2, type: 'sms.received' });
      expect(await texts()).toEqual(['message 3']);
    });

    test('come in bounded batches', async () => {
      const all = Array.from({ length: 1_201 }, (_, i) => event(epoch, i + 1, sms(i + 1)));
      await store.verbs.insertEvents({ events: all.map(raw), now: NOW });
      const steps: number[] = [];
      for (let more = true; more; ) {
        const [step] = await store.verbs.project({ gateway: 'host-a', epochs: [epoch], now: NOW });
        steps.push(step!.upTo);
        more = step!.more;
      }
      expect(steps).toEqual([500, 1_000, 1_201]);
    });
  });

  describe('epochs', () => {
    test('the last live online is current; a retained one only while none is known', async () => {
      const later = ulid(START + 10);
      await store.verbs.noteStatus({ status: status(epoch, 0), live: false });
      await store.verbs.noteStatus({ status: status(later, 0), live: false });
      expect((await store.reads.gateways())[0]).toMatchObject({ epoch, online: 1 });
      await store.verbs.noteStatus({ status: status(later, 0), live: true });
      expect((await store.reads.gateways())[0]).toMatchObject({ epoch: later });
    });

    test('an older one lacks events until it is passed; then they are applied across the gap', async () => {
      await store.verbs.noteStatus({ status: status(epoch, 4), live: true });
      const all = [1, 2, 3, 4].map((n) => event(epoch, n, sms(n)));
      await ingest([all[0]!, all[3]!]);
      const later = ulid(START + 10);
      const arg = { gateway: 'host-a', epoch, alarmId: ulid(1), now: NOW };
      expect(await store.verbs.pass(arg)).toBe(false);
      expect(await store.verbs.noteStatus({ status: status(later, 0), live: true })).toEqual({
        online: true,
        behind: [epoch],
      });
      expect(await store.verbs.pass(arg)).toBe(true);
      const [step] = await store.verbs.project({ gateway: 'host-a', epochs: [epoch], now: NOW });
      // What never came is never claimed.
      expect(step).toMatchObject({ upTo: 1, current: false, passed: true });
      expect(await texts()).toEqual(['message 1', 'message 4']);
      expect(await store.reads.alarms({ limit: 9 })).toMatchObject([{ kind: 'epoch.incomplete' }]);
      // Late is better than never, and closes the gap after all.
      expect(await ingest([all[1]!, all[2]!])).toMatchObject([{ upTo: 4, id: all[3]!.id }]);
      expect((await texts()).toSorted()).toEqual(['message 1', 'message 2', 'message 3', 'message 4']);
    });

    test('one that becomes current again waits at its gaps again', async () => {
      const all = [1, 2, 3].map((n) => event(epoch, n, sms(n)));
      await store.verbs.noteStatus({ status: status(epoch, 1), live: true });
      await ingest([all[0]!]);
      await store.verbs.noteStatus({ status: status(ulid(START + 9), 0), live: true });
      await ingest([all[2]!]);
      await store.verbs.pass({ gateway: 'host-a', epoch, alarmId: ulid(1), now: NOW });
      await store.verbs.noteStatus({ status: status(epoch, 3), live: true });
      const [step] = await store.verbs.project({ gateway: 'host-a', epochs: [epoch], now: NOW });
      expect(step).toMatchObject({ upTo: 1, passed: false, current: true });
      expect(await texts()).toEqual(['message 1']);
    });

    test('a truncated replay moves the frontier to just before what is left, with an alarm', async () => {
      const all = [1, 2, 3, 4, 5].map((n) => event(epoch, n, sms(n)));
      await ingest([all[0]!, all[3]!]);
      const arg = { gateway: 'host-a', epoch, alarmId: ulid(1), now: NOW };
      expect(await store.verbs.truncate({ ...arg, from: 9 })).toBe(false);
      expect(await store.verbs.truncate({ ...arg, from: 4 })).toBe(true);
      const [step] = await store.verbs.project({ gateway: 'host-a', epochs: [epoch], now: NOW });
      expect(step).toMatchObject({ upTo: 4, id: all[3]!.id });
      expect(await texts()).toEqual(['message 1', 'message 4']);
      expect(await store.verbs.truncate({ ...arg, from: 3 })).toBe(false);
      expect(await store.reads.alarms({ limit: 9 })).toMatchObject([{ kind: 'replay.truncated' }]);
      // The gateway was wrong: it had it after all.
      await ingest([all[1]!]);
      expect(await texts()).toContain('message 2');
    });

    test('with nothing left at the gateway there is no event to acknowledge', async () => {
      await store.verbs.noteStatus({ status: status(epoch, 5), live: true });
      await store.verbs.truncate({ gateway: 'host-a', epoch, from: 6, alarmId: ulid(1), now: NOW });
      const [step] = await store.verbs.project({ gateway: 'host-a', epochs: [epoch], now: NOW });
      expect(step).toMatchObject({ upTo: 5, id: null });
    });
  });

  describe('retained state', () => {
    test('a stale offline of an older session is ignored', async () => {
      const first = status(epoch, 0);
      const second = status(epoch, 0);
      await store.verbs.noteStatus({ status: first, live: true });
      await store.verbs.noteStatus({ status: second, live: true });
      const will = { ...first, state: 'offline' as const };
      expect(await store.verbs.noteStatus({ status: will, live: true })).toMatchObject({ online: true });
      const own = { ...second, state: 'offline' as const };
      expect(await store.verbs.noteStatus({ status: own, live: true })).toMatchObject({ online: false });
    });

    test('an older revision is ignored, and one of an older epoch', async () => {
      const later = ulid(START + 10);
      const note = (state: ReturnType<typeof sim> | null) =>
        store.verbs.noteSim({ gateway: 'host-a', iccid: ICCID, state });
      await store.verbs.noteStatus({ status: status(epoch, 0), live: true });
      await note(sim(epoch, 2, { slot: 'A02' }));
      await note(sim(epoch, 1, { slot: 'A01' }));
      expect((await store.reads.number(ICCID))?.sim.slot).toBe('A02');
      await store.verbs.noteStatus({ status: status(later, 0), live: true });
      await note(sim(later, 1, { slot: 'A03' }));
      await note(sim(epoch, 9, { slot: 'A09' }));
      expect((await store.reads.number(ICCID))?.sim.slot).toBe('A03');
      await note(null);
      expect(await store.reads.number(ICCID)).toMatchObject({ gone: true, online: true });
      await note(sim(later, 1, { slot: 'A03' }));
      expect(await store.reads.number(ICCID)).toMatchObject({ gone: false });
    });

    test('of two gateways that claim a SIM the newest insertion wins', async () => {
      const claim = (gateway: string, insertedAt: string) =>
        store.verbs.noteSim({ gateway, iccid: ICCID, state: sim(epoch, 1, { insertedAt }) });
      await claim('host-a', '2026-11-21T06:00:00.000Z');
      await claim('host-b', '2026-11-21T08:00:00.000+01:00');
      expect((await store.reads.number(ICCID))?.gateway).toBe('host-b');
      expect(await store.reads.numbers({ after: '', limit: 10 })).toHaveLength(1);
      await store.verbs.noteSim({ gateway: 'host-b', iccid: ICCID, state: null });
      expect((await store.reads.number(ICCID))?.gateway).toBe('host-a');
    });
  });

  describe('messages', () => {
    const list = (since: string | null, after: number | null = null) =>
      store.reads.messages({ iccid: ICCID, since, after, limit: 100 });

    test('since includes its own second and what arrived late behind a younger one', async () => {
      await ingest([
        event(epoch, 1, sms(1, { text: 'a', receivedAt: '2026-11-21T06:30:01.900Z' })),
        event(epoch, 2, sms(2, { text: 'b', receivedAt: '2026-11-21T06:30:05.000Z' })),
        // A clock that begins in 1970 must not hide a message from a customer who asks for what is new.
        event(epoch, 3, sms(3, { text: 'late', receivedAt: '1970-01-01T00:00:09.000Z' })),
      ]);
      const since = async (time: string) => (await list(time)).map(({ data }) => data.text);
      expect(await since('2026-11-21T06:30:01.000Z')).toEqual(['a', 'b', 'late']);
      expect(await since('2026-11-21T06:30:02.000Z')).toEqual(['b', 'late']);
      expect(await since('2026-11-21T06:30:05.000Z')).toEqual(['b', 'late']);
      expect(await since('2026-11-21T06:30:06.000Z')).toEqual([]);
    });

    test('one wrong clock does not put every later message at its time', async () => {
      await ingest([
        event(epoch, 1, sms(1, { receivedAt: '2099-01-01T00:00:00.000Z' })),
        event(epoch, 2, sms(2, { receivedAt: NOW })),
      ]);
      expect(await list('2026-11-21T08:00:00.000Z')).toHaveLength(2);
      expect(await list('2026-11-21T08:00:01.000Z')).toHaveLength(0);
    });

    test('keep their number when they are updated, and pages continue where they ended', async () => {
      await ingest([1, 2, 3, 4, 5].map((n) => event(epoch, n, sms(n))));
      const page = await store.reads.messages({ iccid: ICCID, since: null, after: null, limit: 2 });
      expect(page.map(({ n }) => n)).toEqual([1, 2]);
      expect((await list(null, 2)).map(({ n }) => n)).toEqual([3, 4, 5]);
      expect((await list('2026-11-21T06:30:04.000Z', 2)).map(({ n }) => n)).toEqual([4, 5]);
    });

    test('of no SIM are kept and belong to no number', async () => {
      await ingest([event(epoch, 1, sms(1, { iccid: null })), event(epoch, 2, sms(2, { iccid: null }))]);
      expect(await store.reads.isNumber('')).toBe(false);
      const rows = await store.db.selectFrom('message').select(['n', 'iccid']).orderBy('n').execute();
      expect(rows).toEqual([
        { n: 1, iccid: null },
        { n: 2, iccid: null },
      ]);
    });

    test('older than the retention go, with their events; the frontier stays', async () => {
      await ingest([1, 2, 3].map((n) => event(epoch, n, sms(n))));
      expect(await store.verbs.purge({ before: '2026-11-21T06:00:00.000Z' })).toBe(true);
      expect(await texts()).toHaveLength(3);
      expect(await store.verbs.purge({ before: '2026-12-21T07:00:00.000Z' })).toBe(true);
      expect(await texts()).toEqual([]);
      expect(await ingest([event(epoch, 4, sms(4))])).toMatchObject([{ upTo: 4 }]);
    });
  });

  test('the first account is made once', async () => {
    const key = { id: ulid(1), hash: 'aa', hint: 'sbk_' };
    const secret = { id: ulid(5), value: 'whsec_x' };
    const arg = { id: ulid(2), name: 'default', key, secret, now: NOW };
    expect(await store.verbs.firstAccount(arg)).toEqual({ id: arg.id, created: true });
    expect(
      await store.verbs.firstAccount({ ...arg, id: ulid(3), key: { ...key, id: ulid(4), hash: 'bb' } }),
    ).toEqual({ id: arg.id, created: false });
    expect(await store.reads.accountOfKey('aa')).toBe(arg.id);
    expect(await store.reads.accountOfKey('bb')).toBeNull();
  });

  test('what a process left undone is found', async () => {
    await store.verbs.insertEvents({ events: [raw(event(epoch, 1, sms(1)))], now: NOW });
    expect(await store.reads.unfinished()).toEqual([{ gateway: 'host-a', epoch }]);
    await store.verbs.project({ gateway: 'host-a', epochs: [epoch], now: NOW });
    expect(await store.reads.unfinished()).toEqual([]);
  });
});
