/** SIMCom SIM300, SIM600, SIM800, SIM900: GSM modules, nearly always on a UART. */
import { defineDriver } from '../src/modem/driver.ts';

export default defineDriver({
  name: 'simcom-sim800',
  title: 'SIMCom SIM800/SIM900',
  unconfirmed: [
    'That SIM800 and SIM900 drop the sibling parts of a deleted message as SIM600 does: taken for granted, to be safe.',
    'Which firmwares say `SMS Ready`; SIM900 is only known to say `Call Ready`.',
  ],
  usb: [
    // Older SIMCom modules with USB (ModemManager's simtech rules).
    { id: '1e0e:9100', at: [3, 1] },
    { id: '1e0e:9200', at: [3, 1] },
    { id: '1e0e:cefe', at: [2, 0, 1] },
  ],
  identify: { manufacturer: /simcom/i, model: /^(SIMCOM[_ ])?SIM[2-689]\d\d(?!\d)/i },
  // Bare digits, with a trailing F on some (Waveshare and LilyGO threads).
  iccid: ['AT+CCID', 'AT+CRSM=176,12258,0,0,10'],
  // Status reports come over the line or not at all: ds=2 is not in its +CNMI=? (python-gsmmodem#60).
  notify: ['2,1,0,0,0', '1,1,0,0,0', '2,1', '1,1'],
  urcs: [
    // With an automatic baud rate none of these comes before the first AT (esp-protocols#789).
    { prefix: 'SMS Ready', kind: 'sms-ready' },
    { prefix: 'Call Ready', kind: 'noise' },
    { prefix: 'UNDER-VOLTAGE WARNNING', kind: 'noise' },
    { prefix: 'UNDER-VOLTAGE WARNING', kind: 'noise' },
    { prefix: 'OVER-VOLTAGE WARNNING', kind: 'noise' },
    { prefix: 'OVER-VOLTAGE POWER DOWN', kind: 'restarted' },
    { prefix: '*PSUTTZ:', kind: 'noise' },
    { prefix: '*PSNWID:', kind: 'noise' },
    { prefix: 'DST:', kind: 'noise' },
    { prefix: '+CSMINS:', kind: 'sim-state', answerFields: 2 },
    { prefix: '+STIN:', kind: 'noise' },
  ],
  // 1 once calls and messages are possible; `SMS Ready` follows at once where it is sent.
  smsReady: { ask: 'AT+CCALR?', ready: /\+CCALR: ?1/ },
  // PIN1 is the first of four; PIN2, PUK1 and PUK2 follow (SIM800 command manual 6.2.3).
  pinTries: { ask: 'AT+SPIC', tries: /\+SPIC: ?(\d+)/ },
  // SIM600: deleting one part makes the modem drop the others of the same message (smstools, check_memory_method 5).
  deletesSiblings: true,
  logicalChannels: 'no',
  // SIM800L sees a card that was put in later only after its radio was off (smstools, check_sim).
  radio: { off: 'AT+CFUN=0', on: 'AT+CFUN=1', pauseMs: 10_000 },
  pollCardMs: 15_000,
});

export const transcript = `
< RDY
< +CFUN: 1
< +CPIN: READY
< Call Ready
< SMS Ready

> ATE0
< OK

> AT+CMEE=1
< OK

> AT+CGMI
< SIMCOM_Ltd
< OK

> AT+CGMM
< SIMCOM_SIM800C
< OK

> AT+CGMR
< Revision:1418B04SIM800C24
< OK

> AT+CGSN
< 001010123456780
< OK

> AT+CPIN?
< +CPIN: READY
< OK

> AT+CCID
< 8999000000000000013f
< OK

> AT+CIMI
< 001010000000013
< OK

> AT+CPMS=?
< +CPMS: ("SM","ME","SM_P","ME_P","MT"),("SM","ME","SM_P","ME_P","MT"),("SM","ME","SM_P","ME_P","MT")
< OK

> AT+CNMI=?
< +CNMI: (0-3),(0-3),(0,2),(0,1),(0,1)
< OK

> AT+CCALR?
< +CCALR: 1
< OK

> AT+SPIC
< +SPIC: 3,3,10,10
< OK

> AT+CFUN=1,1
< OK
`;
