/** A bank whose numbers are rented: emulated modems, a real broker, the gateway, and somebody who gives it commands. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Bank } from '../../src/bank/bank.ts';
import { type EmulatedModem, startBank as startEmulatedBank } from '../../src/emulator/bank.ts';
import { startMosquitto } from '../mosquitto.ts';
import { Operator } from '../operator.ts';
import { configFile, eventually, everyReady, gatewayFrom } from '../rig.ts';
import { temporaryDir } from '../temporary.ts';

export interface Spec {
  readonly modems?: number;
  readonly version?: 4 | 5;
  readonly gateway?: Record<string, unknown>;
  readonly persona?: string;
  /** Called before the gateway sees the modems. */
  readonly before?: (modems: readonly EmulatedModem[]) => void;
}

/** A bank of emulated modems whose SIMs have numbers, its gateway, and somebody who gives it commands. */
export async function rented(spec: Spec = {}) {
  const { modems = 1, version = 5, gateway = {}, persona = 'generic' } = spec;
  const dir = temporaryDir();
  const mosquitto = await startMosquitto(['set_tcp_nodelay true']);
  onTestFinished(() => mosquitto.remove());
  const emulated = await startEmulatedBank({ modems, dir: join(dir, 'tty'), seed: dir, persona });
  onTestFinished(() => emulated.close());
  spec.before?.(emulated.modems);
  const numbers = join(dir, 'numbers.csv');
  writeFileSync(numbers, emulated.modems.map(({ sim }) => `${sim!.iccid},${sim!.msisdn},US\n`).join(''));
  const file = configFile({
    dir,
    url: mosquitto.url,
    ports: [join(dir, 'tty/modem-*')],
    mqtt: { version: version === 4 ? '3.1.1' : 5 },
    gateway: { numbers, ...gateway },
  });
  const start = async (): Promise<Bank> => {
    const bank = await gatewayFrom(file);
    onTestFinished(() => bank.stop());
    return bank;
  };
  const bank = await start();
  const another = async (): Promise<Operator> => {
    const operator = await Operator.connect(mosquitto.url, version);
    onTestFinished(() => void operator.client.end(true));
    return operator;
  };
  const operator = await another();
  await everyReady(bank);
  await eventually(() => bank.view().uplink().connected);
  /** Every SIM was swept, so that each can serve. */
  const swept = () =>
    eventually(async () => {
      const { id, reply } = await operator.open({ service: 'probe' });
      await operator.command('activation.close', { activationId: id, reason: 'cancelled' });
      return reply.ok;
    });
  await swept();
  // Nothing of that is shown any more, so that what a test waits for is its own.
  await eventually(() => [...operator.sims.values()].every(({ activations }) => activations.length === 0));
  return { dir, file, mosquitto, modems: emulated.modems, bank, operator, another, start };
}
