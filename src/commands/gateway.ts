/** `simbankd gateway`: the daemon of one bank host. */
import { startBank } from '../bank/bank.ts';
import { brokerAddress, startBroker } from '../broker.ts';
import { loadConfig } from '../config.ts';
import { createLog } from '../log.ts';
import { startStatus } from '../status/server.ts';
import { loadDrivers } from './drivers.ts';
import { programVersion, untilStopped } from './process.ts';

export async function gateway(options: { config?: string }): Promise<number> {
  const config = loadConfig(options.config);
  const log = createLog(config.log.level);
  const version = programVersion();
  const stopped = untilStopped();
  if ((config.gateway.ports ?? []).length === 0) {
    log.warn(
      'gateway.ports names no port: nothing is opened. Name them, or a glob such as /dev/serial/by-path/*',
    );
  }
  const broker = config.mqtt.embedded ? await startBroker(brokerAddress(config.mqtt.url)) : null;
  const bank = await startBank({ config, drivers: await loadDrivers(), log, version });
  const status = await startStatus({
    listen: config.status.listen,
    tokenFile: config.status.tokenFile,
    view: bank.view(),
  });
  log.info(
    { gateway: config.gateway.id, version, status: status.url, broker: config.mqtt.url },
    'the gateway runs',
  );

  const signal = await stopped;
  log.info({ signal }, 'stopping');
  await status.stop();
  await bank.stop();
  await broker?.stop();
  return 0;
}
