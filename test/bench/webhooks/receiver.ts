/**
 * The receiver of the webhooks' bench, a process of its own: answers 200 and tells when what came. Its moments and those of the
 * bench are of one clock (CLOCK_MONOTONIC).
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

export interface Receiver {
  readonly process: ChildProcess;
  readonly port: number;
  /** When something arrived, by the `text` in its body or else its `webhook-id`; in ns. */
  readonly arrivals: Map<string, bigint>;
}

export async function startReceiver(): Promise<Receiver> {
  const child = fork(fileURLToPath(import.meta.url), ['receive'], { serialization: 'advanced' });
  const [port] = (await once(child, 'message')) as [number];
  const arrivals = new Map<string, bigint>();
  child.on('message', (batch: [string, bigint][]) => {
    for (const [id, at] of batch) arrivals.set(id, at);
  });
  return { process: child, port, arrivals };
}

function receive(): void {
  let batch: [string, bigint][] = [];
  const server = createServer((incoming, response) => {
    const at = process.hrtime.bigint();
    let body = '';
    incoming.on('data', (chunk: Buffer) => {
      body += chunk.toString('latin1');
    });
    incoming.on('end', () => {
      const text = /"text":"([^"]+)"/.exec(body)?.[1];
      batch.push([text ?? String(incoming.headers['webhook-id']), at]);
      response.end();
    });
  });
  server.listen(0, '127.0.0.1', () => process.send!((server.address() as AddressInfo).port));
  setInterval(() => {
    if (batch.length > 0) process.send!(batch);
    batch = [];
  }, 5);
  process.on('disconnect', () => process.exit(0));
}

if (process.argv[2] === 'receive') receive();
