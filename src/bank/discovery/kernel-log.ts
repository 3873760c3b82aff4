/** What the kernel has said of USB since the host was started, as far as it may be read. */
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { type Finding, fault, ok, warning } from '../finding.ts';

interface Sign {
  readonly says: RegExp;
  readonly means: string;
  readonly remedy: string;
  readonly status: 'warning' | 'fault';
}

const SIGNS: readonly Sign[] = [
  {
    says: /not enough (host controller resources|bandwidth)|no more host controller resources/i,
    means: 'a USB controller had no room left for a device',
    remedy:
      'spread the modems over more USB controllers (PCIe cards), and switch off the network interfaces of modems: an xHCI has some 96 endpoints',
    status: 'fault',
  },
  {
    says: /host controller not responding, assume dead|HC died/i,
    means: 'a USB controller has died, and every modem on it with it',
    remedy: 'restart the host; if it comes back, update the firmware of the controller or use another card',
    status: 'fault',
  },
  {
    says: /over-?current/i,
    means: 'a hub reports too much current',
    remedy: 'use hubs with a power supply that gives each modem 2 A, as a GSM burst may want',
    status: 'warning',
  },
  {
    says: /device descriptor read\/\w+, error -\d+|device not accepting address|unable to enumerate USB device/i,
    means: 'a USB device could not be set up',
    remedy: 'look at cables, hubs and their power supply',
    status: 'warning',
  },
];

/** @param path - `/dev/kmsg`, or a file that stands for it. */
export function checkKernelLog(path: string): Finding[] {
  const lines = readLog(path);
  if (lines === null) return [ok('kernel', 'the kernel’s log cannot be read by this user: not looked at')];
  const findings = SIGNS.flatMap(({ says, means, remedy, status }): Finding[] => {
    const found = lines.filter((line) => says.test(line));
    if (found.length === 0) return [];
    const what = `${means}: ${found.length} times since the start, last «${found.at(-1)}»`;
    return [status === 'fault' ? fault('kernel', what, remedy) : warning('kernel', what, remedy)];
  });
  return findings.length > 0 ? findings : [ok('kernel', 'the kernel’s log has no trouble with USB')];
}

const MOST = 50_000;

/** Each read gives one record, `6,1234,5678901,-;usb 1-4: …`, and none when there are no more. */
function readLog(path: string): string[] | null {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return null;
  }
  const buffer = Buffer.alloc(16_384);
  let log = '';
  try {
    for (let i = 0; i < MOST; i++) {
      const count = readSync(fd, buffer);
      if (count === 0) break;
      log += buffer.toString('utf8', 0, count);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // EAGAIN is the end. EPIPE: what was to be read next has been overwritten meanwhile.
    if (code !== 'EAGAIN' && code !== 'EPIPE') return null;
  } finally {
    closeSync(fd);
  }
  return log.split('\n').map((line) => line.slice(line.indexOf(';') + 1));
}
