/** `simbankd emulate`: a bank of emulated modems on the ttys of a folder, until it is told to stop. */
import { join } from 'node:path';
import { startBank } from '../emulator/bank.ts';

export interface EmulateOptions {
  modems: number;
  dir: string;
  persona?: string;
  /** Default: control.sock in the folder. */
  control?: string;
  latencyMs?: number;
}

export async function emulate(options: EmulateOptions): Promise<void> {
  const control = options.control ?? join(options.dir, 'control.sock');
  const stopped = untilStopped();
  const bank = await startBank({ ...options, control });
  try {
    if (process.stdout.isTTY) {
      for (const { path, persona, sim } of bank.modems) {
        console.log(`${path}  ${persona}  ICCID ${sim?.iccid ?? '-'}  ${sim?.msisdn ?? ''}`);
      }
    }
    const first = bank.modems[0]?.path ?? '';
    const last = bank.modems.at(-1)?.path ?? '';
    console.log(`${bank.modems.length} emulated modems: ${first} to ${last}`);
    console.log(`control socket, JSON lines: ${control}`);
    await stopped;
  } finally {
    await bank.close();
  }
}

function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}
