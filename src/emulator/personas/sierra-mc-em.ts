/** Sierra Wireless MC7455: vendor commands with an exclamation mark; says nothing of cards. */
import { transcript } from '../../../drivers/sierra-mc-em.ts';
import { definePersona } from '../persona.ts';
import { OK } from '../reply.ts';

export const sierraMcEm = definePersona('sierra-mc-em', transcript, {
  capacity: { SM: 30, ME: 23, SR: 10 },
  memory: 'ME',
  lacks: ['+CPINR'],
  bootMs: 200,
  bootLines: { card: '+PACSP0', sms: null },
  cardMs: 40,
  smsMs: 60,
  simInserted: [],
  resets: ['!RESET', '+CFUN=1,1'],
  onUart: false,
  commands: {
    '!ENTERCND': () => OK,
    '!GSTATUS': (device) => [
      '!GSTATUS:',
      `Current Time:  4711\t\tTemperature: 38`,
      `System mode:   LTE\t\tPS state:    ${device.radio.registered ? 'Attached' : 'Detached'}`,
    ],
  },
});
