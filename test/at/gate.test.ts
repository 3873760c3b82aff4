/** Against opens that do hang: of FIFOs that nobody writes to, each in a thread of the pool. */
import { execFileSync } from 'node:child_process';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Gate } from '../../src/at/gate.ts';
import type { SimbankError } from '../../src/errors.ts';
import { temporaryDir } from '../temporary.ts';

const DEADLINE_MS = 150;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const messageOf = (error: SimbankError): string => `${error.code} ${error.message}`;

const fifos: string[] = [];
/** What an open of it hangs on is a writer. */
async function release(fifo: string): Promise<void> {
  const writer = await open(fifo, constants.O_WRONLY | constants.O_NONBLOCK).catch(() => null);
  await writer?.close();
}
afterEach(async () => {
  for (const fifo of fifos.splice(0)) await release(fifo);
});

function makeFifos(count: number): string[] {
  const dir = temporaryDir();
  const made = Array.from({ length: count }, (_, i) => join(dir, `tty${i}`));
  execFileSync('mkfifo', made);
  fifos.push(...made);
  return made;
}

/** A gate, and an open through it whose late successes are closed and noted. */
function gateOf(places: number) {
  const gate = new Gate(places, DEADLINE_MS);
  const late: Promise<void>[] = [];
  const tryOpen = (path: string): Promise<FileHandle> =>
    gate.open(
      path,
      () => open(path, 'r'),
      (handle) => void late.push(handle.close()),
    );
  const works = async (): Promise<boolean> => {
    await (await tryOpen('/dev/null')).close();
    return true;
  };
  return { gate, late, tryOpen, works };
}

describe('an open that hangs', () => {
  it('is given up at its deadline, and the others go on', async () => {
    const [a, b] = makeFifos(2) as [string, string];
    const { tryOpen, works } = gateOf(3);
    const opens = [a, b].map((path) => tryOpen(path).catch(messageOf));
    expect(await works()).toBe(true);
    expect(await Promise.all(opens)).toEqual([
      expect.stringMatching(
        `^port.failed ${a}: the open hangs: the kernel has not answered for 0.15 s; unplug`,
      ),
      expect.stringMatching(`^port.failed ${b}: the open hangs:`),
    ]);
    expect(await works()).toBe(true);
  });

  it('takes one place however often it is tried', async () => {
    const [a] = makeFifos(1) as [string];
    const { tryOpen, works } = gateOf(2);
    await tryOpen(a).catch(() => {});
    for (let i = 0; i < 5; i++)
      expect(await tryOpen(a).catch(messageOf)).toMatch(
        /an earlier open or close of it has not come back yet/,
      );
    expect(await works()).toBe(true);
  });

  it('that succeeds after all is closed again, and its place is free', async () => {
    const [a] = makeFifos(1) as [string];
    const { tryOpen, works, late } = gateOf(1);
    await tryOpen(a).catch(() => {});
    expect(late).toHaveLength(0);
    await release(a);
    while (late.length === 0) await sleep(5);
    await late[0];
    expect(await works()).toBe(true);
  });

  it('keeps all others out only when all places are taken so, and then they are told at once', async () => {
    const [a, b] = makeFifos(2) as [string, string];
    const { tryOpen, works } = gateOf(2);
    const opens = [a, b].map((path) => tryOpen(path).catch(messageOf));
    // It waits for a place, and there will be none.
    const waiting = works().catch(messageOf);
    await Promise.all(opens);
    const full = `so do all 2 that may at a time: ${a}, ${b}; unplug`;
    expect(await waiting).toContain(full);
    expect(await works().catch(messageOf)).toContain(full);
    await release(a);
    while (!(await works().catch(() => false))) await sleep(5);
  });

  it('leaves what it fails with to whoever asks in time', async () => {
    const { tryOpen } = gateOf(1);
    expect(await tryOpen('/nowhere').catch((error) => error.code)).toBe('ENOENT');
    expect(await tryOpen('/nowhere').catch((error) => error.code)).toBe('ENOENT');
  });
});

describe('a close that hangs', () => {
  it('is not waited for, and its device is not opened meanwhile', async () => {
    const [a] = makeFifos(1) as [string];
    const { gate, tryOpen, works } = gateOf(2);
    await gate.close(a, () => open(a, 'r').then((handle) => handle.close()));
    expect(await tryOpen(a).catch(messageOf)).toMatch(/has not come back yet/);
    expect(await works()).toBe(true);
  });

  it('waits for a place as long as it takes', async () => {
    const [a] = makeFifos(1) as [string];
    const { gate, tryOpen } = gateOf(1);
    await tryOpen(a).catch(() => {});
    let closed = false;
    await gate.close('/dev/other', async () => {
      closed = true;
    });
    expect(closed).toBe(false);
    await release(a);
    while (!closed) await sleep(5);
  });

  it('that fails says nothing', async () => {
    await new Gate(1, DEADLINE_MS).close('/dev/x', () => Promise.reject(new Error('EIO')));
  });
});
