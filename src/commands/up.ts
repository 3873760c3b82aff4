/** `simbankd up`: everything on one machine, in one process, on loopback. Wired by hand, from the bank to the hub. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bank, startBank } from '../bank/bank.ts';
import { brokerAddress, startBroker } from '../broker.ts';
import { type Config, configured, isLoopback, loadConfig } from '../config.ts';
import { type EmulatedBank, startBank as startEmulatedBank } from '../emulator/bank.ts';
import { hasCode } from '../errors.ts';
import { startHub } from '../hub/hub.ts';
import { createLog, maskSender } from '../log.ts';
import { brokerOptions } from '../mqtt-options.ts';
import { startStatus } from '../status/server.ts';
import { startDemo } from './demo.ts';
import { loadDrivers } from './drivers.ts';
import { ending, programVersion, running, stateFolder, untilStopped } from './process.ts';
import { dataFolders, lockUp, tellUp } from './running-up.ts';

export interface UpOptions {
  readonly modems: number;
  readonly real?: boolean;
  readonly config?: string;
}

const READY_WITHIN_MS = 15_000;

export async function up(options: UpOptions): Promise<number> {
  const stopped = untilStopped();
  const state = stateFolder();
  mkdirSync(state, { recursive: true, mode: 0o700 });
  const given = loadConfig(options.config);
  const isSet = configured(options.config);
  const version = programVersion();
  const logFile = join(state, 'simbankd.log');
  const log = createLog(given.log.level, logFile);

  return running(async (started) => {
    started(lockUp());
    const emulated = options.real === true ? null : await emulate(state, options.modems);
    if (emulated !== null) started({ stop: () => emulated.close() });

    const config = forOneMachine(given, state, emulated, isSet);
    if (config.mqtt.embedded) {
      const broker = started(await listening(isSet('mqtt.url'), brokerAddress(config.mqtt.url), startBroker));
      config.mqtt.url = broker.url;
    }
    // Kept, 0600, so that every start shows a curl that works: for the demo only.
    const keyFile = join(state, 'demo-key');
    const hub = started(
      await listening(isSet('hub.listen'), config.hub.listen, (listen) =>
        startHub({
          config: { ...config, hub: { ...config.hub, listen } },
          log,
          keyFile,
        }),
      ),
    );
    const bank = started(
      await startBank({ config, drivers: await loadDrivers(config.gateway.drivers, log), log, version }),
    );
    const { tokenFile } = config.status;
    const status = started(
      await listening(isSet('status.listen'), config.status.listen, (listen) =>
        startStatus({ listen, tokenFile, view: bank.view() }),
      ),
    );

    // Without the password that a URL may carry: it goes into a file and onto the screen.
    const mqtt = brokerOptions(config.mqtt).name;
    const addresses = { status: status.url, hub: hub.url, mqtt, root: config.mqtt.root };
    started(tellUp(config, options.config, addresses));

    await allReady(bank, stopped);
    if (emulated !== null) started(startDemo(emulated));
    const number =
      bank
        .view()
        .sims()
        .find(({ slot }) => slot !== null)?.iccid ?? '{iccid}';
    const key = readFileSync(keyFile, 'utf8').trim();
    console.log(
      greeting({
        version,
        emulated,
        bank,
        key,
        addresses,
        state,
        data: dataFolders(config),
        logFile,
        number,
      }),
    );
    if (process.stdout.isTTY) started(showArrivals(bank));

    const exit = await ending(log, stopped, bank.failed, hub.failed);
    console.log('\nstopping');
    return exit;
  });
}

async function emulate(state: string, modems: number): Promise<EmulatedBank> {
  return startEmulatedBank({
    modems,
    dir: join(state, 'ports'),
    control: join(state, 'emulator.sock'),
    seed: 'simbankd up',
  });
}

/** The configuration of everything on one machine: what the file leaves open is put below the state folder. */
function forOneMachine(
  given: Config,
  state: string,
  emulated: EmulatedBank | null,
  isSet: (member: string) => boolean,
): Config {
  const config = structuredClone(given);
  if (!isSet('gateway.dataDir')) config.gateway.dataDir = join(state, 'gateway');
  if (!isSet('hub.database')) config.hub.database = `sqlite:${join(state, 'hub', 'hub.db')}`;
  if (!isSet('mqtt.url') && !isSet('mqtt.embedded')) config.mqtt.embedded = true;
  if (!isSet('uplink.confirm')) config.uplink.confirm = 'hub';
  if (emulated === null) return config;
  config.gateway.ports = emulated.modems.map(({ path }) => path);
  if (!isSet('gateway.numbers')) {
    const lines = emulated.modems.flatMap(({ sim }) => (sim?.msisdn ? [`${sim.iccid},${sim.msisdn}`] : []));
    config.gateway.numbers = join(state, 'numbers.csv');
    writeFileSync(config.gateway.numbers, `iccid,msisdn\n${lines.join('\n')}\n`);
  }
  return config;
}

/** Starts a listener where it belongs, or on a free port when that is taken and nobody asked for it by name. */
async function listening<L extends { host: string; port: number }, T>(
  asked: boolean,
  listen: L,
  start: (listen: L) => Promise<T>,
): Promise<T> {
  try {
    return await start(listen);
  } catch (error) {
    if (asked || !hasCode(error, 'listen.in_use') || !isLoopback(listen.host)) throw error;
    return start({ ...listen, port: 0 });
  }
}

/** Until every slot has found its modem and its SIM, or for a while: a slot in trouble keeps nobody waiting. */
async function allReady(bank: Bank, stopped: Promise<unknown>): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  let over = false;
  void stopped.then(() => {
    over = true;
  });
  while (
    !over &&
    Date.now() < deadline &&
    bank
      .view()
      .slots()
      .some(({ phase }) => phase !== 'ready' && phase !== 'ignored')
  ) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

interface Greeting {
  readonly version: string;
  readonly emulated: EmulatedBank | null;
  readonly bank: Bank;
  readonly key: string;
  readonly addresses: {
    readonly status: string;
    readonly hub: string;
    readonly mqtt: string;
    readonly root: string;
  };
  readonly state: string;
  readonly data: readonly string[];
  readonly logFile: string;
  readonly number: string;
}

function greeting(of: Greeting): string {
  const { version, emulated, bank, key, addresses, state, data, logFile, number } = of;
  const slots = bank.view().slots();
  const ready = slots.filter(({ phase }) => phase === 'ready').length;
  const what = emulated === null ? 'modems of this host' : 'emulated modems, one message every few seconds';
  const lines = [
    `simbankd ${version}: ${ready} of ${slots.filter(({ phase }) => phase !== 'ignored').length} ${what}`,
    ...(slots.length === 0 ? ['', 'No modem was found: "simbankd scan" and "simbankd doctor" say why.'] : []),
    '',
    `  status page  ${addresses.status}`,
    `  hub          ${addresses.hub}  (the API, to read and to try: ${addresses.hub}/docs)`,
    `  MQTT broker  ${addresses.mqtt}  (topics ${addresses.root}/#)`,
    `  data         ${data.join(', ')}`,
    `  log          ${logFile}`,
  ];
  if (emulated !== null)
    lines.push(`  ttys         ${emulated.dir}  (control socket ${join(state, 'emulator.sock')})`);
  lines.push(
    `  API key      ${key}`,
    '',
    'The numbers, and the messages of the first one:',
    '',
    `  curl -H 'Authorization: Bearer ${key}' ${addresses.hub}/v1/numbers`,
    `  curl -H 'Authorization: Bearer ${key}' ${addresses.hub}/v1/numbers/${number}/messages`,
  );
  return [...lines, '', 'Ctrl-C ends it.'].join('\n');
}

/** On a terminal: one line for each message that was committed, with every code hidden. */
function showArrivals(bank: Bank): { stop(): void } {
  let last = new Date().toISOString();
  console.log('');
  const timer = setInterval(() => {
    const fresh = bank
      .view()
      .messages(20)
      .filter(({ receivedAt }) => receivedAt > last);
    for (const { receivedAt, slot, from, text, parts } of fresh.reverse()) {
      const whole = parts.total === 1 ? '' : ` (${parts.received} of ${parts.total} parts)`;
      console.log(`${receivedAt.slice(11, 19)}  ${slot}  from ${maskSender(from)}${whole}: ${text}`);
      last = receivedAt;
    }
  }, 500);
  return { stop: () => clearInterval(timer) };
}
