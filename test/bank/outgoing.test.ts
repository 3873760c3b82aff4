import { describe, expect, it } from 'vitest';
import type { PartResult } from '../../src/bank/store/outgoing.ts';
import { type BankStore, openBankStore } from '../../src/bank/store/store.ts';
import { ulid } from '../../src/protocol/ulid.ts';
import { temporaryDir } from '../temporary.ts';

const ICCID = '8999000000000000011';
const LIMITS = { perSimPerHour: 10, perSimPerDay: 50 };
const at = (ms: number): string => new Date(ms).toISOString();

/** A store with one SIM in one slot, and a message that was accepted at `acceptedMs`. */
async function accepted(acceptedMs: number, report = false) {
  const store = await openBankStore(temporaryDir());
  await store.write.begin({ now: at(acceptedMs) });
  await store.write.simPresent({ slot: 'A01', iccid: ICCID, imsi: null, now: at(acceptedMs) });
  const id = ulid(acceptedMs);
  const order = { id, name: 'sms.send', expiresAt: at(acceptedMs + 60_000), now: at(acceptedMs) };
  const args = { iccid: ICCID, to: '+12025550199', text: 'Hello', report };
  const { reply } = await store.write.acceptSend({ order, args, limits: LIMITS });
  expect(JSON.parse(reply)).toMatchObject({ ok: true });
  return { store, id };
}
const DAY_MS = 86_400_000;

describe('a message whose SIM does not come back', () => {
  it('is given up after a day, while the gateway runs, and told of once', async () => {
    const now = Date.now();
    const { store, id } = await accepted(now - DAY_MS - 60_000);
    expect(store.outgoing([ICCID], at(now - 60_000))).toHaveLength(1);
    // Not even when its SIM is back before it is told of.
    expect(store.outgoing([ICCID], at(now))).toHaveLength(0);
    const { events } = await store.write.giveUpSends({ now: at(now) });
    expect(events.map(({ type, data }) => [type, JSON.parse(data)])).toMatchObject([
      ['sms.failed', { commandId: id, status: 'its SIM was not ready for a day' }],
    ]);
    expect(store.outgoing([ICCID], at(now - 60_000))).toHaveLength(0);
    expect((await store.write.giveUpSends({ now: at(now) })).events).toHaveLength(0);
    await store.close();
  });

  it('waits, and its report is waited for, as long as it may still go', async () => {
    const now = Date.now();
    const { store } = await accepted(now - 3 * DAY_MS, true);
    expect(store.awaitsReport(ICCID)).toBe(true);
    await store.write.giveUpSends({ now: at(now) });
    expect(store.awaitsReport(ICCID)).toBe(false);
    await store.close();
  });
});

describe('what waits to be sent', () => {
  /** Accepts for a SIM in a slot of its own; the ids, in their order. */
  async function accept(store: BankStore, iccid: string, messages: number) {
    const now = Date.now();
    await store.write.simPresent({ slot: iccid, iccid, imsi: null, now: at(now) });
    const limits = { perSimPerHour: messages, perSimPerDay: messages };
    const ids = Array.from({ length: messages }, () => ulid(now));
    const args = { iccid, to: '+12025550199', text: 'Hello', report: false };
    await Promise.all(
      ids.map((id, i) => {
        const order = { id, name: 'sms.send', expiresAt: at(now + 60_000), now: at(now + i) };
        return store.write.acceptSend({ order, args, limits });
      }),
    );
    return ids;
  }
  const OTHER = '8999000000000000029';

  it('for SIMs that cannot send now keeps back no other, however much it is', async () => {
    const { store } = await accepted(Date.now());
    await accept(store, ICCID, 1_100);
    const [id] = await accept(store, OTHER, 2);
    expect(store.outgoing([OTHER], at(Date.now()))).toMatchObject([{ commandId: id, iccid: OTHER }]);
    expect(store.outgoing([ICCID, OTHER], at(Date.now())).map(({ iccid }) => iccid)).toEqual([ICCID, OTHER]);
    expect(store.outgoing([], at(Date.now()))).toEqual([]);
    await store.close();
  });

  it('for its time lets the next of its SIM go before it, and is named while there is none', async () => {
    const { store, id } = await accepted(Date.now() - 1_000);
    const now = Date.now();
    const part = { commandId: id, number: 1 };
    await store.write.markSending(part);
    const notBefore = at(now + 60_000);
    await store.write.settlePart({ ...part, result: { kind: 'later', status: '', notBefore }, now: at(now) });
    const next = (ms: number) => store.outgoing([ICCID], at(now + ms))[0];
    expect(next(0)).toMatchObject({ commandId: id, notBefore });
    const [later] = await accept(store, ICCID, 2);
    expect(next(100)).toMatchObject({ commandId: later, notBefore: '' });
    expect(next(60_000)).toMatchObject({ commandId: id, notBefore });
    await store.close();
  });
});

describe('a part that was with the modem', () => {
  it('is marked once, and in doubt when nobody settled it', async () => {
    const { store, id } = await accepted(Date.now());
    const [part] = store.outgoing([ICCID], at(Date.now()));
    const mark = { commandId: id, number: part!.number };
    expect([await store.write.markSending(mark), await store.write.markSending(mark)]).toEqual([true, false]);
    expect(store.outgoing([ICCID], at(Date.now()))).toHaveLength(0);
    const { events } = await store.write.settleInterrupted({ now: at(Date.now()) });
    expect(events.map(({ type }) => type)).toEqual(['sms.failed']);
    expect(store.outgoing([ICCID], at(Date.now()))).toHaveLength(0);
    await store.close();
  });

  it('is in doubt, not failed, where a day later nobody has settled it; that it went is told all the same', async () => {
    const now = Date.now();
    const { store, id } = await accepted(now - DAY_MS - 60_000);
    const part = { commandId: id, number: 1 };
    await store.write.markSending(part);
    const { events } = await store.write.giveUpSends({ now: at(now) });
    expect(events.map(({ type, data }) => [type, JSON.parse(data)])).toMatchObject([
      [
        'sms.failed',
        { commandId: id, status: expect.stringMatching(/^in doubt: .* not sent again by itself$/) },
      ],
    ]);
    const settle = async (result: PartResult) => {
      const told = await store.write.settlePart({ ...part, result, now: at(now) });
      return told.events.map(({ type }) => type);
    };
    expect(await settle({ kind: 'later', status: 'congestion', notBefore: at(now) })).toEqual([]);
    expect(await settle({ kind: 'sent', reference: 7 })).toEqual(['sms.sent']);
    expect(await settle({ kind: 'sent', reference: 7 })).toEqual([]);
    expect((await store.write.settleInterrupted({ now: at(now) })).events).toEqual([]);
    await store.close();
  });
});
