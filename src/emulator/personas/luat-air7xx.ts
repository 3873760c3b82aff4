/** Luat Air780E: echoes an end of line as CR LF, identities in quotes, its own words for a card that comes or goes. */
import { transcript } from '../../../drivers/luat-air7xx.ts';
import { definePersona } from '../persona.ts';

export const luatAir7xx = definePersona('luat-air7xx', transcript, {
  // Air724UG.
  capacity: { SM: 40, ME: 20, SR: 0 },
  lacks: ['+CCID'],
  echoEnd: '\r\n',
  bootMs: 200,
  bootLines: { card: '^MODE', sms: '+CGEV' },
  cardMs: 40,
  smsMs: 80,
  simRemoved: ['+CPIN: SIM REMOVED 0', '+NO Service'],
  simInserted: ['+CPIN: READY 0', '^MODE: 17,17', '+E_UTRAN Service'],
  noise: { everyMs: 90_000, lines: ['^MODE: 17,17', '+NITZ: 26/11/21,12:00:00+00,0'] },
  dropsCard: true,
  resets: ['+RESET', '+CFUN=1,1'],
  onUart: false,
  parameters: { '+CSDT': '0', '*SIMAUTO': '1', '+SIMCROSS': '0' },
});
