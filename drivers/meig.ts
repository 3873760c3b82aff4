/** MeiG SLM320, SLM630, SLM720, SLM730, SLM750, SLM770A, SLM790, SRM815. */
import { defineDriver } from '../src/modem/driver.ts';

export default defineDriver({
  name: 'meig',
  title: 'MeiG SLM/SRM',
  unconfirmed: [
    'What its greeting looks like, and when the stores are loaded.',
    'Where the AT port is on SRM815, SLM320 and SLM770A: found by probing.',
    'How it is reset, and how many tries for the PIN are left: the commands of 27.007 are tried.',
    'Whether an eUICC can be managed over AT.',
  ],
  usb: [
    { id: '05c6:f601', at: [2, 1] }, // SLM630, SLM730, SLM750, SLM868: a number of Qualcomm's
    { id: '2dee:4d07', at: [2, 3] }, // SLM720
    { id: '2dee:4d20', at: [2] }, // SLM790
    { id: '2dee:4d02', at: [] }, // SRM815
    { id: '2dee:4d22', at: [] },
    { id: '2dee:4d23', at: [] }, // the kernel has to be told (QModem)
    { id: '2dee:4d38', at: [] },
    { id: '2dee:4d41', at: [] }, // SLM320
    { id: '2dee:4d57', at: [] }, // SLM770A
  ],
  // By its model only: some say the name of their chip's maker.
  identify: { model: /^S[LR]M\d{3}/ },
  iccid: ['AT+ICCID', 'AT+CCID', 'AT+CRSM=176,12258,0,0,10'],
  urcs: [
    { prefix: '^MODE:', kind: 'registration' },
    { prefix: '^SIMST:', kind: 'sim-state' },
  ],
});

export const transcript = `
> ATE0
< OK

> AT+CMEE=1
< OK

> AT+CGMI
< MEIG
< OK

> AT+CGMM
< SLM750
< OK

> AT+CGMR
< SLM750_4.0.4_EQ101
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
< +CPMS: ("ME","MT","SM","SR"),("ME","MT","SM","SR"),("ME","MT","SM","SR")
< OK

> AT+CNMI=?
< +CNMI: (0,1,2),(0,1,2,3),(0,2),(0,1,2),(0,1)
< OK

> AT+CPINR="SIM PIN"
< +CPINR: SIM PIN,3,3
< OK

> AT+CFUN=1,1
< OK
`;
