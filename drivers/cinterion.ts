/** Cinterion, Siemens, Gemalto, Thales: MC35i to PLS8, EHS5, BGS2, MV31. */
import { defineDriver } from '../src/modem/driver.ts';

export default defineDriver({
  name: 'cinterion',
  title: 'Cinterion/Thales',
  unconfirmed: [
    'The ports of EHS5: found by probing.',
    'That `^SMGO` tells of a full store on every model, and `^SSIM READY` of a loaded card where it is turned on.',
    'That MC35i and BGS2 have `AT^SIND`; where it is refused the stores are tried at once.',
  ],
  usb: [
    // ModemManager's cinterion rules: 0 is PPP, 2 is AT. MV31 and MV32 need up to 14 tries.
    { id: '1e2d:0061', at: [2, 0] }, // PLS8, PHS8
    { id: '1e2d:005b', at: [0, 2] }, // PLS62
    { id: '1e2d:005d', at: [0, 2] },
    { id: '1e2d:0069', at: [0, 2] }, // PLS63
    { id: '1e2d:006f', at: [0, 2] }, // PLS83
    { id: '1e2d:00b3', at: [2] }, // MV31
    { id: '1e2d:00f1', at: [2] }, // MV32
  ],
  identify: { manufacturer: /^(cinterion|siemens|gemalto( m2m)?|thales)/i },
  iccid: ['AT^SCID', 'AT+CCID', 'AT+CRSM=176,12258,0,0,10'],
  // The mode is lost with the radio and with power: set at every readiness. An empty tray says 1 and then 0 (MC55, MC75
  // command manuals).
  init: [{ set: 'AT^SCKS=1', read: 'AT^SCKS?', expect: /\^SCKS: ?1,/ }],
  // MC75i refuses ME as the memory that receives, and any bfr but 1 (gammu PR 1207); MC35 is known to take bfr=1, too.
  stores: ['SM'],
  notify: ['2,1,0,0,1', '2,1,0,0,0', '1,1,0,0,1', '1,1,0,0,0', '2,1', '1,1'],
  urcs: [
    { prefix: '^SYSSTART', kind: 'restarted' },
    { prefix: '^SYSSTART AIRPLANE MODE', kind: 'restarted' },
    { prefix: '^SHUTDOWN', kind: 'restarted' },
    { prefix: '^SCKS:', kind: 'sim-state', answerFields: 2 },
    { prefix: '^SSIM READY', kind: 'sms-ready' },
    { prefix: '^SMGO:', kind: 'store-full', answerFields: 2 },
    { prefix: '+CIEV: simstatus,', kind: 'sim-state' },
    { prefix: '+CIEV: simlocal,', kind: 'sim-state' },
  ],
  // 5: the card is initialised (ModemManager's cinterion plugin reads the same indicator).
  smsReady: { ask: 'AT^SIND="simstatus",2', ready: /\^SIND: ?simstatus,\d,5/ },
  // Of what is asked for, which is PIN1 when a PIN is to be sent; all of them know this form (MC35 and MC55 manuals).
  pinTries: { ask: 'AT^SPIC', tries: /\^SPIC: ?(\d+)/ },
});

export const transcript = `
< ^SYSSTART
< +CIEV: simstatus,5

> ATE0
< OK

> AT+CMEE=1
< OK

> AT+CGMI
< Cinterion
< OK

> AT+CGMM
< MC75i
< OK

> AT+CGMR
< REVISION 03.001
< OK

> AT+CGSN
< 001010123456780
< OK

> AT+CPIN?
< +CPIN: READY
< OK

> AT^SCID
< ^SCID: 8999000000000000013F
< OK

> AT+CIMI
< 001010000000013
< OK

> AT+CPMS=?
< +CPMS: ("ME","SM","MT"),("ME","SM","MT"),("SM","MT")
< OK

> AT+CNMI=?
< +CNMI: (0-3),(0,1),(0,2,3),(0,2),(1)
< OK

> AT^SIND="simstatus",2
< ^SIND: simstatus,0,5
< OK

> AT^SPIC
< ^SPIC: 3
< OK

> AT+CFUN=1,1
< OK
`;
