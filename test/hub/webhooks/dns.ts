/** A name server of a few names: what an attacker would run. UDP only, answers A and AAAA, no time to live. */
import { createSocket } from 'node:dgram';
import { promises as dns } from 'node:dns';
import { isIPv4 } from 'node:net';

export interface NameServer {
  /** What is answered next for a name; a function is asked at every query, so that answers can change. */
  readonly names: Map<string, (type: 'A' | 'AAAA', query: number) => readonly string[]>;
  /** Queries for a name and type so far. */
  queries(name: string, type: 'A' | 'AAAA'): number;
  /** A resolver that asks this server and nobody else. */
  readonly resolver: dns.Resolver;
  close(): Promise<void>;
}

const TYPES = new Map<number, 'A' | 'AAAA'>([
  [1, 'A'],
  [28, 'AAAA'],
]);

export async function startNameServer(): Promise<NameServer> {
  const socket = createSocket('udp4');
  const names: NameServer['names'] = new Map();
  const counts = new Map<string, number>();
  socket.on('message', (query, from) => {
    // RFC 1035 §4.1: a header of 12 octets, then the name as labels, then type and class.
    const labels: string[] = [];
    let at = 12;
    for (let length = query[at]!; length > 0; length = query[at]!) {
      labels.push(query.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    const question = query.subarray(12, at + 5);
    const name = labels.join('.').toLowerCase();
    const type = TYPES.get(query.readUInt16BE(at + 1));
    const key = `${name} ${type}`;
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    const known = names.get(name);
    const answers = type === undefined ? [] : (known?.(type, count) ?? []);
    const records = answers.map((address) => {
      const data = octetsOf(address);
      const head = Buffer.alloc(12);
      head.writeUInt16BE(0xc00c, 0); // the name of the question
      head.writeUInt16BE(isIPv4(address) ? 1 : 28, 2);
      head.writeUInt16BE(1, 4);
      head.writeUInt16BE(data.length, 10);
      return Buffer.concat([head, data]);
    });
    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    header.writeUInt16BE(known === undefined ? 0x8183 : 0x8180, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(records.length, 6);
    socket.send(Buffer.concat([header, question, ...records]), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const resolver = new dns.Resolver({ timeout: 2_000, tries: 1 });
  resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  return {
    names,
    resolver,
    queries: (name, type) => counts.get(`${name} ${type}`) ?? 0,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

/** An address as its record holds it. IPv6 without `::` only. */
function octetsOf(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  return Buffer.from(
    address
      .split(':')
      .map((group) => group.padStart(4, '0'))
      .join(''),
    'hex',
  );
}
