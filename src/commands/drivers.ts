/**
 * The folder drivers/ is the registry: every file in it is a driver, there is no list to edit.
 *
 * Operators have a folder of their own (`gateway.drivers`). What is in it is loaded like ours, and comes first.
 */
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { messageOf, SimbankError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Driver } from '../modem/driver.ts';
import { type ConfigFault, describeFaults } from '../yaml-file.ts';
import { readDriverFile } from './driver-file.ts';

const OURS = new URL('../../drivers/', import.meta.url);
const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

/** A driver, and its dialogue as the page of modems shows it. */
export interface DriverModule {
  readonly default: Driver;
  readonly transcript: string;
}

/**
 * All drivers. `generic` is first: it fits everything, and gives way to whatever asks for more; then come the operator's,
 * and one of theirs with the name of ours takes its place.
 *
 * @param folder the operator's own, if there is one
 * @throws SimbankError `config.invalid` with every fault of every file in `folder`, as ConfigFault with its `file`.
 */
export async function loadDrivers(folder?: string, log?: Logger): Promise<Driver[]> {
  const ours = (await loadModules()).map((module) => module.default);
  const theirs = folder === undefined ? [] : await loadFolder(resolve(folder));
  for (const { name } of theirs) {
    const replaced = ours.some((driver) => driver.name === name);
    log?.info(
      { driver: name, folder },
      replaced ? "an operator's driver replaces ours" : "an operator's driver",
    );
  }
  const kept = ours.filter(({ name }) => !theirs.some((driver) => driver.name === name));
  return [...theirs, ...kept].sort((a, b) => Number(b.name === 'generic') - Number(a.name === 'generic'));
}

/** Our own files, as they are, in the order of their names. */
export async function loadModules(): Promise<DriverModule[]> {
  const files = readdirSync(OURS).filter((name) => name.endsWith(EXTENSION) && !name.endsWith('.d.ts'));
  return Promise.all(
    files.sort().map(async (name) => (await import(new URL(name, OURS).href)) as DriverModule),
  );
}

async function loadFolder(folder: string): Promise<Driver[]> {
  let names: string[];
  try {
    names = readdirSync(folder).filter(
      (name) => /^[^.].*\.(js|mjs|ts)$/.test(name) && !name.endsWith('.d.ts'),
    );
  } catch (error) {
    const fault = { path: '', message: `cannot be read: ${messageOf(error)}`, line: null, file: folder };
    throw new SimbankError('config.invalid', `${folder}: ${fault.message} (gateway.drivers)`, {
      file: folder,
      faults: [fault],
    });
  }
  const drivers: Driver[] = [];
  const faults: (ConfigFault & { file: string })[] = [];
  const from = new Map<string, string>();
  for (const file of names.sort().map((name) => join(folder, name))) {
    const read = await readDriverFile(file);
    if (!('name' in read)) {
      faults.push(...read.map((fault) => ({ ...fault, file })));
      continue;
    }
    const other = from.get(read.name);
    if (other !== undefined) {
      faults.push({ path: 'name', message: `"${read.name}" is the name of ${other}, too`, line: null, file });
    }
    from.set(read.name, file);
    drivers.push(read);
  }
  if (faults.length > 0) {
    const message = faults.map((fault) => describeFaults(fault.file, [fault])).join('\n');
    throw new SimbankError('config.invalid', message, { file: folder, faults });
  }
  return drivers;
}
