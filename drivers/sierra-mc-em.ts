/** Sierra Wireless MC73xx, MC74xx, EM74xx, EM75xx and HL modules. */
import { defineDriver } from '../src/modem/driver.ts';

/** Diagnostics, NMEA, AT (ModemManager's sierra rules). */
const MC_EM = { at: [3], never: [0, 2] } as const;

export default defineDriver({
  name: 'sierra-mc-em',
  title: 'Sierra Wireless MC/EM/HL',
  unconfirmed: [
    'Whether `AT!RESET` wants the `!` commands unlocked first.',
    'Logical channels: EM9191 has no `AT+CCHC`, EM7455 and MC7455 are not reported.',
    'What a card change looks like on MC and EM.',
  ],
  usb: [
    { id: '1199:9071', ...MC_EM }, // MC74xx, EM7455
    { id: '1199:68c0', ...MC_EM }, // MC7304, MC7354
    { id: '1199:9091', ...MC_EM }, // EM7565
    { id: '1199:9079', ...MC_EM },
    { id: '1199:c001', at: [0], never: [4] }, // HL7812: AT, PPP on 2, NMEA on 4
  ],
  identify: { manufacturer: /sierra wireless|sierra/i, model: /^(AirPrime )?(MC|EM|HL|WP|AR)\d/i },
  // `!ICCID: …`; HL modules and later MC know the plain one (modemdata).
  iccid: ['AT!ICCID?', 'AT+CCID', 'AT+ICCID', 'AT+CRSM=176,12258,0,0,10'],
  urcs: [
    // HL and HiLo, once card detection is on; the module then reboots itself (Sierra forum 7085), so nothing here turns it on.
    { prefix: '+SIM:', kind: 'sim-state' },
  ],
  // `+CPINC: 3,3,10,10`: PIN1, PIN2, PUK1, PUK2 (ModemManager's sierra plugin).
  pinTries: { ask: 'AT+CPINC?', tries: /\+CPINC: ?(\d+)/ },
  reset: { command: 'AT!RESET', backMs: 40_000 },
  // Card changes are not announced (oFono).
  pollCardMs: 15_000,
});

export const transcript = `
< +PACSP0

> ATE0
< OK

> AT+CMEE=1
< OK

> AT+CGMI
< Sierra Wireless, Incorporated
< OK

> AT+CGMM
< MC7455
< OK

> AT+CGMR
< SWI9X30C_02.24.05.06 r7040 CARMD-EV-FRMWR2
< OK

> AT+CGSN
< 001010123456780
< OK

> AT+CPIN?
< +CPIN: READY
< OK

> AT!ICCID?
< !ICCID: 8999000000000000013
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

> AT+CPINC?
< +CPINC: 3,3,10,10
< OK

> AT!RESET
< OK
`;
