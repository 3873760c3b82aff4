import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Bank, startBank } from '../../src/bank/bank.ts';
import { loadDrivers } from '../../src/commands/drivers.ts';
import { loadConfig } from '../../src/config.ts';
import { type EmulatedModem, startBank as startEmulatedBank } from '../../src/emulator/bank.ts';
import { createLog } from '../../src/log.ts';
import { startMosquitto } from '../mosquitto.ts';
import { Operator } from '../operator.ts';
import { needs } from '../programs.ts';
import { configFile, eventually, everyReady } from '../rig.ts';
import { temporaryDir } from '../temporary.ts';

interface Spec {
  readonly modems?: number;
  readonly persona?: string;
  readonly gateway?: Record<string, unknown>;
  /** What the cards hold, who is in the list, and the like, before the gateway is started. */
  readonly prepare?: (modems: readonly EmulatedModem[]) => readonly string[];
}

/** What nobody can wait for is short; how often something is asked again is as it is. */
const PAUSES = { lookMs: 300, betweenMs: 50, retryMs: 500 };

/** Emulated modems, a gateway that seeks their numbers, and somebody who listens to it. */
async function seeking({ modems: count = 1, persona = 'generic', gateway = {}, prepare }: Spec) {
  const dir = temporaryDir();
  const mosquitto = await startMosquitto(['set_tcp_nodelay true']);
  onTestFinished(() => mosquitto.remove());
  const emulated = await startEmulatedBank({ modems: count, dir: join(dir, 'tty'), seed: dir, persona });
  onTestFinished(() => emulated.close());
  const { modems } = emulated;
  const numbers = join(dir, 'numbers.csv');
  writeFileSync(numbers, (prepare?.(modems) ?? []).join('\n'));
  /** Questions about numbers, as each modem heard them. */
  const heard: string[] = [];
  for (const { faults, index } of modems) {
    const before = faults.onCommand;
    faults.onCommand = (line) => {
      const question = /\+CNUM|\+CRSM=178,28480|\+CUSD=1|\+CMGS/.exec(line)?.[0];
      if (question !== undefined) heard.push(`${index} ${question}`);
      return before?.(line);
    };
  }
  const ports = [join(dir, 'tty/modem-*')];
  const file = configFile({ dir, url: mosquitto.url, ports, gateway: { numbers, ...gateway } });
  const start = async (): Promise<Bank> => {
    const log = createLog('info', join(dir, 'log'));
    const options = { config: loadConfig(file), drivers: await loadDrivers(), log, version: 'test' };
    const bank = await startBank({ ...options, pauses: PAUSES });
    onTestFinished(() => bank.stop());
    await eventually(() => bank.view().slots().length === count);
    await everyReady(bank);
    return bank;
  };
  const operator = await Operator.connect(mosquitto.url);
  onTestFinished(() => void operator.client.end(true));
  const bank = await start();
  const shown = (index: number) => operator.sims.get(modems[index]!.sim!.iccid);
  const alarms = (): string[] =>
    operator.events
      .filter(({ data }) => data.alarm === 'number.conflict')
      .map(({ type, data }) => `${type} ${modems.findIndex(({ sim }) => sim?.iccid === data.iccid)}`);
  const logged = (): string => readFileSync(join(dir, 'log'), 'utf8');
  return { modems, operator, bank, start, shown, heard, alarms, logged };
}

/** Cards that hold no number, and no list. */
const silent = (modems: readonly EmulatedModem[]): readonly string[] => {
  for (const { sim } of modems) sim!.ownNumber = null;
  return [];
};

describe.skipIf(!needs('mosquitto'))('the number of a SIM that is in no list', () => {
  it.each([
    ['generic', ['0 +CNUM']],
    ['wavecom-q24', ['0 +CNUM', '0 +CRSM=178,28480']],
  ])('is what its card says, on %s', async (persona, questions) => {
    const { modems, operator, shown, heard } = await seeking({ persona });
    await operator.until(() => shown(0)?.msisdn != null);
    expect(shown(0)).toMatchObject({
      msisdn: modems[0]!.sim!.msisdn,
      msisdnSource: 'sim',
      countryIso: 'US',
      mccmnc: '00101',
      operator: 'Emulated Network',
    });
    expect(heard).toEqual(questions);
    await eventually(async () => (await operator.open()).reply.ok);
  });

  it.each(['generic', 'huawei-stick'])('is what the network answers, on %s', async (persona) => {
    const { modems, operator, shown, heard, logged } = await seeking({
      persona,
      modems: 2,
      prepare: silent,
    });
    await operator.until(() => shown(0)?.msisdn != null && shown(1)?.msisdn != null);
    for (const modem of modems) {
      const msisdn = modem.sim!.msisdn!;
      expect(shown(modem.index)).toMatchObject({ msisdn, msisdnSource: 'ussd' });
      await eventually(() => logged().includes(`${msisdn.slice(0, -7)}•••${msisdn.slice(-4)}`), logged);
      expect(logged()).not.toContain(msisdn.slice(1));
    }
    expect(heard.filter((line) => line.endsWith('+CUSD=1')).sort()).toEqual(['0 +CUSD=1', '1 +CUSD=1']);
  });

  it('is the sender of a message to another SIM, sent once over a restart, and no message of a customer', async () => {
    const { modems, operator, bank, start, shown, heard } = await seeking({
      modems: 2,
      gateway: { ownNumbers: { ussd: false, probe: true } },
      prepare: (modems) => {
        silent(modems);
        // No network at first: it is tried again later.
        modems[1]!.faults.sending = { error: 331, times: 1 };
        return [`${modems[0]!.sim!.iccid},${modems[0]!.sim!.msisdn}`];
      },
    });
    const kept = { mode: 'continuous', service: null, match: undefined };
    await eventually(async () => (await operator.open(kept)).reply.ok);
    await eventually(() => heard.includes('1 +CMGS'));
    await bank.stop();
    await start();
    await operator.until(() => shown(1)?.msisdn != null, 40_000);
    expect(shown(1)).toMatchObject({ msisdn: modems[1]!.sim!.msisdn, msisdnSource: 'sms' });
    expect(modems[1]!.sent).toMatchObject([{ to: modems[0]!.sim!.msisdn }]);
    expect(modems[0]!.sent).toHaveLength(0);
    const arrived = operator.message(modems[1]!.sent[0]!.text!);
    expect(arrived?.data).toMatchObject({ from: modems[1]!.sim!.msisdn, activations: [], code: null });
    expect(heard).not.toContain('1 +CUSD=1');
  });

  it('is not sought by a message that the limits do not allow', async () => {
    const { modems, shown, logged } = await seeking({
      modems: 2,
      gateway: {
        ownNumbers: { ussd: false, probe: true },
        sendLimits: { perSimPerHour: 0 },
      },
      prepare: (modems) => {
        modems[1]!.sim!.ownNumber = null;
        return [];
      },
    });
    await eventually(() => /"source":"sms".*gateway.sendLimits.perSimPerHour/.test(logged()), logged);
    expect(modems[1]!.sent).toHaveLength(0);
    await eventually(() => shown(1)?.state === 'ready');
    expect(shown(1)).toMatchObject({ msisdn: null, msisdnSource: null });
  });

  it('is asked for once, whatever the answer, also over a restart; the card again when it was put in again', async () => {
    const table = join(temporaryDir(), 'operators.yaml');
    writeFileSync(table, 'operators: [{ codes: ["00101"], name: Acme, ussd: "*100#" }]\n');
    const { modems, operator, bank, start, shown, heard } = await seeking({
      modems: 2,
      gateway: { operators: table },
      prepare: (modems) => {
        silent(modems);
        // The second one's modem refuses to ask.
        modems[1]!.faults.onCommand = (line) => (line.includes('+CUSD=1') ? 'ERROR' : undefined);
        return [];
      },
    });
    const asked = ['0 +CNUM', '0 +CRSM=178,28480', '0 +CUSD=1', '1 +CNUM', '1 +CRSM=178,28480', '1 +CUSD=1'];
    await eventually(
      () => heard.length === asked.length,
      () => heard,
    );
    expect([...heard].sort()).toEqual(asked);
    await operator.until(() => shown(0)?.operator === 'Acme');
    expect(shown(0)).toMatchObject({ msisdn: null, countryIso: null });

    await bank.stop();
    heard.length = 0;
    await start();
    const sim = modems[1]!.removeSim()!;
    await operator.until(() => operator.events.some(({ type }) => type === 'sim.removed'), 40_000);
    expect(heard).toEqual([]);
    sim.ownNumber = sim.msisdn;
    modems[1]!.insertSim(sim);
    await operator.until(() => operator.sims.get(sim.iccid)?.msisdn === sim.msisdn, 40_000);
    expect(heard).toEqual(['1 +CNUM']);
  }, 90_000);
});

describe.skipIf(!needs('mosquitto'))('a SIM without a number', () => {
  it('has its country and its operator by its IMSI', async () => {
    const { operator, shown, heard } = await seeking({
      prepare: ([modem]) => {
        const sim = { iccid: '8949000000000000014', imsi: '262011234567890', msisdn: null, pin: null };
        modem!.removeSim();
        modem!.insertSim(sim).ownNumber = null;
        return [];
      },
    });
    await operator.until(() => shown(0)?.countryIso === 'DE');
    expect(shown(0)).toMatchObject({ mccmnc: '26201', operator: 'Telekom Deutschland', msisdn: null });
    // Its network is asked, by another code than the emulated one knows, and tells none.
    await eventually(() => heard.includes('0 +CUSD=1'));
  });
});

describe.skipIf(!needs('mosquitto'))('a number of which different things are said', () => {
  it('is the operator’s, and an alarm tells of the card until that is settled', async () => {
    const { modems, operator, shown, alarms } = await seeking({
      prepare: ([modem]) => {
        modem!.sim!.ownNumber = '+12025550177';
        return [`${modem!.sim!.iccid},+12025550188,US,Acme Mobile`];
      },
    });
    await operator.until(() => alarms().length === 1);
    expect(operator.events.find(({ data }) => data.alarm === 'number.conflict')).toMatchObject({
      type: 'alarm.raised',
      data: {
        iccid: modems[0]!.sim!.iccid,
        detail: 'the card says +1202•••0177; +1202•••0188 counts, which the operator says',
      },
    });
    await operator.until(() => shown(0)?.state === 'ready');
    expect(shown(0)).toMatchObject({
      msisdn: '+12025550188',
      msisdnSource: 'operator',
      operator: 'Acme Mobile',
    });
    const number = { iccid: modems[0]!.sim!.iccid, msisdn: '+12025550177' };
    await operator.command('sim.set-number', number);
    await operator.until(() => alarms().length === 2 && shown(0)?.msisdn === '+12025550177');
    expect(alarms()).toEqual(['alarm.raised 0', 'alarm.cleared 0']);
  });

  it('serves for neither of two SIMs that claim it, until one of them is retired', async () => {
    const { modems, operator, shown, alarms } = await seeking({
      modems: 2,
      gateway: { ownNumbers: { ussd: false } },
      prepare: (modems) => {
        for (const { sim } of modems) sim!.ownNumber = '+12025550177';
        return [];
      },
    });
    await operator.until(() => alarms().length === 2);
    expect(alarms().sort()).toEqual(['alarm.raised 0', 'alarm.raised 1']);
    await operator.until(() => [0, 1].every((i) => shown(i)?.state === 'ready' && shown(i)?.msisdn === null));
    expect((await operator.open()).reply).toMatchObject({
      ok: false,
      error: { message: expect.stringMatching(/of 2, 2 without a known number/) },
    });
    const [old, other] = modems.map(({ sim }) => sim!.iccid);
    await operator.command('sim.set-state', { iccid: old, state: 'retired' });
    await operator.until(() => shown(1)?.msisdn === '+12025550177');
    expect(alarms().sort()).toEqual([
      'alarm.cleared 0',
      'alarm.cleared 1',
      'alarm.raised 0',
      'alarm.raised 1',
    ]);
    await eventually(async () => {
      const { reply, iccid } = await operator.open();
      return reply.ok && iccid === other;
    });
  });
});
