/** Wavecom Q2403, Q2406, Q24plus, Q26: the GSM modules of old pools, on UARTs. */
import { defineDriver } from '../src/modem/driver.ts';

export default defineDriver({
  name: 'wavecom-q24',
  title: 'Wavecom Q24 pools',
  state: 'proven',
  unconfirmed: [
    'How many tries for the PIN are left: no source names a command, so no PIN is ever sent.',
    'What units sold by Sierra Wireless call themselves; name this driver in the configuration where they are not recognised.',
    'Whether `AT+CFUN=1` restarts every firmware; it does on part of them.',
  ],
  // `AT+CGMI` is ` WAVECOM MODEM`, with a space in front; the model is its bands: ` MULTIBAND  900E  1800`.
  identify: { manufacturer: /wavecom/i },
  // `+CCID: "8949…"`, in quotes.
  iccid: ['AT+CCID', 'AT+CRSM=176,12258,0,0,10'],
  // Its indications are a mask: 1 card put in or taken out, 4 and 8 the two ends of booting. The chatter about calls, audio
  // and phone books stays off (Wavecom's command manual; the meanings as in Qt Extended's wavecom plugin).
  quiet: ['AT+WIND=13'],
  // `+CPMS: (("SM","BM","SR"),("SM"))`, doubled parentheses; three memories are refused, older units take one
  // (python-gsmmodem's recordings, oFono).
  namedStores: [2, 1, 3],
  stores: ['SM'],
  notify: ['2,1,0,0,0', '2,1', '1,1,0,0,0', '1,1'],
  urcs: [
    { prefix: '+WIND: 0', kind: 'sim-state' },
    { prefix: '+WIND: 1', kind: 'sim-state' },
    // Ready for the first commands after power-on, then for all of them.
    { prefix: '+WIND: 3', kind: 'restarted' },
    { prefix: '+WIND: 4', kind: 'sms-ready' },
    { prefix: '+WIND: 7', kind: 'registration' },
    { prefix: '+WIND: 8', kind: 'registration' },
    { prefix: '+WIND:', kind: 'noise' },
  ],
  pinTries: null,
  logicalChannels: 'no',
  // 1 is a restart by software on these, and 0 leaves the network.
  radio: { off: 'AT+CFUN=0', on: 'AT+CFUN=1', pauseMs: 10_000 },
  reset: { command: 'AT+CFUN=1', backMs: 20_000 },
  // `+CPIN: READY` ends without OK (oFono's wavecom quirk, python-gsmmodem's recordings).
  withoutOk: ['+CPIN'],
  // The card's detect pin is often not wired: it must be in before power-on, and nothing says when it goes.
  pollCardMs: 15_000,
  deadlines: {
    // CME 515, «please wait», while it loads the card.
    '+CMGL': 45_000,
    '+CFUN': 20_000,
  },
});

export const transcript = `
< +WIND: 1
< +WIND: 3
< +WIND: 4
< +WIND: 7

> ATE0
< OK

> AT+CMEE=1
< OK

> AT+CGMI
<  WAVECOM MODEM
< OK

> AT+CGMM
<  MULTIBAND  900E  1800 
< OK

> AT+CGMR
< 651b09gg.Q2406B 244 041410 13:45
< OK

> AT+CGSN
< 001010123456780
< OK

> AT+CPIN?
< +CPIN: READY

> AT+CCID
< +CCID: "8999000000000000013"
< OK

> AT+CIMI
< 001010000000013
< OK

> AT+CPMS=?
< +CPMS: (("SM","BM","SR"),("SM"))
< OK

> AT+WIND=13
< OK

> AT+CPMS="SM","SM","SR"
< ERROR

> AT+XYZZY
< ERROR

> AT+CFUN=1
< OK
`;
