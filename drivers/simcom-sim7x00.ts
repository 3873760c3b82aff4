/** SIMCom SIM7000, SIM7100, SIM7500, SIM7600, SIM70x0: Qualcomm based LTE modules. */
import { defineDriver } from '../src/modem/driver.ts';

export default defineDriver({
  name: 'simcom-sim7x00',
  title: 'SIMCom SIM7x00',
  state: 'proven',
  unconfirmed: [
    'Whether class 0 messages are stored: SIM7000G announces some messages as `+CMTI: ,-1`, which are nowhere.',
    'That every firmware has `AT+SPIC`.',
  ],
  usb: [
    // Diagnostics, NMEA, AT, AT, audio (ModemManager's simtech rules).
    { id: '1e0e:9001', at: [2, 3], never: [0, 1, 4] },
    // SIM7070, SIM7080, SIM7090: PPP is on interface 3, or 5.
    { id: '1e0e:9205', at: [2] },
    { id: '1e0e:9206', at: [2] },
  ],
  // `SIMCOM INCORPORATED` and `SIMCOM_SIM7600G-H`; with QMI open some say `QUALCOMM INCORPORATED`.
  identify: {
    manufacturer: /simcom incorporated|simcom|qualcomm/i,
    model: /^(SIMCOM[_ ])?SIM7([0158]\d\d|60\d)/i,
  },
  // Answers `+ICCID: …`, not by its own name (SIM7600 command manual, QModem).
  iccid: ['AT+CICCID', 'AT+CCID', 'AT+CRSM=176,12258,0,0,10'],
  // Mode 2 is advertised and refused by some (oFono). Card detection (+UIMHOTSWAPON) stays off: where the pin is not wired
  // the card vanishes (LilyGo-Modem-Series#496).
  notify: ['2,1,0,0,0', '1,1,0,0,0', '2,1', '1,1'],
  // «Start with zero» (SIM7500/7600 command manual, +CMGR).
  firstIndex: 0,
  urcs: [
    { prefix: 'SMS DONE', kind: 'sms-ready' },
    { prefix: 'PB DONE', kind: 'noise' },
    { prefix: '+SMS FULL', kind: 'store-full' },
    { prefix: '+SIMCARD:', kind: 'sim-state' },
    { prefix: '+STIN:', kind: 'noise' },
    { prefix: '*PSUTTZ:', kind: 'noise' },
    { prefix: '*PSNWID:', kind: 'noise' },
    { prefix: 'DST:', kind: 'noise' },
    // Begins when a call is answered, and none is.
    { prefix: 'VOICE CALL:', kind: 'noise' },
    { prefix: 'MISSED_CALL:', kind: 'call-over' },
    { prefix: '+CNSMOD:', kind: 'noise' },
    { prefix: 'UNDER-VOLTAGE WARNNING', kind: 'noise' },
    { prefix: 'UNDER-VOLTAGE WARNING', kind: 'noise' },
  ],
  pinTries: { ask: 'AT+SPIC', tries: /\+SPIC: ?(\d+)/ },
  // Access denied by AT and by QMI alike (lpac#168, #221).
  logicalChannels: 'no',
  // ModemManager waits 9 s for the answer; public drivers allow 30 s to go down and 45 s to come up.
  reset: { command: 'AT+CRESET', backMs: 75_000 },
  deadlines: { '+CRESET': 10_000 },
  // Has to be asked: card changes are not told reliably (oFono).
  pollCardMs: 15_000,
});

export const transcript = `
< RDY
< +CPIN: READY
< SMS DONE
< PB DONE

> ATE0
< OK

> AT+CMEE=1
< OK

> AT+CGMI
< SIMCOM INCORPORATED
< OK

> AT+CGMM
< SIMCOM_SIM7600G-H
< OK

> AT+CGMR
< +CGMR: LE20B04SIM7600G22
< OK

> AT+CGSN
< 001010123456780
< OK

> AT+CPIN?
< +CPIN: READY
< OK

> AT+CICCID
< +ICCID: 8999000000000000013
< OK

> AT+CIMI
< 001010000000013
< OK

> AT+CPMS=?
< +CPMS: ("ME","MT","SM","SR"),("ME","MT","SM"),("ME","SM")
< OK

> AT+CNMI=?
< +CNMI: (0,1,2),(0,1,2,3),(0,2),(0,1,2),(0,1)
< OK

> AT+SPIC
< +SPIC: 3,10,3,10
< OK

> AT+XYZZY
< ERROR

> AT+CRESET
< OK
`;
