/**
 * The embedded MQTT broker, for one machine that has none: aedes, MQTT 3.1.1, in memory, on loopback.
 *
 * It keeps nothing over a restart, and need not: a gateway keeps its events until the hub has them. Clients are not asked
 * who they are, so it listens nowhere but on loopback.
 */
import { createServer, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import { isLoopback } from './config.ts';
import { SimbankError } from './errors.ts';

export interface Broker {
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** Messages kept for one client that is away; the rest is dropped, and asked for again by whoever misses it. */
const MAX_QUEUED = 1_000;
const MAX_CONNECTIONS = 1_000;
const MAX_RETAINED = 20_000;
const MAX_PAYLOAD = 1024 * 1024;

/**
 * Starts a broker. Port 0 takes a free one.
 *
 * @throws SimbankError `broker.not_loopback` for an address that others can reach, `listen.in_use` when the port is
 *   taken, `listen.failed` when it cannot be had for another reason.
 */
export async function startBroker(address: { host: string; port: number }): Promise<Broker> {
  if (!isLoopback(address.host)) {
    throw new SimbankError(
      'broker.not_loopback',
      `mqtt.embedded: ${address.host} is not loopback, and the embedded broker lets everybody in. Name 127.0.0.1 in mqtt.url, or run a broker such as mosquitto`,
      { host: address.host },
    );
  }
  const retained = new Set<string>();
  const aedes = await Aedes.createBroker({
    // aedes grants a shared subscription and then delivers nothing: refused, the client knows.
    authorizeSubscribe: (_client, subscription, done) =>
      done(null, subscription.topic.startsWith('$share/') ? null : subscription),
    authorizePublish: (_client, packet, done) => {
      if (packet.topic.startsWith('$SYS/')) return done(new Error('$SYS/ is the broker’s own'));
      if (packet.payload.length > MAX_PAYLOAD) return done(new Error('the payload is too large'));
      if (packet.retain) {
        if (packet.payload.length === 0) retained.delete(packet.topic);
        else if (retained.size >= MAX_RETAINED && !retained.has(packet.topic)) {
          return done(new Error('too many retained topics'));
        } else retained.add(packet.topic);
      }
      done(null);
    },
  });
  boundQueues(aedes);
  // Both are told of clients that vanish or talk nonsense; aedes closes them itself.
  aedes.on('clientError', () => {});
  aedes.on('connectionError', () => {});

  const sockets = new Set<Socket>();
  // Small packets follow one another: each must not wait for the TCP acknowledgement of the one before.
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    aedes.handle(socket);
  });
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      aedes.close();
      reject(cannotListen(address, error));
    });
    server.listen(address.port, address.host, resolve);
  });
  server.on('error', () => {});

  const { port } = server.address() as { port: number };
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return {
    url: `mqtt://${host}:${port}`,
    port,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Where `mqtt.embedded` is to listen: what `mqtt.url` names. */
export function brokerAddress(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 1883 : Number(port) };
}

/**
 * aedes keeps every QoS 1 message for a client that is away, without end. Counted here: what was put into a client's queue
 * less what left it. A client that is there and slow holds up those who publish, by the flow control of TCP.
 */
function boundQueues(aedes: Aedes): void {
  interface Subscriber {
    clientId: string;
  }
  interface Queues {
    outgoingEnqueueCombi(subscribers: Subscriber[], packet: unknown): Promise<void>;
    outgoingClearMessageId(client: { id: string }, packet: unknown): Promise<unknown>;
  }
  const { persistence: queues, clients } = aedes as unknown as {
    persistence: Queues;
    clients: Record<string, unknown>;
  };
  const enqueue = queues.outgoingEnqueueCombi.bind(queues);
  const clear = queues.outgoingClearMessageId.bind(queues);
  const queued = new Map<string, number>();
  queues.outgoingEnqueueCombi = (subscribers, packet) => {
    const room = subscribers.filter(
      ({ clientId }) => clientId in clients || (queued.get(clientId) ?? 0) < MAX_QUEUED,
    );
    for (const { clientId } of room) queued.set(clientId, (queued.get(clientId) ?? 0) + 1);
    return enqueue(room, packet);
  };
  queues.outgoingClearMessageId = async (client, packet) => {
    const cleared = await clear(client, packet);
    if (cleared !== undefined) {
      const left = (queued.get(client.id) ?? 0) - 1;
      if (left > 0) queued.set(client.id, left);
      else queued.delete(client.id);
    }
    return cleared;
  };
}

function cannotListen(address: { host: string; port: number }, error: NodeJS.ErrnoException): SimbankError {
  const place = `${address.host}:${address.port}`;
  const taken = error.code === 'EADDRINUSE';
  return new SimbankError(
    taken ? 'listen.in_use' : 'listen.failed',
    taken
      ? `mqtt.url: ${place} is already in use by another program; name another port there, or set mqtt.embedded to false to use the broker that is running`
      : `mqtt.url: the embedded broker cannot listen on ${place}: ${error.message}`,
    { member: 'mqtt.url', host: address.host, port: address.port },
    { cause: error },
  );
}
