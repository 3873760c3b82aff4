/** Any modem that keeps to 3GPP TS 27.007 and 27.005: what is taken when no family fits. */
import { defineDriver } from '../src/modem/driver.ts';

export default defineDriver({
  name: 'generic',
  title: 'Generic 3GPP modem',
  state: 'proven',
  usb: [
    // China Mobile ML307A/R (ASR): no family of their own here. +CREG is refused by the C type, whose +CEREG answers, and
    // the kernel must be told the id (new_id). CCHO and CGLA are accepted (sms_forwarding#19, «simplus» notes).
    { id: '2ecc:3012', at: [2] },
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
