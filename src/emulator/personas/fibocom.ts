/** Fibocom NL668: name and quotes around every identity, a restart by +CFUN=15. */
import { transcript } from '../../../drivers/fibocom.ts';
import { definePersona } from '../persona.ts';

export const fibocom = definePersona('fibocom', transcript, {
  capacity: { SM: 40, ME: 100, SR: 0 },
  lacks: ['+CCID'],
  shows: { '+CNUM': ['+CNUM: "","{msisdn}",{type}'] },
  bootMs: 200,
  bootLines: { card: '+SIM READY', sms: null },
  cardMs: 40,
  smsMs: 60,
  simRemoved: ['+SIM DROP'],
  resets: ['+CFUN=15'],
  onUart: false,
  parameters: { '+MSMPD': '0', '+GTDUALSIM': '0', '+GTUSBMODE': '17' },
});
