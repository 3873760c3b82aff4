/** Quectel EC20, EC21, EC25: +QCCID with its filler, empty places answered by OK, reports announced of the wrong place. */
import { transcript } from '../../../drivers/quectel-ec25.ts';
import { definePersona } from '../persona.ts';
import { quectelCommands, quectelShows } from './quectel-commands.ts';

export const quectelEc25 = definePersona('quectel-ec25', transcript, {
  capacity: { SM: 40, ME: 23, SR: 10 },
  memory: 'ME',
  cmee: 1,
  cscs: 'GSM',
  cnmi: [2, 1, 0, 0, 0],
  emptySlot: 'ok',
  shows: quectelShows,
  bootMs: 150,
  bootLines: { card: '+CPIN: READY', sms: '+QIND: SMS DONE' },
  cardMs: 20,
  smsMs: 60,
  simRemoved: ['+CPIN: NOT READY'],
  noise: { everyMs: 45_000, lines: ['+QIND: "csq",20,99', '+QIND: "act","FDD LTE"', '+QIND: "csq",17,99'] },
  // The card's power goes with <fun> 0, and it is loaded anew.
  dropsCard: true,
  onUart: false,
  reports: 'mixed-up',
  parameters: { '+QSIMDET': '0,0', '+QINDCFG': '"all",1', '+QSCLK': '0' },
  commands: quectelCommands,
});
