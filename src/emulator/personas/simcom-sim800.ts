/** SIMCom SIM800C on a UART: bare ICCID with a small f, a late card is seen when the radio was off, parts go together. */
import { transcript } from '../../../drivers/simcom-sim800.ts';
import { definePersona } from '../persona.ts';

export const simcomSim800 = definePersona('simcom-sim800', transcript, {
  capacity: { SM: 30, ME: 10, SR: 0 },
  cmee: 0,
  lacks: ['+CEREG', '+CPINR'],
  bootMs: 150,
  bootLines: { card: '+CPIN: READY', sms: 'Call Ready' },
  cardMs: 20,
  smsMs: 100,
  simRemoved: ['+CPIN: NOT READY'],
  hotSwap: 'after-radio',
  noise: {
    everyMs: 75_000,
    lines: ['*PSUTTZ: 2026,11,21,12,0,0,"+0",0', 'DST: 0', 'UNDER-VOLTAGE WARNNING'],
  },
  functionalities: [0, 1, 4],
  dropsCard: true,
  // SIM600 (smstools' check_memory_method 5).
  deletesSiblings: true,
  access: null,
  parameters: { '+CSMINS': '0,1' },
  commands: {
    '+CCALR': (device) => [`+CCALR: ${device.smsReady ? 1 : 0}`],
  },
});
