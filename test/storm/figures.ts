/**
 * Loaded into a gateway before its own code (`node --import`): tells the parent what the process holds, when it asks.
 *
 * Changes nothing else: the channel to the parent keeps no process alive, and a gateway whose storm was killed ends, too.
 */

import type { EventEmitter } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface Figures {
  /** Open file descriptors by what they are: `pts`, `socket`, `inotify`. */
  readonly descriptors: Readonly<Record<string, number>>;
  /** What keeps the event loop alive, by type (process.getActiveResourcesInfo). */
  readonly resources: Readonly<Record<string, number>>;
  /** Event listeners of the process and of everything that is open. */
  readonly listeners: number;
  readonly threads: number;
  /** After a collection, in MB. */
  readonly rss: number;
  readonly heap: number;
}

function figures(): Figures {
  // There with --expose-gc.
  globalThis.gc?.();
  const status = readFileSync('/proc/self/status', 'utf8');
  const member = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  return {
    descriptors: countOf(readdirSync('/proc/self/fd').flatMap(kindOf)),
    resources: countOf(process.getActiveResourcesInfo()),
    listeners: listenersOf(process) + openHandles().reduce((sum, handle) => sum + listenersOf(handle), 0),
    threads: member('Threads'),
    rss: member('VmRSS') / 1024,
    heap: process.memoryUsage().heapUsed / 2 ** 20,
  };
}

/** Not documented, and the only list of open handles there is; without it only the process itself counts. */
function openHandles(): EventEmitter[] {
  const { _getActiveHandles: list } = process as unknown as { _getActiveHandles?: () => unknown[] };
  return (list?.call(process) ?? []).filter(
    (handle): handle is EventEmitter => typeof (handle as EventEmitter).eventNames === 'function',
  );
}

function listenersOf(emitter: EventEmitter): number {
  return emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);
}

/** The folder that is being read is one, too, and gone by the time it is looked at. */
function kindOf(fd: string): string[] {
  try {
    const target = readlinkSync(`/proc/self/fd/${fd}`);
    const kind = /^(\w+):/.exec(target)?.[1];
    if (kind === 'anon_inode') return [target.slice('anon_inode:'.length).replace(/[[\]]/g, '')];
    if (kind !== undefined) return [kind];
    return [target.startsWith('/dev/pts/') ? 'pts' : 'file'];
  } catch {
    return [];
  }
}

function countOf(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

process.on('message', (message) => {
  if (message === 'figures') process.send?.(figures());
});
process.once('disconnect', () => process.exit(1));
process.channel?.unref();
