/** Luat Air780E, Air780EP, Air724UG and kin: Cat 1 modules on Eigencomm and Unisoc chips. */
import { defineDriver } from '../src/modem/driver.ts';

export default defineDriver({
  name: 'luat-air7xx',
  title: 'Luat Air7xx',
  unconfirmed: [
    'When the stores are loaded: nothing says so.',
    'How many tries for the PIN are left: the command of 27.007 is tried.',
    'Whether an eUICC can be managed over AT.',
    'Why the first message after a quiet night came a minute late (air780e-forwarder#46).',
  ],
  usb: [
    // AT is on 2 or 6 by firmware, the log on 4; every unit has one and the same serial number.
    { id: '19d1:0001', at: [2, 6], never: [4] }, // Air780E (EC618)
    { id: '1782:4e00', at: [0, 3] }, // Air724UG (Unisoc)
  ],
  // `+CGMI: "AirM2M"`; by the model, for the maker's name differs.
  identify: { model: /^Air[ -]?\d{3}/i },
  // Letters from the seventh character on occur (China Mobile's cards).
  iccid: ['AT+ICCID', 'AT+CCID', 'AT+CRSM=176,12258,0,0,10'],
  urcs: [
    // The boot loader's own line comes before RDY.
    { prefix: "^boot.rom.'", kind: 'noise' },
    { prefix: '^MODE:', kind: 'noise' },
    { prefix: '+E_UTRAN Service', kind: 'registration' },
    { prefix: '+NO Service', kind: 'registration' },
    { prefix: '+NITZ:', kind: 'noise' },
    { prefix: '*SIMAUTO:', kind: 'noise' },
    { prefix: '+SIMCROSS:', kind: 'sim-state' },
  ],
  // The vendor's samples; the boot loader and RDY follow.
  reset: { command: 'AT+RESET', backMs: 20_000 },
});

export const transcript = `
< ^boot.rom.'v1.0'!
< RDY
< ^MODE: 17,17
< +E_UTRAN Service
< +CGEV: ME PDN ACT 1
< +NITZ: 24/08/22,07:00:02+32,0

> ATE0
< OK

> AT+CMEE=1
< OK

> AT+CGMI
< +CGMI: "AirM2M"
< OK

> AT+CGMM
< +CGMM: "Air780E"
< OK

> AT+CGMR
< +CGMR: "AirM2M_780E_V1147_LTE_AT"
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
< +CPMS: ("ME","SM"),("ME","SM"),("ME","SM")
< OK

> AT+CPINR="SIM PIN"
< +CPINR: SIM PIN,3,3
< OK

> AT+RESET
< OK
`;
