/** What a modem is asked on the way to readiness: who it is, which card it holds, how it is to announce messages. */
import type { Dialogue } from '../at/channel.ts';
import { fields } from '../at/urc.ts';
import { messageOf, SimbankError } from '../errors.ts';
import type { StorageUse } from '../protocol/state.ts';
import { type Iccid, parseIccidAnswer } from '../sim/iccid.ts';
import { chooseDriver, type Driver } from './driver.ts';
import type { Input, Step, Trouble } from './lifecycle.ts';

export interface Identity {
  readonly manufacturer: string;
  readonly model: string;
  readonly firmware: string;
  /** Read, never written; cheap pools repeat it, so it identifies nothing. */
  readonly imei: string | null;
}

export interface Card {
  readonly iccid: Iccid;
  readonly imsi: string | null;
  /** The command that gave the ICCID. */
  readonly command: string;
}

export interface Settings {
  /** Where received messages go. */
  readonly receiveStore: string;
  /** All stores that can be read, each once. */
  readonly stores: readonly string[];
  /** How many memories `+CPMS` wants to be named: some take only three, some only one. */
  readonly named: 1 | 2 | 3;
  readonly use: readonly StorageUse[];
  readonly problem: Trouble | null;
}

export interface Network {
  readonly registered: boolean;
  readonly denied: boolean;
  readonly registration: string;
  readonly operator: string | null;
  readonly rat: string | null;
  readonly signalDbm: number | null;
}

/** Quiets the modem and asks who it is. Throws what the channel throws when there is no modem. */
export async function identify(at: Dialogue): Promise<Identity> {
  await at.command('ATE0');
  await optional(at, 'ATV1');
  await optional(at, 'AT+CMEE=1');
  const manufacturer = await word(at, 'AT+CGMI');
  const model = await word(at, 'AT+CGMM');
  const firmware = await word(at, 'AT+CGMR');
  const imei = /\d{15}/.exec((await optional(at, 'AT+CGSN')).join(' '))?.[0] ?? null;
  return { manufacturer, model, firmware, imei };
}

/** The named driver, or the one that fits what the modem says of itself. */
export function driverFor(
  drivers: readonly Driver[],
  wanted: string | undefined,
  identity: Identity,
): Driver {
  const named = drivers.find((driver) => driver.name === wanted);
  return named ?? chooseDriver(drivers, identity.manufacturer, identity.model);
}

/** 27.007 §8.3; a missing card is an error code on most modems and a word on some. */
export async function simState(at: Dialogue): Promise<'ready' | 'busy' | 'absent' | 'pin' | 'puk'> {
  let line: string;
  try {
    line = (await at.command('AT+CPIN?')).join(' ');
  } catch (error) {
    if (!(error instanceof SimbankError)) throw error;
    if (error.code === 'at.busy') return 'busy';
    // 10 not inserted, 13 failure, 15 wrong.
    if (error.code === 'at.cme')
      return [10, 13, 15].includes(Number(error.detail.number)) ? 'absent' : 'busy';
    if (error.code === 'at.refused') return 'absent';
    throw error;
  }
  if (/READY/.test(line) && !/NOT READY/.test(line)) return 'ready';
  if (/PUK/.test(line)) return 'puk';
  if (/PIN/.test(line.replace('+CPIN', ''))) return 'pin';
  return /NOT READY/.test(line) ? 'busy' : 'absent';
}

/** @throws SimbankError `sim.no_iccid` when no command gives a number: without it nothing can be attributed. */
export async function readCard(at: Dialogue, driver: Driver): Promise<Card> {
  for (const command of driver.iccid) {
    const iccid = parseIccidAnswer(await optional(at, command));
    if (iccid !== null) {
      return { iccid, imsi: /^\d{6,15}$/.exec(await word(at, 'AT+CIMI'))?.[0] ?? null, command };
    }
  }
  throw new SimbankError('sim.no_iccid', `the card's number cannot be read (${driver.iccid.join(', ')})`);
}

/** Applies every setting reception depends on, and reads back those a modem may take without keeping. */
export async function configure(at: Dialogue, driver: Driver): Promise<Settings> {
  // Some start with the radio off (D-Link DWM-157, some Quectel firmwares).
  const radio = (await optional(at, 'AT+CFUN?'))[0];
  if (radio !== undefined && !/^\+CFUN: ?1\b/.test(radio)) await optional(at, 'AT+CFUN=1');
  await at.command('AT+CMGF=0');
  for (const { set } of driver.init) await optional(at, set);
  for (const command of ['AT+CREG=1', 'AT+CEREG=1']) await optional(at, command);
  const { memories, stores } = await listStores(at);
  const receiveStore = driver.stores.find((name) => memories.includes(name)) ?? memories[0] ?? 'SM';
  const { use, named } = await selectAll(at, receiveStore);
  const notified = await notify(at, driver);
  const problem = notified
    ? null
    : {
        code: 'modem.no_notice',
        message: 'the modem takes no +CNMI setting: messages are found by sweeping only',
      };
  return { receiveStore, stores: stores.length > 0 ? stores : [receiveStore], named, use, problem };
}

/** Registration over any of the three domains; LTE-only firmware may refuse CREG. */
export async function network(at: Dialogue): Promise<Network> {
  const states: string[] = [];
  for (const name of ['CREG', 'CEREG', 'CGREG']) {
    const line = (await optional(at, `AT+${name}?`))[0];
    const state = line === undefined ? undefined : fields(line.slice(line.indexOf(':') + 1))[1];
    if (state !== undefined) states.push(state);
    if (REGISTERED.has(state ?? '')) break;
  }
  const registered = states.some((state) => REGISTERED.has(state));
  const state = states.find((s) => REGISTERED.has(s)) ?? states.find((s) => s === '3') ?? states[0] ?? '';
  const operator = registered ? fields((await optional(at, 'AT+COPS?'))[0]?.slice(6) ?? '') : [];
  return {
    registered,
    denied: !registered && states.includes('3'),
    registration: REGISTRATION[state] ?? 'unknown',
    operator: operator[2] === undefined || operator[2] === '' ? null : operator[2],
    rat: RAT[operator[3] ?? ''] ?? null,
    signalDbm: signal((await optional(at, 'AT+CSQ'))[0]),
  };
}

const REGISTERED = new Set(['1', '5', '6', '7']);
/** 27.007 §7.2 */
const REGISTRATION: Record<string, string> = {
  0: 'not-searching',
  1: 'home',
  2: 'searching',
  3: 'denied',
  4: 'unknown',
  5: 'roaming',
  6: 'home-sms-only',
  7: 'roaming-sms-only',
};
/** 27.007 §7.3, the access technology of +COPS. */
const RAT: Record<string, string> = {
  0: 'GSM',
  2: 'UTRAN',
  3: 'GSM',
  4: 'UTRAN',
  5: 'UTRAN',
  6: 'UTRAN',
  7: 'LTE',
  8: 'GSM',
  9: 'LTE',
};

/** 27.007 §8.5: 0 is -113 dBm or less, each step 2 dB, 99 unknown. */
function signal(line: string | undefined): number | null {
  const rssi = Number(/\+CSQ: ?(\d+)/.exec(line ?? '')?.[1] ?? 99);
  return rssi > 31 ? null : -113 + 2 * rssi;
}

/** The stores of `+CPMS=?`; Wavecom doubles the parentheses, some answer nothing. */
async function listStores(at: Dialogue): Promise<{ memories: string[]; stores: string[] }> {
  const text = (await optional(at, 'AT+CPMS=?')).join('');
  const lists = [...text.matchAll(/\(([^()]+)\)/g)].map((list) => list[1]!.match(/[A-Z]{2}/g) ?? []);
  const readable = lists[0] ?? [];
  // MT is SM and ME together, BM holds broadcasts, TA and others are not for messages that were received.
  const stores = readable.filter((name) => ['SM', 'ME', 'SR'].includes(name));
  return { memories: lists[2] ?? readable, stores: stores.length > 0 ? stores : readable.slice(0, 1) };
}

/** Finds out how many memories the modem wants to be named. */
async function selectAll(at: Dialogue, receiveStore: string): Promise<Pick<Settings, 'use' | 'named'>> {
  let refusal: unknown;
  for (const named of [3, 2, 1] as const) {
    try {
      const answer = await at.command(selectCommand({ receiveStore, named }, receiveStore));
      return { use: parseUse(answer, [receiveStore]), named };
    } catch (error) {
      if (!isRefusal(error)) throw error;
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

async function notify(at: Dialogue, driver: Driver): Promise<boolean> {
  for (const value of driver.notify) {
    try {
      await at.command(`AT+CNMI=${value}`);
    } catch (error) {
      if (isRefusal(error)) continue;
      throw error;
    }
    const readBack = (await optional(at, 'AT+CNMI?'))[0];
    // mt=1, stored and announced; a modem that cannot be asked is believed.
    if (readBack === undefined || fields(readBack.slice(6))[1] === '1') return true;
  }
  return false;
}

/** An answer that says no, as against no answer. */
export function isRefusal(error: unknown): error is SimbankError {
  return error instanceof SimbankError && ['at.refused', 'at.cme', 'at.cms', 'at.busy'].includes(error.code);
}

/** The answer, or nothing when the modem refuses: for what it may lack. */
async function optional(at: Dialogue, command: string): Promise<string[]> {
  try {
    return await at.command(command);
  } catch (error) {
    if (isRefusal(error)) return [];
    throw error;
  }
}

/** The first line, without the prefix and the quotes some modems put around it. */
async function word(at: Dialogue, command: string): Promise<string> {
  const line = (await optional(at, command))[0] ?? '';
  return line
    .replace(/^\+[A-Z]+: ?/, '')
    .replace(/"/g, '')
    .trim();
}

export function troubleOf(error: unknown): Trouble {
  return error instanceof SimbankError
    ? { code: error.code, message: error.message }
    : { code: 'internal', message: messageOf(error) };
}

/** What a step that failed means; null where it is told otherwise. */
export function failureOf(path: string, step: Step, error: unknown): Input | null {
  const problem = troubleOf(error);
  if (problem.code === 'port.lost') return null;
  if (problem.code === 'at.unresponsive') {
    const message = `${path} is open, and no modem answers on it`;
    return { type: 'silent', problem: { code: 'modem.silent', message } };
  }
  if (problem.code === 'at.timeout' || problem.code === 'at.restarted')
    return { type: 'step-timed-out', step, problem };
  if (step === 'read-card' || isRefusal(error)) return { type: 'card-failed', problem };
  return { type: 'silent', problem };
}
