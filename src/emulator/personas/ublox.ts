/** u-blox SARA-U201: card states by +UUSIMSTAT, a restart by +CFUN=16. */
import { transcript } from '../../../drivers/ublox.ts';
import { definePersona } from '../persona.ts';

export const ublox = definePersona('ublox', transcript, {
  capacity: { SM: 40, ME: 23, SR: 10 },
  memory: 'ME',
  lacks: ['+CEREG', '+CPINR'],
  bootMs: 200,
  bootLines: { card: '+PACSP1', sms: '+UUSIMSTAT' },
  cardMs: 40,
  smsMs: 60,
  simInserted: ['+UUSIMSTAT: 6'],
  simRemoved: ['+UUSIMSTAT: 0'],
  resets: ['+CFUN=16', '+CFUN=1,1'],
  onUart: false,
  access: 2,
  parameters: { '+USIMSTAT': '0', '+UUSBCONF': '0,"",,"0x1102"' },
});
