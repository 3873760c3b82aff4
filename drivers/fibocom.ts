/** Fibocom L610, L716, L850, L860, NL668, NL678. */
import { defineDriver } from '../src/modem/driver.ts';

export default defineDriver({
  name: 'fibocom',
  title: 'Fibocom L/NL',
  unconfirmed: [
    'Where the AT port is on 2cb7:0106, 010a, 0115, 01a2 and 01a4: found by probing.',
    'How many tries for the PIN are left: the command of 27.007 is tried.',
    'Logical channels: FG132 has them without the test form, FM350 answers a bare channel number; L and NL are not reported.',
    'Which models say that a card is changed; `AT+MSMPD=1` turns card detection on and is not sent.',
  ],
  usb: [
    { id: '1782:4d10', at: [0, 5, 6] }, // L610 with seven ttys
    { id: '1782:4d11', at: [2, 7, 8] },
    { id: '2cb7:0001', at: [2, 4], never: [5] }, // L716; all units have one and the same serial number (kernel)
    { id: '1508:1001', at: [1, 2, 3], never: [0] }, // NL668
    { id: '2cb7:01a0', at: [2, 3] }, // NL668-AM
    { id: '2cb7:0104', at: [1, 2] }, // NL678
    { id: '2cb7:0007', at: [2, 6] }, // L850, L860
    { id: '2cb7:0106', at: [] },
    { id: '2cb7:010a', at: [] },
    { id: '2cb7:0115', at: [] },
    { id: '2cb7:01a2', at: [] },
    { id: '2cb7:01a4', at: [] },
  ],
  // `+CGMI: "Fibocom Wireless Inc."`: name and quotes around every identity.
  identify: { manufacturer: /fibocom/i },
  iccid: ['AT+ICCID', 'AT+CCID', 'AT+CRSM=176,12258,0,0,10'],
  urcs: [
    { prefix: '+MSMPD:', kind: 'sim-state' },
    // In pairs: `+SIM: Removed` and `+SIM DROP`, `+SIM: Inserted` and `+SIM READY` (notes on L610 and MC665).
    { prefix: '+SIM:', kind: 'sim-state' },
    { prefix: '+SIM READY', kind: 'sim-state' },
    { prefix: '+SIM DROP', kind: 'sim-state' },
  ],
  // ModemManager's fibocom plugin.
  reset: { command: 'AT+CFUN=15', backMs: 40_000 },
});

export const transcript = `
< +SIM READY

> ATE0
< OK

> AT+CMEE=1
< OK

> AT+CGMI
< +CGMI: "Fibocom Wireless Inc."
< OK

> AT+CGMM
< +CGMM: "NL668-EAU"
< OK

> AT+CGMR
< +CGMR: "19011.1000.00.02.73.13"
< OK

> AT+CGSN
< +CGSN: "001010123456780"
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
< +CPMS: ("SM","ME"),("SM","ME"),("SM","ME")
< OK

> AT+CPINR="SIM PIN"
< +CPINR: SIM PIN,3,3
< OK

> AT+CFUN=15
< OK
`;
