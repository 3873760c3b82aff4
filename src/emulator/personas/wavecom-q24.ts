/**
 * Wavecom Q2406 in a pool: +CPIN without OK, two memories with doubled parentheses, busy with +CME ERROR: 515 while it
 * loads, a restart by +CFUN=1; its card's detect pin is not wired.
 */
import { transcript } from '../../../drivers/wavecom-q24.ts';
import { definePersona } from '../persona.ts';
import { cme } from '../reply.ts';

export const wavecomQ24 = definePersona('wavecom-q24', transcript, {
  capacity: { SM: 20, ME: 0, SR: 10 },
  cnmi: [0, 1, 0, 0, 0],
  lacks: ['+CEREG', '+CGREG', '+CPINR', '+CNUM'],
  withoutOk: ['+CPIN'],
  bootMs: 200,
  bootLines: { card: null, sms: '+WIND: 4' },
  cardMs: 60,
  smsMs: 150,
  loading: cme(515),
  simInserted: [],
  hotSwap: 'after-restart',
  functionalities: [0, 1],
  resets: ['+CFUN=1'],
  access: null,
  parameters: { '+WIND': '0', '+WOPEN': '0' },
});
