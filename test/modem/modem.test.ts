import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, type TestContext } from 'vitest';
import { startBank } from '../../src/emulator/bank.ts';
import { createLog } from '../../src/log.ts';
import { type DriverData, defineDriver } from '../../src/modem/driver.ts';
import { Modem } from '../../src/modem/modem.ts';
import { eventually } from '../rig.ts';

/** As patient as a test can be. */
const GENERIC: DriverData = {
  name: 'generic',
  title: 'Generic, impatient',
  reset: { command: 'AT+CFUN=1,1', backMs: 500 },
  pollCardMs: 500,
  deadlines: { '+COPS': 500 },
};

interface Spec {
  readonly persona?: string;
  readonly pin?: string;
  readonly driver?: Partial<DriverData>;
}

async function oneModem(onTestFinished: TestContext['onTestFinished'], spec: Spec = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'simbankd-test-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const { persona = 'generic', pin, driver } = spec;
  const emulated = await startBank({ modems: 2, dir: join(dir, 'tty'), seed: dir, persona });
  onTestFinished(() => emulated.close());
  const pinFile = join(dir, 'pin');
  if (pin !== undefined) writeFileSync(pinFile, pin);
  const [modem, other] = emulated.modems.map(({ path }) => {
    const options = {
      path,
      baudRate: 115_200,
      log: createLog('silent'),
      drivers: [defineDriver({ ...GENERIC, ...driver })],
      ...(pin === undefined ? {} : { pinFile }),
    };
    const one = new Modem(options, {
      changed() {},
      card: async () => null,
      cardForgotten() {},
      cardAbsent() {},
      announced() {},
      sweep() {},
      called() {},
      carried() {},
    });
    onTestFinished(() => one.stop());
    return one;
  }) as [Modem, Modem];
  const isReady = () =>
    eventually(
      () => modem.state.phase === 'ready' && modem.state.checked,
      () => modem.state,
    );
  return { device: emulated.modems[0]!, modem, isReady, devices: emulated.modems, other };
}

describe.concurrent('a modem', { timeout: 60_000 }, () => {
  it('is opened again after a reset that it answers with its banner only', async ({ onTestFinished }) => {
    const { device, modem, isReady } = await oneModem(onTestFinished);
    modem.start();
    await isReady();
    device.faults.onCommand = (line) => {
      if (line !== 'AT+CFUN=1,1') return undefined;
      setTimeout(() => device.announce('RDY'), 50);
      return '';
    };
    modem.tell({ type: 'restart' });
    await isReady();
    expect(modem.state.recoveries.reset).toBe(1);
  });

  it('is not waited for when nobody knows how to reset it', async ({ onTestFinished }) => {
    const { modem, isReady } = await oneModem(onTestFinished, { driver: { reset: null } });
    modem.start();
    await isReady();
    modem.tell({ type: 'restart' });
    expect(modem.state.grace).toBe(true);
    await eventually(() => !modem.state.grace && modem.state.phase === 'recovering');
    await isReady();
  });

  it('that is switched off while it is opened lets go of its port', async ({ onTestFinished }) => {
    const { modem, isReady } = await oneModem(onTestFinished);
    modem.start();
    modem.tell({ type: 'disable', problem: { code: 'slot.disabled', message: 'off' } });
    await sleep(500);
    await expect(modem.use((at) => at.command('AT'))).rejects.toMatchObject({ code: 'modem.not_ready' });
    modem.tell({ type: 'enable' });
    await isReady();
  });

  it('that was left without power for its card is switched on', async ({ onTestFinished }) => {
    const { modem, isReady } = await oneModem(onTestFinished, { persona: 'simcom-sim800' });
    modem.start();
    await isReady();
    await modem.use((at) => at.command('AT+CFUN=0'));
    await eventually(() => !modem.state.checked);
    await isReady();
    expect(modem.state.recoveries).toMatchObject({ radio: 0, reset: 0 });
  });

  it('says that it is ready for messages while its card is looked at again', async ({ onTestFinished }) => {
    const { device, modem, isReady } = await oneModem(onTestFinished, {
      persona: 'simcom-sim800',
      driver: {
        smsReady: { ask: 'AT+CCALR?', ready: /: ?1/ },
        urcs: [{ prefix: 'SMS Ready', kind: 'sms-ready' }],
      },
    });
    let isLoading = true;
    let isAsked = false;
    let busy = 0;
    device.faults.onCommand = (line) => {
      if (line === 'AT+CCALR?' && isLoading) {
        isAsked = true;
        return '+CCALR: 0\nOK';
      }
      return line === 'AT+CPIN?' && busy-- > 0 ? '+CME ERROR: 14' : undefined;
    };
    modem.start();
    await eventually(() => isAsked);
    // The card speaks up, and is busy for the one look that follows; the next comes a second later.
    busy = 1;
    device.announce('+CPIN: READY');
    await eventually(() => busy < 1);
    await sleep(100);
    isLoading = false;
    device.announce('SMS Ready');
    await isReady();
  });

  it('is ready without the name of its network when it never tells it', async ({ onTestFinished }) => {
    const { device, modem, isReady } = await oneModem(onTestFinished);
    device.faults.hangOn = { command: '+COPS' };
    modem.start();
    await isReady();
    expect(modem.network).toMatchObject({ registered: true, operator: null });
  });

  it.for(['PH-NET PIN', 'PH-SIM PIN', 'PH-CORP PUK'])(
    'that asks for a code of its own (%s) gets no PIN of a SIM',
    async (lock, { onTestFinished }) => {
      const { device, modem } = await oneModem(onTestFinished, { pin: '4711' });
      const lines: string[] = [];
      device.faults.onCommand = (line) => {
        lines.push(line);
        return line === 'AT+CPIN?' ? `\r\n+CPIN: ${lock}\r\n\r\nOK\r\n` : undefined;
      };
      modem.start();
      await eventually(
        () => modem.state.problem?.code === 'modem.locked',
        () => modem.state,
      );
      await sleep(500);
      expect(modem.state.phase).toBe('locked');
      expect(lines.filter((line) => line.startsWith('AT+CPIN='))).toEqual([]);
    },
  );

  it('that is busy when the PIN comes gets it again, for no try was lost', async ({ onTestFinished }) => {
    const { device, modem, isReady } = await oneModem(onTestFinished, { pin: '4711' });
    device.insertSim({ ...device.removeSim()!, pin: '4711' });
    let times = 0;
    device.faults.onCommand = (line) =>
      line.startsWith('AT+CPIN=') && times++ === 0 ? '\r\n+CME ERROR: 14\r\n' : undefined;
    modem.start();
    await isReady();
    expect(times).toBe(2);
    expect(device.sim!.pinTries).toBe(3);
  });

  it.for([
    ['by its number', [], '350000000000006'],
    ['by the modem, where its number cannot be read', [0, 1], '350000000000014'],
    ['by either, where only one port tells its number', [1], '350000000000022'],
    ['by either, where only the other one does', [0], '350000000000030'],
  ] as const)(
    'that has two ports gives its card a wrong PIN once (told %s)',
    async ([, silent, imei], { onTestFinished }) => {
      const spec = { pin: '0000', driver: { iccid: ['AT+CCID'] } };
      const { devices, modem, other } = await oneModem(onTestFinished, spec);
      const card = { ...devices[0]!.removeSim()!, pin: '4711', pinTries: 2 };
      const sent: string[] = [];
      for (const [i, port] of devices.entries()) {
        // Two ports of one modem show the same card.
        port.removeSim();
        card.holder = null;
        port.insertSim(card);
        port.faults.latencyMs = 30;
        port.faults.onCommand = (line) => {
          if (line.startsWith('AT+CPIN=')) sent.push(line);
          if (line === 'AT+CGSN') return `${imei}\nOK`;
          return line === 'AT+CCID' && silent.some((at) => at === i) ? 'ERROR' : undefined;
        };
      }
      for (const port of [modem, other]) port.start();
      await eventually(
        () =>
          [modem, other].every(({ state }) => /^sim.pin_(wrong|not_sent)/.test(state.problem?.code ?? '')),
        () => [modem.state, other.state],
      );
      await sleep(500);
      expect(sent).toHaveLength(1);
    },
  );
});
