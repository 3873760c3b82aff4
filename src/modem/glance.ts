/** One look at a modem that nobody has: who it is, its card, its network. Nothing is set that outlives the look, and no PIN is given. */
import { hasCode, SimbankError } from '../errors.ts';
import { optional, troubleOf } from './ask.ts';
import { Connection } from './connection.ts';
import type { Driver } from './driver.ts';
import * as probe from './probe.ts';
import type { SimState, Trouble } from './state.ts';

export interface GlanceOptions {
  readonly baudRate: number;
  /** The driver the configuration names; by default the modem's own words decide. */
  readonly driver?: string | undefined;
  readonly drivers: readonly Driver[];
  /** All together, in ms. */
  readonly withinMs: number;
}

/** What was found out until it was over, in the order of asking; `problem` is what ended it early. */
export interface Glance {
  identity: probe.Identity | null;
  driver: Driver | null;
  sim: SimState | null;
  iccid: string | null;
  network: probe.Network | null;
  problem: Trouble | null;
}

/** Never throws: a port that cannot be opened, or a modem that falls silent, is what `problem` says. */
export async function glance(path: string, options: GlanceOptions): Promise<Glance> {
  const seen: Glance = { identity: null, driver: null, sim: null, iccid: null, network: null, problem: null };
  const connection = new Connection({ urc: () => {}, outOfStep: () => {}, lost: () => {} });
  let over = false;
  const look = async (): Promise<void> => {
    await connection.open(path, options.baudRate);
    const { channel } = connection;
    // It may have waited for its turn to open the port for longer than there was time.
    if (channel === null || over) return;
    seen.identity = await channel.use(probe.identify);
    const driver = probe.driverFor(options.drivers, options.driver, seen.identity);
    seen.driver = driver;
    channel.declare(driver);
    await channel.use(async (at) => {
      for (const command of driver.quiet) await optional(at, command);
      seen.sim = await probe.simState(at);
      // Most tell the card's number though it asks for its PIN.
      if (seen.sim !== 'absent') seen.iccid = (await probe.iccidOf(at, driver))?.iccid ?? null;
      seen.network = await probe.network(at);
    });
  };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const message = `${path}: not done within ${options.withinMs / 1000} s`;
    timer = setTimeout(() => reject(new SimbankError('at.timeout', message)), options.withinMs);
  });
  const looking = look();
  try {
    await Promise.race([looking, late]);
  } catch (error) {
    seen.problem = hasCode(error, 'at.unresponsive')
      ? { code: 'modem.silent', message: `${path} is open, and no modem answers on it` }
      : troubleOf(error);
  } finally {
    over = true;
    clearTimeout(timer);
    const line = connection.detach();
    line.end('the look is over');
    await line.close();
  }
  void looking.then(
    () => connection.detach().close(),
    () => {},
  );
  return seen;
}
