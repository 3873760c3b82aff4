/** `simbankd config check FILE` and `simbankd config schema`. */
import { z } from 'zod';
import { Config, EXIT_CONFIG, loadConfig } from '../config.ts';
import { hasCode } from '../errors.ts';
import type { ConfigFault } from '../yaml-file.ts';

export async function checkConfig(file: string, options: { json: boolean }): Promise<number> {
  try {
    loadConfig(file);
  } catch (error) {
    if (!options.json || !hasCode(error, 'config.invalid')) throw error;
    console.log(JSON.stringify({ file, faults: error.detail.faults as ConfigFault[] }, null, 2));
    return EXIT_CONFIG;
  }
  console.log(options.json ? JSON.stringify({ file, faults: [] }, null, 2) : `${file}: no faults`);
  return 0;
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
