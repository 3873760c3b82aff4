import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { afterEach, describe, expect, it } from 'vitest';
import type { Bank } from '../../src/bank/bank.ts';
import { type EmulatedBank, startBank as startEmulatedBank } from '../../src/emulator/bank.ts';
import type { SlotState } from '../../src/protocol/state.ts';
import { startMosquitto } from '../mosquitto.ts';
import { needs } from '../programs.ts';
import { configFile, eventually, gatewayFrom, Program } from '../rig.ts';
import { temporaryDir } from '../temporary.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** A gateway on emulated modems, whose broker is not there unless the test says so. */
async function gateway(options: {
  modems: number;
  ports?: unknown[];
  url?: string;
  emulated?: (bank: EmulatedBank) => void;
}) {
  const dir = temporaryDir();
  const emulated = await startEmulatedBank({
    modems: options.modems,
    dir: join(dir, 'tty'),
    seed: 'trouble',
  });
  undo.push(() => emulated.close());
  options.emulated?.(emulated);
  const ports = [join(dir, 'tty/modem-*'), ...(options.ports ?? [])];
  const file = configFile({ dir, url: options.url ?? 'mqtt://127.0.0.1:9', ports });
  const bank = await gatewayFrom(file);
  undo.push(() => bank.stop());
  return { bank, emulated, dir };
}
const slot = (bank: Bank, name: string): SlotState =>
  bank
    .view()
    .slots()
    .find((s) => s.slot === name)!;
const texts = (bank: Bank): number => bank.view().messages(1_000).length;

describe('one slot’s trouble stays its own', () => {
  it('a port that is not there says so, and the rest goes on', async () => {
    const { bank, emulated } = await gateway({ modems: 2, ports: [{ path: '/dev/ttyNOPE7', slot: 'A07' }] });
    await eventually(() => slot(bank, 'modem-001').phase === 'ready' && slot(bank, 'A07').phase === 'lost');
    expect(slot(bank, 'A07').problem).toMatchObject({
      code: 'port.missing',
      message: '/dev/ttyNOPE7 is not there',
    });
    emulated.modems[1]!.deliverText({ from: '72941', text: 'still here' });
    await eventually(() => texts(bank) === 1);
  });

  it('a port without a modem says so, and the rest goes on', async () => {
    const { bank, emulated } = await gateway({
      modems: 2,
      emulated: ({ modems }) => {
        modems[0]!.faults.hang = true;
      },
    });
    await eventually(() => slot(bank, 'modem-001').phase === 'ready');
    emulated.modems[1]!.deliverText({ from: '72941', text: 'still here' });
    await eventually(() => texts(bank) === 1);
    await eventually(
      () => slot(bank, 'modem-000').phase === 'recovering',
      () => slot(bank, 'modem-000'),
    );
    expect(slot(bank, 'modem-000').problem).toMatchObject({ code: 'modem.silent' });
    expect(slot(bank, 'modem-000').problem?.message).toMatch(/modem-000 is open, and no modem answers on it/);
    // It comes back by itself once it answers.
    emulated.modems[0]!.faults.hang = false;
    await eventually(
      () => slot(bank, 'modem-000').phase === 'ready',
      () => slot(bank, 'modem-000'),
    );
    expect(slot(bank, 'modem-000').problem).toBeNull();
  });

  it('a file that is no tty says so', async () => {
    const path = join(temporaryDir(), 'not-a-tty');
    writeFileSync(path, '');
    const { bank } = await gateway({ modems: 1, ports: [{ path, slot: 'file' }] });
    await eventually(
      () => slot(bank, 'file').phase === 'lost',
      () => slot(bank, 'file'),
    );
    expect(slot(bank, 'file').problem?.code).toMatch(/^port\./);
    expect(slot(bank, 'file').problem?.message).toContain(path);
  });

  it('garbage on the line costs nothing but itself', async () => {
    const { bank, emulated } = await gateway({ modems: 1 });
    await eventually(() => slot(bank, 'modem-000').phase === 'ready');
    const modem = emulated.modems[0]!;
    for (let i = 0; i < 20; i++) {
      modem.noise(Uint8Array.from({ length: 700 }, (_, n) => (n * 37 + i * 11) % 256));
      modem.deliverText({ from: '72941', text: `message ${i} in the noise` });
    }
    await eventually(
      () => texts(bank) === 20,
      () => [texts(bank), slot(bank, 'modem-000')],
      60_000,
    );
    await eventually(
      () => modem.stored().length + modem.pending() === 0,
      () => modem.stored(),
      60_000,
    );
  }, 90_000);

  it('an unplugged modem is lost, and ready again at the same place; what came meanwhile is there', async () => {
    const { bank, emulated } = await gateway({ modems: 2 });
    await eventually(() => slot(bank, 'modem-000').phase === 'ready');
    const modem = emulated.modems[0]!;
    await modem.unplug();
    await eventually(
      () => slot(bank, 'modem-000').phase === 'lost',
      () => slot(bank, 'modem-000'),
    );
    modem.deliverText({ from: '72941', text: 'while it was away' });
    await modem.replug();
    await eventually(
      () => slot(bank, 'modem-000').phase === 'ready' && texts(bank) === 1,
      () => slot(bank, 'modem-000'),
    );
    expect(slot(bank, 'modem-000').restarts).toBe(1);
    expect(slot(bank, 'modem-001').restarts).toBe(0);
  });

  it('a modem that restarts gets its settings again', async () => {
    const { bank, emulated } = await gateway({ modems: 1 });
    await eventually(() => slot(bank, 'modem-000').phase === 'ready');
    const modem = emulated.modems[0]!;
    await modem.reboot();
    modem.deliverText({ from: '72941', text: 'after the restart' });
    await eventually(
      () => texts(bank) === 1 && slot(bank, 'modem-000').phase === 'ready',
      () => slot(bank, 'modem-000'),
    );
    modem.deliverText({ from: '72941', text: 'announced again' });
    await eventually(() => texts(bank) === 2);
  });

  it('a SIM that is taken and another that is put in are told apart', async () => {
    const { bank, emulated } = await gateway({ modems: 2 });
    await eventually(() =>
      bank
        .view()
        .slots()
        .every(({ phase }) => phase === 'ready'),
    );
    const [first, second] = [emulated.modems[0]!, emulated.modems[1]!];
    const [a, b] = [first.sim!, second.sim!];
    first.removeSim();
    second.removeSim();
    await eventually(
      () => slot(bank, 'modem-000').phase === 'no-sim',
      () => slot(bank, 'modem-000'),
    );
    first.insertSim(b);
    await eventually(
      () => slot(bank, 'modem-000').iccid === b.iccid && slot(bank, 'modem-000').phase === 'ready',
      () => slot(bank, 'modem-000'),
      30_000,
    );
    first.deliverText({ from: '72941', text: 'for b' });
    await eventually(() => texts(bank) === 1);
    expect(bank.view().messages(1)[0]?.iccid).toBe(b.iccid);
    expect(
      bank
        .view()
        .sims()
        .find(({ iccid }) => iccid === a.iccid)?.state,
    ).toBe('absent');
  });
});

describe.skipIf(!needs('mosquitto'))('a broker that refuses', () => {
  it('is named once, and what came meanwhile is delivered when it gives in', async () => {
    const mosquitto = await startMosquitto(['listener $port 127.0.0.1', 'allow_anonymous false'], {
      listener: false,
    });
    undo.push(() => mosquitto.remove());
    const { bank, emulated } = await gateway({ modems: 1, url: mosquitto.url });
    await eventually(
      () => bank.view().uplink().problem !== null && slot(bank, 'modem-000').phase === 'ready',
    );
    expect(bank.view().uplink()).toMatchObject({ connected: false, problem: { code: 'uplink.no_broker' } });
    expect(bank.view().uplink().problem?.message).toMatch(/not authorized|refused/i);
    emulated.modems[0]!.deliverText({ from: '72941', text: 'collected all the same' });
    await eventually(() => texts(bank) === 1);
    expect(bank.view().uplink().waiting).toBeGreaterThan(0);

    const settings = join(mosquitto.dir, 'mosquitto.conf');
    writeFileSync(
      settings,
      readFileSync(settings, 'utf8').replace('allow_anonymous false', 'allow_anonymous true'),
    );
    await mosquitto.stop();
    await mosquitto.start();
    const subscriber = mqtt.connect(mosquitto.url);
    undo.push(() => subscriber.end(true));
    const heard: string[] = [];
    subscriber.on('message', (topic) => heard.push(topic));
    await subscriber.subscribeAsync('simbank/host-a/events/sms.received', { qos: 1 });
    await eventually(
      () => heard.length > 0,
      () => bank.view().uplink(),
    );
    expect(bank.view().uplink()).toMatchObject({ connected: true, problem: null });
  });
});

describe('a configuration that cannot be used', () => {
  it('names every fault and exits 78', async () => {
    const file = join(temporaryDir(), 'bad.yaml');
    writeFileSync(
      file,
      'gateway:\n  id: Host A\n  colour: red\nmqtt:\n  url: nowhere\nstatus: { listen: 0.0.0.0:80 }\n',
    );
    const program = new Program('gateway', '--config', file);
    program.start();
    expect(await program.ended()).toBe(78);
    expect(program.output.trim().split('\n').sort()).toEqual([
      `${file}:2: gateway.id: a gateway id is 1 to 32 of a-z, 0-9 and "-"`,
      `${file}:3: gateway.colour: is not a known member`,
      `${file}:5: mqtt.url: a broker is mqtt://, mqtts://, ws:// or wss://`,
      `${file}:6: status.listen: is not loopback: set status.tokenFile as well, or listen on 127.0.0.1`,
    ]);
  });

  it('that cannot be read says so and exits 78', async () => {
    const program = new Program('gateway', '--config', '/nowhere/simbankd.yaml');
    program.start();
    expect(await program.ended()).toBe(78);
    expect(program.output).toMatch(/^\/nowhere\/simbankd.yaml: cannot be read: ENOENT/);
  });
});

describe('a data directory in use', () => {
  it('is named in one sentence, and nothing is touched', async () => {
    const { bank, dir } = await gateway({ modems: 1 });
    await eventually(() => slot(bank, 'modem-000').phase === 'ready');
    const second = new Program('gateway', '--config', join(dir, 'simbankd.yaml'));
    second.start();
    expect(await second.ended()).toBe(1);
    expect(second.output).toMatch(
      /gateway is in use by another simbankd: stop that one, or give this one a dataDir of its own/,
    );
  });
});
