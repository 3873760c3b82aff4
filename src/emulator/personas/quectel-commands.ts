/** Commands that Quectel's modules add (EC2x AT Commands Manual; ModemManager and oFono for what they show). */
import type { Command } from '../commands.ts';
import { cme, ERROR, OK } from '../reply.ts';
import type { Spelling } from '../spelling.ts';
import { splitArguments } from '../syntax.ts';

export const quectelShows: Readonly<Record<string, Spelling>> = {
  '+CCID': ['+CCID: {iccid}'],
  // The name is left out and its comma kept.
  '+CNUM': ['+CNUM: ,"{msisdn}",{type}'],
};

/** Bit sum: PIN done, stores loaded, phone book loaded. */
const initStatus: Command = (device, call) => {
  if (call.form === 'test') return ['+QINISTAT: (0-7)'];
  return [`+QINISTAT: ${device.smsReady ? 7 : device.simTrouble === null ? 1 : 0}`];
};

const simState: Command = (device, call) => {
  if (call.form === 'test') return ['+QSIMSTAT: (0,1)'];
  if (call.form === 'set') {
    if (call.args !== '0' && call.args !== '1') return cme(50);
    device.settings.kept.set('+QSIMSTAT', call.args);
    return OK;
  }
  return [`+QSIMSTAT: ${device.settings.kept.get('+QSIMSTAT') ?? '0'},${device.sim === null ? 0 : 1}`];
};

/** IMS is kept over restarts and followed from the next one on. */
const configuration: Command = (device, call) => {
  if (call.form !== 'set') return ERROR;
  const [name = '', value] = splitArguments(call.args);
  if (name !== 'ims') return value === undefined ? cme(50) : OK;
  if (value !== undefined) {
    if (!['0', '1', '2'].includes(value)) return cme(50);
    device.nonvolatile.set('ims', value);
    return OK;
  }
  const chosen = device.nonvolatile.get('ims') ?? '0';
  return [`+QCFG: "ims",${chosen},${chosen === '1' ? 1 : 0}`];
};

/** Which tty notices go to; kept over restarts. */
const urcPort: Command = (device, call) => {
  if (call.form === 'test') return ['+QURCCFG: "urcport",("usbat","usbmodem","uart1","all")'];
  if (call.form !== 'set') return ERROR;
  const [name, value] = splitArguments(call.args);
  if (name !== 'urcport') return cme(50);
  if (value === undefined) {
    const as = device.nonvolatile.get('urcport') ?? (device.faults.urcElsewhere ? 'usbmodem' : 'usbat');
    return [`+QURCCFG: "urcport","${as}"`];
  }
  if (!['usbat', 'usbmodem', 'uart1', 'all'].includes(value)) return cme(50);
  device.nonvolatile.set('urcport', value);
  return OK;
};

const PROFILES = ['ROW_Generic_3GPP', 'Emulated_VoLTE'] as const;

/** The operator's profile; kept over restarts. */
const carrierProfile: Command = (device, call) => {
  if (call.form !== 'set') return ERROR;
  const [what = '', name] = splitArguments(call.args);
  const active = device.nonvolatile.get('mbn') ?? PROFILES[1];
  switch (what.toUpperCase()) {
    case 'LIST':
      return PROFILES.map(
        (profile, i) =>
          `+QMBNCFG: "List",${i},${profile === active ? '1,1' : '0,0'},"${profile}",0x0501081F,201706131`,
      );
    case 'SELECT': {
      if (name === undefined) return [`+QMBNCFG: "Select","${active}"`];
      if (!PROFILES.some((profile) => profile === name)) return ERROR;
      device.nonvolatile.set('mbn', name);
      return OK;
    }
    case 'AUTOSEL':
    case 'DEACTIVATE':
      return OK;
    default:
      return ERROR;
  }
};

export const quectelCommands: Readonly<Record<string, Command>> = {
  '+QINISTAT': initStatus,
  '+QSIMSTAT': simState,
  '+QCFG': configuration,
  '+QURCCFG': urcPort,
  '+QMBNCFG': carrierProfile,
  '+QNWINFO': (device, call) => {
    if (call.form === 'test') return OK;
    return [
      device.radio.registered ? '+QNWINFO: "FDD LTE","00101","LTE BAND 3",1300' : '+QNWINFO: No Service',
    ];
  },
  '+QCSQ': (device, call) => {
    if (call.form === 'test') return ['+QCSQ: "NOSERVICE","GSM","WCDMA","LTE"'];
    return [device.radio.registered ? '+QCSQ: "LTE",53,-82,160,-9' : '+QCSQ: "NOSERVICE"'];
  },
};
