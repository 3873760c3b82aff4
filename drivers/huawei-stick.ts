/** Huawei E1xx, E3xx, K-series and MS2131: USB sticks and industrial sticks. */
import { defineDriver } from '../src/modem/driver.ts';

/** Ports are told by interface protocol: class ff, subclass 01 or 02; 02 is AT (PCUI), 01 the modem; 05 and 14 are GPS. */
const BY_PROTOCOL = { at: [], atProtocols: [0x02, 0x01] } as const;

export default defineDriver({
  name: 'huawei-stick',
  title: 'Huawei E1xx/E3xx sticks, MS2131',
  state: 'proven',
  unconfirmed: [
    'What MS2131 says when its card is changed.',
    'E3531 and E303 announce messages in ME that a listing shows only with `+CNMI: 2,0,0,2,1` or another `+CPMS`.',
    'Which models honour `AT^CURC=0` and `AT^PORTSEL=1`; some ignore both.',
    'That E3372-325, sold as Brovi, calls itself so.',
  ],
  usb: [
    // ModemManager's huawei rules, modemdata. MS2131i is 12d1:14fe until it is switched, then 1506 as E171 and E3372 are
    // (Soracom's setup script); what is where on 1506 depends on AT^SETPORT (chan-dongle#185), so no number is believed.
    { id: '12d1:*', ...BY_PROTOCOL },
    { id: '3566:2001', at: [] }, // Brovi E3372-325 (gammu/gammu#908)
  ],
  identify: { manufacturer: /huawei|brovi/i },
  // Nibbles are swapped on part of the models, and older ones lack it (ModemManager).
  iccid: ['AT^ICCID?', 'AT+CCID', 'AT+CRSM=176,12258,0,0,10'],
  // Periodic reports end; MM sends it up to three times. PORTSEL brings announcements to this port (chan-dongle#121).
  quiet: ['AT^CURC=0', 'AT^PORTSEL=1'],
  // E352 has no ME (chan-dongle#137). The announced store can be the wrong one on E3131 and E303 (chan-dongle#31).
  stores: ['SM', 'ME'],
  // Mode 2 is advertised and refused by some (oFono); some want buffered ones cleared (gammu/gammu#369, #486).
  notify: ['2,1,0,0,0', '1,1,0,0,0', '2,1,0,0,1', '1,1,0,0,1', '2,1', '1,1'],
  // Brovi E3372-325 and MF290 take only the form with three memories (gammu/gammu#908, luci-app-sms-tool-js#42).
  namedStores: [3, 2, 1],
  // gammu's table of quirks.
  firstIndex: 0,
  urcs: [
    // Every few seconds until the modem is answered or quieted: a greeting, not a restart (ModemManager's huawei plugin).
    { prefix: '^BOOT:', kind: 'noise' },
    { prefix: '^SIMST:', kind: 'sim-state' },
    { prefix: '^SRVST:', kind: 'registration' },
    { prefix: '^MODE:', kind: 'registration' },
    { prefix: '^SMMEMFULL:', kind: 'store-full' },
    { prefix: '^RSSI:', kind: 'noise' },
    { prefix: '^CERSSI:', kind: 'noise' },
    { prefix: '^HCSQ:', kind: 'noise' },
    { prefix: '^LTERSRP:', kind: 'noise' },
    { prefix: '^ANLEVEL:', kind: 'noise' },
    { prefix: '^DSFLOWRPT:', kind: 'noise' },
    { prefix: '^STIN:', kind: 'noise' },
    { prefix: '^ECCLIST:', kind: 'noise' },
    { prefix: '^NWTIME:', kind: 'noise' },
    { prefix: '^EONS:', kind: 'noise' },
    { prefix: '^LWURC:', kind: 'noise' },
    { prefix: '^NDISSTAT:', kind: 'noise' },
    // Stages of a call that was dialled; the end is told of every call.
    { prefix: '^ORIG:', kind: 'noise' },
    { prefix: '^CONF:', kind: 'noise' },
    { prefix: '^CONN:', kind: 'noise' },
    { prefix: '^CEND:', kind: 'call-over' },
  ],
  // `^CPIN: READY,,10,3,10,3`: state, tries of what is asked for, PUK1, PIN1, PUK2, PIN2 (ModemManager, oFono).
  pinTries: { ask: 'AT^CPIN?', tries: /\^CPIN: ?[^,]*,[^,]*,\d*,(\d+)/ },
  // 7-bit packed hex in both directions, whatever +CSCS says; not every answer is (ModemManager, chan-dongle#38, #116).
  ussd: 'packed',
  // MS2372h: +CCHO always fails (lpac#164).
  logicalChannels: 'no',
  // 7 is offline (oFono's huawei plugin).
  radio: { off: 'AT+CFUN=7', on: 'AT+CFUN=1', pauseMs: 10_000 },
  // After a plug interface 0 needs about 15 s before it answers (ModemManager).
  reset: { command: 'AT^RESET', backMs: 60_000 },
  refusals: ['COMMAND NOT SUPPORT', 'TOO MANY PARAMETERS'],
  // Card changes are not announced; E353 never sees a card that was put in later (smstools, check_sim).
  pollCardMs: 15_000,
});

export const transcript = `
< ^BOOT:11034475,0,0,0,20
< ^SIMST:1
< ^SRVST:2
< ^MODE:5,4
< ^RSSI:17

> ATE0
< OK

> AT+CMEE=1
< OK

> AT+CGMI
< huawei
< OK

> AT+CGMM
< E173
< OK

> AT+CGMR
< 11.126.85.00.209
< OK

> AT+CGSN
< 001010123456780
< OK

> AT+CPIN?
< +CPIN: READY
< OK

> AT^ICCID?
< ^ICCID: 989900000000000010F3
< OK

> AT+CIMI
< 001010000000013
< OK

> AT+CPMS=?
< +CPMS: ("ME","MT","SM","SR"),("ME","MT","SM","SR"),("ME","MT","SM","SR")
< OK

> AT+CNMI=?
< +CNMI: (0,1,2),(0,1,2,3),(0,2),(0,1,2),(0,1)
< OK

> AT^CPIN?
< ^CPIN: READY,,10,3,10,3
< OK

> AT^CURC=0
< OK

> AT^PORTSEL=1
< OK

> AT+XYZZY
< COMMAND NOT SUPPORT

> AT^RESET
< OK
`;
