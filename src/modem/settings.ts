/** How a modem is to keep and announce messages (27.005 §3): applied at every readiness, and read back. */
import type { Dialogue } from '../at/channel.ts';
import { fields } from '../at/urc.ts';
import type { StorageUse } from '../protocol/state.ts';
import { glimpsed, isRefusal, optional } from './ask.ts';
import type { Driver, Setting } from './driver.ts';
import type { Trouble } from './state.ts';

export interface Settings {
  /** Where received messages go. */
  readonly receiveStore: string;
  /** All stores that can be read, each once. */
  readonly stores: readonly string[];
  /** How many memories `+CPMS` wants to be named: some take only three, some only one. */
  readonly named: 1 | 2 | 3;
  readonly use: readonly StorageUse[];
  /** The `+CNMI` value that was taken; null when none was. */
  readonly notify: string | null;
  /** Status reports come over the line; null where nobody asked for them. */
  readonly reports: boolean | null;
  readonly problem: Trouble | null;
}

/**
 * Applies every setting reception depends on, and reads back those a modem may take without keeping.
 *
 * @param reports - status reports are waited for: they come over the line (ds=1), where nothing mixes them up with messages.
 */
export async function configure(at: Dialogue, driver: Driver, reports = false): Promise<Settings> {
  // Some start with the radio off (D-Link DWM-157, some Quectel firmwares).
  const radio = (await optional(at, 'AT+CFUN?'))[0];
  if (radio !== undefined && !/^\+CFUN: ?1\b/.test(radio)) await optional(at, 'AT+CFUN=1');
  await at.command('AT+CMGF=0');
  for (const setting of driver.init) await apply(at, setting);
  // CLIP: who calls (27.007 §7.6).
  for (const command of ['AT+CREG=1', 'AT+CEREG=1', 'AT+CLIP=1']) await optional(at, command);
  const { memories, stores } = await listStores(at);
  const receiveStore = driver.stores.find((name) => memories.includes(name)) ?? memories[0] ?? 'SM';
  const { use, named } = await selectAll(at, receiveStore, driver.namedStores);
  const taken = await notify(at, reports ? [...withReports(driver.notify), ...driver.notify] : driver.notify);
  const problem =
    taken !== null
      ? null
      : {
          code: 'modem.no_notice',
          message: 'the modem takes no +CNMI setting: messages are found by sweeping only',
        };
  const readable = stores.length > 0 ? stores : [receiveStore];
  const takesReports = reports ? taken?.split(',')[3] === '1' : null;
  return { receiveStore, stores: readable, named, use, notify: taken, reports: takesReports, problem };
}

/** Whether the modem still is as `configure` left it: some forget after a reboot that nobody announced, or after CFUN. */
export async function keepsSettings(at: Dialogue, settings: Settings): Promise<boolean> {
  const format = (await glimpsed(at, 'AT+CMGF?'))[0];
  if (format !== undefined && !/^\+CMGF: ?0/.test(format)) return false;
  const notice = (await glimpsed(at, 'AT+CNMI?'))[0];
  return settings.notify === null || notice === undefined || fields(notice.slice(6))[1] === '1';
}

/** A setting, unless the modem has it already: some write their flash each time. */
async function apply(at: Dialogue, { set, read, expect }: Setting): Promise<void> {
  if (read !== undefined && expect?.test((await optional(at, read)).join('\n')) === true) return;
  await optional(at, set);
}

/** The stores of `+CPMS=?`; Wavecom doubles the parentheses, some answer nothing. */
async function listStores(at: Dialogue): Promise<{ memories: string[]; stores: string[] }> {
  const text = (await optional(at, 'AT+CPMS=?')).join('');
  // SIM800 has "SM_P" beside "SM", its preferred one of the same memory: listed once is enough.
  const lists = [...text.matchAll(/\(([^()]+)\)/g)].map((list) => [...new Set(list[1]!.match(/[A-Z]{2}/g))]);
  const readable = lists[0] ?? [];
  // MT is SM and ME together, BM holds broadcasts, TA and others are not for messages that were received.
  const stores = readable.filter((name) => ['SM', 'ME', 'SR'].includes(name));
  return { memories: lists[2] ?? readable, stores: stores.length > 0 ? stores : readable.slice(0, 1) };
}

/** Finds out how many memories the modem wants to be named. */
async function selectAll(
  at: Dialogue,
  receiveStore: string,
  ladder: Driver['namedStores'],
): Promise<Pick<Settings, 'use' | 'named'>> {
  let refusal: unknown;
  for (const named of ladder) {
    try {
      const answer = await at.command(selectCommand({ receiveStore, named }, receiveStore));
      return { use: parseUse(answer, [receiveStore]), named };
    } catch (error) {
      // Busy is busy, however many are named.
      if (!isRefusal(error) || error.code === 'at.busy') throw error;
      refusal = error;
    }
  }
  throw refusal;
}

/** 27.005 §3.2.2: the first memory is read and deleted from, the third receives. */
export function selectCommand(
  { receiveStore, named }: Pick<Settings, 'receiveStore' | 'named'>,
  store: string,
): string {
  const names = [store, receiveStore, receiveStore].slice(0, named);
  return `AT+CPMS=${names.map((name) => `"${name}"`).join(',')}`;
}

/** `+CPMS: used,total,…` in the order of the memories that were named. */
export function parseUse(answer: readonly string[], names: readonly string[]): StorageUse[] {
  const line = answer.find((l) => l.startsWith('+CPMS:'));
  const numbers = line === undefined ? [] : fields(line.slice(6)).map(Number);
  return names.flatMap((name, i) => {
    const [used, total] = [numbers[2 * i], numbers[2 * i + 1]];
    return Number.isInteger(used) && Number.isInteger(total) ? [{ name, used: used!, total: total! }] : [];
  });
}

async function notify(at: Dialogue, ladder: Driver['notify']): Promise<string | null> {
  for (const value of ladder) {
    try {
      await at.command(`AT+CNMI=${value}`);
    } catch (error) {
      if (isRefusal(error) && error.code !== 'at.busy') continue;
      throw error;
    }
    const readBack = (await optional(at, 'AT+CNMI?'))[0];
    // mt=1, stored and announced; a modem that cannot be asked is believed.
    if (readBack === undefined || fields(readBack.slice(6))[1] === '1') return value;
  }
  return null;
}

/** 27.005 §3.4.1 <ds>, the fourth of five. */
function withReports(ladder: readonly string[]): string[] {
  return ladder
    .filter((value) => value.split(',').length >= 4)
    .map((value) => value.replace(/^(\d,\d,\d),\d/, '$1,1'));
}
