/** The whole path by every driver: a gateway with one emulated modem of each family, and a message through each. */
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { loadDrivers } from '../../src/commands/drivers.ts';
import { personaNames, startBank } from '../../src/emulator/bank.ts';
import { configFile, emptied, eventually, gatewayFrom } from '../rig.ts';
import { temporaryDir } from '../temporary.ts';

it('each family is recognised, gets ready, and gives its messages once, long and short, before and after', async () => {
  const dir = temporaryDir();
  const names = (await loadDrivers()).map(({ name }) => name).filter((name) => personaNames.includes(name));
  const emulated = await startBank({
    modems: names.length,
    persona: names.join(','),
    dir: join(dir, 'tty'),
    seed: dir,
  });
  onTestFinished(() => emulated.close());
  const { modems } = emulated;
  // These wait on the cards before anybody listens.
  for (const modem of modems) modem.deliverText({ from: '72941', text: `waits ${modem.index}` });

  const file = configFile({
    dir,
    url: 'mqtt://127.0.0.1:9',
    ports: [join(dir, 'tty/modem-*')],
    gateway: { sweepSeconds: 5 },
  });
  const bank = await gatewayFrom(file);
  onTestFinished(() => bank.stop());
  const slots = () => bank.view().slots();
  await eventually(
    () => slots().every(({ phase }) => phase === 'ready'),
    () =>
      slots().flatMap(({ driver, phase, problem }) =>
        phase === 'ready' ? [] : [{ driver, phase, problem }],
      ),
  );
  expect(slots().map(({ driver }) => driver)).toEqual(names);
  expect(slots().filter(({ problem }) => problem !== null)).toEqual([]);

  const long = 'three parts of one message, '.repeat(14);
  for (const modem of modems) {
    modem.deliverText({ from: '72941', text: `short ${modem.index}` });
    modem.deliverText({ from: '72941', text: `${modem.index}: ${long}` });
  }
  const held = () => bank.view().messages(1_000);
  await eventually(
    () => held().filter(({ parts }) => parts.received === parts.total).length >= 3 * modems.length,
    () => names.filter((_, i) => held().filter(({ iccid }) => iccid === modems[i]!.sim!.iccid).length < 3),
    60_000,
  );
  await emptied(...modems);
  for (const [i, modem] of modems.entries()) {
    const mine = held().filter(({ iccid }) => iccid === modem.sim!.iccid);
    expect([names[i], mine.map(({ parts }) => parts.total).sort()]).toEqual([names[i], [1, 1, 3]]);
  }
  // One event each, in the outbox until a hub has it; events about SIMs come beside them.
  expect(bank.view().uplink().waiting).toBeGreaterThanOrEqual(3 * modems.length);
}, 120_000);
