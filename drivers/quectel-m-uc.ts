/** Quectel M10, M35, M66, M95, UC15, UC20: 2G modules on a UART, and the first 3G ones. */
import { defineDriver } from '../src/modem/driver.ts';

export default defineDriver({
  name: 'quectel-m-uc',
  title: 'Quectel M35/M95, UC15/UC20',
  unconfirmed: [
    'What card removal looks like: the hot-swap commands were taken out of later M95 manuals.',
    'That M10 and M35 have `AT+QINISTAT`.',
  ],
  // M10, M35 and M95 have no USB of their own: one tty of the carrier board.
  usb: [
    // Interfaces 2 and 3 by common use (QModem, the kernel's option driver).
    { id: '05c6:9003', at: [2, 3], never: [0, 1] }, // UC20
    { id: '05c6:9090', at: [2, 3], never: [0, 1] }, // UC15
  ],
  // The M modules put their vendor in front: `Quectel_Ltd`, `Quectel_M95` (oFono's quectel plugin tells them so).
  identify: { manufacturer: /quectel/i, model: /^(Quectel[_ ])?(M\d\d|MC\d\d|UC\d\d|UG\d\d)/i },
  // M95 puts quotes around it, and some firmwares give it twice in a row; the second command reads the file.
  iccid: ['AT+QCCID', 'AT+CCID', 'AT+CRSM=176,12258,0,0,10'],
  notify: ['2,1,0,0,0', '2,1', '1,1'],
  urcs: [
    { prefix: 'Call Ready', kind: 'noise' },
    { prefix: 'SMS Ready', kind: 'sms-ready' },
    { prefix: '+QSIMSTAT:', kind: 'sim-state', answerFields: 2 },
    { prefix: '+QUSIM:', kind: 'sim-state' },
    { prefix: '+QIND:', kind: 'noise' },
    { prefix: '+QNITZ:', kind: 'noise' },
  ],
  // A level here, not a bit sum: 3 is «all loaded» on M95 and UC15 (oFono's quectel plugin waits for it before SMS).
  smsReady: { ask: 'AT+QINISTAT', ready: /\+QINISTAT: ?3\b/ },
  logicalChannels: 'no',
  deadlines: {
    // Its UART is slow, and so is its card (smstools' advice on slow modems).
    '+CMGL': 45_000,
  },
});

export const transcript = `
< RDY
< +CFUN: 1
< +CPIN: READY
< Call Ready

> ATE0
< OK

> AT+CMEE=1
< OK

> AT+CGMI
< Quectel_Ltd
< OK

> AT+CGMM
< Quectel_M95
< OK

> AT+CGMR
< Revision: M95FAR02A08
< OK

> AT+CGSN
< 001010123456780
< OK

> AT+CPIN?
< +CPIN: READY
< OK

> AT+QCCID
< "8999000000000000013F"
< OK

> AT+CIMI
< 001010000000013
< OK

> AT+CPMS=?
< +CPMS: ("SM","ME","MT"),("SM","ME","MT"),("SM","ME","MT")
< OK

> AT+CNMI=?
< +CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)
< OK

> AT+QINISTAT
< +QINISTAT: 3
< OK

> AT+CPINR="SIM PIN"
< +CPINR: SIM PIN,3,3
< OK

> AT+CFUN=1,1
< OK
`;
