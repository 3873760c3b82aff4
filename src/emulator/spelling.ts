/**
 * How a family spells what its SIM and itself are: lines with places for the digits, `+QCCID: {iccid:F}`.
 *
 * Read off its transcript, where each digit stands as that modem writes it, or given as data.
 *
 * {iccid} is the number, {iccid:F} filled to twenty, {iccid:swapped} as EF-ICCID has it; {imei}, {imsi}; {msisdn} with
 * its {type} (a line without a number is left out); {pin} is how many tries for PIN1 are left.
 */
import type { Device } from './device.ts';
import type { Reply } from './reply.ts';
import { efIccid } from './sim.ts';
import type { Transcript } from './transcript.ts';

export type Spelling = readonly string[];

const ICCID_COMMAND = /CCID|SCID|^I$/;
const IMEI_COMMAND = /^\+C?GSN|^I$/;
const IMSI_COMMAND = /^[+*]CIMI|^I$/;
const NUMBER_COMMAND = /^\+CNUM$/;
/** PIN1 comes first in all of them. */
const PIN_COUNTER = /^(\+QPINC|\+SPIC|\+CPINC|\+CPINR|\+UPINCNT|\+ZPINPUK|\^SPIC|#PCT)/;

export function spellingsOf(transcript: Transcript): [string, Spelling][] {
  const spellings: [string, Spelling][] = [];
  for (const [command, { lines, refusal }] of transcript.exchanges) {
    const spelt = refusal === null ? lines.map((line, i) => spell(command, line, i === 0)) : lines;
    if (spelt.some((line, i) => line !== lines[i])) spellings.push([command, spelt]);
  }
  return spellings;
}

function spell(command: string, line: string, isFirst: boolean): string {
  if (ICCID_COMMAND.test(command)) {
    const iccid = /[0-9A-F]{18,20}/i.exec(line)?.[0];
    if (iccid !== undefined) return line.replace(iccid, iccidPlace(iccid));
  }
  if (IMEI_COMMAND.test(command)) return line.replace(/\d{15}/, '{imei}');
  if (IMSI_COMMAND.test(command)) return line.replace(/\d{15}/, '{imsi}');
  if (NUMBER_COMMAND.test(command))
    return line.replace(/\+?\d{5,}/, '{msisdn}').replace(/\b1(29|45)\b/, '{type}');
  if (PIN_COUNTER.test(command) && isFirst) return line.replace(/\b3\b/, '{pin}');
  return line;
}

/** A number that starts with 89 is straight; swapped, it starts with 98 (E.118). */
function iccidPlace(iccid: string): string {
  if (iccid.startsWith('98')) return '{iccid:swapped}';
  if (iccid.endsWith('f')) return '{iccid:f}';
  return iccid.endsWith('F') ? '{iccid:F}' : '{iccid}';
}

/** The lines with this device's digits; a refusal where there is no card to read them from. */
export function spelled(device: Device, spelling: Spelling): Reply {
  const { sim } = device;
  const all = spelling.join('\n');
  // The ICCID and the counters are readable without the PIN (51.011 §10.1.1: READ always).
  const refusal = /\{(imsi|msisdn)/.test(all) ? device.refuseSim() : device.refuseCard();
  if (refusal !== null && /\{(iccid|imsi|msisdn|pin)/.test(all)) return refusal;
  if (all.includes('{msisdn}') && !sim?.ownNumber) return [];
  return spelling.map((line) =>
    line.replace(/\{(\w+)(?::(\w+))?\}/g, (_place, what: string, how?: string) => {
      switch (what) {
        case 'iccid':
          return iccidAs(sim?.iccid ?? '', how);
        case 'imsi':
          return sim?.imsi ?? '';
        case 'imei':
          return device.imei;
        case 'msisdn':
          return device.write(sim?.ownNumber ?? '');
        case 'type':
          return sim?.ownNumber?.startsWith('+') ? '145' : '129';
        case 'pin':
          return String(sim?.pinTries ?? 0);
        default:
          return '';
      }
    }),
  );
}

function iccidAs(iccid: string, how: string | undefined): string {
  if (how === 'swapped') return efIccid(iccid);
  return how === undefined ? iccid : iccid.padEnd(20, how);
}
