/** Neoway M590 and the N series. */
import { defineDriver } from '../src/modem/driver.ts';

export default defineDriver({
  name: 'neoway',
  title: 'Neoway M590, N series',
  unconfirmed: [
    'USB ids beyond those of N720 and N58; the product string has «Neoway» in it.',
    'How many tries for the PIN are left: the command of 27.007 is tried.',
    'How it is reset: the command of 27.007 is tried.',
    'Whether the N series says `+PBREADY` as M590 does.',
  ],
  // The vendor's own patch for the kernel names what is where; N58 is from esp-iot-solution#276.
  usb: [
    { id: '2949:8247', at: [2, 0], never: [1, 3] }, // N720: modem, NMEA, AT, diagnostics
    { id: '2949:8243', at: [3, 1], never: [2, 4] }, // N720 with a network interface in front
    { id: '2949:8241', at: [4, 2], never: [3, 5] }, // N720 with RNDIS in front
    { id: '2949:7401', at: [] }, // N58
  ],
  identify: { manufacturer: /neoway/i },
  // `$MYCCID: "…"`, one space after the colon; the N series has AT+CCID (QModem, recordings of M590).
  iccid: ['AT$MYCCID', 'AT+CCID', 'AT+CRSM=176,12258,0,0,10'],
  urcs: [
    { prefix: 'MODEM:STARTUP', kind: 'restarted' },
    { prefix: '+PBREADY', kind: 'sms-ready' },
    { prefix: '+EIND:', kind: 'noise' },
  ],
  // M590 may announce a message twice (gammu/gammu#378): an announcement is only a hint.
  // It stops answering once its radio is off (smstools, check_sim): it leaves the network instead.
  radio: { off: 'AT+COPS=2', on: 'AT+COPS=0', pauseMs: 10_000 },
  logicalChannels: 'unknown',
  // M590 wants the card in before power-on, and says nothing when it goes.
  pollCardMs: 15_000,
});

export const transcript = `
< MODEM:STARTUP
< +PBREADY

> ATE0
< OK

> AT+CMEE=1
< OK

> AT+CGMI
< NEOWAY
< OK

> AT+CGMM
< M590
< OK

> AT+CGMR
< +GMR: M590_1250_l9s63000_v023
< OK

> AT+CGSN
< +CGSN: "001010123456780"
< OK

> AT+CPIN?
< +CPIN: READY
< OK

> AT$MYCCID
< $MYCCID: "8999000000000000013"
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

> AT+CFUN=1,1
< OK
`;
