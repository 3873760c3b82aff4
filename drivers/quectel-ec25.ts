/** Quectel EC20, EC21, EC25, EG21, EG25: Qualcomm based LTE modules. */
import { defineDriver } from '../src/modem/driver.ts';

export default defineDriver({
  name: 'quectel-ec25',
  title: 'Quectel EC2x/EG2x',
  identify: { manufacturer: /quectel/i, model: /^E[CG]2\d/ },
  // `+QCCID: 8986…`, some firmwares with a trailing F (QModem transcripts, modemdata).
  iccid: ['AT+QCCID', 'AT+CCID', 'AT+CRSM=176,12258,0,0,10'],
  // URCs go to one tty only; some units come with another than the AT port (serialport-gsm #12, #32). IMS and carrier
  // profile settings are kept in the module and belong to the SIM: not here.
  init: [{ set: 'AT+QURCCFG="urcport","usbat"', read: 'AT+QURCCFG="urcport"', expect: /"usbat"/ }],
  // ds stays 0: reports on EC25/EG25 are stored in SR but announced as `+CDSI: "SM",0`, which mixes up messages
  // (asterisk-chan-quectel PR 75).
  notify: ['2,1,0,0,0'],
  urcs: [
    { prefix: '+QUSIM:', kind: 'sim-state' },
    { prefix: '+QSIMSTAT:', kind: 'sim-state', answerFields: 2 },
    { prefix: '+QIND: SMS DONE', kind: 'sms-ready' },
    { prefix: '+QIND:', kind: 'noise' },
    { prefix: '+QNITZ:', kind: 'noise' },
    { prefix: '^DSCI:', kind: 'noise' },
  ],
});

export const transcript = `
> AT+CGMI
< Quectel
< OK
> AT+CGMM
< EC25
< OK
> AT+QCCID
< +QCCID: 8999000000000000011F
< OK
`;
