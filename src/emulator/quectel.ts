/** Commands that Quectel EC2x modules add (modem-quirks 4.1; EC2x AT Commands Manual). */
import type { Command } from './commands.ts';
import { cme, ERROR, OK } from './reply.ts';
import { iccidCommand } from './simcard.ts';
import { splitArguments } from './syntax.ts';

export const quectelCommands: Readonly<Record<string, Command>> = {
  '+QCCID': iccidCommand('+QCCID: '),
  // Bit sum: CPIN ready, SMS ready, phone book ready.
  '+QINISTAT': (device, call) =>
    call.form === 'test' ? ['+QINISTAT: (0-7)'] : [`+QINISTAT: ${device.simTrouble === null ? 7 : 0}`],
  '+QSIMSTAT': (device, call) => {
    if (call.form === 'test') return ['+QSIMSTAT: (0,1)'];
    if (call.form === 'set') {
      if (call.args !== '0' && call.args !== '1') return cme(50);
      device.settings.kept.set('+QSIMSTAT', call.args);
      return OK;
    }
    return [`+QSIMSTAT: ${device.settings.kept.get('+QSIMSTAT') ?? '0'},${device.sim === null ? 0 : 1}`];
  },
  '+QPINC': (device) => {
    if (device.sim === null) return cme(10);
    return [`+QPINC: "SC",${device.sim.pinTries},10`];
  },
  '+QCFG': (_device, call) => {
    if (call.form !== 'set') return ERROR;
    const [name, value] = splitArguments(call.args);
    if (value !== undefined) return OK;
    return name === 'ims' ? ['+QCFG: "ims",0,0'] : cme(50);
  },
  '+QNWINFO': (device, call) => {
    if (call.form === 'test') return OK;
    return [device.registered ? '+QNWINFO: "FDD LTE","00101","LTE BAND 3",1300' : '+QNWINFO: No Service'];
  },
  '+QCSQ': (device, call) => {
    if (call.form === 'test') return ['+QCSQ: "NOSERVICE","GSM","WCDMA","LTE"'];
    return [device.registered ? '+QCSQ: "LTE",53,-82,160,-9' : '+QCSQ: "NOSERVICE"'];
  },
  // EC2x leave the name out and keep the comma.
  '+CNUM': (device, call) => {
    if (call.form !== 'run') return OK;
    const trouble = device.refuseSim();
    if (trouble !== null) return trouble;
    const msisdn = device.sim?.msisdn;
    return msisdn ? [`+CNUM: ,"${msisdn}",${msisdn.startsWith('+') ? 145 : 129}`] : OK;
  },
};
