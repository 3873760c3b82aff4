/** Quectel EC20, EC21, EC25, EG21, EG25, EP06 and their Qualcomm based kin: LTE modules. */
import { defineDriver } from '../src/modem/driver.ts';

/** Diagnostics, NMEA, AT, AT (also PPP), then QMI or ECM (ModemManager's quectel rules). */
const QUALCOMM = { at: [2, 3], never: [0, 1] } as const;

export default defineDriver({
  name: 'quectel-ec25',
  title: 'Quectel EC2x/EG2x/EP06',
  state: 'proven',
  unconfirmed: [
    'Logical channels are reported to work on EG25 and EC20; for EP06 nobody has said so.',
    'Where class 0 messages go with stored delivery.',
  ],
  usb: [
    { id: '2c7c:0121', ...QUALCOMM }, // EC21
    { id: '2c7c:0125', ...QUALCOMM }, // EC25, EG25-G, EC20 R2.1
    { id: '2c7c:0306', ...QUALCOMM }, // EP06, EG06, EM06
    { id: '2c7c:0191', ...QUALCOMM }, // EG91
    { id: '2c7c:0195', ...QUALCOMM }, // EG95
    { id: '2c7c:0296', ...QUALCOMM }, // BG96
    { id: '2c7c:0512', ...QUALCOMM }, // EG12
    { id: '2c7c:0800', ...QUALCOMM }, // RM500Q
    { id: '2c7c:0801', ...QUALCOMM }, // RM520N: an APDU on the wrong tty can freeze it (lpac#182)
    { id: '2c7c:0128', at: [5], never: [3, 4] }, // EM060K
    // Qualcomm's own ids, worn by the first EC20 and by UC20 and UC15 alike: the kernel's option driver, QModem.
    { id: '05c6:9215', ...QUALCOMM },
  ],
  // EC200, EG912, EG915 and EG916 are ASR, Unisoc or Eigencomm based and have a driver of their own.
  identify: {
    manufacturer: /quectel/i,
    model: /^(E[CG]2\d|EG9[15]|E[GPM]\d\d|EM\d{3}[A-Z]|BG9\d|RM5\d\dQ|RM5\d\dN)(?!\d)/,
  },
  // `+QCCID: 8986…`, some firmwares with a trailing F (QModem transcripts, modemdata).
  iccid: ['AT+QCCID', 'AT+CCID', 'AT+CRSM=176,12258,0,0,10'],
  // URCs go to one tty only; some units come with another than the AT port (serialport-gsm #12, #32). IMS and carrier
  // profile are kept in the module and belong to the SIM: not here. Nor card detection (+QSIMDET): where the pin is not
  // wired, or its level is wrong, it makes the card vanish (Quectel forum 6164, 47380).
  init: [{ set: 'AT+QURCCFG="urcport","usbat"', read: 'AT+QURCCFG="urcport"', expect: /"usbat"/ }],
  // ds stays 0: reports on EC25/EG25 are stored in SR but announced as `+CDSI: "SM",0`, which mixes up messages
  // (asterisk-chan-quectel PR 75). Many Qualcomm firmwares advertise ds=1 and then refuse it (ModemManager).
  notify: ['2,1,0,0,0', '1,1,0,0,0', '2,1', '1,1'],
  // Announcements of place 0 are seen (asterisk-chan-quectel PR 75).
  firstIndex: 0,
  urcs: [
    { prefix: '+QUSIM:', kind: 'sim-state' },
    { prefix: '+QSIMSTAT:', kind: 'sim-state', answerFields: 2 },
    { prefix: '+QIND: SMS DONE', kind: 'sms-ready' },
    { prefix: '+QIND: PB DONE', kind: 'noise' },
    { prefix: '+QIND: "act"', kind: 'noise' },
    { prefix: '+QIND:', kind: 'noise' },
    { prefix: '+QNITZ:', kind: 'noise' },
    // The state of every call; RING and +CLIP say the same of those that come in.
    { prefix: '^DSCI:', kind: 'noise' },
    { prefix: '^DCONN:', kind: 'noise' },
  ],
  // A bit sum: 1 CPIN, 2 SMS, 4 phone book; 7 is all, and 3 all that BG96 has (ModemManager, BG96 forum threads).
  smsReady: { ask: 'AT+QINISTAT', ready: /\+QINISTAT: ?[2367]\b/ },
  // `+QPINC: "SC",3,10`: tries for PIN1, for PUK1; a line for PIN2 follows (ModemManager, oFono).
  pinTries: { ask: 'AT+QPINC?', tries: /\+QPINC: ?"?SC"?,(\d+)/ },
  // EG25 and EC20: CCHO, CGLA and CCHC work where CSIM opens a channel and then fails on it (lpac#164, #35).
  logicalChannels: 'yes',
  // 0 leaves it to the carrier profile, 1 is on, 2 off; it cures SMS for some operators and breaks it for others
  // (VoCat PR 77, pinephone_modem_sdk#40).
  ims: {
    read: 'AT+QCFG="ims"',
    on: { set: 'AT+QCFG="ims",1', expect: /"ims",1/ },
    off: { set: 'AT+QCFG="ims",2', expect: /"ims",2/ },
  },
  // The profile of the SIM before stays active (VoCat PR 110).
  carrierProfile: { read: 'AT+QMBNCFG="List"', select: 'AT+QMBNCFG="Select","%s"' },
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
< EC25
< OK

> AT+CGMR
< EC25EFAR06A06M4G
< OK

> AT+CGSN
< 001010123456780
< OK

> AT+CPIN?
< +CPIN: READY
< OK

> AT+QCCID
< +QCCID: 8999000000000000013F
< OK

> AT+CIMI
< 001010000000013
< OK

> AT+CPMS=?
< +CPMS: ("ME","MT","SM","SR"),("ME","MT","SM","SR"),("ME","MT","SM","SR")
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

> AT+QURCCFG="urcport"
< +QURCCFG: "urcport","usbat"
< OK

> AT+QCFG="ims"
< +QCFG: "ims",0,0
< OK

> AT+XYZZY
< ERROR

> AT+CFUN=1,1
< OK
`;
