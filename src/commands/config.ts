/** `simbankd config check FILE` and `simbankd config schema`. */
import { z } from 'zod';
import { checkDrivers } from '../bank/discovery/named.ts';
import { readNumbers } from '../bank/numbers/list.ts';
import { readOperators } from '../bank/numbers/operators.ts';
import { readPolicy } from '../bank/policy.ts';
import { readCatalogue } from '../catalogue.ts';
import { Config, EXIT_CONFIG, loadConfig } from '../config.ts';
import { hasCode } from '../errors.ts';
import { readPrices } from '../hub/prices.ts';
import { type ConfigFault, describeFaults } from '../yaml-file.ts';
import { loadDrivers } from './drivers.ts';

/** A fault, and the file it is in: that of the configuration, or one that it names. */
interface FileFault extends ConfigFault {
  readonly file: string;
}

/** Reads the file as a daemon does, and every file it names that a daemon reads at its start. */
export async function checkConfig(file: string, options: { json: boolean }): Promise<number> {
  const faults = await faultsOf(file);
  if (options.json) console.log(JSON.stringify({ file, faults }, null, 2));
  else if (faults.length === 0) console.log(`${file}: no faults`);
  else for (const fault of faults) console.error(describeFaults(fault.file, [fault]));
  return faults.length === 0 ? 0 : EXIT_CONFIG;
}

async function faultsOf(file: string): Promise<FileFault[]> {
  let config: Config;
  try {
    config = loadConfig(file);
  } catch (error) {
    return faultsIn(error, file);
  }
  const { gateway, hub } = config;
  const found: FileFault[] = [];
  const look = async (named: string | undefined, read: (path: string) => unknown): Promise<void> => {
    if (named === undefined) return;
    try {
      await read(named);
    } catch (error) {
      found.push(...faultsIn(error, named));
    }
  };
  await look(gateway.numbers, (path) => {
    for (const fault of readNumbers(path).faults) found.push({ file: path, path: '', ...fault });
  });
  await look(gateway.operators, readOperators);
  await look(gateway.policy, readPolicy);
  await look(gateway.services, readCatalogue);
  // Both roles may name one and the same.
  if (hub.services !== gateway.services) await look(hub.services, readCatalogue);
  await look(hub.prices, readPrices);
  const drivers = await loadDrivers(gateway.drivers).catch((error: unknown) => {
    found.push(...faultsIn(error, file));
    return null;
  });
  if (drivers !== null) await look(file, () => checkDrivers(gateway.ports, drivers));
  return found;
}

/** @throws what is no fault of a file. */
function faultsIn(error: unknown, file: string): FileFault[] {
  if (!hasCode(error, 'config.invalid')) throw error;
  const faults = error.detail.faults as readonly (ConfigFault & { readonly file?: string })[];
  return faults.map((fault) => ({ ...fault, file: fault.file ?? file }));
}

export async function printSchema(): Promise<number> {
  // The default of gateway.id is this host's name, which says nothing of the host the file is for.
  const schema = z.toJSONSchema(Config, {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema === Config.shape.gateway.def.innerType.shape.id) delete jsonSchema.default;
    },
  });
  console.log(JSON.stringify(schema, null, 2));
  return 0;
}
