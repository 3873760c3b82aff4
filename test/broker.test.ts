import { connect as connectTcp } from 'node:net';
import { connectAsync } from 'mqtt';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Broker, brokerAddress, startBroker } from '../src/broker.ts';
import { until } from './hub/gateway.ts';

let broker: Broker;
beforeEach(async () => {
  broker = await startBroker({ host: '127.0.0.1', port: 0 });
});
afterEach(() => broker.stop());

const client = (clientId: string, more: object = {}) =>
  connectAsync(broker.url, { protocolVersion: 4, clientId, reconnectPeriod: 0, ...more });

describe('the embedded broker', () => {
  test('passes on messages, keeps retained ones and publishes wills', async () => {
    const heard: [string, string, boolean][] = [];
    const dying = await client('dying', {
      will: { topic: 's/dying', payload: Buffer.from('offline'), qos: 1, retain: true },
    });
    await dying.publishAsync('s/dying', 'online', { qos: 1, retain: true });
    const reader = await client('reader');
    reader.on('message', (topic, payload, { retain }) => heard.push([topic, payload.toString(), retain]));
    await reader.subscribeAsync('s/#', { qos: 1 });
    await until(
      () => heard.length,
      (count) => count === 1,
    );
    dying.stream.destroy();
    await until(
      () => heard.length,
      (count) => count === 2,
    );
    expect(heard).toEqual([
      ['s/dying', 'online', true],
      ['s/dying', 'offline', false],
    ]);
    await reader.endAsync();
  });

  test('keeps a bounded number of messages for a client that is away', async () => {
    const reader = await client('reader', { clean: false });
    await reader.subscribeAsync('e/#', { qos: 1 });
    await reader.endAsync();
    const writer = await client('writer');
    await Promise.all(
      Array.from({ length: 1_500 }, (_, i) => writer.publishAsync('e/x', `${i}`, { qos: 1 })),
    );
    const heard: string[] = [];
    const again = await client('reader', { clean: false });
    again.on('message', (_topic, payload) => heard.push(payload.toString()));
    await until(
      () => heard.length,
      (count) => count === 1_000,
    );
    // Once it has caught up there is room again.
    await writer.publishAsync('e/x', 'last', { qos: 1 });
    await until(
      () => heard.at(-1),
      (text) => text === 'last',
    );
    expect(heard.slice(0, 1_000)).toEqual(Array.from({ length: 1_000 }, (_, i) => `${i}`));
    await again.endAsync();
    await writer.endAsync();
  });

  test('refuses a shared subscription instead of granting silence, and MQTT 5', async () => {
    const reader = await client('reader');
    const granted = await reader.subscribeAsync('$share/hub/e/#', { qos: 1 }).catch(() => [{ qos: 128 }]);
    expect(granted[0]?.qos).toBe(128);
    await reader.endAsync();
    await expect(client('five', { protocolVersion: 5 })).rejects.toMatchObject({ code: 1 });
  });

  test('survives nonsense, and ends only the client that talks it', async () => {
    const good = await client('good');
    for (const bytes of [
      Buffer.alloc(64, 0xff),
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.from([0x30, 2, 0, 9]),
    ]) {
      const socket = connectTcp(broker.port, '127.0.0.1');
      await new Promise<void>((resolve) => {
        socket.on('error', () => {});
        socket.on('close', () => resolve());
        socket.on('connect', () => {
          socket.write(bytes);
          setTimeout(() => socket.destroy(), 100);
        });
      });
    }
    const bad = await client('bad');
    bad.publish('too/large', Buffer.alloc(1024 * 1024 + 1), { qos: 1 }, () => {});
    await until(
      () => bad.connected,
      (connected) => !connected,
    );
    expect(good.connected).toBe(true);
    await good.publishAsync('still/here', 'x', { qos: 1 });
    await good.endAsync();
    await bad.endAsync(true);
  });

  test('listens on loopback only, and says which member to change when the port is taken', async () => {
    await expect(startBroker({ host: '0.0.0.0', port: 0 })).rejects.toMatchObject({
      code: 'broker.not_loopback',
    });
    await expect(startBroker({ host: '127.0.0.1', port: broker.port })).rejects.toMatchObject({
      code: 'listen.in_use',
      message: expect.stringContaining('mqtt.url'),
    });
    expect(brokerAddress('mqtt://[::1]')).toEqual({ host: '::1', port: 1883 });
  });
});
