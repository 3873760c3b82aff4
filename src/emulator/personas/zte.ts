/** ZTE MF190: the radio obeys +ZOPRT and not +CFUN, `ICCID:` has no plus, reports come with a comma too many. */
import { transcript } from '../../../drivers/zte.ts';
import { definePersona } from '../persona.ts';

export const zte = definePersona('zte', transcript, {
  // MF626.
  capacity: { SM: 50, ME: 20, SR: 100 },
  cnmiRefused: /^2/,
  lacks: ['+CCID', '+CEREG', '+CPINR'],
  bootMs: 200,
  bootLines: { card: '+ZUSIMR', sms: '+ZPASR' },
  cardMs: 40,
  smsMs: 80,
  simInserted: [],
  noise: { everyMs: 30_000, lines: ['+ZRSSI: 17', '+ZUSIMR:2', '+ZPASR: "UMTS"'] },
  radio: { off: '+ZOPRT=6', on: '+ZOPRT=5' },
  obeysCfun: false,
  resets: ['+ZRST'],
  onUart: false,
  reportPrefix: '+CDS: ,',
  cells: 'bare',
  access: 2,
});
