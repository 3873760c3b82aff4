/**
 * A bank of emulated GSM/LTE modems on real ptys, in one process: working devices until a fault is switched on.
 *
 * 3GPP TS 27.007 and 27.005 on the line, 23.040 on the air. It shares no code with the gateway, and knows nothing
 * of what reads it.
 */
import { access, constants, mkdir, readdir, readlink, rmdir, stat, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { messageOf, SimbankError } from '../errors.ts';
import { type ControlServer, listenForControl } from './control.ts';
import { Device } from './device.ts';
import { Faults } from './faults.ts';
import { imeiOf, simIdentityOf } from './identity.ts';
import { EmulatedModem } from './modem.ts';
import { Network } from './network.ts';
import type { Persona } from './persona.ts';
import { personasOf } from './personas.ts';
import { createSim } from './sim.ts';

export { EmulatedModem } from './modem.ts';
export type { Delivered } from './network.ts';
export { personaNames } from './personas.ts';
export type { EmulatedSim } from './sim.ts';
export type { TextMessage } from './tpdu.ts';

export interface BankOptions {
  readonly modems: number;
  /** Where the ttys appear, as modem-000 and so on; made when it is not there. */
  readonly dir: string;
  /** A name, several between commas that the modems take in turn, or `all`; default `quectel-ec25`. */
  readonly persona?: string;
  /** Identities depend on it: two banks need two seeds. */
  readonly seed?: string;
  /** What each command takes. */
  readonly latencyMs?: number;
  /** How long a USB modem is gone when it was reset; default 300. */
  readonly vanishMs?: number;
  /** Milliseconds between the lines a modem says by itself, or false for none; by default each persona's own. */
  readonly noise?: number | false;
  /** From power-on to the first answer, to the card, to the stores, where they are not to be the persona's. */
  readonly timing?: Partial<Pick<Persona, 'bootMs' | 'cardMs' | 'smsMs'>>;
  /** Path of a Unix socket for JSON lines. */
  readonly control?: string;
}

const MAX_MODEMS = 4000;

export class EmulatedBank {
  readonly modems: readonly EmulatedModem[];
  readonly dir: string;
  readonly #madeDir: boolean;
  #control: ControlServer | null = null;

  constructor(dir: string, madeDir: boolean, modems: readonly EmulatedModem[]) {
    this.dir = dir;
    this.#madeDir = madeDir;
    this.modems = modems;
  }

  async start(control: string | undefined): Promise<void> {
    try {
      if (control !== undefined) this.#control = await listenForControl(this.modems, control);
      await removeStaleLinks(this.dir);
      for (const modem of this.modems) await modem.start();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Unplugs everything and removes what was made. */
  async close(): Promise<void> {
    await this.#control?.close();
    this.#control = null;
    await Promise.all(this.modems.map((modem) => modem.unplug()));
    // Somebody else's file in it keeps the folder.
    if (this.#madeDir) await rmdir(this.dir).catch(() => {});
  }
}

export async function startBank(options: BankOptions): Promise<EmulatedBank> {
  const { modems: count, seed = 'simbankd', latencyMs = 0, vanishMs = 300 } = options;
  if (!Number.isInteger(count) || count < 1 || count > MAX_MODEMS) {
    throw new SimbankError('emulator.bad_count', `a bank has 1 to ${MAX_MODEMS} modems, not ${count}`);
  }
  const personas = personasOf(options.persona ?? 'quectel-ec25').map((persona) => adjusted(persona, options));
  const dir = resolve(options.dir);
  const madeDir = await makeDir(dir);

  const network = new Network();
  const modems = Array.from({ length: count }, (_, index) => {
    const persona = personas[index % personas.length]!;
    const device = new Device(index, persona, imeiOf(seed, index), network, new Faults(latencyMs));
    const sim = createSim(simIdentityOf(seed, index), persona.capacity.SM);
    sim.holder = index;
    device.slot.sim = sim;
    network.subscribe(sim);
    const name = `modem-${String(index).padStart(3, '0')}`;
    return new EmulatedModem(join(dir, name), device, vanishMs);
  });
  const bank = new EmulatedBank(dir, madeDir, modems);
  await bank.start(options.control === undefined ? undefined : resolve(options.control));
  return bank;
}

/** The persona with what this bank wants otherwise. */
function adjusted(persona: Persona, { noise, timing }: BankOptions): Persona {
  const wanted = noise === undefined ? persona.noise?.everyMs : noise;
  const chatter = persona.noise !== null && wanted ? { ...persona.noise, everyMs: wanted } : null;
  return { ...persona, ...timing, noise: chatter };
}

/** A killed emulator leaves its links, and their ptys may belong to somebody else by now. */
async function removeStaleLinks(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    if (!/^modem-\d{3,}(-r\d+)?(-urc)?$/.test(name)) continue;
    const path = join(dir, name);
    const target = await readlink(path).catch(() => '');
    if (target.startsWith('/dev/pts/')) await unlink(path);
  }
}

/** True when the folder was not there. */
async function makeDir(dir: string): Promise<boolean> {
  try {
    const made = await makeFolders(dir);
    await access(dir, constants.W_OK | constants.X_OK);
    return made;
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? messageOf(error);
    throw new SimbankError(
      'emulator.bad_dir',
      `the ttys cannot be made in ${dir}: ${reason}`,
      { dir },
      { cause: error },
    );
  }
}

/** `mkdir` with `recursive` does not come back (Node 24.21) where a parent takes no folder though it exists: /proc. */
async function makeFolders(dir: string): Promise<boolean> {
  if ((await stat(dir).catch(() => null))?.isDirectory() === true) return false;
  if (dirname(dir) !== dir) await makeFolders(dirname(dir));
  await mkdir(dir);
  return true;
}
