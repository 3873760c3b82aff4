import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Config } from '../../src/config.ts';
import { startHub } from '../../src/hub/hub.ts';
import { type Mosquitto, startMosquitto } from '../mosquitto.ts';
import { needs } from '../programs.ts';
import { scratch } from './events.ts';
import { until } from './gateway.ts';

const all = ['mosquitto', 'mosquitto_passwd', 'openssl'].map((program) => needs(program)).every(Boolean);

describe.skipIf(!all)('a broker behind TLS with a password', () => {
  const folder = scratch();
  const at = (name: string) => join(folder.dir, name);
  let broker: Mosquitto;

  beforeAll(async () => {
    const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder.dir, stdio: 'pipe' });
    const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    openssl('req', '-x509', ...ec, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=test CA');
    for (const name of ['server', 'hub']) {
      openssl(
        'req',
        ...ec.slice(0, -2),
        '-keyout',
        `${name}.key`,
        '-out',
        `${name}.csr`,
        '-subj',
        `/CN=${name}`,
      );
      writeFileSync(at('ext'), 'subjectAltName=IP:127.0.0.1');
      const signing = [
        '-CA',
        'ca.crt',
        '-CAkey',
        'ca.key',
        '-CAcreateserial',
        '-days',
        '2',
        '-extfile',
        'ext',
      ];
      openssl('x509', '-req', '-in', `${name}.csr`, ...signing, '-out', `${name}.crt`);
    }
    execFileSync('mosquitto_passwd', ['-b', '-c', at('passwords'), 'hub', 's3cret'], { stdio: 'pipe' });
    broker = await startMosquitto(
      [
        'listener $port 127.0.0.1',
        'allow_anonymous false',
        `password_file ${at('passwords')}`,
        `cafile ${at('ca.crt')}`,
        `certfile ${at('server.crt')}`,
        `keyfile ${at('server.key')}`,
        'require_certificate true',
      ],
      { listener: false },
    );
  });
  afterAll(async () => {
    await broker?.remove();
    folder.remove();
  });

  async function stateWith(mqtt: object) {
    const other = scratch();
    const config = Config.parse({
      mqtt: { url: `mqtts://127.0.0.1:${broker.port}`, ...mqtt },
      hub: { listen: '127.0.0.1:0', database: `sqlite:${join(other.dir, 'hub.db')}` },
    });
    const hub = await startHub({ config, log: pino({ level: 'silent' }) });
    const state = await until(
      () => hub.consumer.state,
      ({ connected, problem }) => connected || problem !== null,
    );
    await hub.stop();
    other.remove();
    return state;
  }

  const password = (text: string) => {
    writeFileSync(at('password'), `${text}\n`);
    return { username: 'hub', passwordFile: at('password') };
  };
  const certificate = { certFile: at('hub.crt'), keyFile: at('hub.key') };

  test('lets in who has both', async () => {
    const state = await stateWith({ ...password('s3cret'), ...certificate, caFile: at('ca.crt') });
    expect(state).toMatchObject({ connected: true, protocol: '5' });
  });

  test('is not trusted without its CA', async () => {
    const state = await stateWith({ ...password('s3cret'), ...certificate });
    expect(state.connected).toBe(false);
    expect(state.problem?.message).toMatch(/certificate/);
  });

  test('refuses a wrong password', async () => {
    const state = await stateWith({ ...password('wrong'), ...certificate, caFile: at('ca.crt') });
    expect(state.problem?.message).toMatch(/not authorized|bad user name/i);
  });
});
