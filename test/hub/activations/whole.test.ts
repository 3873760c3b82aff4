import { describe, expect, onTestFinished, test } from 'vitest';
import { loadConfig } from '../../../src/config.ts';
import { type Hub, startHub } from '../../../src/hub/hub.ts';
import { createLog } from '../../../src/log.ts';
import { needs } from '../../programs.ts';
import { rented } from '../../scenarios/rented.ts';
import { until } from '../gateway.ts';

/** A customer's hub beside a real gateway with emulated modems. */
async function selling(modems: number, version: 4 | 5) {
  const bank = await rented({ modems, version });
  const config = loadConfig(bank.file);
  const hub: Hub = await startHub({ config, log: createLog('silent') });
  onTestFinished(() => hub.stop());
  const account = (await hub.store.reads.account('default'))!.id;
  await hub.store.verbs.topUp({
    account,
    amount: 5_000_000,
    reference: 'first',
    now: new Date().toISOString(),
  });
  const stock = (wanted: number) =>
    until(
      async () => (await hub.store.reads.stock({ account, service: 'tg', country: 'US' }))[0]?.stock ?? 0,
      (there) => there === wanted,
      20_000,
    );
  const order = { account, apiKey: null, facade: 'rest', country: 'US', wish: {} };
  const row = async (id: string) => (await hub.store.reads.activation({ account, id }))!;
  const modemOf = (iccid: string | null) => bank.modems.find(({ sim }) => sim?.iccid === iccid)!;
  return { ...bank, hub, account, stock, order, row, modemOf };
}

describe.skipIf(!needs('mosquitto'))('a hub with a real gateway', () => {
  test.each([4, 5] as const)(
    'sells a number, gets its code from the air, and more of it, over MQTT %i',
    async (version) => {
      const { hub, account, stock, order, row, modemOf, bank, start } = await selling(2, version);
      await stock(2);
      const bought = await hub.flow.buy({ ...order, services: ['tg'] });
      if (bought.outcome !== 'bought') throw new Error(bought.outcome);
      const { id, iccid } = bought.activations[0]!;
      const modem = modemOf(iccid);
      modem.deliverText({ from: 'Telegram', text: 'Telegram code 48213' });
      await until(
        () => row(id),
        ({ state }) => state === 'received',
      );
      expect(await row(id)).toMatchObject({
        code: '48213',
        text: 'Telegram code 48213',
        sender: 'Telegram',
        money: 'captured',
      });

      const now = () => new Date().toISOString();
      expect(await hub.store.verbs.rearm({ account, id, most: 3, now: now() })).toMatchObject({
        outcome: 'done',
      });
      // The gateway has been told when it has said until when it waits now.
      await until(
        () => row(id),
        ({ due_at: due, updated_at: at }) => due !== null && at > bought.activations[0]!.updated_at,
      );
      modem.deliverText({ from: 'Telegram', text: 'Telegram code 99001' });
      await until(
        () => row(id),
        ({ state, code }) => state === 'received' && code === '99001',
      );
      expect(await hub.store.verbs.complete({ account, id, now: now() })).toMatchObject({ outcome: 'done' });
      await until(
        async () => (await hub.store.reads.attempts(id))[0]!.state,
        (state) => state === 'closed',
      );
      await stock(1);

      // The gateway stops: its stock is gone; what is cancelled meanwhile is closed when it is back.
      const second = await hub.flow.buy({ ...order, services: ['tg'] });
      if (second.outcome !== 'bought') throw new Error(second.outcome);
      const other = second.activations[0]!;
      await bank.stop();
      await stock(0);
      expect(await hub.store.verbs.cancel({ account, id: other.id, now: now() })).toMatchObject({
        outcome: 'done',
      });
      await until(
        () => row(other.id),
        ({ state }) => state === 'refunded',
      );
      await start();
      await until(
        async () => (await hub.store.reads.attempts(other.id))[0]!.state,
        (state) => state === 'closed',
        30_000,
      );
      expect(await hub.store.reads.wallet(account)).toEqual({ balance: 4_900_000, held: 0 });
    },
    120_000,
  );

  test('lets a customer keep a number, with all that it gets', async () => {
    const { hub, account, stock, order, modemOf } = await selling(1, 5);
    await stock(1);
    const kept = await hub.flow.provision({ ...order, facade: 'meisim', endpoint: null });
    if (kept.outcome !== 'bought') throw new Error(kept.outcome);
    const { number, activation } = kept;
    await stock(0);
    const modem = modemOf(number.iccid);
    modem.deliverText({ from: '72941', text: 'Acme: 604118 is your code' });
    modem.deliverText({ from: '+12025550199', text: 'see you at 8' });
    const messages = () =>
      hub.store.reads.messagesOf({ account, activation: activation.id, since: null, after: null, limit: 9 });
    const got = await until(messages, (list) => list.length === 2);
    expect(got.map(({ data }) => data.text).toSorted()).toEqual([
      'Acme: 604118 is your code',
      'see you at 8',
    ]);
    await hub.store.verbs.cancel({ account, id: activation.id, now: new Date().toISOString() });
    await stock(1);
    modem.deliverText({ from: '72941', text: 'for nobody' });
    const all = async () =>
      await hub.store.reads.messages({ iccid: number.iccid!, since: null, after: null, limit: 9 });
    await until(all, (list) => list.length === 3);
    expect(await messages()).toHaveLength(2);
  }, 120_000);
});
