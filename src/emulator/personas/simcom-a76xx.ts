/** SIMCom A7670E: stores a message twice, refuses ds=1, and says once that its store is full, then nothing. */
import { transcript } from '../../../drivers/simcom-a76xx.ts';
import { definePersona } from '../persona.ts';

export const simcomA76xx = definePersona('simcom-a76xx', transcript, {
  capacity: { SM: 40, ME: 50, SR: 0 },
  memory: 'ME',
  cmee: 2,
  // sms-server#12.
  cnmiRefused: /^\d,\d,\d,1/,
  lacks: ['+CCID', '+CPINR'],
  bootMs: 200,
  bootLines: { card: '+CPIN: READY', sms: 'SMS DONE' },
  cardMs: 30,
  smsMs: 100,
  simRemoved: ['+CPIN: SIM REMOVED'],
  noise: {
    everyMs: 60_000,
    lines: ['+MSTK: 11, D0078103012500820281', '*PSUTTZ: 26/11/21,12:00:00","+00",0'],
  },
  dropsCard: true,
  resets: ['+CRESET', '+CFUN=1,1'],
  onUart: false,
  // Firmware B12 (LilyGo-Modem-Series#155).
  storesTwice: 'same',
  fullNotice: '+SMS FULL',
  silentWhenFull: true,
  parameters: { '+CNMP': '2' },
});
