/** Quectel EC200, EC600, EC800, EG800, EG912, EG915, EG916: Cat 1 modules on chips of ASR, Unisoc and Eigencomm. */
import { defineDriver } from '../src/modem/driver.ts';

export default defineDriver({
  name: 'quectel-ec200',
  title: 'Quectel EC200/EG91x (ASR, Unisoc)',
  unconfirmed: [
    'Which interface speaks AT on EC200U, EG912Y, EC200S, EC200A and EC200T: found by probing.',
    'That `AT+QINISTAT` is a bit sum as on EC25, and that `+QIND: SMS DONE` is sent.',
    'That `AT+QPINC?` exists on every chip.',
    'Logical channels: EG916Q has switched an eUICC; the others are not reported.',
  ],
  // Not the ports of the Qualcomm based ones; of EG916Q the kernel says diagnostics, NMEA, AT, modem.
  usb: [
    { id: '2c7c:0901', at: [] }, // EC200U, EG915U
    { id: '2c7c:6001', at: [] }, // EG912Y
    { id: '2c7c:6002', at: [] }, // EC200S
    { id: '2c7c:6005', at: [] }, // EC200A
    { id: '2c7c:6007', at: [2, 3], never: [0, 1] }, // EG916Q
    { id: '2c7c:6026', at: [] }, // EC200T
  ],
  identify: { manufacturer: /quectel/i, model: /^E[CG](200|600|800|9\d\d)/ },
  // RM500U (Unisoc) refuses AT+ICCID with CME 4 (QModem transcript).
  iccid: ['AT+QCCID', 'AT+CCID', 'AT+CRSM=176,12258,0,0,10'],
  init: [{ set: 'AT+QURCCFG="urcport","usbat"', read: 'AT+QURCCFG="urcport"', expect: /"usbat"/ }],
  notify: ['2,1,0,0,0', '1,1,0,0,0', '2,1', '1,1'],
  urcs: [
    { prefix: '+QUSIM:', kind: 'sim-state' },
    { prefix: '+QSIMSTAT:', kind: 'sim-state', answerFields: 2 },
    { prefix: '+QIND: SMS DONE', kind: 'sms-ready' },
    { prefix: '+QIND:', kind: 'noise' },
    { prefix: '+QNITZ:', kind: 'noise' },
    // The state of every call; RING and +CLIP say the same of those that come in.
    { prefix: '^DSCI:', kind: 'noise' },
  ],
  smsReady: { ask: 'AT+QINISTAT', ready: /\+QINISTAT: ?[2367]\b/ },
  pinTries: { ask: 'AT+QPINC?', tries: /\+QPINC: ?"?SC"?,(\d+)/ },
  // EG916Q wants a +CFUN cycle after a switch of profiles (SimAdmin#31, mdd-sim-gateway PR 5).
  logicalChannels: 'unknown',
});

export const transcript = `
< RDY
< +CFUN: 1
< +CPIN: READY
< +QUSIM: 1
< +QIND: SMS DONE
< +QIND: PB DONE

> ATE0
< OK

> AT+CMEE=1
< OK

> AT+CGMI
< Quectel
< OK

> AT+CGMM
< EC200U
< OK

> AT+CGMR
< EC200UCNAAR03A05M08
< OK

> AT+CGSN
< 001010123456780
< OK

> AT+CPIN?
< +CPIN: READY
< OK

> AT+QCCID
< +QCCID: 8999000000000000013
< OK

> AT+CIMI
< 001010000000013
< OK

> AT+CPMS=?
< +CPMS: ("SM","ME","MT"),("SM","ME","MT"),("SM","ME","MT")
< OK

> AT+CNMI=?
< +CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)
< OK

> AT+QINISTAT
< +QINISTAT: 7
< OK

> AT+QPINC?
< +QPINC: "SC",3,10
< +QPINC: "P2",3,10
< OK

> AT+CFUN=1,1
< OK
`;
