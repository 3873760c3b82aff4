import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { startBank as startEmulatedBank } from '../../src/emulator/bank.ts';
import type { Failpoint } from '../../src/failpoint.ts';
import { type Hub, startHub } from '../../src/hub/hub.ts';
import { createLog } from '../../src/log.ts';
import { type Mosquitto, startMosquitto } from '../mosquitto.ts';
import { needs } from '../programs.ts';
import { Customer, configFile, eventually, Program } from '../rig.ts';
import { temporaryDir } from '../temporary.ts';

const POINTS: Failpoint[] = ['after-read', 'after-commit', 'after-delete', 'before-puback', 'before-ack'];
const MODEMS = 4;
const EACH = 6;

describe.skipIf(!needs('mosquitto'))('kill -9 of the gateway', () => {
  const undo: (() => unknown)[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'simbankd-test-'));
  let mosquitto: Mosquitto;
  let hub: Hub;
  beforeAll(async () => {
    mosquitto = await startMosquitto();
    const config = loadConfig(configFile({ dir: folder, url: mosquitto.url, ports: [] }));
    hub = await startHub({ config, log: createLog('silent') });
  });
  afterAll(async () => {
    await hub.stop();
    await mosquitto.remove();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });

  // The first passage, and one in the middle of things.
  it.each(POINTS.flatMap((point) => [1, 4].map((passage) => [point, passage] as const)))(
    'at %s (passage %i) loses nothing and doubles nothing',
    async (point, passage) => {
      const dir = temporaryDir();
      const id = `${point}-${passage}`;
      const emulated = await startEmulatedBank({ modems: MODEMS, dir: join(dir, 'tty'), seed: id });
      undo.push(() => emulated.close());
      const ports = [join(dir, 'tty/modem-*')];
      const config = configFile({ dir, url: mosquitto.url, ports, gateway: { id } });
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

      const customer = new Customer(hub.url, hub.firstKey!);
      const polled = async (): Promise<Map<string, string[]>> => {
        const lists = [...sent.keys()].map(async (iccid) => {
          const texts = (await customer.messages(iccid)).map(({ text }) => text ?? '');
          return [iccid, texts.sort()] as const;
        });
        return new Map(await Promise.all(lists));
      };
      const count = async (): Promise<number> => [...(await polled()).values()].flat().length;
      await eventually(
        async () => (await count()) >= [...sent.values()].flat().length,
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
