/** A hub, a process of its own as it is in earnest: `hub.ts BROKER-URL DATABASE WEBHOOK-PORT` says its URL to who forked it. */
import { Config } from '../../../src/config.ts';
import { startHub } from '../../../src/hub/hub.ts';
import { createLog } from '../../../src/log.ts';

const [url, database, port] = process.argv.slice(2);
const config = Config.parse({
  mqtt: { url },
  hub: {
    listen: '127.0.0.1:0',
    database,
    webhooks: { allowHttp: true, allowPrivate: true, ports: [Number(port)] },
  },
});
const hub = await startHub({ config, log: createLog(process.env.BENCH_LOG ?? 'error') });
process.send!(hub.url);
process.on('disconnect', () => process.exit(0));
