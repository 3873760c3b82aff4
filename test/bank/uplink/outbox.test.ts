import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { StoredEvent } from '../../../src/bank/store/events.ts';
import { type BankStore, openBankStore } from '../../../src/bank/store/store.ts';
import { Outbox } from '../../../src/bank/uplink/outbox.ts';
import { createLog } from '../../../src/log.ts';
import { temporaryDir } from '../../temporary.ts';

/** An outbox on a real store, and a connection that notes what is published and answers when the test says so. */
async function outbox(confirm: 'auto' | 'hub' | 'broker', events: number) {
  const store = await openBankStore(temporaryDir());
  undo.push(() => store.close());
  const numbering = await store.write.begin({ now: now() });
  const box = new Outbox({ store, confirm, numbering, log: createLog('silent') });
  const published: number[] = [];
  const open: { event: StoredEvent; done: (taken: boolean) => void }[] = [];
  const connect = (limit = 256): void =>
    box.connected((event, done) => {
      published.push(event.seq);
      open.push({ event, done });
    }, limit);
  const all: StoredEvent[] = [];
  const happen = async (count: number): Promise<StoredEvent[]> => {
    const fresh: StoredEvent[] = [];
    for (let i = 0; i < count; i++) fresh.push(...(await alarm(store, all.length + i)));
    all.push(...fresh);
    return fresh;
  };
  box.offer(await happen(events));
  const ack = (seq: number): Promise<void> =>
    box.acknowledged({ v: 1, epoch: box.epoch, upTo: seq, id: all[seq - 1]!.id });
  return { box, store, published, open, connect, happen, ack };
}
const now = (): string => new Date().toISOString();
const alarm = async (store: BankStore, n: number): Promise<StoredEvent[]> =>
  (await store.write.setAlarm({ alarm: `test-${n}`, detail: '', active: true, now: now() })).events;
/** Lets the outbox do what it would do at the end of this turn. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const upTo = (n: number, from = 1): number[] => Array.from({ length: n - from + 1 }, (_, i) => from + i);

const undo: (() => unknown)[] = [];
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(async () => {
  vi.useRealTimers();
  for (const step of undo.splice(0).reverse()) await step();
});

describe('an outbox that waits for the hub', () => {
  it('publishes in order, and again after every connection what no receipt covers', async () => {
    const { box, published, connect, ack } = await outbox('hub', 5);
    connect();
    await turn();
    expect(published).toEqual(upTo(5));
    await ack(2);
    box.disconnected();
    published.length = 0;
    connect();
    await turn();
    expect(published).toEqual(upTo(5, 3));
  });

  it('puts events in order that were offered in any', async () => {
    const { box, published, connect, happen } = await outbox('hub', 0);
    connect();
    const [one, two, three] = (await happen(3)) as [StoredEvent, StoredEvent, StoredEvent];
    box.offer([three]);
    box.offer([two]);
    box.offer([one]);
    await turn();
    expect(published).toEqual([1, 2, 3]);
  });

  it('publishes again after 30 s without progress, and each time waits twice as long', async () => {
    const { published, connect, ack } = await outbox('hub', 3);
    connect();
    await turn();
    for (const [wait, expected] of [
      [29_999, upTo(3)],
      [1, [...upTo(3), ...upTo(3)]],
      [59_999, [...upTo(3), ...upTo(3)]],
      [1, [...upTo(3), ...upTo(3), ...upTo(3)]],
    ] as const) {
      vi.advanceTimersByTime(wait);
      await turn();
      expect(published).toEqual(expected);
    }
    await ack(3);
    vi.advanceTimersByTime(3_600_000);
    await turn();
    expect(published).toHaveLength(9);
  });

  it('counts the wait from the first event without a receipt, not from long ago', async () => {
    const { box, published, connect, happen } = await outbox('hub', 0);
    connect();
    vi.advanceTimersByTime(29_900);
    box.offer(await happen(1));
    await turn();
    vi.advanceTimersByTime(29_900);
    await turn();
    expect(published).toEqual([1]);
    vi.advanceTimersByTime(100);
    await turn();
    expect(published).toEqual([1, 1]);
  });

  it('keeps a window: no more than 1,000 without a receipt, no more unanswered than the broker takes', async () => {
    const { published, open, connect, ack } = await outbox('hub', 1_100);
    connect(20);
    await turn();
    expect(published).toEqual(upTo(20));
    while (open.length > 0) {
      open.shift()!.done(true);
      await turn();
    }
    expect(published).toEqual(upTo(1_000));
    await ack(50);
    await turn();
    expect(published.at(-1)).toBe(1_020);
  });

  it('publishes again what a hub asks for', async () => {
    const { box, published, connect, ack } = await outbox('hub', 4);
    connect();
    await turn();
    await ack(4);
    published.length = 0;
    box.replay(box.epoch, 1);
    await turn();
    expect(published).toEqual([2, 3, 4]);
  });

  it('begins anew when a receipt names an event that is not its own', async () => {
    const { box, published, connect } = await outbox('hub', 3);
    connect();
    await turn();
    const before = box.epoch;
    published.length = 0;
    await box.acknowledged({ v: 1, epoch: before, upTo: 9, id: '01M7YYX7JTE2F7W0DJ8BP1Q22G' });
    await turn();
    expect(box.epoch).not.toBe(before);
    // The three, and the alarm that tells of it.
    expect(published).toEqual(upTo(4));
    expect(box.ackedSeq).toBe(0);
  });
});

describe('who confirms', () => {
  it('broker: what the broker has, in order, is done with', async () => {
    const { box, open, connect } = await outbox('broker', 3);
    connect();
    await turn();
    open[1]!.done(true);
    open[2]!.done(true);
    expect(box.ackedSeq).toBe(0);
    open[0]!.done(true);
    expect(box.ackedSeq).toBe(3);
  });

  it('auto: the broker until the first receipt ever, the hub from then on, also after a restart', async () => {
    const { box, store, open, connect, happen, ack } = await outbox('auto', 1);
    connect();
    await turn();
    open[0]!.done(true);
    expect(box.ackedSeq).toBe(1);
    await ack(1);
    box.offer(await happen(1));
    await turn();
    open[1]!.done(true);
    expect(box.ackedSeq).toBe(1);
    expect(await store.write.begin({ now: now() })).toMatchObject({ hubSeen: true, ackedSeq: 1, lastSeq: 2 });
  });
});
