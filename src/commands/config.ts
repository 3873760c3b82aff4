/** `simbankd config check FILE` and `simbankd config schema`. */

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { checkDrivers } from '../bank/discovery/named.ts';
import { readNumbers } from '../bank/numbers/list.ts';
import { readOperators } from '../bank/numbers/operators.ts';
import { readPolicy } from '../bank/policy.ts';
import { readCatalogue } from '../catalogue.ts';
import { Config, EXIT_CONFIG, examineConfig, type FileFault, type PortConfig, placed } from '../config.ts';
import { hasCode, messageOf, SimbankError } from '../errors.ts';
import { readPrices } from '../hub/prices.ts';
import { pathSteps, valueAt } from '../schema-faults.ts';
import { readToken } from '../status/token.ts';
import { byLine, type ConfigFault, describeFaults, readText } from '../yaml-file.ts';
import { loadDrivers } from './drivers.ts';

/** Reads the file as a daemon does, and every file it names that a daemon reads. */
export async function checkConfig(file: string, options: { json: boolean }): Promise<number> {
  const faults = await faultsOf(file);
  if (options.json) console.log(JSON.stringify({ file, faults }, null, 2));
  else if (faults.length === 0) console.log(`${file}: no faults`);
  else for (const fault of faults) console.error(describeFaults(fault.file, [fault]));
  return faults.length === 0 ? 0 : EXIT_CONFIG;
}

/** Those of the file itself in the order of its lines, then those of the files that it names. */
async function faultsOf(file: string): Promise<FileFault[]> {
  let text: string;
  try {
    text = readText(file);
  } catch (error) {
    return faultsIn(error, '').map((fault) => ({ ...fault, file }));
  }
  const reading = examineConfig(file, text, process.env);
  const found: FileFault[] = reading.faults.map((fault) => ({ ...fault, file }));
  const at = (member: string): unknown => valueAt(reading.given, pathSteps(member));
  const textAt = (member: string): string | undefined => {
    const value = at(member);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const itemsAt = (member: string): readonly unknown[] => {
    const value = at(member);
    return Array.isArray(value) ? value : [];
  };
  const trying = async (member: string, run: () => unknown): Promise<void> => {
    try {
      await run();
    } catch (error) {
      found.push(...faultsIn(error, member).map((fault) => placed(file, reading, fault)));
    }
  };
  /** Looks into the file that a member names. */
  const look = async (member: string, read: (path: string) => unknown): Promise<void> => {
    const named = textAt(member);
    if (named !== undefined) await trying(member, () => read(named));
  };

  for (const member of ['passwordFile', 'caFile', 'certFile', 'keyFile']) {
    await look(`mqtt.${member}`, (path) => readFileSync(path));
  }
  await look('status.tokenFile', readToken);
  for (const list of ['gateway.ports', 'gateway.sims']) {
    for (const i of itemsAt(list).keys()) await look(`${list}[${i}].pinFile`, readPin);
  }
  await look('gateway.numbers', (path) => {
    for (const fault of readNumbers(path).faults) found.push({ file: path, path: '', ...fault });
  });
  await look('gateway.operators', readOperators);
  await look('gateway.policy', readPolicy);
  await look('gateway.services', readCatalogue);
  // Both roles may name one and the same.
  if (at('hub.services') !== at('gateway.services')) await look('hub.services', readCatalogue);
  await look('hub.prices', readPrices);
  await trying('gateway.drivers', async () => {
    const drivers = await loadDrivers(textAt('gateway.drivers'));
    checkDrivers(itemsAt('gateway.ports').map(driverOnly), drivers);
  });
  const own = found.filter((fault) => fault.file === file);
  return [...byLine(own), ...found.filter((fault) => fault.file !== file)];
}

/** A port of which nothing is known but its driver. */
function driverOnly(port: unknown): string | PortConfig {
  const driver = valueAt(port, ['driver']);
  return typeof driver === 'string' ? { path: '', baudRate: 0, driver } : '';
}

function readPin(path: string): void {
  if (/^\d{4,8}$/.test(readFileSync(path, 'utf8').trim())) return;
  throw new SimbankError('sim.pin_file', `${path} does not hold a PIN: 4 to 8 digits and nothing else`);
}

/** What an error says of files, or of the member that named one. */
function faultsIn(error: unknown, member: string): (ConfigFault & { readonly file?: string })[] {
  if (!hasCode(error, 'config.invalid')) {
    const message = error instanceof SimbankError ? error.message : `cannot be read: ${messageOf(error)}`;
    return [{ path: member, message, line: null }];
  }
  const { file, faults } = error.detail as { file?: string; faults: readonly ConfigFault[] };
  return faults.map((fault) => ({ ...(file === undefined ? {} : { file }), ...fault }));
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
