import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { freePort, type Mosquitto, startMosquitto } from '../mosquitto.ts';
import { needs, pathOf } from '../programs.ts';
import { type BrokerFiles, ELSEWHERE, installBrokerFiles, passwordOf } from './broker-files.ts';

// Long enough for a broker on this host to deliver what it is going to deliver.
const SETTLE_MS = 300;

let installed: BrokerFiles;

interface Client {
  readonly client: MqttClient;
  /** What it heard, as `topic payload`. */
  readonly heard: string[];
}

async function connect(url: string, user: string, options: IClientOptions = {}): Promise<Client> {
  const client = mqtt.connect(url, {
    username: user,
    password: passwordOf(user),
    clientId: `${user}-${Math.random()}`,
    reconnectPeriod: 0,
    connectTimeout: 5_000,
    ...options,
  });
  onTestFinished(() => void client.end(true));
  // Before the connection is up: what waited for this client comes at once.
  const heard: string[] = [];
  client.on('message', (topic, payload) => heard.push(`${topic} ${payload}`));
  await new Promise((resolve, reject) => client.once('connect', resolve).once('error', reject));
  return { client, heard };
}

describe.skipIf(!needs('mosquitto'))('config/mosquitto.conf', () => {
  let broker: Mosquitto;

  beforeAll(async () => {
    installed = installBrokerFiles();
    broker = await startMosquitto([...installed.settings(), ELSEWHERE], { listener: false });
  });
  afterAll(async () => {
    await broker?.remove();
    installed.remove();
  });

  it('starts beside the configuration that Debian brings', async () => {
    const drops = join(installed.folder, 'conf.d');
    mkdirSync(drops);
    const port = await freePort();
    writeFileSync(
      join(drops, 'simbankd.conf'),
      installed
        .settings()
        .map((line) => line.replace('$port', String(port)))
        .join('\n'),
    );
    const debian = [
      'pid_file $dir/mosquitto.pid',
      'persistence true',
      'persistence_location $dir/',
      'log_dest file $dir/mosquitto.log',
      `include_dir ${drops}`,
    ];
    // The helper waits for its own port: a second listener, as Debian users may have one.
    const beside = await startMosquitto([...debian, 'listener $port 127.0.0.1'], { listener: false });
    onTestFinished(() => beside.remove());
    const { client } = await connect(`mqtt://127.0.0.1:${port}`, 'host-a');
    expect(client.connected).toBe(true);
  });

  it('lets nobody in without a name or with a wrong password', async () => {
    const nobody = mqtt.connect(broker.url, { reconnectPeriod: 0 });
    onTestFinished(() => void nobody.end(true));
    const error = await new Promise<Error>((resolve) => nobody.once('error', resolve));
    expect(error.message).toMatch(/not authorized/i);
    await expect(connect(broker.url, 'host-a', { password: 'guess' })).rejects.toThrow(/not authorized/i);
  });

  it('keeps more than mosquitto’s thousand for a hub that is away', async () => {
    const session = { clean: false, clientId: 'hub-1' };
    const hub = await connect(broker.url, 'hub', session);
    await hub.client.subscribeAsync('simbank/+/events/#', { qos: 1 });
    await hub.client.endAsync();

    const gateway = await connect(broker.url, 'host-a');
    const events = Array.from({ length: 3_000 }, (_, seq) =>
      gateway.client.publishAsync('simbank/host-a/events/sms.received', String(seq), { qos: 1 }),
    );
    await Promise.all(events);
    const back = await connect(broker.url, 'hub', session);
    await expect.poll(() => back.heard.length, { timeout: 10_000 }).toBe(3_000);
  });

  it('loses nothing that waits when it is restarted', async () => {
    const session = { clean: false, clientId: 'hub-2' };
    const hub = await connect(broker.url, 'hub', session);
    await hub.client.subscribeAsync('simbank/+/events/#', { qos: 1 });
    await hub.client.endAsync();
    const gateway = await connect(broker.url, 'host-a');
    const state = { qos: 1, retain: true } as const;
    await gateway.client.publishAsync('simbank/host-a/slots/A1', 'kept', state);
    await gateway.client.publishAsync('simbank/host-a/events/sms.received', 'waiting', { qos: 1 });

    await broker.stop();
    await broker.start();
    const back = await connect(broker.url, 'hub', session);
    await back.client.subscribeAsync('simbank/+/slots/+', { qos: 1 });
    await expect
      .poll(() => back.heard)
      .toEqual(
        expect.arrayContaining([
          'simbank/host-a/events/sms.received waiting',
          'simbank/host-a/slots/A1 kept',
        ]),
      );
  });

  describe.each([4, 5] as const)('its ACL, protocol level %i', (protocolVersion) => {
    /** Which of these topics of host-b each user's messages come through on. */
    const kinds = [
      'status',
      'slots/A1',
      'sims/89990',
      'events/sms.received',
      'replies/x',
      'commands',
      'acks',
    ];

    it.each([
      ['host-b', kinds],
      ['host-a', []],
      ['hub', ['commands', 'acks']],
      ['operator', ['commands']],
      ['viewer', []],
    ])('%s may publish for host-b on no more than it needs', async (user, allowed) => {
      // Together these two may read everything.
      const readers = await Promise.all(
        ['hub', 'host-b'].map((reader) => connect(broker.url, reader, { protocolVersion })),
      );
      await Promise.all(readers.map(({ client }) => client.subscribeAsync('simbank/#', { qos: 1 })));
      const { client } = await connect(broker.url, user, { protocolVersion });
      const mark = `${user}-${Math.random()}`;
      const granted: string[] = [];
      for (const kind of kinds) {
        await client.publishAsync(`simbank/host-b/${kind}`, mark, { qos: 1 }).then(
          () => granted.push(kind),
          () => {},
        );
      }
      await sleep(SETTLE_MS);
      const arrived = readers.flatMap(({ heard }) => heard).filter((line) => line.endsWith(` ${mark}`));
      const expected = allowed.map((kind) => `simbank/host-b/${kind} ${mark}`);
      expect(new Set(arrived)).toEqual(new Set(expected));
      // MQTT 5 answers a refusal; 3.1.1 has no word for it.
      expect(granted).toEqual(protocolVersion === 5 ? allowed : kinds);
    });

    /** The kinds of topic of host-a that reach a user who asks for everything. */
    const heardBy = async (user: string, shared = ''): Promise<string[]> => {
      const { client, heard } = await connect(broker.url, user, { protocolVersion });
      await client.subscribeAsync(`${shared}simbank/#`, { qos: 1 });
      const gateway = await connect(broker.url, 'host-a', { protocolVersion });
      const hub = await connect(broker.url, 'hub', { protocolVersion });
      const mark = String(Math.random());
      const own = ['status', 'slots/A1', 'sims/89990', 'events/sms.received', 'replies', 'replies/x'];
      for (const kind of own) await gateway.client.publishAsync(`simbank/host-a/${kind}`, mark, { qos: 1 });
      for (const kind of ['commands', 'acks'])
        await hub.client.publishAsync(`simbank/host-a/${kind}`, mark, { qos: 1 });
      await sleep(SETTLE_MS);
      return heard
        .filter((line) => line.endsWith(` ${mark}`))
        .map((line) => line.replace(/^simbank\/host-a\/(.*) .*$/, '$1'))
        .sort();
    };

    it.each([
      ['host-a', ['acks', 'commands', 'status']],
      ['host-b', []],
      ['hub', ['events/sms.received', 'replies', 'replies/x', 'sims/89990', 'slots/A1', 'status']],
      ['operator', ['replies', 'replies/x', 'status']],
      ['viewer', ['events/sms.received', 'sims/89990', 'slots/A1', 'status']],
    ])('%s hears of host-a no more than it needs', async (user, kinds) => {
      expect(await heardBy(user)).toEqual(kinds);
    });

    if (protocolVersion === 4) return;
    it('a shared subscription is no way around it', async () => {
      expect(await heardBy('host-b', '$share/hub/')).toEqual([]);
      expect(await heardBy('hub', '$share/hub/')).toContain('events/sms.received');
    });
  });
});

describe.skipIf(!needs('mosquitto') || !needs('openssl'))('the TLS part of config/mosquitto.conf', () => {
  let authority: Buffer;

  beforeAll(() => {
    installed = installBrokerFiles();
    mkdirSync(join(installed.folder, 'certs'));
    mkdirSync(join(installed.folder, 'ca_certificates'));
    const ca = join(installed.folder, 'ca_certificates', 'clients');
    openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=authority')(ca);
    authority = readFileSync(`${ca}.pem`);
    certificate(join(installed.folder, 'certs', 'server'), 'localhost', ca);
    certificate(join(installed.folder, 'host-a'), 'host-a', ca);
  });
  afterAll(() => installed.remove());

  function openssl(...args: string[]) {
    return (path: string, ...more: string[]) =>
      execFileSync(pathOf('openssl')!, [...args, ...more, '-keyout', `${path}.key`, '-out', `${path}.pem`], {
        stdio: 'ignore',
      });
  }

  function certificate(path: string, name: string, ca: string): void {
    const signed = ['-CA', `${ca}.pem`, '-CAkey', `${ca}.key`, '-days', '2'];
    const names = ['-addext', `subjectAltName=DNS:${name}`, '-addext', 'basicConstraints=critical,CA:FALSE'];
    openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-subj',
      `/CN=${name}`,
    )(path, ...signed, ...names);
  }

  /** mosquitto with the out-commented lines that `pattern` matches in force, and TLS on a free port. */
  async function startTls(pattern: RegExp): Promise<string> {
    const port = await freePort();
    const broker = await startMosquitto(
      [
        ...installed.settings((text) =>
          text.replace(pattern, '$1').replace('listener 8883', `listener ${port} 127.0.0.1`),
        ),
        ELSEWHERE,
      ],
      { listener: false },
    );
    onTestFinished(() => broker.remove());
    return `mqtts://localhost:${port}`;
  }

  it('serves passwords over TLS', async () => {
    const url = await startTls(/^#((?:listener|certfile|keyfile) )/gm);
    const { client } = await connect(url, 'host-a', { ca: authority });
    expect(client.connected).toBe(true);
    await expect(connect(url, 'host-a')).rejects.toThrow(/certificate|issuer/i);
    await expect(connect(url, 'host-a', { ca: authority, password: 'guess' })).rejects.toThrow(
      /not authorized/i,
    );
  });

  it('takes a gateway’s name from its certificate', async () => {
    const url = await startTls(
      /^#((?:listener|certfile|keyfile|cafile|require_certificate|use_identity_as_username) )/gm,
    );
    await expect(connect(url, 'host-a', { ca: authority })).rejects.toThrow();
    const own = {
      cert: readFileSync(join(installed.folder, 'host-a.pem')),
      key: readFileSync(join(installed.folder, 'host-a.key')),
    };
    const { client } = await connect(url, 'host-b', { ca: authority, ...own, protocolVersion: 5 });
    await client.publishAsync('simbank/host-a/events/sms.received', '1', { qos: 1 });
    await expect(client.publishAsync('simbank/host-b/events/sms.received', '1', { qos: 1 })).rejects.toThrow(
      /not authorized/i,
    );
  });
});
