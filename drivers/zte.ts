/** ZTE MF sticks and modules. */
import { defineDriver } from '../src/modem/driver.ts';

export default defineDriver({
  name: 'zte',
  title: 'ZTE MF sticks',
  unconfirmed: [
    'That every model has `AT+ZRST`; it is what restarts U03 and MF dongles in scripts of their owners.',
    'Which of about sixty USB ids has its AT port where: five are known, the others are probed.',
    'What its greeting and its answer to an unknown command look like.',
  ],
  // ModemManager's zte rules name the interface by product; these are confirmed, the rest is probing.
  usb: [
    { id: '19d2:0016', at: [2] },
    { id: '19d2:0017', at: [2] },
    { id: '19d2:0031', at: [3] },
    { id: '19d2:0117', at: [2] },
    { id: '19d2:0125', at: [5] },
    { id: '19d2:1515', at: [0] },
    { id: '19d2:*', at: [] },
  ],
  identify: { manufacturer: /zte/i },
  // `ICCID: …` without a plus; others know only the long command (modemdata, QModem).
  iccid: ['AT+ICCID', 'AT+ZGETICCID', 'AT+CCID', 'AT+CRSM=176,12258,0,0,10'],
  // `+ZUSIMR:2` floods the port every two seconds until the stores are asked for, and fills the device's buffers until it
  // crashes (ModemManager asks up to three times). The others end the mode in which it plays a CD drive, and go online
  // (gammu sends both when it opens one).
  quiet: ['AT+CPMS?', 'AT+ZCDRUN=8', 'AT+ZOPRT=5'],
  // Mode 2 is advertised and refused by some (oFono).
  notify: ['2,1,0,0,0', '1,1,0,0,0', '2,1', '1,1'],
  urcs: [
    // Comes again and again, whatever the card does: no sign of a change.
    { prefix: '+ZUSIMR:', kind: 'noise' },
    // In the manual of MC2261.
    { prefix: '+ZSMMEMFULL:', kind: 'store-full' },
    { prefix: '+ZRSSI:', kind: 'noise' },
    { prefix: '+ZPASR:', kind: 'noise' },
    { prefix: '+ZDONR:', kind: 'noise' },
  ],
  // `+ZPINPUK: 3,10`: PIN, PUK; the test form of the command is what asks (oFono).
  pinTries: { ask: 'AT+ZPINPUK=?', tries: /\+ZPINPUK: ?(\d+)/ },
  // Plain +CFUN is ignored by some (oFono).
  radio: { off: 'AT+ZOPRT=6', on: 'AT+ZOPRT=5', pauseMs: 10_000 },
  reset: { command: 'AT+ZRST', backMs: 40_000 },
  // Card changes are not announced (oFono).
  pollCardMs: 15_000,
});

export const transcript = `
< +ZUSIMR:2
< +ZDONR: "Test",1,1,"CS_PS","ROAM_OFF"
< +ZPASR: "UMTS"

> ATE0
< OK

> AT+CMEE=1
< OK

> AT+CGMI
< ZTE INCORPORATED
< OK

> AT+CGMM
< MF190
< OK

> AT+CGMR
< BD_MF190V1.0.0B04
< OK

> AT+CGSN
< 001010123456780
< OK

> AT+CPIN?
< +CPIN: READY
< OK

> AT+ICCID
< ICCID: 8999000000000000013
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

> AT+ZPINPUK=?
< +ZPINPUK: 3,10
< OK

> AT+ZCDRUN=8
< Close autorun state result(0:FAIL 1:SUCCESS):1
< OK

> AT+ZOPRT=5
< OK

> AT+ZRST
< OK
`;
