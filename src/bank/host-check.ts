/** Whether a host can keep messages: the data directory, how fast its disk is, and the clock. */
import { execFile } from 'node:child_process';
import { closeSync, existsSync, fsyncSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../errors.ts';
import { isLocked } from '../sqlite.ts';
import { type Obstacle, obstacle, storeFault, userName } from '../store-fault.ts';
import { LOW_BYTES } from './disk.ts';
import { type Finding, fault, ok, warning } from './finding.ts';

/** File systems (statfs(2)) that are no place for a database. */
const UNSAFE: Readonly<Record<number, readonly [name: string, why: string]>> = {
  16914836: ['tmpfs', 'is gone at the next start of the host'],
  26985: ['NFS', 'does not lock as SQLite needs it'],
  4283649346: ['CIFS', 'does not lock as SQLite needs it'],
  4266872130: ['SMB', 'does not lock as SQLite needs it'],
  2035054128: ['overlayfs', 'belongs to the container, and is gone with it'],
};

const SLOW_MS = 50;
const TRIES = 8;

export async function checkHost(dataDir: string): Promise<Finding[]> {
  return [...checkDataDir(dataDir), await checkClock(new Date())];
}

function checkDataDir(dataDir: string): Finding[] {
  const inTheWay = obstacle(dataDir);
  if (inTheWay !== null) return [fault('data', inTheWay.what, inTheWay.remedy)];
  let folder = dataDir;
  while (!existsSync(folder) && folder !== dirname(folder)) folder = dirname(folder);
  const findings = [ok('data', `${userName()} may write to ${folder}`)];
  if (folder === dataDir && (statSync(dataDir).mode & 0o077) !== 0) {
    const what = `${dataDir} can be looked into by others, and messages are secrets`;
    findings.push(warning('data', what, `chmod 700 ${dataDir}`));
  }
  findings.push(...checkDisk(folder), checkInUse(dataDir));
  return findings;
}

function checkDisk(folder: string): Finding[] {
  const { type, bavail, bsize } = statfsSync(folder);
  const findings: Finding[] = [];
  const [name, why] = UNSAFE[type] ?? [];
  if (name !== undefined) {
    findings.push(
      warning('disk', `${folder} is on ${name}, which ${why}`, 'put gateway.dataDir on a disk of the host'),
    );
  }
  const mb = Math.floor((bavail * bsize) / 2 ** 20);
  const space = `${mb} MB are free in ${folder}`;
  const room = 'make room: a day of messages is some 10 MB';
  if (mb * 2 ** 20 < LOW_BYTES) findings.push(fault('disk', space, room));
  else if (mb < 1024) findings.push(warning('disk', space, room));
  else findings.push(ok('disk', space));
  findings.push(checkFsync(folder));
  return findings;
}

/** Each message waits for one before it is deleted from its card. */
function checkFsync(folder: string): Finding {
  const file = join(folder, `.doctor-${process.pid}`);
  let fd: number | null = null;
  try {
    fd = openSync(file, 'wx', 0o600);
    const took: number[] = [];
    for (let i = 0; i < TRIES; i++) {
      const from = performance.now();
      writeSync(fd, Buffer.alloc(4096, i));
      fsyncSync(fd);
      took.push(performance.now() - from);
    }
    const ms = took.sort((a, b) => a - b)[TRIES / 2]!;
    const what = `the disk takes ${ms.toFixed(1)} ms to keep something for good`;
    if (ms <= SLOW_MS) return ok('disk', what);
    return warning(
      'disk',
      what,
      'use an SSD with a cache that survives a power cut; SD cards and USB sticks are slow',
    );
  } catch (error) {
    const {
      what = `nothing can be written to ${folder}: ${messageOf(error)}`,
      remedy = 'look at the kernel log',
    } = storeFault(error, folder).detail as Partial<Obstacle>;
    return fault('disk', what, remedy);
  } finally {
    if (fd !== null) closeSync(fd);
    rmSync(file, { force: true });
  }
}

function checkInUse(dataDir: string): Finding {
  // Never made here: a look leaves nothing behind.
  if (!existsSync(join(dataDir, 'lock.db'))) return ok('gateway', `no gateway has used ${dataDir} yet`);
  try {
    return ok('gateway', `${isLocked(dataDir) ? 'a' : 'no'} gateway runs on ${dataDir}`);
  } catch (error) {
    const { what = messageOf(error), remedy = 'look at the rights of the files in it' } = storeFault(
      error,
      dataDir,
    ).detail as Partial<Obstacle>;
    return fault('gateway', what, remedy);
  }
}

async function checkClock(now: Date): Promise<Finding> {
  const set = 'set it, and have it kept right: timedatectl set-ntp true';
  if (now.getUTCFullYear() < 2025) {
    return fault('clock', `it is ${now.toISOString()} by this host’s clock`, set);
  }
  const synchronised = await askSystemd();
  if (synchronised === false) return warning('clock', 'the clock is not kept right by NTP', set);
  const told = synchronised
    ? 'kept right by NTP'
    : 'plausible; whether NTP keeps it right cannot be told here';
  return ok('clock', `the clock says ${now.toISOString()}, and is ${told}`);
}

/** Null where there is no systemd to ask. */
async function askSystemd(): Promise<boolean | null> {
  if (existsSync('/run/systemd/timesync/synchronized')) return true;
  try {
    const run = promisify(execFile);
    const { stdout } = await run('timedatectl', ['show', '-p', 'NTPSynchronized', '--value'], {
      timeout: 3_000,
    });
    return stdout.trim() === 'yes' ? true : stdout.trim() === 'no' ? false : null;
  } catch {
    return null;
  }
}
