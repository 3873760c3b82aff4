/** Huawei E173: swapped ICCID, chatter until ^CURC=0, packed USSD, places from 0, silent once its store was full. */
import { transcript } from '../../../drivers/huawei-stick.ts';
import { definePersona } from '../persona.ts';
import { HUAWEI_FUNCTIONALITIES, huaweiCommands } from './huawei-commands.ts';

export const huaweiStick = definePersona('huawei-stick', transcript, {
  // E303.
  capacity: { SM: 50, ME: 20, SR: 10 },
  firstIndex: 0,
  // Mode 2 is advertised and refused (oFono).
  cnmiRefused: /^2/,
  yearDigits: 4,
  lacks: ['+CCID', '+CEREG', '+CPINR'],
  bootMs: 200,
  bootLines: { card: '^SIMST', sms: '^SRVST' },
  cardMs: 40,
  smsMs: 100,
  simInserted: [],
  noise: {
    everyMs: 30_000,
    lines: [
      '^RSSI:17',
      '^BOOT:11034475,0,0,0,20',
      '^MODE:5,4',
      '^DSFLOWRPT:0000003C,00000000,00000000',
      '^RSSI:18',
    ],
  },
  quietedBy: '^CURC=0',
  ussd: 'packed',
  functionalities: HUAWEI_FUNCTIONALITIES,
  resets: ['^RESET'],
  onUart: false,
  fullNotice: '^SMMEMFULL: "%s"',
  silentWhenFull: true,
  cells: 'bare',
  access: 2,
  commands: huaweiCommands,
});
