/** `simbankd hub`: the central API. */
import { brokerAddress, startBroker } from '../broker.ts';
import { loadConfig } from '../config.ts';
import { startHub } from '../hub/hub.ts';
import { createLog } from '../log.ts';
import { ending, running, untilStopped } from './process.ts';

/** Runs until a signal. */
export async function hub(options: { config?: string }): Promise<number> {
  const config = loadConfig(options.config);
  const log = createLog(config.log.level);
  const stopped = untilStopped();
  return running(async (started) => {
    if (config.mqtt.embedded) started(await startBroker(brokerAddress(config.mqtt.url)));
    const { url, firstKey, keyless, failed } = started(await startHub({ config, log }));
    process.stdout.write(`The hub listens on ${url}\n`);
    if (firstKey !== null) process.stdout.write(`The first API key, shown only this once: ${firstKey}\n`);
    if (keyless !== null) {
      process.stdout.write(
        `No account has a key that works: make one with "simbankd key create ${keyless}" (and the same --config)\n`,
      );
    }
    return ending(log, stopped, failed);
  });
}
