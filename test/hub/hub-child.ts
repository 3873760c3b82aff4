/** A hub in a process of its own, to be killed: `hub-child.ts BROKER-URL DATABASE`. Prints one line of JSON. */
import { Config } from '../../src/config.ts';
import { startHub } from '../../src/hub/hub.ts';
import { createLog } from '../../src/log.ts';

const [url, database] = process.argv.slice(2);
const config = Config.parse({
  mqtt: { url },
  hub: { listen: '127.0.0.1:0', database: `sqlite:${database}` },
});
const hub = await startHub({
  config,
  log: createLog('silent'),
  timing: { graceMs: 300, retryMs: 600, retryMaxMs: 2_000 },
});
process.stdout.write(`${JSON.stringify({ url: hub.url, key: hub.firstKey })}\n`);
process.on('SIGTERM', () => void hub.stop().then(() => process.exit(0)));
