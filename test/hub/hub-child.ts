/**
 * A hub in a process of its own, to be killed: `hub-child.ts BROKER-URL DATABASE`, the database as `hub.database` names it.
 *
 * Prints one line of JSON when it listens. Then it takes lines `{id, call, arg}`, which stand for customers' requests, and
 * answers each with `{id, value}` or `{id, error}`.
 */
import { createInterface } from 'node:readline';
import { Config } from '../../src/config.ts';
import { startHub } from '../../src/hub/hub.ts';
import { createLog } from '../../src/log.ts';

const [url, database] = process.argv.slice(2);
const config = Config.parse({ mqtt: { url }, hub: { listen: '127.0.0.1:0', database } });
const hub = await startHub({
  config,
  log: createLog(process.env.TEST_LOG ?? 'silent'),
  timing: { graceMs: 300, retryMs: 600, retryMaxMs: 2_000, answerMs: 2_000 },
});
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
say({ url: hub.url, key: hub.firstKey });
process.on('SIGTERM', () => void hub.stop().then(() => process.exit(0)));

// biome-ignore lint/suspicious/noExplicitAny: whatever the call takes
const calls: Record<string, (arg: any) => unknown> = {
  buy: (arg) => hub.flow.buy(arg),
  cancel: (arg) => hub.store.verbs.cancel({ ...arg, now: new Date().toISOString() }),
  complete: (arg) => hub.store.verbs.complete({ ...arg, now: new Date().toISOString() }),
  rearm: (arg) => hub.store.verbs.rearm({ ...arg, most: 9, now: new Date().toISOString() }),
};
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, call, arg } = JSON.parse(line);
  Promise.resolve(calls[call]!(arg)).then(
    (value) => say({ id, value }),
    (error) => say({ id, error: String(error) }),
  );
});
