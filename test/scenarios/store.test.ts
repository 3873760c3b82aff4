import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Bank } from '../../src/bank/bank.ts';
import { migrations } from '../../src/bank/store/schema.ts';
import { bankVerbs } from '../../src/bank/store/verbs.ts';
import { loadConfig } from '../../src/config.ts';
import { type EmulatedBank, startBank as startEmulatedBank } from '../../src/emulator/bank.ts';
import { startHub } from '../../src/hub/hub.ts';
import { createLog } from '../../src/log.ts';
import { openForReading, openForWriting } from '../../src/sqlite.ts';
import { startMosquitto } from '../mosquitto.ts';
import { needs } from '../programs.ts';
import { Customer, configFile, eventually, everyReady, gatewayFrom, Program } from '../rig.ts';
import { temporaryDir } from '../temporary.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});
const log = createLog('silent');

async function simbankd(...args: string[]): Promise<{ status: unknown; output: string }> {
  const program = new Program(...args);
  program.start();
  return { status: await program.ended(), output: program.output };
}

async function gateway(
  dir: string,
  url = 'mqtt://127.0.0.1:9',
  dataDir = join(dir, 'gateway'),
): Promise<Bank> {
  const file = configFile({
    dir,
    url,
    ports: [join(dir, 'tty/modem-*')],
    gateway: { dataDir, sweepSeconds: 1 },
  });
  const bank = await gatewayFrom(file);
  undo.push(() => bank.stop());
  return bank;
}
async function modems(dir: string, count: number): Promise<EmulatedBank> {
  const bank = await startEmulatedBank({
    modems: count,
    dir: join(dir, 'tty'),
    seed: dir,
    persona: 'generic',
  });
  undo.push(() => bank.close());
  return bank;
}

/** One modem, a gateway and a hub on a broker of their own, and what a customer of the hub reads. */
async function installation() {
  const dir = temporaryDir();
  const mosquitto = await startMosquitto();
  undo.push(() => mosquitto.remove());
  const modem = (await modems(dir, 1)).modems[0]!;
  const startGateway = async (): Promise<Bank> => {
    const bank = await gateway(dir, mosquitto.url);
    await everyReady(bank);
    return bank;
  };
  const bank = await startGateway();
  const config = join(dir, 'simbankd.yaml');
  let hub = await startHub({ config: loadConfig(config), log });
  const key = hub.firstKey!;
  undo.push(() => hub.stop());
  const texts = async (): Promise<(string | null)[]> =>
    (await new Customer(hub.url, key).messages(modem.sim!.iccid)).map(({ text }) => text);
  return {
    dir,
    data: join(dir, 'gateway'),
    config,
    bank,
    startGateway,
    texts,
    deliver: (...all: string[]): void => {
      for (const text of all) modem.deliverText({ from: '72941', text });
    },
    stopHub: () => hub.stop(),
    startHub: async (): Promise<void> => {
      hub = await startHub({ config: loadConfig(config), log });
    },
    arrived: (count: number): Promise<void> =>
      eventually(async () => (await texts()).length >= count, undefined, 60_000),
  };
}
const handedOver = (bank: Bank): Promise<void> =>
  eventually(
    () => bank.view().uplink().waiting === 0,
    () => bank.view().uplink(),
  );
const copy = (from: string, to: string): void => void execFileSync('cp', ['-a', from, to]);

describe.skipIf(!needs('mosquitto'))('a gateway whose database was put back to an older copy', () => {
  it('numbers anew, and the hub has every message once all the same', async () => {
    const { dir, data, config, bank, startGateway, texts, deliver, arrived } = await installation();
    deliver('before the backup');
    await arrived(1);
    const backup = join(dir, 'copy.db');
    const store = (verb: string) => simbankd('store', verb, backup, '--config', config);
    expect(await store('backup')).toMatchObject({ status: 0 });
    expect((await store('backup')).output).toMatch(/overwrites nothing/);
    deliver('after the backup');
    await arrived(2);

    expect((await store('restore')).output).toMatch(/in use by another simbankd/);
    await bank.stop();
    const restored = await store('restore');
    expect(restored).toMatchObject({ status: 0 });
    expect(restored.output).toMatch(/numbering starts anew/);
    expect(readdirSync(data).filter((name) => name.includes('before-')).length).toBeGreaterThan(0);

    const again = await startGateway();
    deliver('after the restore');
    await arrived(3);
    await handedOver(again);
    expect(await texts()).toEqual(['before the backup', 'after the backup', 'after the restore']);
  });

  it.each([
    ['at once', false],
    ['also when it went past the old numbers while the hub was away', true],
  ])(
    'notices it by the hub’s receipts when somebody only copied the file, %s',
    async (_when, hubAway) => {
      const at = await installation();
      await at.bank.stop();
      copy(at.data, `${at.data}.copy`);
      const first = await at.startGateway();
      const old = ['old 1', 'old 2', 'old 3'];
      at.deliver(...old);
      await at.arrived(old.length);
      await handedOver(first);
      await first.stop();
      if (hubAway) await at.stopHub();

      rmSync(at.data, { recursive: true });
      copy(`${at.data}.copy`, at.data);
      const second = await at.startGateway();
      // More than before, so that every number the hub knows gets another meaning here, and some lie beyond.
      const fresh = Array.from({ length: 9 }, (_, n) => `new ${n}`);
      at.deliver(...fresh);
      if (hubAway) {
        await eventually(
          () => second.view().uplink().lastSeq > fresh.length,
          () => second.view().uplink(),
        );
        await at.startHub();
      }
      await at.arrived(old.length + fresh.length);
      expect((await at.texts()).sort()).toEqual([...fresh, ...old].sort());
    },
    120_000,
  );
});

describe('a restore', () => {
  it('takes along what is only in the write-ahead log, and leaves no log of what was there before', async () => {
    const dir = temporaryDir();
    await modems(dir, 1);
    await (await gateway(dir)).stop();
    const path = join(dir, 'gateway', 'gateway.db');
    const config = join(dir, 'simbankd.yaml');
    /** As a kill leaves it: commits that are in the log only. */
    const killed = (to: string, alarm: string): void => {
      const db = openForWriting(path, migrations);
      bankVerbs(db).setAlarm({ alarm, detail: '', active: true, now: new Date().toISOString() });
      for (const part of ['', '-wal', '-shm']) copyFileSync(path + part, to + part);
      db.close();
    };
    const alarms = (): unknown[] => {
      const db = openForReading(path);
      try {
        return db
          .prepare<[], { alarm: string }>('SELECT alarm FROM alarm ORDER BY alarm')
          .all()
          .map(({ alarm }) => alarm);
      } finally {
        db.close();
      }
    };
    const backup = join(dir, 'copy.db');
    killed(backup, 'only-in-the-log');
    killed(join(dir, 'other.db'), 'later');
    // The live database is moved away by hand, its log forgotten.
    rmSync(path);
    copyFileSync(join(dir, 'other.db-wal'), `${path}-wal`);
    expect(await simbankd('store', 'restore', backup, '--config', config)).toMatchObject({ status: 0 });
    expect(alarms()).toEqual(['only-in-the-log']);
    expect(statSync(path).mode & 0o077).toBe(0);
    expect(readdirSync(join(dir, 'gateway')).filter((name) => name.includes('restoring'))).toEqual([]);
  });
});

describe('a data directory whose database is gone', () => {
  it.each(['removed', 'emptied'])('is not taken for a new one when the file was %s', async (how) => {
    const dir = temporaryDir();
    await modems(dir, 1);
    const bank = await gateway(dir);
    await bank.stop();
    const path = join(dir, 'gateway', 'gateway.db');
    if (how === 'removed') rmSync(path);
    else truncateSync(path);
    for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true });
    await expect(gateway(dir)).rejects.toMatchObject({ code: 'store.missing' });
    rmSync(join(dir, 'gateway', 'instance'));
    await everyReady(await gateway(dir));
  });

  it('says what to do when the file is damaged', async () => {
    const dir = temporaryDir();
    await modems(dir, 1);
    await (await gateway(dir)).stop();
    writeFileSync(
      join(dir, 'gateway', 'gateway.db'),
      'this is no database, whatever its name says, and long enough',
    );
    await expect(gateway(dir)).rejects.toMatchObject({ code: 'store.damaged' });
    const { status, output } = await simbankd('store', 'check', '--config', join(dir, 'simbankd.yaml'));
    expect([status, output]).toEqual([
      1,
      expect.stringMatching(/is damaged.*\n.*not a database.*\n.*store restore/s),
    ]);
  });
});

/** A real, small file system; null where this user may not mount one. */
function smallDisk(dir: string, size: string): string | null {
  const path = join(dir, 'disk');
  mkdirSync(path);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path], { stdio: 'pipe' });
  } catch {
    return null;
  }
  undo.unshift(() => execFileSync('umount', [path]));
  return path;
}

describe('a full disk', () => {
  it('keeps messages on their cards, says so, and goes on when there is room', async ({ skip }) => {
    const dir = temporaryDir();
    const disk = smallDisk(dir, '3m');
    if (disk === null) return skip('this user may not mount a tmpfs');
    const emulated = await modems(dir, 2);
    const bank = await gateway(dir, 'mqtt://127.0.0.1:9', join(disk, 'gateway'));
    await everyReady(bank);
    emulated.modems[0]!.deliverText({ from: '72941', text: 'while there is room' });
    await eventually(() => bank.view().messages(10).length === 1);

    const ballast = join(disk, 'ballast');
    const fill = (): void => {
      try {
        for (let size = 2 ** 20; size >= 512; size /= 2) {
          try {
            for (;;) writeFileSync(ballast, Buffer.alloc(size), { flag: 'a' });
          } catch {
            // Smaller pieces may still fit.
          }
        }
      } catch {
        // It is full.
      }
    };
    fill();
    const texts = Array.from({ length: 30 }, (_, n) => `in need of room ${n} ${'x'.repeat(120)}`);
    for (const [n, text] of texts.entries()) emulated.modems[n % 2]!.deliverText({ from: '72941', text });
    await eventually(
      () => bank.view().problem()?.code === 'store.failed',
      () => bank.view().messages(50).length,
    );
    expect(bank.view().problem()?.message).toMatch(/the disk is full: make room.*no message is deleted/);
    // Nothing was deleted that is not on disk.
    const committed = bank.view().messages(100).length - 1;
    const waiting = emulated.modems.reduce((sum, modem) => sum + modem.stored().length + modem.pending(), 0);
    expect(committed + waiting).toBeGreaterThanOrEqual(texts.length);

    rmSync(ballast);
    await eventually(
      () => bank.view().problem() === null,
      () => bank.view().problem(),
      40_000,
    );
    await eventually(
      () => bank.view().messages(100).length === texts.length + 1,
      () => bank.view().messages(100).length,
      40_000,
    );
    await eventually(
      () => emulated.modems.every((modem) => modem.stored().length + modem.pending() === 0),
      () => '',
      40_000,
    );
    expect(existsSync(ballast)).toBe(false);
  }, 120_000);
});
