/** u-blox SARA, LARA, TOBY, LISA. */
import { defineDriver } from '../src/modem/driver.ts';

/** ACM ports; the higher interfaces are not AT (ModemManager's u-blox rules). */
const ACM = { at: [0, 2, 4] } as const;

export default defineDriver({
  name: 'ublox',
  title: 'u-blox SARA/LARA/TOBY',
  unconfirmed: [
    'What is said when a card is taken out or put in, by model.',
    'Whether an eUICC can be managed over AT; a REFRESH is announced as `+UUSIMSTAT: 9` or `10`.',
    'Whether `AT+USIMSTAT` takes 7 on models before SARA-R4.',
  ],
  usb: [
    { id: '1546:1102', ...ACM }, // SARA-U2, LISA-U2
    { id: '1546:1107', ...ACM },
    { id: '1546:110a', ...ACM }, // TOBY-R2, LARA-R2
    // TOBY-L2 needs up to 20 s until its READY.
    { id: '1546:1141', at: [] },
    { id: '1546:1143', at: [] },
    { id: '1546:1146', at: [] },
    { id: '1546:1010', at: [6] }, // TOBY-L4
    { id: '05c6:908b', at: [1, 2] }, // LARA-R6
    { id: '05c6:90b2', at: [1, 2] }, // SARA-R4
  ],
  identify: { manufacturer: /u-?blox/i },
  iccid: ['AT+CCID', 'AT+CRSM=176,12258,0,0,10'],
  // 1 card states 0 to 6, 2 phone book, 4 REFRESH (SARA-R4 command manual).
  init: [{ set: 'AT+USIMSTAT=7', read: 'AT+USIMSTAT?', expect: /\+USIMSTAT: ?7/ }],
  urcs: [
    { prefix: '+UUSIMSTAT:', kind: 'sim-state' },
    // ModemManager waits for the one with AT in front.
    { prefix: '+AT: READY', kind: 'restarted' },
    { prefix: '+READY', kind: 'restarted' },
  ],
  // `+UPINCNT: 3,3,10,10`: PIN, PIN2, PUK, PUK2 (ModemManager's u-blox plugin).
  pinTries: { ask: 'AT+UPINCNT', tries: /\+UPINCNT: ?(\d+)/ },
  reset: { command: 'AT+CFUN=16', backMs: 40_000 },
  deadlines: {
    // The manuals' own response times: up to three minutes for what speaks to the network.
    '+CFUN': 180_000,
    '+COPS': 180_000,
    '+CMGD': 55_000,
    '+CMGS': 180_000,
  },
});

export const transcript = `
< +AT: READY
< +PACSP1
< +UUSIMSTAT: 6

> ATE0
< OK

> AT+CMEE=1
< OK

> AT+CGMI
< u-blox
< OK

> AT+CGMM
< SARA-U201
< OK

> AT+CGMR
< 23.60
< OK

> AT+CGSN
< 001010123456780
< OK

> AT+CPIN?
< +CPIN: READY
< OK

> AT+CCID
< +CCID: 8999000000000000013
< OK

> AT+CIMI
< 001010000000013
< OK

> AT+CPMS=?
< +CPMS: ("BM","ME","MT","SM","SR"),("ME","MT","SM"),("ME","MT","SM")
< OK

> AT+CNMI=?
< +CNMI: (0-2),(0-3),(0-3),(0-2),(0-1)
< OK

> AT+UPINCNT
< +UPINCNT: 3,3,10,10
< OK

> AT+CFUN=16
< OK
`;
