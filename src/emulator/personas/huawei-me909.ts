/** Huawei ME909s: the dialect of the sticks on an LTE module; its ICCID is straight. */
import { transcript } from '../../../drivers/huawei-me909.ts';
import { definePersona } from '../persona.ts';
import { HUAWEI_FUNCTIONALITIES, huaweiCommands } from './huawei-commands.ts';

export const huaweiMe909 = definePersona('huawei-me909', transcript, {
  capacity: { SM: 50, ME: 255, SR: 0 },
  lacks: ['+CCID', '+CPINR'],
  bootMs: 200,
  bootLines: { card: '^SIMST', sms: '^SRVST' },
  cardMs: 40,
  smsMs: 80,
  simInserted: ['^SIMST: 1'],
  simRemoved: ['^SIMST: 255'],
  noise: { everyMs: 45_000, lines: ['^HCSQ: "LTE",52,44,131,24', '^RSSI: 19', '^LTERSRP: -98,-9'] },
  quietedBy: '^CURC=0',
  ussd: 'packed',
  functionalities: HUAWEI_FUNCTIONALITIES,
  resets: ['^RESET'],
  onUart: false,
  fullNotice: '^SMMEMFULL: "%s"',
  silentWhenFull: true,
  cells: 'bare',
  commands: huaweiCommands,
});
