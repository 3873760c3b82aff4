/**
 * kill -9 of the gateway around opening, matching and closing: customers ask again under the same command ids until they
 * are answered, as the hub does.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readAudit } from '../../src/bank/store/audit.ts';
import { records } from '../../src/commands/audit.ts';
import { startBank as startEmulatedBank } from '../../src/emulator/bank.ts';
import type { Failpoint } from '../../src/failpoint.ts';
import type { Reply } from '../../src/protocol/commands.ts';
import { ulid } from '../../src/protocol/ulid.ts';
import { openForReading } from '../../src/sqlite.ts';
import { startMosquitto } from '../mosquitto.ts';
import { Operator } from '../operator.ts';
import { needs } from '../programs.ts';
import { configFile, eventually, Program } from '../rig.ts';
import { temporaryDir } from '../temporary.ts';

const POINTS: Failpoint[] = ['command-written', 'before-reply', 'after-commit'];
const MODEMS = 3;
const CUSTOMERS = 12;

describe.skipIf(!needs('mosquitto'))('kill -9 of the gateway', () => {
  // The first passage, and one in the middle of things.
  it.each(POINTS.flatMap((point) => [1, 3].map((passage) => [point, passage] as const)))(
    'at %s (passage %i) opens, matches and closes nothing twice, and forgets nothing',
    async (point, passage) => {
      const dir = temporaryDir();
      const mosquitto = await startMosquitto();
      onTestFinished(() => mosquitto.remove());
      const emulated = await startEmulatedBank({ modems: MODEMS, dir: join(dir, 'tty'), seed: point });
      onTestFinished(() => emulated.close());
      const cards = new Map(emulated.modems.map((modem) => [modem.sim!.iccid, modem]));
      const numbers = join(dir, 'numbers.csv');
      writeFileSync(numbers, [...cards].map(([iccid, { sim }]) => `${iccid},${sim!.msisdn}\n`).join(''));
      const ports = [join(dir, 'tty/modem-*')];
      const config = configFile({ dir, url: mosquitto.url, ports, gateway: { numbers } });
      const gateway = new Program('gateway', '--config', config);
      gateway.start({ SIMBANKD_FAILPOINT: `${point}:${passage}` });
      onTestFinished(() => void gateway.end());
      const operator = await Operator.connect(mosquitto.url);
      onTestFinished(() => void operator.client.end(true));

      /** The answer, however often it takes to get one. */
      const insist = async (name: string, args: unknown): Promise<Reply> => {
        const id = ulid(Date.now());
        const expiresAt = new Date(Date.now() + 120_000).toISOString();
        for (;;) {
          const reply = await Promise.race([operator.command(name, args, { id, expiresAt }), sleep(1_000)]);
          if (reply !== undefined) return reply as Reply;
        }
      };
      const customer = async (n: number): Promise<{ activationId: string; iccid: string }> => {
        for (;;) {
          const activationId = ulid(Date.now());
          const match = { senders: [`Sender${n}`] };
          const activations = [{ activationId, service: `service-${n}`, match }];
          const reply = await insist('activation.open', { activations, mode: 'single', ttlSeconds: 3_600 });
          if (!reply.ok) {
            // Its SIMs are not ready yet, or not again.
            expect(reply.error.code).toBe('activation.no_sim');
            await sleep(200);
            continue;
          }
          const iccid = String(reply.result.iccid);
          cards.get(iccid)!.deliverText({ from: `Sender${n}`, text: `to ${activationId}` });
          await operator.until(() => operator.storyOf(activationId).includes('matched'), 60_000);
          const closed = await insist('activation.close', { activationId, reason: 'completed' });
          expect(closed.ok).toBe(true);
          return { activationId, iccid };
        }
      };
      const served = Promise.all(Array.from({ length: CUSTOMERS }, (_, n) => customer(n)));
      expect(await gateway.ended()).toBe('SIGKILL');
      gateway.start();
      const all = await served;
      await operator.until(() => all.every(({ activationId }) => operator.storyOf(activationId).length >= 3));
      for (const { activationId, iccid } of all) {
        expect(operator.storyOf(activationId)).toEqual(['opened', 'matched', 'closed completed']);
        const message = operator.message(`to ${activationId}`);
        expect(message?.data).toMatchObject({ activations: [activationId], iccid });
      }
      await eventually(() => emulated.modems.every((m) => m.stored().length + m.pending() === 0));
      expect(await gateway.end('SIGTERM')).toBe(0);

      const db = openForReading(join(dir, 'gateway', 'gateway.db'));
      onTestFinished(() => void db.close());
      const told = [...records(readAudit(db, null), '')];
      expect(told.map(({ activationId }) => activationId).sort()).toEqual(
        all.map(({ activationId }) => activationId).sort(),
      );
      for (const { matched, end } of told) expect([matched.length, end]).toEqual([1, 'completed']);
    },
    120_000,
  );
});
