/** Any modem that keeps to 3GPP TS 27.007 and 27.005: what is taken when no family fits. */
import { defineDriver } from '../src/modem/driver.ts';

export default defineDriver({
  name: 'generic',
  title: 'Generic 3GPP modem',
  state: 'proven',
  unconfirmed: [
    'Which modules go on announcing in a burst of more than four messages (gammu/gammu#903): sweeps find the rest.',
    'How long after `+CMTI` a place can be read, by family.',
    'Whether any modem leaves out the line end behind the last line of a listing.',
    'How often taking the radio off and on helps where otherwise a reset is needed: the gateway counts both.',
  ],
  usb: [
    // China Mobile ML307A/R (ASR): no family of their own here. +CREG is refused by the C type, whose +CEREG answers, and
    // the kernel must be told the id (new_id). CCHO and CGLA are accepted (sms_forwarding#19, «simplus» notes).
    { id: '2ecc:3012', at: [2] },
    // Met in the field without a name; the kernel must be told of these ids, too (QModem's rules).
    { id: '2c7c:0457', at: [2, 7] },
    { id: '305a:1421', at: [1] },
    { id: '2c7c:8101', at: [] },
    { id: '3466:3301', at: [] },
    { id: '3763:3c93', at: [] },
    // Qualcomm's download mode: a modem that crashed or was flashed by half. Nothing may be written to it (ModemManager).
    { id: '05c6:9008', at: [], never: [0] },
  ],
});

export const transcript = `
< +CPIN: READY

> ATE0
< OK

> AT+CMEE=1
< OK

> AT+CGMI
< SIMBANKD
< OK

> AT+CGMM
< EMULATED
< OK

> AT+CGMR
< EMULATED-1.0
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
< +CPMS: ("SM","ME"),("SM","ME"),("SM","ME")
< OK

> AT+CNMI=?
< +CNMI: (0-2),(0-2),(0,2),(0-2),(0,1)
< OK

> AT+CPINR="SIM PIN"
< +CPINR: SIM PIN,3,3
< OK

> AT+XYZZY
< +CME ERROR: 4

> AT+CFUN=1,1
< OK
`;
