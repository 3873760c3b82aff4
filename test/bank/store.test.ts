import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NO_RULES } from '../../src/bank/store/matching.ts';
import { migrations } from '../../src/bank/store/schema.ts';
import { bankVerbs } from '../../src/bank/store/verbs.ts';
import { openForWriting } from '../../src/sqlite.ts';
import { temporaryDir } from '../temporary.ts';
import { at, deliver, HELLO, ICCID, NOW, part, SCTS, store } from './incoming.ts';

const NO_TIME = '62319280000000';

describe('a message in one part', () => {
  it('is one event with the next number', () => {
    const { receive, epoch } = store();
    const { outcome, events } = receive(HELLO);
    expect(outcome).toBe('message');
    expect(events).toMatchObject([{ epoch, seq: 1, type: 'sms.received' }]);
    expect(JSON.parse(events[0]!.data)).toMatchObject({
      iccid: ICCID,
      from: '12345',
      text: 'Hello',
      complete: true,
      sentAt: '2026-11-21T08:00:00+00:00',
      pdus: [HELLO.slice(2)],
    });
  });

  it('is told of without its code where the search for it fails', () => {
    const fails = () => {
      throw new TypeError('a fault');
    };
    const { receive } = store({ ...NO_RULES, servicesOf: fails, findCode: fails });
    expect(JSON.parse(receive(HELLO).events[0]!.data)).toMatchObject({ text: 'Hello', code: null });
  });

  it('read again, or resent with another TP-MMS bit, is no second event', () => {
    const { receive } = store();
    receive(HELLO);
    expect(receive(HELLO)).toEqual({ outcome: 'resend', events: [], long: null });
    expect(receive(HELLO.replace(/^0004/, '0000'))).toEqual({ outcome: 'resend', events: [], long: null });
    expect(receive(HELLO, { now: at(40 * 86_400) }).outcome).toBe('resend');
  });

  it('is another one on another card', () => {
    const { receive } = store();
    receive(HELLO);
    expect(receive(HELLO, { iccid: '8999000000000000029' }).outcome).toBe('message');
  });

  it('of modem memory that was seen in the slot under another card is that old message', () => {
    const { receive } = store();
    receive(HELLO, { store: 'ME' });
    const swapped = { store: 'ME', iccid: '8999000000000000029', attribution: 'doubtful' } as const;
    expect(receive(HELLO, swapped).outcome).toBe('resend');
    expect(receive(HELLO, { ...swapped, slot: 'A02' }).outcome).toBe('message');
  });

  it('with an impossible time keeps its identity for a day only', () => {
    const { receive } = store();
    const undated = deliver(`0000${NO_TIME}05C8329BFD06`);
    expect(JSON.parse(receive(undated).events[0]!.data).sentAt).toBeNull();
    expect(receive(undated, { now: at(86_000) }).outcome).toBe('resend');
    expect(receive(undated, { now: at(86_500) }).outcome).toBe('message');
  });

  it('that cannot be read is a message with its hex and its error', () => {
    const { receive } = store();
    const { outcome, events } = receive('0004FFFF');
    expect(outcome).toBe('message');
    const data = JSON.parse(events[0]!.data);
    expect(data).toMatchObject({ text: null, pdus: ['04FFFF'] });
    expect(data.error).toMatch(/octet/);
  });
});

describe('a message in parts', () => {
  it('is one event when the last part is here, whatever the order', () => {
    const { receive } = store();
    const waiting = { messageId: expect.any(String), isCollecting: true };
    expect(receive(part(2, 'b'))).toEqual({ outcome: 'waiting', events: [], long: waiting });
    expect(receive(part(2, 'b')).outcome).toBe('resend');
    const { events } = receive(part(1, 'a'));
    expect(JSON.parse(events[0]!.data)).toMatchObject({
      text: 'ab',
      complete: true,
      parts: { total: 2, received: 2 },
    });
  });

  it('is in doubt as a whole when one part is', () => {
    const { receive } = store();
    receive(part(1, 'a'));
    const [event] = receive(part(2, 'b'), { attribution: 'doubtful', store: 'ME' }).events;
    expect(JSON.parse(event!.data)).toMatchObject({ text: 'ab', attribution: 'doubtful' });
  });

  it('is published as far as it is here when it was waited for long enough, and a late part updates it', () => {
    const { receive, verbs } = store();
    receive(part(1, 'a'));
    expect(verbs.publishOverdue({ before: at(-1), now: at(600) }).events).toEqual([]);
    const [partial] = verbs.publishOverdue({ before: NOW, now: at(600) }).events;
    expect(partial?.type).toBe('sms.received');
    const before = JSON.parse(partial!.data);
    expect(before).toMatchObject({ text: 'a[…]', complete: false, parts: { total: 2, received: 1 } });
    const [late] = receive(part(2, 'b'), { now: at(700) }).events;
    expect(late?.type).toBe('sms.updated');
    expect(JSON.parse(late!.data)).toMatchObject({ messageId: before.messageId, text: 'ab', complete: true });
    expect(verbs.publishOverdue({ before: at(1_000), now: at(1_000) }).events).toEqual([]);
  });

  it('is not mixed with one of the same reference from another card or of another time', () => {
    const { receive } = store();
    receive(part(1, 'a'));
    const hoursLater = part(2, 'b').replace(SCTS, '62111211000000');
    expect(receive(hoursLater).outcome).toBe('waiting');

    expect(receive(part(2, 'b'), { iccid: '8999000000000000029' }).outcome).toBe('waiting');
  });
});

describe('a database of the first version', () => {
  it('is brought forward with what it holds, and a message that began to come there is completed here', () => {
    const path = join(temporaryDir(), 'gateway.db');
    const first = openForWriting(path, migrations.slice(0, 1));
    first.exec(`
      INSERT INTO epoch (id, created_at) VALUES ('01M7YYX7JTE2F7W0DJ8BP1Q22G', '${NOW}');
      INSERT INTO meta VALUES ('instance', '01M7YYX7JTE2F7W0DJ8BP1Q22H'), ('epoch', '01M7YYX7JTE2F7W0DJ8BP1Q22G');
      INSERT INTO sim (iccid, slot, inserted_at, msisdn, msisdn_source)
        VALUES ('${ICCID}', 'A01', '${NOW}', '+12025550143', 'operator');
      INSERT INTO message
        VALUES ('m', '${ICCID}', NULL, 'A01', 'certain', '8:7:2:unknown:12345', 2, 1, ${Date.parse(NOW)}, 'collecting',
          '${NOW}', '${NOW}');
      INSERT INTO part (iccid, identity, tpdu, slot, store, received_at, dated, message_id, number, seen_at)
        VALUES ('${ICCID}', 'x', '${part(1, 'a').slice(2)}', 'A01', 'SM', '${NOW}', 1, 'm', 1, '${NOW}');`);
    first.close();
    const db = openForWriting(path, migrations);
    const verbs = bankVerbs(db);
    const common = { slot: 'A01', iccid: ICCID, imei: null, store: 'SM', attribution: 'certain' } as const;
    const late = { ...common, pdu: part(2, 'b'), length: 0, receivedAt: at(5), live: false, now: at(5) };
    const [event] = verbs.receivePart(late).events;
    expect(JSON.parse(event!.data)).toMatchObject({
      messageId: 'm',
      text: 'ab',
      activations: [],
      receivedAt: NOW,
    });
    expect(db.prepare('SELECT msisdn, held, last_used_at FROM sim').all()).toEqual([
      { msisdn: '+12025550143', held: null, last_used_at: null },
    ]);
  });
});

describe('events', () => {
  it('are numbered without gaps, also after a verb that failed', () => {
    const { receive, verbs } = store();
    receive(HELLO);
    expect(() => verbs.receivePart({} as never)).toThrow();
    verbs.setAlarm({ alarm: 'test', detail: 'x', active: true, now: NOW });
    verbs.setAlarm({ alarm: 'test', detail: 'x', active: true, now: NOW });
    expect(receive(deliver(`0000${SCTS}01E1`)).events[0]?.seq).toBe(3);
  });

  it('are done with up to what the hub acknowledges', () => {
    const { receive, verbs, epoch } = store();
    const { id } = receive(HELLO).events[0]!;
    expect(verbs.acknowledge({ epoch, upTo: 1, id, now: NOW })).toEqual({ outcome: 'progress' });
    expect(verbs.acknowledge({ epoch, upTo: 1, id, now: NOW })).toEqual({ outcome: 'nothing-new' });
    expect(verbs.acknowledge({ epoch: id, upTo: 1, id, now: NOW })).toEqual({ outcome: 'other-epoch' });
    expect(verbs.begin({ now: NOW })).toMatchObject({
      epoch,
      ackedSeq: 1,
      lastSeq: 1,
      hubSeen: true,
      boots: 2,
    });
  });

  it.each([
    ['is not here', 9, null],
    ['is another one here', 2, '01M7YYX7JTE2F7W0DJ8BP1Q22G'],
  ] as const)('move to a new epoch under their ids when an acknowledged one %s', (_what, upTo, foreign) => {
    const { db, receive, verbs, epoch } = store();
    const first = receive(HELLO).events[0]!;
    verbs.acknowledge({ epoch, upTo: 1, id: first.id, now: NOW });
    const waiting = [1, 2].map((n) => receive(deliver(`0000${SCTS}010${n}`)).events[0]!);
    const outcome = verbs.acknowledge({ epoch, upTo, id: foreign ?? first.id, now: at(5) });
    expect(outcome).toMatchObject({ outcome: 'new-epoch', lastSeq: 3 });
    const fresh = (outcome as { epoch: string }).epoch;
    const moved = db
      .prepare<[string], { seq: number; id: string; type: string }>(
        'SELECT seq, id, type FROM event WHERE epoch = ? ORDER BY seq',
      )
      .all(fresh);
    expect(moved.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(moved.slice(0, 2).map(({ id }) => id)).toEqual(waiting.map(({ id }) => id));
    expect(moved[2]?.type).toBe('alarm.raised');
    // The ack that brought this about is of the old epoch now.
    expect(verbs.acknowledge({ epoch, upTo, id: first.id, now: at(6) })).toEqual({ outcome: 'other-epoch' });
  });

  it('tell a resend for long after the text was purged', () => {
    const { db, receive, verbs, epoch } = store();
    const { id } = receive(HELLO).events[0]!;
    verbs.acknowledge({ epoch, upTo: 1, id, now: NOW });
    const old = { before: at(3_600), identitiesBefore: at(-1), commandsBefore: NOW, auditBefore: NOW };
    while (verbs.purge(old) > 0);
    expect(db.prepare('SELECT tpdu FROM part').all()).toEqual([{ tpdu: '' }]);
    expect(receive(HELLO, { now: at(86_400 * 300) }).outcome).toBe('resend');
    while (verbs.purge({ ...old, identitiesBefore: at(86_400 * 299) }) > 0);
    expect(receive(HELLO, { now: at(86_400 * 301) }).outcome).toBe('resend');
  });

  it('that nobody has acknowledged are never purged, and numbers never start again', () => {
    const { receive, verbs, epoch } = store();
    const { id } = receive(HELLO).events[0]!;
    const old = { before: at(3_600), identitiesBefore: NOW, commandsBefore: NOW, auditBefore: NOW };
    verbs.purge(old);
    expect(verbs.acknowledge({ epoch, upTo: 1, id, now: NOW }).outcome).toBe('progress');
    expect(verbs.purge(old)).toBeGreaterThan(0);
    while (verbs.purge(old) > 0);
    expect(receive(deliver(`0000${SCTS}01E1`)).events[0]?.seq).toBe(2);
  });
});

describe('a SIM', () => {
  it('is inserted, changed and removed as the slot sees it, and nothing is said when nothing changed', () => {
    const { verbs } = store();
    const [a, b] = [ICCID, '8999000000000000029'];
    const present = (slot: string, iccid: string) => {
      return verbs.simPresent({ slot, iccid, imsi: null, now: NOW }).events.map(({ type }) => type);
    };
    expect(present('A01', a)).toEqual(['sim.inserted']);
    expect(present('A01', a)).toEqual([]);
    expect(present('A01', b)).toEqual(['sim.changed']);
    expect(present('A02', b)).toEqual(['sim.inserted']);
    expect(present('A01', a)).toEqual(['sim.inserted']);
    expect(verbs.simAbsent({ slot: 'A02', now: NOW }).events.map(({ type }) => type)).toEqual([
      'sim.removed',
    ]);
    expect(verbs.simAbsent({ slot: 'A02', now: NOW }).events).toEqual([]);
  });

  it('leaves the modem’s memory in doubt until it was listed, also when the card is read again', () => {
    const { verbs } = store();
    const doubtful = () => verbs.simPresent({ slot: 'A01', iccid: ICCID, imsi: null, now: NOW }).doubtful;
    expect(doubtful()).toEqual(['ME', 'MT', 'SR']);
    expect(doubtful()).toEqual(['ME', 'MT', 'SR']);
    verbs.storeListed({ slot: 'A01', store: 'ME' });
    expect(doubtful()).toEqual(['MT', 'SR']);
    verbs.simPresent({ slot: 'A01', iccid: '8999000000000000029', imsi: null, now: NOW });
    expect(doubtful()).toEqual(['ME', 'MT', 'SR']);
  });

  it('has the number of the operator’s list in every message', () => {
    const { verbs, receive } = store();
    const number = { iccid: ICCID, msisdn: '+12025550143', country: 'US', operator: null, label: null };
    verbs.importNumbers({ numbers: [number], now: NOW });
    verbs.simPresent({ slot: 'A01', iccid: ICCID, imsi: '001010000000001', now: NOW });
    expect(JSON.parse(receive(HELLO).events[0]!.data).msisdn).toBe('+12025550143');
  });
});

describe('a command', () => {
  const order = (id: string, more: Record<string, unknown> = {}) => ({
    id,
    name: 'test',
    expiresAt: at(10),
    now: NOW,
    ...more,
  });

  it('gets the answer it got before, whatever it is then', () => {
    const { verbs } = store();
    const first = verbs.acceptCommand({ order: order('x') });
    expect(first.done).toBe(true);
    const again = verbs.refuseCommand({ order: order('x', { now: at(60) }), code: 'no', message: 'no' });
    expect(again).toEqual({ reply: first.reply, done: false, events: [], sims: [] });
  });

  it('is not carried out when it comes too late', () => {
    const { verbs } = store();
    const late = verbs.acceptCommand({ order: order('x', { now: at(11) }) });
    expect(late.done).toBe(false);
    expect(JSON.parse(late.reply)).toMatchObject({ ok: false, error: { code: 'command.expired' } });
  });

  it('that a crash has interrupted says so, and is not begun again', () => {
    const { verbs } = store();
    expect(verbs.beginCommand({ order: order('x') })).toBeNull();
    const reply = verbs.beginCommand({ order: order('x') })?.reply ?? '';
    expect(JSON.parse(reply)).toMatchObject({ id: 'x', ok: false, error: { code: 'command.interrupted' } });
    verbs.endCommand({ id: 'x', reply: '{"ok":true}', now: NOW });
    expect(verbs.beginCommand({ order: order('x') })?.reply).toBe('{"ok":true}');
  });
});
