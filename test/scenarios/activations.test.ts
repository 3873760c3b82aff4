import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ulid } from '../../src/protocol/ulid.ts';
import { needs } from '../programs.ts';
import { eventually } from '../rig.ts';
import { temporaryDir } from '../temporary.ts';
import { rented } from './rented.ts';

describe.skipIf(!needs('mosquitto'))('an activation', () => {
  it.each([4, 5] as const)('is opened, matched, armed again and closed over MQTT %i', async (version) => {
    const { modems, operator } = await rented({ version });
    const { id, reply, iccid } = await operator.open({ select: { countryIso: 'US' } });
    expect(reply).toMatchObject({ ok: true, result: { msisdn: modems[0]!.sim!.msisdn, countryIso: 'US' } });
    await operator.until(() => operator.sims.get(iccid)?.activations.length === 1);
    expect(operator.sims.get(iccid)?.activations).toMatchObject([{ activationId: id, service: 'tg' }]);

    modems[0]!.deliverText({ from: 'Telegram', text: 'first' });
    await operator.until(() => operator.storyOf(id).includes('matched'));
    expect(operator.message('first')?.data.activations).toEqual([id]);
    await operator.until(() => operator.sims.get(iccid)?.usedServices.includes('tg') === true);

    modems[0]!.deliverText({ from: 'Telegram', text: 'second' });
    await operator.until(() => operator.message('second') !== undefined);
    expect(operator.message('second')?.data.activations).toEqual([id]);
    const rearmed = await operator.command('activation.rearm', { activationId: id, ttlSeconds: 900 });
    const expiresAt = rearmed.ok ? rearmed.result.expiresAt : '';
    await operator.until(() => operator.sims.get(iccid)?.activations[0]?.expiresAt === expiresAt);
    modems[0]!.deliverText({ from: 'Telegram', text: 'third' });
    await operator.until(() => operator.message('third') !== undefined);

    const close = { activationId: id, reason: 'completed' };
    expect(await operator.command('activation.close', close)).toMatchObject({ ok: true, result: {} });
    await operator.until(() => operator.sims.get(iccid)?.activations.length === 0);
    expect(operator.storyOf(id)).toEqual(['opened', 'matched', 'matched', 'closed completed']);
    expect((await operator.open()).reply).toMatchObject({
      ok: false,
      error: {
        code: 'activation.no_sim',
        message: 'no SIM is free for service tg: of 1, 1 used for it before',
      },
    });
  });

  it('gets its message however many others come to the same SIM, and at the same place of its store', async () => {
    const { modems, operator } = await rented();
    const customers = Array.from({ length: 60 }, async (_, n) => {
      await sleep(20 * n);
      const from = `Sender${n}`;
      const { id } = await operator.open({ service: `service-${n}`, match: { senders: [from] } });
      modems[0]!.deliverText({ from, text: `for ${n}` });
      return { id, text: `for ${n}` };
    });
    const opened = await Promise.all(customers);
    await operator.until(() => opened.every(({ text }) => operator.message(text) !== undefined));
    for (const { id, text } of opened) {
      expect([text, operator.message(text)?.data.activations]).toEqual([text, [id]]);
    }
  });

  it('gets the last SIM when two customers race for it', async () => {
    const { operator, another } = await rented({ modems: 2 });
    const rival = await another();
    const races = Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? operator : rival).open());
    const answers = await Promise.all(races);
    const won = answers.filter(({ reply }) => reply.ok);
    expect(new Set(won.map(({ iccid }) => iccid)).size).toBe(2);
    expect(won).toHaveLength(2);
    for (const { reply } of answers) {
      if (!reply.ok) expect(reply.error.message).toMatch(/of 2, 2 open for it already/);
    }
  });

  it('gets the message that came in the second of its expiry, though nothing announced it', async () => {
    const { modems, operator } = await rented();
    modems[0]!.faults.dropUrcs = 1;
    const { id, reply } = await operator.open({ ttlSeconds: 3 });
    const expiresMs = Date.parse(String(reply.ok && reply.result.expiresAt));
    await sleep(expiresMs - Date.now() - 800);
    modems[0]!.deliverText({ from: 'Telegram', text: 'just in time' });
    await operator.until(() => operator.storyOf(id).length === 3);
    expect(operator.storyOf(id)).toEqual(['opened', 'matched', 'closed expired']);
    expect(operator.message('just in time')?.data.activations).toEqual([id]);

    await operator.until(() => Date.now() > expiresMs + 1_000);
    modems[0]!.deliverText({ from: 'Telegram', text: 'too late' });
    await operator.until(() => operator.message('too late') !== undefined);
    expect(operator.message('too late')?.data.activations).toEqual([]);
  });

  it('goes along with its SIM to another slot', async () => {
    const { modems, operator } = await rented({ modems: 2 });
    const [here, there] = [modems[0]!, modems[1]!];
    const { id, iccid } = await operator.open({ select: { iccid: here.sim!.iccid } });
    const [sim] = [here.removeSim()!, there.removeSim()];
    there.insertSim(sim);
    await operator.until(() => operator.sims.get(iccid)?.slot === 'modem-001', 30_000);
    there.deliverText({ from: 'Telegram', text: 'over here' });
    await operator.until(() => operator.message('over here') !== undefined);
    expect(operator.message('over here')?.data).toMatchObject({ slot: 'modem-001', activations: [id] });
    expect(operator.storyOf(id)).toEqual(['opened', 'matched']);
    expect(operator.sims.get(iccid)?.activations).toMatchObject([{ activationId: id }]);
  });

  it('whose time is over when the gateway starts again gets what came before, and ends then', async () => {
    const { modems, bank, operator, start } = await rented();
    const kept = await operator.open();
    const { id, reply } = await operator.open({
      service: 'wa',
      match: { senders: ['WhatsApp'] },
      ttlSeconds: 2,
    });
    await bank.stop();
    modems[0]!.deliverText({ from: 'WhatsApp', text: 'while it was down' });
    await sleep(Date.parse(String(reply.ok && reply.result.expiresAt)) - Date.now() + 1_000);
    await start();
    await operator.until(() => operator.storyOf(id).length === 3, 30_000);
    expect(operator.storyOf(id)).toEqual(['opened', 'matched', 'closed expired']);
    modems[0]!.deliverText({ from: 'Telegram', text: 'still waited for' });
    await operator.until(() => operator.storyOf(kept.id).includes('matched'));
    expect((await operator.open()).reply.ok).toBe(false);
  });

  it('is opened on a SIM with a message that cannot be deleted, for it was read', async () => {
    const { modems, bank, operator } = await rented({
      gateway: { sweepSeconds: 1 },
      before: ([modem]) => {
        modem!.deliverText({ from: '72941', text: 'stays for ever' });
        modem!.faults.onCommand = (line) => (line === 'AT+CMGD=1' ? '+CMS ERROR: 320' : undefined);
      },
    });
    const slot = () => bank.view().slots()[0]!;
    await eventually(
      () => slot().problem?.code === 'modem.delete_refused',
      () => slot(),
    );
    expect(slot().problem?.message).toMatch(/^1 message in SM .* 320 [(]memory failure[)]/);
    const { id } = await operator.open({ service: 'a', match: { senders: ['A'] } });
    modems[0]!.deliverText({ from: 'A', text: 'for a' });
    await operator.until(() => operator.message('for a') !== undefined);
    expect(operator.message('for a')?.data.activations).toEqual([id]);
    // Sweeps enough to climb the ladder, were it climbed for this.
    await sleep(4_000);
    expect(slot()).toMatchObject({
      phase: 'ready',
      recoveries: { reinit: 0, reopen: 0, radio: 0, reset: 0, power: 0 },
    });
    expect(modems[0]!.stored()).toHaveLength(1);
  });

  it('of several services is all on one SIM', async () => {
    const { modems, operator } = await rented({ modems: 3 });
    await operator.open({ select: { iccid: modems[0]!.sim!.iccid } });
    const ids = [ulid(Date.now()), ulid(Date.now() + 1)];
    const activations = ids.map((activationId, i) => ({ activationId, service: ['tg', 'wa'][i] }));
    const both = { activations, mode: 'single', ttlSeconds: 60, select: {} };
    const reply = await operator.command('activation.open', both);
    expect(reply.ok).toBe(true);
    await operator.until(() => operator.events.filter(({ type }) => type === 'activation.opened').length > 3);
    const opened = ids.map((id) => operator.events.find(({ data }) => data.activationId === id));
    expect(new Set(opened.map((event) => event?.data.iccid))).toEqual(
      new Set([reply.ok && reply.result.iccid]),
    );
  });

  it('that is continuous has its SIM to itself, and gets everything', async () => {
    const { modems, operator } = await rented();
    const { id, reply } = await operator.open({ mode: 'continuous', service: null, match: undefined });
    expect(reply.ok).toBe(true);
    expect((await operator.open()).reply).toMatchObject({
      error: { message: expect.stringMatching(/1 kept by another customer/) },
    });
    modems[0]!.deliverText({ from: '+12025550199', text: 'anything' });
    await operator.until(() => operator.storyOf(id).includes('matched'));
    expect(operator.message('anything')?.data.activations).toEqual([id]);
  });

  it('is known by the catalogue, or by a code that is nobody else’s, and never by an advert', async () => {
    const { modems, operator } = await rented();
    const { id } = await operator.open({ match: undefined });
    const texts = [
      [
        'Operator',
        'Top up 500 before Friday and get 1000 MB for free! Reply STOP 7726 to opt out.',
        [],
        null,
      ],
      ['Google', 'G-583921 is your Google verification code.', [], '583921'],
      ['72941', 'Your verification code is 204518', [id], '204518'],
      ['+12025550199', 'Telegram code: 71234. Do not give this code to anyone.', [id], '71234'],
    ] as const;
    for (const [from, text] of texts) modems[0]!.deliverText({ from, text });
    await operator.until(() => texts.every(([, text]) => operator.message(text) !== undefined));
    for (const [, text, activations, code] of texts) {
      const data = operator.message(text)?.data as { activations: string[]; code: { value: string } | null };
      expect([text, data.activations, data.code?.value ?? null]).toEqual([text, activations, code]);
    }
    expect(operator.storyOf(id)).toEqual(['opened', 'matched']);
  });

  it('does not get what the network had held back since before it was opened', async () => {
    const { modems, operator } = await rented();
    const { id } = await operator.open();
    const sentAt = new Date(Date.now() - 400_000);
    modems[0]!.deliverText({ from: 'Telegram', text: 'of yesterday', sentAt });
    await operator.until(() => operator.message('of yesterday') !== undefined);
    expect(operator.message('of yesterday')?.data.activations).toEqual([]);
    expect(operator.storyOf(id)).toEqual(['opened']);
  });
});

describe.skipIf(!needs('mosquitto'))('what the policy refuses', () => {
  it('cannot be opened, and its messages belong to nobody', async () => {
    const policy = join(temporaryDir(), 'policy.yaml');
    writeFileSync(policy, 'refuse:\n  services: [bank]\n  senders: [North*, "72941"]\n');
    const { modems, operator } = await rented({ gateway: { policy } });
    expect((await operator.open({ service: 'bank' })).reply).toMatchObject({
      error: { code: 'activation.refused', message: 'the policy of this bank refuses the service bank' },
    });
    const { id } = await operator.open({ match: { senders: ['72941', 'Northbank', 'Acme'] } });
    modems[0]!.deliverText({ from: '72941', text: 'one' });
    modems[0]!.deliverText({ from: 'Northbank', text: 'two' });
    modems[0]!.deliverText({ from: 'Acme', text: 'three' });
    await operator.until(() => operator.message('three') !== undefined);
    const owners = ['one', 'two', 'three'].map((text) => operator.message(text)?.data.activations);
    expect(owners).toEqual([[], [], [id]]);
  });
});
