import { join } from 'node:path';
import mqtt from 'mqtt';
import { afterEach, describe, expect, it } from 'vitest';
import { startBank } from '../../src/bank/bank.ts';
import { loadDrivers } from '../../src/commands/drivers.ts';
import { loadConfig } from '../../src/config.ts';
import { startBank as startEmulatedBank } from '../../src/emulator/bank.ts';
import { startHub } from '../../src/hub/hub.ts';
import { createLog } from '../../src/log.ts';
import { Event, SmsReceived } from '../../src/protocol/events.ts';
import { startMosquitto } from '../mosquitto.ts';
import { needs } from '../programs.ts';
import { Customer, configFile, eventually } from '../rig.ts';
import { temporaryDir } from '../temporary.ts';

const MODEMS = 32;
const EACH = 10;

/** Ten messages a modem, each with a text of its own: short codes, names, emoji, extension characters, long ones. */
function messageFor(modem: number, i: number): { from: string; text: string; refBits?: 8 | 16 } {
  const tag = `${modem}/${i}`;
  const long = `${tag} ${'a long message that needs several parts, '.repeat(8)}`;
  const kinds = [
    { from: '72941', text: `${tag} Acme: ${100_000 + modem * 100 + i} is your code` },
    { from: '+12025550143', text: `${tag} see you at eight 🎉 {[€]}` },
    { from: 'Northbank', text: `${tag} Ihr Code: 4711 ÄÖÜß ~^\\|` },
    { from: '40404', text: `${tag} 【Acme】验证码：583921，五分钟内有效。` },
    { from: '72941', text: long },
    { from: '+4915112345678', text: `${long}🎉`, refBits: 16 as const },
  ];
  return kinds[i % kinds.length]!;
}

describe.skipIf(!needs('mosquitto'))('32 modems with 10 messages each', () => {
  const undo: (() => unknown)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });

  it.each(['3.1.1', '5'])(
    'every one is at the subscriber and in the hub’s poll exactly once, and the cards are empty, over MQTT %s',
    async (version) => {
      const dir = temporaryDir();
      const mosquitto = await startMosquitto();
      undo.push(() => mosquitto.remove());
      const emulated = await startEmulatedBank({ modems: MODEMS, dir: join(dir, 'tty'), seed: 'whole path' });
      undo.push(() => emulated.close());
      const file = configFile({
        dir,
        url: mosquitto.url,
        ports: [join(dir, 'tty/modem-*')],
        mqtt: { version },
      });
      const config = loadConfig(file);
      const log = createLog('warn');
      const hub = await startHub({ config, log });
      undo.push(() => hub.stop());

      const heard: Event[] = [];
      const subscriber = mqtt.connect(mosquitto.url, { protocolVersion: version === '5' ? 5 : 4 });
      undo.push(() => subscriber.end(true));
      await subscriber.subscribeAsync('simbank/host-a/events/#', { qos: 1 });
      subscriber.on('message', (_topic, payload) => heard.push(Event.parse(JSON.parse(payload.toString()))));

      const bank = await startBank({ config, drivers: await loadDrivers(), log, version: 'test' });
      undo.push(() => bank.stop());
      // Half of them arrive before the modems are ready, and wait on the cards.
      const sent = new Map<string, { from: string; text: string }[]>();
      const deliver = (from: number, to: number): void => {
        for (const modem of emulated.modems) {
          const list = sent.get(modem.sim!.iccid) ?? [];
          for (let i = from; i < to; i++) {
            const message = messageFor(modem.index, i);
            modem.deliverText(message);
            list.push({ from: message.from, text: message.text });
          }
          sent.set(modem.sim!.iccid, list);
        }
      };
      deliver(0, EACH / 2);
      await eventually(() =>
        bank
          .view()
          .slots()
          .every(({ phase }) => phase === 'ready'),
      );
      deliver(EACH / 2, EACH);

      const isMessage = ({ type }: Event): boolean => type === 'sms.received';
      await eventually(
        () => heard.filter(isMessage).length >= MODEMS * EACH,
        () => heard.length,
      );
      await eventually(
        () => bank.view().uplink().waiting === 0,
        () => bank.view().uplink(),
      );
      await eventually(() =>
        emulated.modems.every((m) => m.stored('SM').length + m.stored('ME').length + m.pending() === 0),
      );

      // The subscriber: numbered without gaps, no id twice, every text whole.
      const sorted = (list: { from: string; text: string | null }[]): string[] =>
        list.map(({ from, text }) => JSON.stringify([from, text])).sort();
      expect(heard.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(heard.map((_, i) => i + 1));
      expect(new Set(heard.map(({ id }) => id)).size).toBe(heard.length);
      const messages = heard.filter(isMessage).map(({ data }) => SmsReceived.parse(data));
      expect(messages.filter(({ complete, error }) => !complete || error !== null)).toEqual([]);
      // What lay in modem memory before this gateway ever saw the modem may be another card's; what it heard arrive is not.
      const late = messages.filter(({ text }) => Number(/^\d+\/(\d+)/.exec(text ?? '')?.[1]) >= EACH / 2);
      expect(late.map(({ attribution }) => attribution)).toEqual(Array((MODEMS * EACH) / 2).fill('certain'));
      for (const [iccid, expected] of sent) {
        expect(sorted(messages.filter((m) => m.iccid === iccid))).toEqual(sorted(expected));
      }

      // The customer: the same, from the hub.
      const customer = new Customer(hub.url, hub.firstKey!);
      // Receipts are for events: the state of the SIMs, which numbers are read from, may be a moment behind them.
      await eventually(async () => (await customer.numbers()).length === sent.size);
      expect((await customer.numbers()).map(({ id }) => id).sort()).toEqual([...sent.keys()].sort());
      for (const [iccid, expected] of sent) {
        const polled = await customer.messages(iccid);
        expect(sorted(polled)).toEqual(sorted(expected));
        expect(new Set(polled.map(({ id }) => id)).size).toBe(polled.length);
      }
    },
    60_000,
  );
});
