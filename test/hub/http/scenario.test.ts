import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import stripe from 'stripe';
import { expect, it } from 'vitest';
import { loadConfig } from '../../../src/config.ts';
import { startBank as startEmulatedBank } from '../../../src/emulator/bank.ts';
import { startHub } from '../../../src/hub/hub.ts';
import { parseAmount } from '../../../src/hub/money.ts';
import { hashKey, hintOf, newKey, newWebhookSecret } from '../../../src/hub/secrets.ts';
import { createLog } from '../../../src/log.ts';
import { ulid } from '../../../src/protocol/ulid.ts';
import { startMosquitto } from '../../mosquitto.ts';
import { needs } from '../../programs.ts';
import { configFile, everyReady, gatewayFrom } from '../../rig.ts';
import { temporaryDir } from '../../temporary.ts';
import { until } from '../gateway.ts';
import { startReceiver } from '../webhooks/receiver.ts';
import { Customer } from './customer.ts';

it.skipIf(!needs('mosquitto'))(
  'M-46 M-14 M-15 M-16 M-17 M-19 M-20 M-21 M-22 M-23 M-33 M-45: the seven steps, from an emulated modem to a signed webhook',
  async () => {
    const undo: (() => unknown)[] = [];
    try {
      const dir = temporaryDir();
      const mosquitto = await startMosquitto(['set_tcp_nodelay true']);
      undo.push(() => mosquitto.remove());
      const receiver = await startReceiver();
      undo.push(() => receiver.close());
      const emulated = await startEmulatedBank({ modems: 1, dir: join(dir, 'tty'), seed: dir });
      undo.push(() => emulated.close());
      const modem = emulated.modems[0]!;
      const numbers = join(dir, 'numbers.csv');
      writeFileSync(numbers, `${modem.sim!.iccid},${modem.sim!.msisdn},US\n`);
      const ports = [join(dir, 'tty/modem-*')];
      const file = configFile({ dir, url: mosquitto.url, ports, gateway: { numbers } });
      const config = loadConfig(file);
      const webhooks = { allowHttp: true, allowPrivate: true, ports: [receiver.port] };
      const hub = await startHub({
        config: { ...config, hub: { ...config.hub, webhooks } },
        log: createLog('silent'),
      });
      undo.push(() => hub.stop());
      const bank = await gatewayFrom(file);
      undo.push(() => bank.stop());
      await everyReady(bank);

      const secret = newWebhookSecret();
      const key = newKey();
      const [account, now] = [ulid(Date.now()), new Date().toISOString()];
      const { verbs } = hub.store;
      await verbs.createAccount({ id: account, name: 'agent', secret: { id: 'whs_1', value: secret }, now });
      await verbs.topUp({ account, amount: parseAmount('5'), reference: 'first', now });
      await verbs.createKey({ id: ulid(Date.now()), account, hash: hashKey(key), hint: hintOf(key), now });
      const agent = new Customer(hub.url, null, { authorization: `Bearer ${key}` });

      // 1, 2: a number is asked for with its webhook, and is ready. The first sweep of its SIM has to be over.
      const order = { webhook_url: `${receiver.url}/hooks/sms` };
      const provisioned = await until(
        () => agent.post('/numbers/provision', order),
        ({ status }) => status === 201,
        25_000,
      );
      const number = provisioned.body;
      expect(number).toMatchObject({ status: 'active', phone: modem.sim!.msisdn, iccid: modem.sim!.iccid });

      // 3, 4, 5: it is given at a sign-up, whose sender texts it, and the modem receives.
      const text = 'Acme: 604118 is your code';
      modem.deliverText({ from: '72941', text });

      // 6: the webhook comes, signed over the very octets.
      await until(
        () => receiver.received.length,
        (count) => count === 1,
        20_000,
      );
      const { body, headers } = receiver.received[0]!;
      expect(headers['content-type']).toBe('application/json');
      const signature = String(headers['x-meisim-signature']);
      expect(signature).toMatch(/^t=\d{10},v1=[0-9a-f]{64}$/);
      const verifier = stripe.webhooks.signature as unknown as {
        verifyHeader(body: string, header: string, secret: string, tolerance: number): boolean;
      };
      expect(verifier.verifyHeader(body, signature, secret, 300)).toBe(true);
      expect(() => verifier.verifyHeader(`${body} `, signature, secret, 300)).toThrow();
      const told = JSON.parse(body);
      expect(told).toEqual({
        event: 'sms.received',
        number_id: number.id,
        phone: modem.sim!.msisdn,
        from: '729-41',
        text,
        received_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      });

      // 7: the agent reads the code; polling says the same.
      expect(/\b\d{4,8}\b/.exec(told.text)?.[0]).toBe('604118');
      const polled = (await agent.get(`/numbers/${number.id}/messages?since=${number.created_at}`)).body
        .messages;
      expect(polled).toMatchObject([
        { from: told.from, text: told.text, received_at: told.received_at, code: '604118' },
      ]);
      expect(receiver.received).toHaveLength(1);
    } finally {
      for (const step of undo.reverse()) await step();
    }
  },
  90_000,
);
