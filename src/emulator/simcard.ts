/** SIM identity, PIN, own number and phone book (27.007 clauses 5.6, 7.1, 8.3, 8.11, 8.12, 8.18). */
import { inCharset } from './charset.ts';
import type { Command } from './commands.ts';
import type { Device } from './device.ts';
import { cme, ERROR, OK, type Reply } from './reply.ts';
import { efIccid, verifyPin } from './sim.ts';
import { splitArguments } from './syntax.ts';

const PHONE_BOOK_ENTRIES = 100;
/** EF-ICCID (51.011 §10.1.1): 2FE2. */
const EF_ICCID = '12258';

/** A command that just shows something of the SIM. */
function ofSim(show: (device: Device) => readonly string[]): Command {
  return (device, call) => {
    if (call.form === 'test') return OK;
    if (call.form === 'set') return ERROR;
    return device.refuseSim() ?? show(device);
  };
}

/** The ICCID after `prefix`, with its filler where the persona shows it. */
export function iccidCommand(prefix: string): Command {
  // The ICCID is readable without the PIN (51.011 §10.1.1: READ always).
  return (device, call) => {
    if (call.form === 'test') return OK;
    if (call.form === 'set') return ERROR;
    if (device.sim === null) return cme(10);
    const { iccid } = device.sim;
    return [prefix + (device.persona.iccidFiller ? iccid.padEnd(20, 'F') : iccid)];
  };
}

const pin: Command = (device, call): Reply => {
  const { sim } = device;
  if (call.form === 'test') return OK;
  if (sim === null) return cme(10);
  if (call.form === 'read') {
    const trouble = device.simTrouble;
    return [`+CPIN: ${trouble === null ? 'READY' : trouble === 12 ? 'SIM PUK' : 'SIM PIN'}`];
  }
  if (call.form !== 'set') return ERROR;
  // Given when none is asked for.
  if (sim.unlocked) return cme(3);
  switch (verifyPin(sim, splitArguments(call.args)[0] ?? '')) {
    case 'ok':
      device.line.afterwards(() => device.simUsable());
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
  if (device.sim === null) return cme(10);
  if (mode === '2') return [`+CLCK: ${device.sim.pin === null ? 0 : 1}`];
  return cme(3);
};

/** 27.007 §8.18: READ BINARY (176) of EF-ICCID only; any other file is not found (6A82). */
const restrictedAccess: Command = (device, call) => {
  if (call.form === 'test') return OK;
  if (call.form !== 'set') return ERROR;
  if (device.sim === null) return cme(10);
  const [instruction, file] = splitArguments(call.args);
  if (instruction === '176' && file === EF_ICCID) return [`+CRSM: 144,0,"${efIccid(device.sim.iccid)}"`];
  return ['+CRSM: 106,130,""'];
};

function typeOf(number: string): number {
  return number.startsWith('+') ? 145 : 129;
}

const ownNumber: Command = ofSim((device) => {
  const msisdn = device.sim?.msisdn ?? null;
  return msisdn === null ? [] : [`+CNUM: "","${inCharset.write(device, msisdn)}",${typeOf(msisdn)}`];
});

const phoneBookStore: Command = (device, call) => {
  const trouble = device.refuseSim();
  if (trouble !== null) return trouble;
  const { settings } = device;
  if (call.form === 'test') return ['+CPBS: ("SM","ON")'];
  if (call.form === 'read') {
    const used = settings.phoneBook === 'ON' && device.sim?.msisdn ? 1 : 0;
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
  const msisdn = device.sim?.msisdn ?? null;
  if (device.settings.phoneBook !== 'ON' || first !== 1 || msisdn === null) return OK;
  return [`+CPBR: 1,"${inCharset.write(device, msisdn)}",${typeOf(msisdn)},""`];
};

export const simCommands: Readonly<Record<string, Command>> = {
  '+CPIN': pin,
  '+CLCK': lock,
  '+CIMI': ofSim((device) => [device.sim?.imsi ?? '']),
  '+CCID': iccidCommand('+CCID: '),
  '+CRSM': restrictedAccess,
  '+CNUM': ownNumber,
  '+CPBS': phoneBookStore,
  '+CPBR': phoneBookRead,
};
