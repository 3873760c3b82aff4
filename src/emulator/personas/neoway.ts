/** Neoway M590: announces twice, answers nothing while its radio is off, and wants its card in before power-on. */
import { transcript } from '../../../drivers/neoway.ts';
import { definePersona } from '../persona.ts';

export const neoway = definePersona('neoway', transcript, {
  capacity: { SM: 20, ME: 20, SR: 0 },
  lacks: ['+CCID', '+CEREG'],
  bootMs: 200,
  bootLines: { card: null, sms: '+PBREADY' },
  cardMs: 40,
  smsMs: 120,
  simInserted: [],
  hotSwap: 'after-restart',
  noise: { everyMs: 90_000, lines: ['+EIND: 1'] },
  muteOffAir: true,
  announcesTwice: true,
  access: null,
});
