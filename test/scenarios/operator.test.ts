import { describe, expect, it } from 'vitest';
import type { Reply } from '../../src/protocol/commands.ts';
import { ulid } from '../../src/protocol/ulid.ts';
import { needs } from '../programs.ts';
import { eventually } from '../rig.ts';
import { rented } from './rented.ts';

const error = (reply: Reply): string => (reply.ok ? 'ok' : reply.error.code);

describe.skipIf(!needs('mosquitto'))('a command', () => {
  it.each([4, 5] as const)('is refused cleanly and carried out once, over MQTT %i', async (version) => {
    const { operator, bank, start } = await rented({ version });
    const past = new Date(Date.now() - 1_000).toISOString();
    const expired = await operator.command('inventory.refresh', {}, { expiresAt: past });
    expect(error(expired)).toBe('command.expired');
    expect(error(await operator.command('coffee.make'))).toBe('command.unknown');
    const args = { activations: [{ activationId: 'x', service: '' }], mode: 'single', ttlSeconds: 0 };
    const invalid = await operator.command('activation.open', args);
    expect(invalid).toMatchObject({ ok: false, error: { code: 'command.invalid' } });
    const faults = invalid.ok ? '' : invalid.error.message;
    for (const path of ['activations.0.activationId: ', 'activations.0.service: ', 'ttlSeconds: ']) {
      expect(faults).toContain(path);
    }
    const id = ulid(Date.now());
    await operator.send({ v: 1, id, name: 'inventory.refresh', args: [], expiresAt: 'soon' });
    await operator.until(() => operator.replies.some((reply) => reply.id === id));
    expect(operator.replies.find((reply) => reply.id === id)).toMatchObject({
      error: { code: 'command.invalid', message: expect.stringMatching(/args: .*expiresAt: /) },
    });

    const command = ulid(Date.now());
    const activation = { activationId: ulid(Date.now()), service: 'tg' };
    const open = { activations: [activation], mode: 'single', ttlSeconds: 600 };
    // At once, later, and after a restart: a hub that got no answer asks again.
    const twice = await Promise.all(
      [1, 2].map(() => operator.command('activation.open', open, { id: command })),
    );
    const third = await operator.command('activation.open', open, { id: command });
    await bank.stop();
    const again = await start();
    await eventually(() => again.view().uplink().connected);
    const fourth = await operator.command('activation.open', open, { id: command, expiresAt: past });
    expect(twice[0]).toMatchObject({ ok: true });
    expect([twice[1], third, fourth]).toEqual([twice[0], twice[0], twice[0]]);
    expect(operator.storyOf(activation.activationId)).toEqual(['opened']);
  });
});

describe.skipIf(!needs('mosquitto'))('an operator', () => {
  it('switches a slot off, for longer than a restart, and on again', async () => {
    const { operator, bank, start, modems } = await rented({ modems: 2 });
    const phase = () => operator.slots.get('modem-000')?.phase;
    expect(error(await operator.command('slot.disable', { slot: 'nowhere' }))).toBe('slot.unknown');
    expect(error(await operator.command('slot.disable', { slot: 'modem-000' }))).toBe('ok');
    await operator.until(() => phase() === 'ignored');
    expect(operator.slots.get('modem-000')?.problem).toMatchObject({ code: 'slot.disabled' });
    const iccid = modems[0]!.sim!.iccid;
    await operator.until(() => operator.sims.get(iccid)?.state === 'absent');
    const { reply } = await operator.open({ select: { iccid } });
    expect(reply).toMatchObject({ error: { message: expect.stringMatching(/1 in no modem/) } });

    await bank.stop();
    operator.slots.clear();
    const again = await start();
    await eventually(() =>
      again
        .view()
        .slots()
        .some(({ phase: p }) => p === 'ready'),
    );
    await operator.until(() => phase() === 'ignored');
    expect(error(await operator.command('slot.enable', { slot: 'modem-000' }))).toBe('ok');
    await operator.until(() => phase() === 'ready');
    await operator.until(() => operator.sims.get(iccid)?.state === 'ready');
  });

  it('restarts a modem, and its SIM serves again once it was swept', async () => {
    const { operator } = await rented();
    expect(error(await operator.command('slot.restart', { slot: 'modem-000' }))).toBe('ok');
    await operator.until(() => operator.slots.get('modem-000')?.phase !== 'ready');
    await operator.until(() => operator.slots.get('modem-000')?.phase === 'ready', 60_000);
    await eventually(async () => (await operator.open()).reply.ok);
  }, 90_000);

  it('keeps a SIM back and gives it a number', async () => {
    const { operator, modems } = await rented();
    const iccid = modems[0]!.sim!.iccid;
    const shown = () => operator.sims.get(iccid);
    expect(error(await operator.command('sim.set-state', { iccid, state: 'quarantined' }))).toBe('ok');
    await operator.until(() => shown()?.state === 'quarantined');
    expect(error((await operator.open()).reply)).toBe('activation.no_sim');
    await operator.command('sim.set-state', { iccid, state: 'ready' });
    await operator.command('sim.set-number', { iccid, msisdn: '+4915112345678' });
    await operator.until(() => shown()?.state === 'ready' && shown()?.msisdn === '+4915112345678');
    expect(shown()).toMatchObject({ countryIso: 'DE', msisdnSource: 'operator' });
    expect((await operator.open({ select: { areaCodes: ['151'] } })).reply.ok).toBe(true);
    expect(error(await operator.command('sim.set-number', { iccid, msisdn: '0151' }))).toBe(
      'command.invalid',
    );
    const other = { iccid: '8999000000000000011', state: 'retired' };
    expect(error(await operator.command('sim.set-state', other))).toBe('sim.unknown');
  });
});
