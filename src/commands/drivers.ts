/** The folder drivers/ is the registry: every file in it is a driver, there is no list to edit. */
import { readdirSync } from 'node:fs';
import type { Driver } from '../modem/driver.ts';

const FOLDER = new URL('../../drivers/', import.meta.url);
const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

/** All drivers, `generic` first: it fits everything, and gives way to whatever asks for more. */
export async function loadDrivers(): Promise<Driver[]> {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith(EXTENSION) && !name.endsWith('.d.ts'));
  const drivers = await Promise.all(
    files
      .sort()
      .map(async (name) => ((await import(new URL(name, FOLDER).href)) as { default: Driver }).default),
  );
  return drivers.sort((a, b) => Number(b.name === 'generic') - Number(a.name === 'generic'));
}
