/** `simbankd gateway`: the daemon of one bank host. */
import { startBank } from '../bank/bank.ts';
import { brokerAddress, startBroker } from '../broker.ts';
import { loadConfig } from '../config.ts';
import { createLog } from '../log.ts';
import { startStatus } from '../status/server.ts';
import { loadDrivers } from './drivers.ts';
import { ending, programVersion, running, untilStopped } from './process.ts';

export async function gateway(options: { config?: string }): Promise<number> {
  const config = loadConfig(options.config);
  const log = createLog(config.log.level);
  const version = programVersion();
  const stopped = untilStopped();
  if (config.gateway.ports?.length === 0) log.warn('gateway.ports is empty: nothing is opened');
  return running(async (started) => {
    if (config.mqtt.embedded) started(await startBroker(brokerAddress(config.mqtt.url)));
    const bank = started(
      await startBank({ config, drivers: await loadDrivers(config.gateway.drivers, log), log, version }),
    );
    const { listen, tokenFile } = config.status;
    const status = started(await startStatus({ listen, tokenFile, view: bank.view() }));
    log.info({ gateway: config.gateway.id, version, status: status.url }, 'the gateway runs');

    return ending(log, stopped, bank.failed);
  });
}
