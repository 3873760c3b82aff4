/** Telit LE910, LE910C1, LM9x0, LN920, ME910, FN990 and the older HE and GE modules. */
import { defineDriver } from '../src/modem/driver.ts';

export default defineDriver({
  name: 'telit-le910',
  title: 'Telit LE910',
  unconfirmed: [
    'Whether an eUICC can be managed over AT; `AT+CSIM=1` locks the card for that and `AT+CSIM=0` frees it.',
    'Where class 0 messages go with stored delivery.',
    'What its answer to `AT+CPMS=?` looks like on each model.',
  ],
  // ModemManager's telit rules. LM9x0, LN920 and FN990 need up to 14 tries before they answer the first time.
  usb: [
    { id: '1bc7:1201', at: [4, 5], never: [0, 3, 6] }, // LE910C1: diagnostics, NMEA, AT, AT
    { id: '1bc7:1204', at: [5, 6] }, // LE910C1 in MBIM mode
    { id: '1bc7:1031', at: [1, 2] },
    { id: '1bc7:1033', at: [1, 2] },
    { id: '1bc7:1040', at: [4, 5] },
    { id: '1bc7:1050', at: [4, 5] },
    { id: '1bc7:1060', at: [4, 5] },
    { id: '1bc7:1070', at: [4, 5] },
    { id: '1bc7:1041', at: [5, 6] },
    { id: '1bc7:1051', at: [5, 6] },
    { id: '1bc7:1061', at: [5, 6] },
    { id: '1bc7:1071', at: [5, 6] },
    { id: '1bc7:1003', at: [0, 2] },
    { id: '1bc7:1006', at: [0, 2] },
    { id: '1bc7:1004', at: [0, 3] },
    { id: '1bc7:1005', at: [0, 3] },
    { id: '1bc7:1101', at: [1, 2] }, // ME910
    { id: '1bc7:7010', at: [4, 3] }, // LE910S1
    { id: '1bc7:7011', at: [4, 3] },
    { id: '1bc7:7020', at: [6, 2] }, // LE910Q1
    { id: '1bc7:7021', at: [6, 2] },
  ],
  identify: { manufacturer: /telit( cinterion)?/i },
  iccid: ['AT#CCID', 'AT+ICCID', 'AT+CCID', 'AT+CRSM=176,12258,0,0,10'],
  // The card's own indications: 0 none, 1 in, 2 PIN done, 3 messages and phone book loaded (Telit's command manual).
  init: [{ set: 'AT#QSS=2', read: 'AT#QSS?', expect: /#QSS: ?2,/ }],
  urcs: [{ prefix: '#QSS:', kind: 'sim-state', answerFields: 2 }],
  // +CPIN says READY too early (oFono); level 3 means that the stores are loaded.
  smsReady: { ask: 'AT#QSS?', ready: /#QSS: ?\d,3/ },
  // The tries of what is asked for next (ModemManager's telit plugin).
  pinTries: { ask: 'AT#PCT', tries: /#PCT: ?(\d+)/ },
  // Resets in quick succession can leave the card dead until another one (eclipse/kura#2820, LE910C1).
  reset: { command: 'AT#REBOOT', backMs: 60_000 },
});

export const transcript = `
< #QSS: 1
< #QSS: 2
< #QSS: 3

> ATE0
< OK

> AT+CMEE=1
< OK

> AT+CGMI
< Telit
< OK

> AT+CGMM
< LE910C1-EU
< OK

> AT+CGMR
< 25.20.203
< OK

> AT+CGSN
< 001010123456780
< OK

> AT+CPIN?
< +CPIN: READY
< OK

> AT#CCID
< #CCID: 8999000000000000013
< OK

> AT+CIMI
< 001010000000013
< OK

> AT+CPMS=?
< +CPMS: ("SM","ME"),("SM","ME"),("SM","ME")
< OK

> AT+CNMI=?
< +CNMI: (0-3),(0-3),(0,2,3),(0-2),(0,1)
< OK

> AT#QSS?
< #QSS: 2,3
< OK

> AT#PCT
< #PCT: 3
< OK

> AT#REBOOT
< OK
`;
