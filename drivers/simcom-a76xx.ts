/** SIMCom A7600, A7602, A7670, A7672, A7608 and SIM767x: Cat 1 and Cat 4 modules on ASR and Qualcomm's small chips. */
import { defineDriver } from '../src/modem/driver.ts';

export default defineDriver({
  name: 'simcom-a76xx',
  title: 'SIMCom A76xx',
  state: 'proven',
  unconfirmed: [
    'Whether an eUICC can be managed over AT.',
    'That every firmware has `AT+SPIC`; a SIM7672G build has no SMS at all.',
  ],
  // With RNDIS in front: interface 2 is not to be used, 4 is AT, 5 AT or PPP (ModemManager's simtech rules, QModem).
  usb: [{ id: '1e0e:9011', at: [4, 5], never: [2] }],
  // `INCORPORATED` alone is what ATI shows as the manufacturer of A7670; +CGMM is `A7670E-FASE` (LilyGO's threads).
  identify: { manufacturer: /simcom incorporated|simcom|incorporated/i, model: /^(A7[68]\d\d|SIM76[67]\d)/i },
  iccid: ['AT+ICCID', 'AT+CICCID', 'AT+CCID', 'AT+CRSM=176,12258,0,0,10'],
  // A7670X refuses ds=1 (sms-server#12).
  notify: ['2,1,0,0,0', '1,1,0,0,0', '2,1', '1,1'],
  urcs: [
    { prefix: '*ATREADY:', kind: 'restarted' },
    { prefix: 'SMS DONE', kind: 'sms-ready' },
    { prefix: 'PB DONE', kind: 'noise' },
    // Nothing more is announced until a place is free and the store has been read (LilyGo-Modem-Series#184).
    { prefix: '+SMS FULL', kind: 'store-full' },
    { prefix: '+SIMCARD:', kind: 'sim-state' },
    { prefix: '+MSTK:', kind: 'noise' },
    { prefix: '+STIN:', kind: 'noise' },
    { prefix: '*PSUTTZ:', kind: 'noise' },
    { prefix: '*PSNWID:', kind: 'noise' },
    { prefix: 'DST:', kind: 'noise' },
    // Begins when a call is answered, and none is.
    { prefix: 'VOICE CALL:', kind: 'noise' },
    { prefix: 'UNDER-VOLTAGE WARNNING', kind: 'noise' },
    { prefix: 'UNDER-VOLTAGE WARNING', kind: 'noise' },
  ],
  // A7670E with firmware B12 stores a message twice (LilyGo-Modem-Series#155): the same TPDU is the same message.
  pinTries: { ask: 'AT+SPIC', tries: /\+SPIC: ?(\d+)/ },
  reset: { command: 'AT+CRESET', backMs: 75_000 },
  deadlines: { '+CRESET': 10_000 },
  pollCardMs: 15_000,
});

export const transcript = `
< *ATREADY: 1
< +CPIN: READY
< SMS DONE
< PB DONE

> ATE0
< OK

> AT+CMEE=1
< OK

> AT+CGMI
< INCORPORATED
< OK

> AT+CGMM
< A7670E-FASE
< OK

> AT+CGMR
< A110B01A7670M7_F
< OK

> AT+CGSN
< 001010123456780
< OK

> AT+CPIN?
< +CPIN: READY
< OK

> AT+ICCID
< +ICCID: 8999000000000000013
< OK

> AT+CIMI
< 001010000000013
< OK

> AT+CPMS=?
< +CPMS: ("ME","SM"),("ME","SM"),("ME","SM")
< OK

> AT+CNMI=?
< +CNMI: (0-2),(0-3),(0,2),(0,2),(0,1)
< OK

> AT+SPIC
< +SPIC: 3,10,3,10
< OK

> AT+CNMI=2,1,0,1,0
< +CMS ERROR: 303

> AT+XYZZY
< ERROR

> AT+CRESET
< OK
`;
