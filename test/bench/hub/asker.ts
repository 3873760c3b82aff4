/** A request and its reply over MQTT with nothing behind it: the floor of whatever asks a gateway. */
import mqtt from 'mqtt';
import { sendAtOnce } from '../../../src/mqtt-options.ts';

/** Requests over MQTT to a bare client, and its replies. */
export class Asker {
  readonly #client: mqtt.MqttClient;
  readonly #waiting = new Map<string, () => void>();
  #next = 0;

  private constructor(client: mqtt.MqttClient) {
    this.#client = client;
    client.on('message', (_topic, payload) => {
      const id = payload.toString();
      this.#waiting.get(id)?.();
      this.#waiting.delete(id);
    });
  }

  static async connect(url: string): Promise<Asker> {
    const client = await mqtt.connectAsync(url, { protocolVersion: 5 });
    sendAtOnce(client.stream);
    await client.subscribeAsync('floor/replies', { qos: 1 });
    return new Asker(client);
  }

  ask(): Promise<void> {
    const id = String(this.#next++);
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#client.publish('floor/commands', id, { qos: 1 });
    });
  }

  close(): void {
    this.#client.end(true);
  }
}
