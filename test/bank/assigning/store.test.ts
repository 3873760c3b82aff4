import { describe, expect, it, onTestFinished } from 'vitest';
import { ALLOW_ALL, type Policy } from '../../../src/bank/activations/activation.ts';
import { eventData } from '../../../src/protocol/events.ts';
import { ulid } from '../../../src/protocol/ulid.ts';
import { temporaryDir } from '../../temporary.ts';
import { Desk, iccidOf, numberOf, START } from './desk.ts';

function desk(sims = 1, policy: Policy = ALLOW_ALL): Desk {
  const made = new Desk(temporaryDir(), sims, policy);
  onTestFinished(() => void made.db.close());
  return made;
}
const refusal = (code: string, message?: RegExp) => ({
  ok: false,
  error: { code, message: message === undefined ? expect.any(String) : expect.stringMatching(message) },
});

describe('activation.open', () => {
  it('assigns a SIM, tells of it, and answers with its number', () => {
    const d = desk();
    const { reply, ids } = d.open();
    expect(reply).toMatchObject({
      ok: true,
      result: {
        iccid: iccidOf(0),
        msisdn: numberOf(0),
        operator: 'Acme',
        countryIso: 'US',
        openedAt: '2026-11-21T08:00:00.000Z',
        expiresAt: '2026-11-21T08:10:00.000Z',
      },
    });
    const [event] = d.events;
    expect(event?.type).toBe('activation.opened');
    expect(eventData['activation.opened'].parse(JSON.parse(event!.data))).toEqual({
      activationId: ids[0],
      iccid: iccidOf(0),
      msisdn: numberOf(0),
      service: 'tg',
      mode: 'single',
      openedAt: '2026-11-21T08:00:00.000Z',
      expiresAt: '2026-11-21T08:10:00.000Z',
    });
  });

  it('of several services takes one SIM for all, or none', () => {
    const d = desk(2);
    d.open({ services: ['tg'], select: { iccid: iccidOf(0) } });
    d.open({ services: ['go'], select: { iccid: iccidOf(1) } });
    const before = d.events.length;
    expect(d.open({ services: ['tg', 'go'] }).reply).toMatchObject(
      refusal('activation.no_sim', /service tg and go: of 2, 2 open for it already/),
    );
    expect(d.events.length).toBe(before);
    const { reply, ids } = d.open({ services: ['wa', 'acme'] });
    expect(reply.ok).toBe(true);
    expect(d.told().slice(-2)).toEqual(ids.map((id) => `opened ${id}`));
  });

  it('gives the last SIM to one of two', () => {
    const d = desk();
    expect(d.open().reply.ok).toBe(true);
    expect(d.open().reply).toMatchObject(refusal('activation.no_sim', /free for service tg/));
  });

  it('goes round: the least recently used first, also over a restart', () => {
    const d = desk(3);
    const chosen: string[] = [];
    for (let i = 0; i < 6; i++) {
      const { reply, ids } = d.open();
      if (reply.ok) chosen.push(String(reply.result.iccid));
      d.close(ids[0]!);
      d.pass(1);
      if (i === 3) d.restart();
    }
    expect(chosen).toEqual([0, 1, 2, 0, 1, 2].map(iccidOf));
  });

  it('under an id that was opened or closed before is refused', () => {
    const d = desk(3);
    const { ids } = d.open();
    expect(d.open({ ids }).reply).toMatchObject(refusal('activation.exists'));
    d.close(ids[0]!);
    expect(d.open({ ids }).reply).toMatchObject(refusal('activation.exists'));
    // An attempt whose answer was lost is closed, and must not come to life when its command arrives after all.
    const [late] = [ulid(START)];
    expect(d.close(late)).toMatchObject({ ok: true, result: {} });
    d.restart();
    expect(d.open({ ids: [late] }).reply).toMatchObject(refusal('activation.exists'));
  });

  it('by the same command twice is one activation with one answer, also over a restart', () => {
    const d = desk(2);
    const command = ulid(START);
    const first = d.open({ command });
    d.restart();
    d.pass(3_600);
    const again = d.open({ command });
    expect(again.answered).toEqual({ reply: first.answered.reply, done: false, events: [], sims: [] });
    expect(d.told()).toEqual([`opened ${first.ids[0]}`]);
    // So is a refusal, whatever has changed since.
    const refused = ulid(START + 1);
    const no = d.open({ command: refused, select: { countryIso: 'FR' } });
    expect(d.open({ command: refused }).answered.reply).toBe(no.answered.reply);
  });

  it('for a service the policy refuses is refused, and that is written down', () => {
    const d = desk(1, { services: ['tg'], senders: [] });
    const { reply, ids } = d.open({ services: ['go', 'tg'] });
    expect(reply).toMatchObject(refusal('activation.refused', /refuses the service tg/));
    expect(d.told()).toEqual([]);
    expect(d.audit()).toMatchObject([
      { what: 'refused', activationId: ids[1], service: 'tg', iccid: null, reason: expect.any(String) },
    ]);
    expect(d.open({ services: ['go'] }).reply.ok).toBe(true);
  });

  it('by area code and by operator', () => {
    const d = desk();
    expect(d.open({ select: { areaCodes: ['415'] } }).reply).toMatchObject(refusal('activation.no_sim'));
    expect(d.open({ select: { areaCodes: ['415', '202'], operators: ['acme'] } }).reply.ok).toBe(true);
  });

  it('takes no SIM its operator keeps back', () => {
    const d = desk();
    const give = (state: 'quarantined' | 'ready') =>
      d.verbs.giveState({ order: d.order(), args: { iccid: iccidOf(0), state } });
    expect(give('quarantined')).toMatchObject({ done: true, sims: [iccidOf(0)] });
    d.restart();
    expect(d.open().reply).toMatchObject(refusal('activation.no_sim', /1 quarantined/));
    give('ready');
    expect(d.open().reply.ok).toBe(true);
    const unknown = d.verbs.giveState({ order: d.order(), args: { iccid: '8999', state: 'ready' } });
    expect(JSON.parse(unknown.reply)).toMatchObject(refusal('sim.unknown'));
  });

  it('takes a SIM once its number is given', () => {
    const d = desk();
    d.db.exec('UPDATE sim SET msisdn = NULL, country_iso = NULL');
    expect(d.open().reply).toMatchObject(refusal('activation.no_sim', /1 without a known number/));
    const args = { iccid: iccidOf(0), msisdn: '+4915112345678' };
    expect(d.verbs.giveNumber({ order: d.order(), args }).done).toBe(true);
    expect(d.open({ select: { countryIso: 'DE', areaCodes: ['151'] } }).reply).toMatchObject({
      result: { msisdn: '+4915112345678', countryIso: 'DE' },
    });
  });
});

describe('used services', () => {
  it('are those a message came for: then the SIM does not serve them again, unless its number is asked for', () => {
    const d = desk();
    const without = d.open();
    d.close(without.ids[0]!);
    const { ids } = d.open();
    d.message(0);
    d.close(ids[0]!, 'completed');
    d.restart();
    expect(d.open().reply).toMatchObject(refusal('activation.no_sim', /1 used for it before/));
    expect(d.open({ services: ['go'] }).reply.ok).toBe(true);
    expect(d.open({ select: { msisdn: numberOf(0) } }).reply.ok).toBe(true);
  });

  it('of a kept number are those of all that came to it', () => {
    const d = desk();
    const { ids } = d.open({ mode: 'continuous', services: [null] });
    for (const from of ['Unknown', 'Google', 'Telegram']) d.message(0, { from });
    d.close(ids[0]!);
    for (const service of ['tg', 'go']) {
      expect(d.open({ services: [service] }).reply).toMatchObject(
        refusal('activation.no_sim', /1 used for it/),
      );
    }
    expect(d.open({ services: ['wa'] }).reply.ok).toBe(true);
  });

  it('are those that were said to be completed without us', () => {
    const d = desk();
    d.close(d.open().ids[0]!, 'completed');
    expect(d.open().reply).toMatchObject(refusal('activation.no_sim', /used for it before/));
  });

  it('of an activation for any service are those the message is of', () => {
    const d = desk(2);
    const any = () => d.open({ services: [null], select: { iccid: iccidOf(0) } });
    const { ids } = any();
    d.message(0, { from: 'Google' });
    d.close(ids[0]!);
    expect(d.open({ services: ['yt'] }).reply).toMatchObject({ result: { iccid: iccidOf(1) } });
    // One of a service nobody knows leaves it no longer fresh.
    d.open({ services: [null], select: { iccid: iccidOf(1) } });
    d.close(any().ids[0]!);
    expect(d.open({ services: ['wa'], select: { fresh: true } }).reply).toMatchObject(
      refusal('activation.no_sim', /is fresh for service wa/),
    );
  });
});

describe('a message', () => {
  it('is told of with its code and its activation, and then that this is what it waited for', () => {
    const d = desk();
    const { ids } = d.open();
    const sms = d.message(0);
    expect(sms).toMatchObject({ activations: ids, code: { value: '123456' } });
    const [received, matched] = d.events.slice(-2);
    expect([received?.type, matched?.type]).toEqual(['sms.received', 'activation.matched']);
    expect(matched?.seq).toBe(received!.seq + 1);
    expect(eventData['activation.matched'].parse(JSON.parse(matched!.data))).toEqual({
      activationId: ids[0],
      messageId: sms?.messageId,
      code: '123456',
    });
  });

  it('later than the first goes to the same activation, which is not matched again until it is armed again', () => {
    const d = desk();
    const { ids } = d.open();
    d.message(0);
    d.pass(1);
    expect(d.message(0)?.activations).toEqual(ids);
    expect(d.told()).toEqual([`opened ${ids[0]}`, `matched ${ids[0]}`]);
    d.pass(1);
    expect(d.rearm(ids[0]!, 900)).toMatchObject({ result: { expiresAt: '2026-11-21T08:15:02.000Z' } });
    d.message(0);
    expect(d.told().slice(2)).toEqual([`matched ${ids[0]}`]);
  });

  it('in doubt, on another SIM, of another service, or without any activation is nobody’s', () => {
    const d = desk(2);
    d.open({ select: { iccid: iccidOf(0) } });
    expect(d.message(0, { attribution: 'doubtful' })?.activations).toEqual([]);
    expect(d.message(1)).toMatchObject({ activations: [], code: { value: '123456' } });
    expect(d.message(0, { from: 'Google' })?.activations).toEqual([]);
    expect(d.message(0, { from: '7001', text: 'A new offer: 100000 free SMS' })).toMatchObject({
      activations: [],
      code: null,
    });
  });

  it('of a sender the policy refuses is stored and told of, without code and activation', () => {
    const d = desk(1, { services: [], senders: ['tele*'] });
    d.open();
    expect(d.message(0)).toMatchObject({ activations: [], code: null, text: 'Your code is 123456' });
  });

  it('that was sent before the activation was opened is not its', () => {
    const d = desk();
    d.pass(600);
    const { ids } = d.open();
    d.pass(5);
    const sent = (secondsBefore: number) =>
      d.message(0, { live: false, sentMs: d.now - 5_000 - secondsBefore * 1_000 })?.activations;
    expect(sent(121)).toEqual([]);
    expect(sent(119)).toEqual(ids);
    // Announced just now on a SIM that was ready long before: its stamp is of a wrong zone.
    expect(d.message(0, { sentMs: d.now - 3 * 3_600_000 })?.activations).toEqual(ids);
  });

  it('that came before the expiry counts though it is read after it, one that came later does not', () => {
    const d = desk();
    const { ids } = d.open({ ttlSeconds: 60 });
    d.pass(90);
    const late = d.message(0, { live: false, sentMs: START + 61_000 });
    expect(late?.activations).toEqual([]);
    const early = d.message(0, { live: false, sentMs: START + 59_000 });
    expect(early?.activations).toEqual(ids);
    d.end();
    expect(d.told()).toEqual([`opened ${ids[0]}`, `matched ${ids[0]}`, `closed ${ids[0]} expired`]);
    expect(d.message(0, { live: false, sentMs: START + 58_000 })?.activations).toEqual([]);
  });

  it('that could have come before the last sweep did not: that would have found it', () => {
    const d = desk();
    const { ids } = d.open({ ttlSeconds: 60 });
    d.pass(61);
    d.sweep(0);
    d.pass(1);
    // Its stamp lies within, yet it was not there when the sweep was made.
    expect(d.message(0, { live: false, sentMs: START + 50_000 })?.activations).toEqual([]);
    expect(ids).toHaveLength(1);
  });

  it('in parts came with its first part', () => {
    const d = desk();
    const long = { text: `Your code is 123456. ${'and so on '.repeat(20)}`, reference: 77, sentMs: START };
    const { ids } = d.open({ ttlSeconds: 60 });
    d.pass(59);
    expect(d.message(0, { ...long, parts: [0] })).toBeNull();
    d.pass(11);
    // The expiry waits for it.
    d.end();
    expect(d.told()).toEqual([`opened ${ids[0]}`]);
    expect(d.message(0, { ...long, parts: [1] })?.activations).toEqual(ids);
    d.end();
    expect(d.told().slice(1)).toEqual([`matched ${ids[0]}`, `closed ${ids[0]} expired`]);
  });

  it('with parts missing keeps its activation when they come, and one that had none gets it then', () => {
    const d = desk();
    const text = `${'Some words '.repeat(16)}Your code is 123456`;
    const kept = { text, reference: 78, sentMs: START };
    const { ids } = d.open();
    d.message(0, { ...kept, parts: [0] });
    d.overdue();
    const first = JSON.parse(d.events.findLast(({ type }) => type === 'sms.received')!.data);
    expect(first).toMatchObject({ activations: ids, complete: false, code: null });
    d.close(ids[0]!);
    const late = d.message(0, { ...kept, parts: [1] });
    expect(late).toMatchObject({ messageId: first.messageId, activations: ids, code: { value: '123456' } });
    expect(d.told().filter((line) => line.startsWith('matched'))).toHaveLength(1);

    const other = { from: '70000', text, reference: 79, sentMs: START };
    const second = d.open({ select: { iccid: iccidOf(0) } });
    d.message(0, { ...other, parts: [0] });
    d.overdue();
    expect(JSON.parse(d.events.at(-1)!.data)).toMatchObject({ activations: [], code: null });
    expect(d.message(0, { ...other, parts: [1] })?.activations).toEqual(second.ids);
    expect(d.told().at(-1)).toBe(`matched ${second.ids[0]}`);
  });
});

describe('an activation', () => {
  it('is closed once, and that is true ever after', () => {
    const d = desk();
    const { ids } = d.open();
    expect(d.close(ids[0]!)).toMatchObject({ ok: true, result: {} });
    expect(d.close(ids[0]!, 'completed')).toMatchObject({ ok: true, result: {} });
    expect(d.told()).toEqual([`opened ${ids[0]}`, `closed ${ids[0]} cancelled`]);
    expect(d.rearm(ids[0]!)).toMatchObject(refusal('activation.not_open'));
  });

  it('that has expired is not armed again, though that is not told yet', () => {
    const d = desk();
    const { ids } = d.open({ ttlSeconds: 60 });
    d.pass(60);
    expect(d.rearm(ids[0]!)).toMatchObject(refusal('activation.not_open'));
    expect(d.told()).toEqual([`opened ${ids[0]}`]);
  });

  it('goes along when its SIM moves to another slot', () => {
    const d = desk();
    const { ids } = d.open();
    d.insert(0, 'B07');
    expect(d.message(0)?.activations).toEqual(ids);
  });

  it('ends with its SIM when that is nowhere for two minutes', () => {
    const d = desk(2);
    const { ids } = d.open({ select: { iccid: iccidOf(0) } });
    d.pass(119);
    d.end({ absentSinceMs: START });
    expect(d.told()).toEqual([`opened ${ids[0]}`]);
    d.pass(1);
    d.end({ absentSinceMs: START });
    expect(d.told().slice(1)).toEqual([`closed ${ids[0]} sim-lost`]);
  });

  it('that fell due while the daemon was down is decided after the first sweep', () => {
    const d = desk();
    const { ids } = d.open({ ttlSeconds: 60 });
    d.restart();
    d.pass(3_600);
    d.end({ sweptFromMs: null, watchingSinceMs: d.now });
    expect(d.told()).toEqual([`opened ${ids[0]}`]);
    expect(d.message(0, { live: false, sentMs: START + 30_000 })?.activations).toEqual(ids);
    d.end();
    expect(d.told().slice(1)).toEqual([`matched ${ids[0]}`, `closed ${ids[0]} expired`]);
  });
});

describe('the audit', () => {
  it('says who had which SIM for what, and how it ended, with nothing of what was in the messages', () => {
    const d = desk();
    const command = ulid(START);
    const { ids } = d.open({ command });
    const sms = d.message(0, { text: 'Secret 654321 words' });
    d.rearm(ids[0]!);
    d.close(ids[0]!, 'completed');
    expect(d.audit().map(({ what, reason }) => [what, reason])).toEqual([
      ['opened', null],
      ['matched', null],
      ['rearmed', null],
      ['closed', 'completed'],
    ]);
    expect(d.audit()[0]).toEqual({
      at: '2026-11-21T08:00:00.000Z',
      what: 'opened',
      activationId: ids[0],
      commandId: command,
      iccid: iccidOf(0),
      number: '+1202•••0100',
      service: 'tg',
      mode: 'single',
      expiresAt: '2026-11-21T08:10:00.000Z',
      reason: null,
      messageId: null,
    });
    expect(d.audit()[1]?.messageId).toBe(sms?.messageId);
    expect(JSON.stringify(d.audit())).not.toMatch(/654321|Secret|2025550100/);
  });

  it('is only added to, until its time is over', () => {
    const d = desk();
    d.open();
    expect(() => d.db.exec("UPDATE audit SET reason = 'x'")).toThrow(/only added to/);
    expect(() => d.db.exec('DELETE FROM audit')).toThrow(/only added to/);
    const purge = { before: '', identitiesBefore: '', commandsBefore: '', auditBefore: d.time };
    while (d.verbs.purge(purge) > 0);
    expect(d.audit()).toHaveLength(1);
    d.pass(1);
    while (d.verbs.purge({ ...purge, auditBefore: d.time }) > 0);
    expect(d.audit()).toEqual([]);
  });
});
