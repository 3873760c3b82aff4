import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { startBank as startEmulatedBank } from '../../src/emulator/bank.ts';
import type { Failpoint } from '../../src/failpoint.ts';
import { startMosquitto } from '../mosquitto.ts';
import { needs } from '../programs.ts';
import { Customer, configFile, eventually, Program } from '../rig.ts';
import { temporaryDir } from '../temporary.ts';

const POINTS: Failpoint[] = ['after-read', 'after-commit', 'after-delete', 'before-puback', 'before-ack'];
const MODEMS = 4;
const EACH = 6;

describe.skipIf(!needs('mosquitto'))('kill -9 of the gateway', () => {
  const undo: (() => unknown)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });

  // The first passage, and one in the middle of things.
  it.each(POINTS.flatMap((point) => [1, 4].map((passage) => [point, passage] as const)))(
    'at %s (passage %i) loses nothing and doubles nothing',
    async (point, passage) => {
      const dir = temporaryDir();
      const mosquitto = await startMosquitto();
      undo.push(() => mosquitto.remove());
      const emulated = await startEmulatedBank({ modems: MODEMS, dir: join(dir, 'tty'), seed: point });
      undo.push(() => emulated.close());
      const config = configFile({ dir, url: mosquitto.url, ports: [join(dir, 'tty/modem-*')] });
      const hub = new Program('hub', '--config', config);
      hub.start();
      undo.push(() => hub.end());
      await eventually(
        () => hub.output.includes('shown only this once'),
        () => hub.output,
      );
      const [, url = ''] = /listens on (\S+)/.exec(hub.output) ?? [];
      const [, key = ''] = /only this once: (\S+)/.exec(hub.output) ?? [];

      const gateway = new Program('gateway', '--config', config);
      gateway.start({ SIMBANKD_FAILPOINT: `${point}:${passage}` });
      undo.push(() => gateway.end());
      const sent = new Map(emulated.modems.map((modem) => [modem.sim!.iccid, [] as string[]]));
      const deliver = (i: number): void => {
        for (const modem of emulated.modems) {
          const text = `${modem.index}/${i} your code is ${1000 + i}${i % 3 === 2 ? ' and so on'.repeat(30) : ''}`;
          modem.deliverText({ from: '72941', text });
          sent.get(modem.sim!.iccid)!.push(text);
        }
      };
      for (let i = 0; i < EACH; i++) deliver(i);
      // Receipts may cover many events at once: messages come until the point has been passed often enough.
      for (let i = EACH; gateway.running && i < 100; i++) {
        await sleep(100);
        deliver(i);
      }
      expect(await gateway.ended()).toBe('SIGKILL');
      const killed = gateway.output.length;
      gateway.start();

      const customer = new Customer(url, key);
      const polled = async (): Promise<Map<string, string[]>> => {
        const lists = [...sent.keys()].map(async (iccid) => {
          const texts = (await customer.messages(iccid)).map(({ text }) => text ?? '');
          return [iccid, texts.sort()] as const;
        });
        return new Map(await Promise.all(lists));
      };
      const count = async (): Promise<number> => [...(await polled()).values()].flat().length;
      await eventually(
        async () => (await count()) >= MODEMS * EACH,
        () => gateway.output,
      );
      await eventually(() => emulated.modems.every((m) => m.stored().length + m.pending() === 0));
      await eventually(() => /the gateway runs/.test(gateway.output.slice(killed)));
      expect(await gateway.end('SIGTERM')).toBe(0);
      expect(await polled()).toEqual(new Map([...sent].map(([iccid, texts]) => [iccid, texts.sort()])));
    },
    60_000,
  );
});
