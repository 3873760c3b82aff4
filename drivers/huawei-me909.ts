/** Huawei ME909, ME906, MU609, MU709, MU736: modules for embedding. */
import { defineDriver } from '../src/modem/driver.ts';

export default defineDriver({
  name: 'huawei-me909',
  title: 'Huawei ME909, MU609, MU736',
  unconfirmed: [
    'Whether message places count from 0 as on the sticks.',
    'Whether an eUICC can be managed over AT.',
    'Whether the second value of `+CNMI` means what 27.005 says: the manual of EM770W, an older module, has it otherwise.',
    'That `AT^RESET` answers before the modem goes; MU736 ignores it and wants `AT+CFUN=16`.',
  ],
  usb: [
    // Ports by protocol as on the sticks (ModemManager's huawei rules).
    { id: '12d1:15c1', at: [], atProtocols: [0x02, 0x01] }, // ME909s
    // MU609 crashes when it is asked for its port map (ModemManager): the protocols must do.
    { id: '12d1:1573', at: [], atProtocols: [0x02, 0x01] },
  ],
  identify: { manufacturer: /huawei/i, model: /^M[EU]\d{3}/ },
  iccid: ['AT^ICCID?', 'AT+CCID', 'AT+CRSM=176,12258,0,0,10'],
  quiet: ['AT^CURC=0', 'AT^PORTSEL=1'],
  notify: ['2,1,0,0,0', '1,1,0,0,0', '2,1,0,0,1', '2,1', '1,1'],
  firstIndex: 0,
  urcs: [
    { prefix: '^SYSSTART', kind: 'restarted' },
    // Every few seconds until the modem is answered or quieted: a greeting, not a restart (ModemManager's huawei plugin).
    { prefix: '^BOOT:', kind: 'noise' },
    { prefix: '^SIMST:', kind: 'sim-state' },
    { prefix: '^SRVST:', kind: 'registration' },
    { prefix: '^MODE:', kind: 'registration' },
    { prefix: '^SMMEMFULL:', kind: 'store-full' },
    { prefix: '^RSSI:', kind: 'noise' },
    { prefix: '^CERSSI:', kind: 'noise' },
    { prefix: '^HCSQ:', kind: 'noise' },
    { prefix: '^LTERSRP:', kind: 'noise' },
    { prefix: '^ANLEVEL:', kind: 'noise' },
    { prefix: '^DSFLOWRPT:', kind: 'noise' },
    { prefix: '^STIN:', kind: 'noise' },
    { prefix: '^ECCLIST:', kind: 'noise' },
    { prefix: '^NWTIME:', kind: 'noise' },
    { prefix: '^EONS:', kind: 'noise' },
    { prefix: '^LWURC:', kind: 'noise' },
    { prefix: '^NDISSTAT:', kind: 'noise' },
    // Stages of a call that was dialled; the end is told of every call.
    { prefix: '^ORIG:', kind: 'noise' },
    { prefix: '^CONF:', kind: 'noise' },
    { prefix: '^CONN:', kind: 'noise' },
    { prefix: '^CEND:', kind: 'call-over' },
  ],
  // `^CPIN: READY,,10,3,10,3`: state, tries of what is asked for, PUK1, PIN1, PUK2, PIN2 (ModemManager, oFono).
  pinTries: { ask: 'AT^CPIN?', tries: /\^CPIN: ?[^,]*,[^,]*,\d*,(\d+)/ },
  ussd: 'packed',
  radio: { off: 'AT+CFUN=7', on: 'AT+CFUN=1', pauseMs: 10_000 },
  reset: { command: 'AT^RESET', backMs: 60_000 },
  refusals: ['COMMAND NOT SUPPORT', 'TOO MANY PARAMETERS'],
  pollCardMs: 15_000,
});

export const transcript = `
< ^SYSSTART
< ^SIMST: 1
< ^SRVST: 2

> ATE0
< OK

> AT+CMEE=1
< OK

> AT+CGMI
< Huawei Technologies Co., Ltd.
< OK

> AT+CGMM
< ME909s-120
< OK

> AT+CGMR
< 11.617.24.00.00
< OK

> AT+CGSN
< 001010123456780
< OK

> AT+CPIN?
< +CPIN: READY
< OK

> AT^ICCID?
< ^ICCID: 8999000000000000013
< OK

> AT+CIMI
< 001010000000013
< OK

> AT+CPMS=?
< +CPMS: ("SM","ME"),("SM","ME"),("SM","ME")
< OK

> AT+CNMI=?
< +CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)
< OK

> AT^CPIN?
< ^CPIN: READY,,10,3,10,3
< OK

> AT+XYZZY
< COMMAND NOT SUPPORT

> AT^RESET
< OK
`;
