/** A further HTTP server on a market's store, with limits and a pulse of its own. */
import { readCatalogue } from '../../../src/catalogue.ts';
import { buildServer, type ServerOptions } from '../../../src/hub/http/server.ts';
import { News } from '../../../src/hub/news.ts';
import { createLog } from '../../../src/log.ts';
import type { Market } from './market.ts';

export interface Front {
  readonly url: string;
  close(): Promise<void>;
}

export async function startFront(
  { hub: { store, flow } }: Market,
  options: Pick<ServerOptions, 'quotas' | 'heartbeatMs'>,
): Promise<Front> {
  const log = createLog('silent');
  const news = new News({ reads: store.reads, log, pollMs: 50 });
  const server = buildServer({
    store,
    log,
    flow,
    catalogue: readCatalogue(),
    news,
    admit: async (url) => url,
    wake: () => {},
    deliver: () => {},
    health: () => ({ connected: true, storeProblem: null }),
    ...options,
  });
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    async close() {
      await server.close();
      await news.stop();
    },
  };
}
