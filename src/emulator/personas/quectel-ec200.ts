/** Quectel EC200U and kin, on chips of Unisoc and ASR: an ICCID without filler, no memory for reports. */
import { transcript } from '../../../drivers/quectel-ec200.ts';
import { definePersona } from '../persona.ts';
import { quectelCommands, quectelShows } from './quectel-commands.ts';

export const quectelEc200 = definePersona('quectel-ec200', transcript, {
  capacity: { SM: 40, ME: 100, SR: 0 },
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
  noise: { everyMs: 60_000, lines: ['+QIND: "csq",22,99', '^DSCI: 1,0,0,0'] },
  dropsCard: true,
  onUart: false,
  parameters: { '+QSIMDET': '0,0', '+QINDCFG': '"all",1' },
  commands: quectelCommands,
});
