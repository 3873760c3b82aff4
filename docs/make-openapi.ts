/** Writes docs/openapi.json from the routes of the hub: `npm run docs`. test/hub/http holds the file to what this would write. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCatalogue } from '../src/catalogue.ts';
import type { Api } from '../src/hub/http/api.ts';
import { buildServer } from '../src/hub/http/server.ts';
import { createLog } from '../src/log.ts';

/** The whole file. The server that describes itself here is never asked anything, and so needs no store. */
export async function openapiText(): Promise<string> {
  const nothing = {} as unknown as Api;
  const server = buildServer({
    ...nothing,
    log: createLog('silent'),
    catalogue: readCatalogue(),
    store: {} as Api['store'],
    health: () => ({ connected: false, storeProblem: null }),
  });
  await server.ready();
  const document = server.swagger();
  await server.close();
  return `${JSON.stringify(document, null, 2)}\n`;
}

if (import.meta.main) {
  writeFileSync(join(import.meta.dirname, 'openapi.json'), await openapiText());
}
