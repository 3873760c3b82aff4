/** `simbankd hub`: the central API. */
import { brokerAddress, startBroker } from '../broker.ts';
import { loadConfig } from '../config.ts';
import { startHub } from '../hub/hub.ts';
import { createLog } from '../log.ts';
import { reporting, untilStopped } from './process.ts';

/** Runs until a signal; the exit status, 78 for a configuration that cannot be used. */
export function hub(options: { config?: string }): Promise<number> {
  return reporting(async () => {
    const config = loadConfig(options.config);
    const log = createLog(config.log.level);
    const stopped = untilStopped();
    const broker = config.mqtt.embedded ? await startBroker(brokerAddress(config.mqtt.url)) : null;
    try {
      const running = await startHub({ config, log });
      process.stdout.write(`The hub listens on ${running.url}\n`);
      if (running.firstKey !== null) {
        process.stdout.write(`The first API key, shown only this once: ${running.firstKey}\n`);
      }
      log.info({ signal: await stopped }, 'stopping');
      await running.stop();
      return 0;
    } finally {
      await broker?.stop();
    }
  });
}
