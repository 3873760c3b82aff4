/**
 * Supplementary service strings (27.007 §7.15): what the emulated network answers to a code, and how a family spells it.
 *
 * The codes are the network's, the same for every modem; what is odd about the answer belongs to the code, so that any
 * family can be tried with it.
 */
import { fromSeptets, pack, toSeptets, toUcs2Hex, unpack } from './alphabet.ts';
import type { Command } from './commands.ts';
import type { Device } from './device.ts';
import { cme, ERROR, OK } from './reply.ts';
import { splitArguments } from './syntax.ts';

/** 27.007 §7.15 <m>. */
const DONE = 0;
const MORE = 1;
const ENDED = 2;
const NOT_SUPPORTED = 4;
const TIMED_OUT = 5;

/** 23.038 §5: the default alphabet, and UCS-2. */
const DEFAULT_ALPHABET = 15;
const UCS2 = 72;

interface Answer {
  readonly m: number;
  /** Null where nothing comes with it. */
  readonly text: string | null;
  /** Comes before the OK of the command. */
  readonly early?: true;
  readonly twice?: true;
  /** Plain though this family packs. */
  readonly plain?: true;
}

const MENU = '1 Balance\n2 Own number\n0 End';

const NETWORK: Readonly<Record<string, (number: string) => Answer>> = {
  '*100#': () => ({ m: DONE, text: 'Balance: 5.00' }),
  '*101#': (number) => ({ m: DONE, text: `Number: ${number}` }),
  '*102#': () => ({ m: DONE, text: 'Line one\nLine two\r\nLine three' }),
  '*103#': () => ({ m: DONE, text: 'Баланс: 5,00 ₽' }),
  '*104#': () => ({ m: NOT_SUPPORTED, text: null }),
  '*105#': () => ({ m: TIMED_OUT, text: null }),
  '*106#': () => ({ m: DONE, text: '' }),
  '*107#': () => ({ m: DONE, text: 'Before OK', early: true }),
  '*108#': () => ({ m: DONE, text: 'Said twice', twice: true }),
  '*109#': () => ({ m: DONE, text: 'Not packed', plain: true }),
  '*123#': () => ({ m: MORE, text: MENU }),
};

/** What a menu makes of the choice given to it. */
function choose(choice: string, number: string): Answer {
  if (choice === '1') return { m: DONE, text: 'Balance: 5.00' };
  if (choice === '2') return { m: DONE, text: `Number: ${number}` };
  return choice === '0' ? { m: ENDED, text: null } : { m: MORE, text: `No such choice\n${MENU}` };
}

const ussd: Command = (device, call) => {
  if (call.form === 'test') return ['+CUSD: (0-2)'];
  if (call.form === 'read') return ['+CUSD: 0'];
  if (call.form !== 'set') return ERROR;
  const [mode, code] = splitArguments(call.args);
  if (mode === '2') {
    // Ends the session; some say so when there was one.
    const wasOpen = device.ussdMenu !== null;
    device.ussdMenu = null;
    if (wasOpen) device.line.afterwards(() => device.urc(`+CUSD: ${ENDED}`));
    return OK;
  }
  if (code === undefined || code === '') return OK;
  // A call needs the circuit domain, and so does this (without IMS).
  if (![1, 5].includes(device.radio.stat('+CREG'))) return cme(30);
  const asked = device.persona.ussd === 'packed' ? unpacked(code) : device.read(code);
  if (asked === null) return cme(50);

  const number = device.sim?.msisdn ?? 'unknown';
  const answer =
    device.ussdMenu === null
      ? (NETWORK[asked]?.(number) ?? { m: DONE, text: `Unknown code ${asked}` })
      : choose(asked, number);
  device.ussdMenu = answer.m === MORE ? (answer.text ?? '') : null;
  const line = noticeOf(device, answer);
  if (answer.early) return [line];
  device.line.afterwards(() => {
    device.urc(line);
    if (answer.twice) device.urc(line);
  });
  return OK;
};

function noticeOf(device: Device, { m, text, plain }: Answer): string {
  if (text === null) return `+CUSD: ${m}`;
  const septets = toSeptets(text);
  if (septets === null) return `+CUSD: ${m},"${toUcs2Hex(text)}",${UCS2}`;
  const spelt = device.persona.ussd === 'packed' && !plain ? packed(septets.flat()) : device.write(text);
  return `+CUSD: ${m},"${spelt}",${DEFAULT_ALPHABET}`;
}

/** As hex; seven bits left over at the end are a CR, for zeros would be an «@» (23.038 §6.1.2.3.1). */
function packed(septets: readonly number[]): string {
  const filled = septets.length % 8 === 7 ? [...septets, 0x0d] : septets;
  return Buffer.from(pack(filled)).toString('hex').toUpperCase();
}

/** Null when it is no hex. */
function unpacked(hex: string): string | null {
  if (!/^([0-9A-F]{2})+$/i.test(hex)) return null;
  const octets = Buffer.from(hex, 'hex');
  return fromSeptets(unpack(octets, Math.floor((octets.length * 8) / 7))).replace(/[\r@]$/, '');
}

export const ussdCommands: Readonly<Record<string, Command>> = { '+CUSD': ussd };
