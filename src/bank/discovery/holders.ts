/**
 * Who has a port open: which program, under which unit, and how it is made to leave.
 *
 * From the links in /proc/PID/fd, which a user may read of his own processes only; root of all. Looked up when a port is in
 * trouble, never for its own sake: it asks for every open file of the host.
 */
import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { lockHolder } from '../../lock-file.ts';

export interface Holder {
  readonly pid: number;
  /** `ModemManager`; null when its process cannot be looked at. */
  readonly program: string | null;
  /** `ModemManager.service`, as its control group says. */
  readonly unit: string | null;
  /** Another simbankd: a gateway that runs already. */
  readonly ours: boolean;
}

export const MODEM_MANAGER_REMEDY =
  'install systemd/70-simbankd.rules as /etc/udev/rules.d/70-simbankd.rules and plug the modems in again, or "systemctl mask --now ModemManager"';

/**
 * Who holds each of `paths`, this process aside; paths that nobody is seen to hold are not in it.
 *
 * @param proc - where the process file system is.
 */
export async function holdersOf(paths: readonly string[], proc = '/proc'): Promise<Map<string, Holder[]>> {
  const wanted = new Map<string, string[]>();
  for (const path of paths) {
    const device = deviceOf(path);
    wanted.set(device, [...(wanted.get(device) ?? []), path]);
  }
  const found = new Map<string, Holder[]>();
  const add = (path: string, pid: number): void => {
    const holders = found.get(path) ?? [];
    if (!holders.some((holder) => holder.pid === pid)) found.set(path, [...holders, holderOf(pid, proc)]);
  };
  for (const pid of processes(proc)) {
    // An emulator is the modem's end of its ttys.
    if (pid === process.pid || isSimbankd(pid, proc, ['emulate'])) continue;
    await breathe();
    for (const device of openFiles(pid, proc)) for (const path of wanted.get(device) ?? []) add(path, pid);
  }
  for (const path of paths) {
    const pid = lockHolder(path);
    if (pid !== null) add(path, pid);
  }
  return found;
}

/** Every process of this name. */
export function processesNamed(program: string, proc = '/proc'): Holder[] {
  return processes(proc)
    .filter((pid) => text(join(proc, `${pid}`, 'comm')) === program)
    .map((pid) => holderOf(pid, proc));
}

/** Who may have a port whose holder cannot be seen: everybody may read the name and the command of a process. */
export function suspects(proc = '/proc'): Holder[] {
  return processes(proc)
    .filter((pid) => pid !== process.pid)
    .map((pid) => holderOf(pid, proc))
    .filter(({ ours, program }) => ours || program === 'ModemManager');
}

/** `ModemManager (process 612, ModemManager.service)`. */
export function holderName({ pid, program, unit, ours }: Holder): string {
  const name = ours ? 'another simbankd' : (program ?? 'a program');
  return `${name} (process ${pid}${unit === null ? '' : `, ${unit}`})`;
}

/** One sentence: who holds a port, or who may, and what to do. */
export function describeHolders(
  path: string,
  holders: readonly Holder[],
  suspected: readonly Holder[],
): string {
  const names = (all: readonly Holder[]): string => all.map(holderName).join(' and ');
  if (holders.length > 0) return `${path} is held by ${names(holders)}: ${remedyOf(holders)}`;
  if (suspected.length > 0) {
    return `${path} is held by another program, most likely ${names(suspected)}: ${remedyOf(suspected)}`;
  }
  return `${path} is held by another program, which only root can see: "sudo fuser -v ${path}" names it`;
}

function remedyOf(holders: readonly Holder[]): string {
  if (holders.some(({ program }) => program === 'ModemManager')) return MODEM_MANAGER_REMEDY;
  const [first] = holders;
  if (first!.ours) return 'stop that one, or give the two different ports';
  return first!.unit === null ? 'end it, or give it another port' : `"systemctl stop ${first!.unit}"`;
}

function holderOf(pid: number, proc: string): Holder {
  const folder = join(proc, `${pid}`);
  // `0::/system.slice/ModemManager.service`
  const group = text(join(folder, 'cgroup')) ?? '';
  return {
    pid,
    program: programOf(folder),
    unit: /\/([^/\n]+\.service)(\/|$)/m.exec(group)?.[1] ?? null,
    ours: isSimbankd(pid, proc, ['gateway', 'up']),
  };
}

/** Node calls every one of its main threads MainThread. */
function programOf(folder: string): string | null {
  const name = text(join(folder, 'comm'));
  const [command = ''] = (text(join(folder, 'cmdline')) ?? '').split('\0');
  return name === 'MainThread' && command !== '' ? basename(command) : name;
}

function isSimbankd(pid: number, proc: string, commands: readonly string[]): boolean {
  const words = (text(join(proc, `${pid}`, 'cmdline')) ?? '').split('\0');
  return words.some(
    (word, i) => /(^|\/)(simbankd|main\.[jt]s)$/.test(word) && commands.includes(words[i + 1] ?? ''),
  );
}

function processes(proc: string): number[] {
  try {
    return readdirSync(proc).flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  } catch {
    return [];
  }
}

function openFiles(pid: number, proc: string): string[] {
  const folder = join(proc, `${pid}`, 'fd');
  try {
    return readdirSync(folder).flatMap((name) => {
      try {
        return [readlinkSync(join(folder, name))];
      } catch {
        return [];
      }
    });
  } catch {
    // Somebody else's process, or one that has just ended.
    return [];
  }
}

function deviceOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function text(path: string): string | null {
  try {
    return readFileSync(path, 'latin1').trim();
  } catch {
    return null;
  }
}
