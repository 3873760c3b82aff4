/** SIM identity, PIN, own number and phone book (27.007 clauses 5.6, 7.1, 8.3, 8.11, 8.12, 8.18). */
import type { Command } from './commands.ts';
import { cme, ERROR, OK, type Reply } from './reply.ts';
import { efIccid, efMsisdn, MSISDN_RECORD, verifyPin } from './sim.ts';
import { type Spelling, spelled } from './spelling.ts';
import { splitArguments } from './syntax.ts';

const PHONE_BOOK_ENTRIES = 100;
/** EF-ICCID (51.011 §10.1.1): 2FE2. */
const EF_ICCID = '12258';
/** EF-MSISDN (131.102 §4.2.26): 6F40. */
const EF_MSISDN = '28480';

/** A command that just shows something of the SIM, where the persona has no spelling of its own. */
function shows(...spelling: Spelling): Command {
  return (device, call) => {
    if (call.form === 'test') return OK;
    return call.form === 'set' ? ERROR : spelled(device, spelling);
  };
}

const pin: Command = (device, call): Reply => {
  const { sim } = device;
  if (call.form === 'test') return OK;
  const trouble = device.simTrouble;
  const refusal = device.refuseCard();
  if (refusal !== null || sim === null) return refusal ?? cme(10);
  if (call.form === 'read') {
    return [`+CPIN: ${trouble === null ? 'READY' : trouble === 12 ? 'SIM PUK' : 'SIM PIN'}`];
  }
  if (call.form !== 'set') return ERROR;
  // Given when none is asked for.
  if (sim.unlocked) return cme(3);
  switch (verifyPin(sim, splitArguments(call.args)[0] ?? '')) {
    case 'ok':
      device.line.afterwards(() => device.slot.usable());
      return OK;
    case 'wrong':
      return cme(16);
    case 'blocked':
      return cme(12);
  }
};

const lock: Command = (device, call) => {
  if (call.form === 'test') return ['+CLCK: ("SC")'];
  const [facility, mode] = splitArguments(call.args);
  if (call.form !== 'set') return ERROR;
  if (facility?.toUpperCase() !== 'SC') return cme(4);
  const refusal = device.refuseCard();
  if (refusal !== null || device.sim === null) return refusal ?? cme(10);
  if (mode === '2') return [`+CLCK: ${device.sim.pin === null ? 0 : 1}`];
  return cme(3);
};

/**
 * 27.007 §8.18: READ BINARY (176) of EF-ICCID, and of EF-MSISDN what it is (GET RESPONSE, 192) and its records (READ RECORD,
 * 178). Any other file is not found (6A82).
 */
const restrictedAccess: Command = (device, call) => {
  if (call.form === 'test') return OK;
  if (call.form !== 'set') return ERROR;
  const refusal = device.refuseCard();
  const { sim, persona } = device;
  if (refusal !== null || sim === null) return refusal ?? cme(10);
  const [instruction, file, place] = splitArguments(call.args);
  if (instruction === '176' && file === EF_ICCID) return [`+CRSM: 144,0,"${efIccid(sim.iccid)}"`];
  if (file !== EF_MSISDN) return ['+CRSM: 106,130,""'];
  // Unlike the card's own number, behind the PIN.
  const locked = device.refuseSim();
  if (locked !== null) return locked;
  // Modems that show no access technology are older than the USIM.
  if (instruction === '192') return [`+CRSM: 144,0,"${persona.access === null ? gsmFile() : uiccFile()}"`];
  if (instruction !== '178') return ['+CRSM: 109,0,""'];
  if (place !== '1') return ['+CRSM: 106,131,""'];
  return [`+CRSM: 144,0,"${efMsisdn(sim.ownNumber)}"`];
};

function octets(...values: readonly number[]): string {
  return Buffer.from(values).toString('hex').toUpperCase();
}

/** 51.011 §9.2.1: an elementary file, linear fixed, of one record. */
function gsmFile(): string {
  return octets(0, 0, 0, MSISDN_RECORD, 0x6f, 0x40, 4, 0, 0x11, 0xff, 0xff, 1, 2, 1, MSISDN_RECORD);
}

/** 102.221 §11.1.1.3: the same as tags, the descriptor (82) with length and number of records. */
function uiccFile(): string {
  const descriptor = [0x82, 5, 0x42, 0x21, 0, MSISDN_RECORD, 1];
  const rest = [0x83, 2, 0x6f, 0x40, 0x8a, 1, 5, 0x80, 2, 0, MSISDN_RECORD];
  return octets(0x62, descriptor.length + rest.length, ...descriptor, ...rest);
}

function typeOf(number: string): number {
  return number.startsWith('+') ? 145 : 129;
}

/** 27.007 §8.65: the tries left for PIN1. */
const pinTries: Command = (device, call) => {
  if (call.form === 'set' && splitArguments(call.args)[0]?.toUpperCase() !== 'SIM PIN') return cme(50);
  return call.form === 'test' ? OK : spelled(device, ['+CPINR: SIM PIN,{pin},3']);
};

const phoneBookStore: Command = (device, call) => {
  const trouble = device.refuseSim();
  if (trouble !== null) return trouble;
  const { settings } = device;
  if (call.form === 'test') return ['+CPBS: ("SM","ON")'];
  if (call.form === 'read') {
    const used = settings.phoneBook === 'ON' && device.sim?.ownNumber ? 1 : 0;
    return [`+CPBS: "${settings.phoneBook}",${used},${PHONE_BOOK_ENTRIES}`];
  }
  const wanted = splitArguments(call.args)[0]?.toUpperCase() ?? '';
  if (call.form !== 'set' || !['SM', 'ON'].includes(wanted)) return cme(4);
  settings.phoneBook = wanted;
  return OK;
};

const phoneBookRead: Command = (device, call) => {
  const trouble = device.refuseSim();
  if (trouble !== null) return trouble;
  if (call.form === 'test') return [`+CPBR: (1-${PHONE_BOOK_ENTRIES}),40,20`];
  if (call.form !== 'set') return ERROR;
  const first = Number(splitArguments(call.args)[0]);
  if (!(first >= 1 && first <= PHONE_BOOK_ENTRIES)) return cme(21);
  const number = device.sim?.ownNumber ?? null;
  if (device.settings.phoneBook !== 'ON' || first !== 1 || number === null) return OK;
  return [`+CPBR: 1,"${device.write(number)}",${typeOf(number)},""`];
};

/** 27.007 §8.14: only the own number can be written, into place 1; +CNUM shows it from then on. */
const phoneBookWrite: Command = (device, call) => {
  const trouble = device.refuseSim();
  if (trouble !== null) return trouble;
  if (call.form === 'test') return [`+CPBW: (1-${PHONE_BOOK_ENTRIES}),40,(129,145),20`];
  const [place, number = ''] = splitArguments(call.args);
  if (call.form !== 'set' || device.settings.phoneBook !== 'ON' || place !== '1') return cme(3);
  if (device.sim !== null) device.sim.ownNumber = number === '' ? null : device.read(number);
  return OK;
};

export const simCommands: Readonly<Record<string, Command>> = {
  '+CPIN': pin,
  '+CLCK': lock,
  '+CIMI': shows('{imsi}'),
  '+CCID': shows('+CCID: {iccid}'),
  '+CPINR': pinTries,
  '+CRSM': restrictedAccess,
  '+CNUM': shows('+CNUM: "","{msisdn}",{type}'),
  '+CPBS': phoneBookStore,
  '+CPBR': phoneBookRead,
  '+CPBW': phoneBookWrite,
};
