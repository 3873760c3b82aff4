/** What a modem is asked on the way to readiness: who it is, which card it holds, which network it has. */
import type { Dialogue } from '../at/channel.ts';
import { fields } from '../at/urc.ts';
import { SimbankError } from '../errors.ts';
import { type Iccid, parseIccidAnswer } from '../sim/iccid.ts';
import { glimpsed, isRefusal, optional, word } from './ask.ts';
import { chooseDriver, type Driver } from './driver.ts';
import type { SimState } from './state.ts';

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
export async function simState(at: Dialogue): Promise<SimState> {
  let line: string;
  try {
    line = (await at.once('AT+CPIN?')).join(' ');
  } catch (error) {
    if (!(error instanceof SimbankError)) throw error;
    if (!isRefusal(error)) throw error;
    if (error.code === 'at.refused') return 'absent';
    const { reason } = error.detail;
    if (reason === 'sim-absent') return 'absent';
    return reason === 'sim-failure' || reason === 'sim-wrong' ? 'failed' : 'busy';
  }
  if (/READY/.test(line) && !/NOT READY/.test(line)) return 'ready';
  // PH-NET PIN and its like ask for a code of the modem's own, with tries of their own: a SIM's PIN is not for them.
  if (/\bPH-/.test(line)) return 'barred';
  // What PIN2 guards is nothing that is wanted here.
  if (/SIM P[IU][NK]2/.test(line)) return 'ready';
  if (/PUK/.test(line)) return 'puk';
  if (/PIN/.test(line.replace('+CPIN', ''))) return 'pin';
  return /NOT READY/.test(line) ? 'busy' : 'absent';
}

/**
 * As `simState`. Some start with everything off (+CFUN: 0), and take the power from the card with it: what seems to be no
 * card is looked for again when the modem was switched on.
 */
export async function findSim(at: Dialogue): Promise<SimState> {
  const found = await simState(at);
  if (found !== 'absent' && found !== 'failed' && found !== 'busy') return found;
  if (!/^\+CFUN: ?0\b/.test((await optional(at, 'AT+CFUN?'))[0] ?? '')) return found;
  await optional(at, 'AT+CFUN=1');
  return 'busy';
}

/** The card's number and the command that gave it; null when none does. Most modems tell it before the PIN is given, too. */
export async function iccidOf(at: Dialogue, driver: Driver): Promise<Pick<Card, 'iccid' | 'command'> | null> {
  for (const command of driver.iccid) {
    const iccid = parseIccidAnswer(await optional(at, command));
    if (iccid !== null) return { iccid, command };
  }
  return null;
}

/** @throws SimbankError `sim.no_iccid` when no command gives a number: without it nothing can be attributed. */
export async function readCard(at: Dialogue, driver: Driver): Promise<Card> {
  const found = await iccidOf(at, driver);
  if (found !== null) return { ...found, imsi: /^\d{6,15}$/.exec(await word(at, 'AT+CIMI'))?.[0] ?? null };
  throw new SimbankError('sim.no_iccid', `the card's number cannot be read (${driver.iccid.join(', ')})`);
}

/** Many modems say nothing when a card is taken or changed (ZTE, Huawei, SIMCom, Sierra have to be asked). */
export async function holdsCard(at: Dialogue, card: Card): Promise<boolean> {
  try {
    return parseIccidAnswer(await at.command(card.command)) === card.iccid;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

/** A command that got no answer so often is not sent any more: what it tells is not worth a modem that is never ready. */
const MAX_UNANSWERED = 2;

/**
 * Registration over any of the three domains; LTE-only firmware may refuse CREG.
 *
 * @param unanswered - how often in a row each command of the rest got no answer.
 */
export async function network(at: Dialogue, unanswered = new Map<string, number>()): Promise<Network> {
  const asked = async (command: string): Promise<string | undefined> => {
    const times = unanswered.get(command) ?? 0;
    if (times >= MAX_UNANSWERED) return undefined;
    unanswered.set(command, times + 1);
    const [line] = await glimpsed(at, command);
    unanswered.delete(command);
    return line;
  };
  const states: string[] = [];
  for (const name of ['CREG', 'CEREG', 'CGREG']) {
    const line = (await glimpsed(at, `AT+${name}?`))[0];
    const state = line === undefined ? undefined : fields(line.slice(line.indexOf(':') + 1))[1];
    if (state !== undefined) states.push(state);
    if (REGISTERED.has(state ?? '')) break;
  }
  const registered = states.some((state) => REGISTERED.has(state));
  const state = states.find((s) => REGISTERED.has(s)) ?? states.find((s) => s === '3') ?? states[0] ?? '';
  const operator = registered ? fields((await asked('AT+COPS?'))?.slice(6) ?? '') : [];
  return {
    registered,
    denied: !registered && states.includes('3'),
    registration: REGISTRATION[state] ?? 'unknown',
    operator: operator[2] === undefined || operator[2] === '' ? null : operator[2],
    rat: RAT[operator[3] ?? ''] ?? null,
    signalDbm: signal(await asked('AT+CSQ')),
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
