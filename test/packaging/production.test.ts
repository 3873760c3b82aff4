import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type EmulatedBank, startBank as startEmulatedBank } from '../../src/emulator/bank.ts';
import { type Mosquitto, startMosquitto } from '../mosquitto.ts';
import { needs } from '../programs.ts';
import { Customer, configFile, eventually, Program } from '../rig.ts';
import { temporaryDir } from '../temporary.ts';
import { type BrokerFiles, ELSEWHERE, installBrokerFiles, passwordOf } from './broker-files.ts';

// Longer than a message takes to the hub when it is let through.
const REFUSED_FOR_MS = 1_000;
const TEXT = 'Acme: 417290 is your code';

describe.skipIf(!needs('mosquitto'))('gateway and hub on the broker that config/ describes', () => {
  let files: BrokerFiles;
  let broker: Mosquitto;
  let emulated: EmulatedBank;
  let dir: string;
  const programs: Program[] = [];

  beforeAll(async () => {
    files = installBrokerFiles();
    broker = await startMosquitto([...files.settings(), ELSEWHERE], { listener: false });
    dir = join(files.folder, 'emulated');
    emulated = await startEmulatedBank({ modems: 1, dir, seed: 'production' });
  });
  afterEach(async () => {
    for (const program of programs.splice(0)) await program.end();
  });
  afterAll(async () => {
    await emulated?.close();
    await broker?.remove();
    files?.remove();
  });

  /** Starts a command as this user of the broker, with a configuration and data of its own. */
  function start(command: 'gateway' | 'hub', user: string, version: string): Program {
    const own = temporaryDir();
    const passwordFile = join(own, 'mqtt-password');
    writeFileSync(passwordFile, `${passwordOf(user)}\n`);
    const file = configFile({
      dir: own,
      url: broker.url,
      ports: [join(dir, 'modem-*')],
      mqtt: { username: user, passwordFile, version },
    });
    const program = new Program(command, '--config', file);
    programs.push(program);
    program.start();
    return program;
  }

  async function said(program: Program, pattern: RegExp): Promise<string> {
    await eventually(
      () => pattern.test(program.output),
      () => program.output,
    );
    return pattern.exec(program.output)![1]!;
  }

  /** Asks the gateway how it is. */
  async function healthOf(gateway: Program): Promise<() => Promise<{ ready: number; waiting: number }>> {
    const url = await said(gateway, /"status":"([^"]+)"/);
    return async () => (await (await fetch(`${url}/healthz`)).json()) as { ready: number; waiting: number };
  }

  it.each(['3.1.1', '5'])('do their whole work as its users, over MQTT %s', async (version) => {
    const hub = start('hub', 'hub', version);
    const gateway = start('gateway', 'host-a', version);
    const customer = new Customer(
      await said(hub, /listens on (\S+)/),
      await said(hub, /first API key.*: (\S+)/),
    );
    const health = await healthOf(gateway);
    await eventually(async () => (await customer.numbers()).length === 1);

    const [modem] = emulated.modems;
    modem!.deliverText({ from: '72941', text: TEXT });
    await eventually(async () => (await customer.messages(modem!.sim!.iccid)).length === 1);
    expect(await customer.messages(modem!.sim!.iccid)).toMatchObject([{ text: TEXT, from: '72941' }]);
    // The hub's receipt reaches the gateway: nothing waits there any more.
    await eventually(async () => (await health()).waiting === 0);

    expect(await gateway.end('SIGTERM')).toBe(0);
    expect(await hub.end('SIGTERM')).toBe(0);
  });

  it.each(['3.1.1', '5'])(
    'a gateway with the password of another is heard by nobody, over MQTT %s',
    async (version) => {
      const hub = start('hub', 'hub', version);
      const url = await said(hub, /listens on (\S+)/);
      const customer = new Customer(url, await said(hub, /first API key.*: (\S+)/));
      // Its id is host-a.
      const gateway = start('gateway', 'host-b', version);
      const health = await healthOf(gateway);
      await eventually(async () => (await health()).ready === 1);
      const [modem] = emulated.modems;
      modem!.deliverText({ from: '72941', text: TEXT });
      // It keeps what it cannot hand over.
      await eventually(async () => (await health()).waiting > 0);
      await sleep(REFUSED_FOR_MS);
      expect((await health()).waiting).toBeGreaterThan(0);
      expect(await customer.messages(modem!.sim!.iccid)).toEqual([]);
      expect(gateway.running).toBe(true);
    },
  );
});
