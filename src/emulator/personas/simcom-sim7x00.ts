/** SIMCom SIM7600: ICCID by a command of another name, places from 0, class 0 announced as `+CMTI: ,-1` and nowhere. */
import { transcript } from '../../../drivers/simcom-sim7x00.ts';
import { definePersona } from '../persona.ts';

export const simcomSim7x00 = definePersona('simcom-sim7x00', transcript, {
  capacity: { SM: 30, ME: 23, SR: 10 },
  memory: 'ME',
  cmee: 2,
  firstIndex: 0,
  lacks: ['+CCID', '+CPINR'],
  bootMs: 200,
  bootLines: { card: '+CPIN: READY', sms: 'SMS DONE' },
  cardMs: 30,
  smsMs: 100,
  simRemoved: ['+CPIN: SIM REMOVED'],
  noise: {
    everyMs: 60_000,
    lines: ['*PSUTTZ: 26/11/21,12:00:00","+00",0', 'DST: 0', '*PSNWID: "001","01", "Emulated", 0, "EMU", 0'],
  },
  dropsCard: true,
  resets: ['+CRESET', '+CFUN=1,1'],
  onUart: false,
  classZero: 'nowhere',
  parameters: { '+CNMP': '2', '+UIMHOTSWAPON': '0', '+UIMHOTSWAPLEVEL': '0' },
  commands: {
    '+CPSI': (device) => [
      device.radio.registered
        ? '+CPSI: LTE,Online,001-01,0x0001,655360,97,EUTRAN-BAND3,1300,5,5,-110,-948,-655,12'
        : '+CPSI: NO SERVICE,Online',
    ],
  },
});
