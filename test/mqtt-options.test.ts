import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Config } from '../src/config.ts';
import { brokerOptions, refusesVersion, versionsToTry } from '../src/mqtt-options.ts';
import { scratch } from './hub/events.ts';

const folder = scratch();
afterAll(() => folder.remove());
const file = (name: string, text: string) => {
  writeFileSync(join(folder.dir, name), text);
  return join(folder.dir, name);
};
const mqtt = (settings: object) => Config.parse({ mqtt: settings }).mqtt;

describe('brokerOptions', () => {
  test('reads the files, and leaves the line end out of the password', () => {
    const { options, url } = brokerOptions(
      mqtt({
        url: 'mqtts://broker.example:8883',
        username: 'host-a',
        passwordFile: file('password', ' s3cret \n'),
        caFile: file('ca', 'CA'),
        certFile: file('cert', 'CERT'),
        keyFile: file('key', 'KEY'),
      }),
    );
    expect(url).toBe('mqtts://broker.example:8883');
    expect(options).toMatchObject({ username: 'host-a', password: ' s3cret ', keepalive: 15 });
    expect([options.ca, options.cert, options.key].map(String)).toEqual(['CA', 'CERT', 'KEY']);
  });

  test('shows a URL without its credentials', () => {
    const { name, url } = brokerOptions(mqtt({ url: 'mqtt://user:s3cret@broker.example:1883' }));
    expect(url).toContain('s3cret');
    expect(name).toBe('mqtt://broker.example:1883');
  });

  test('names every fault at once', () => {
    const wrong = mqtt({
      passwordFile: '/nowhere/password',
      caFile: '/nowhere/ca',
      certFile: file('c', 'C'),
    });
    expect(() => brokerOptions(wrong)).toThrow(
      expect.objectContaining({
        code: 'config.invalid',
        detail: {
          faults: [
            ['mqtt.passwordFile', 'cannot be read'],
            ['mqtt.caFile', 'cannot be read'],
            ['mqtt.caFile', 'needs TLS'],
            ['mqtt.certFile', 'needs TLS'],
            ['mqtt.certFile', 'go together'],
            ['mqtt.passwordFile', 'needs mqtt.username'],
          ].map(([path, text]) => ({ path, line: null, message: expect.stringContaining(text!) })),
        },
      }),
    );
  });
});

test('versions are tried newest first, and only a refusal of the version counts as one', () => {
  expect(versionsToTry('auto')).toEqual([5, 4]);
  expect(versionsToTry(5)).toEqual([5]);
  expect(versionsToTry('3.1.1')).toEqual([4]);
  expect([1, 132, 5, 135, 'ECONNREFUSED'].map((code) => refusesVersion({ code }))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});
