/**
 * Commands that change a modem's identity, of every family that has one. They are never sent, whoever asks: nothing here helps
 * anyone pose as another device.
 */
const IDENTITY =
  /\+EGMR|\+SIMEI|\^PHYNUM|\^CIMEI|\*EGMREXT|\+CGSN ?=\s*[^01?]|\+GSN ?=|!NVIMEI|!IMEI ?=|#IMEI ?=|\$\$?IMEI|\+WIMEI|\+MODIMEI|\+TSIMEI|\+ZIMEI|\+GTSN ?=\s*1|\+ESIMEI|\+NVWRITE|\^NVWR|\+QNVFW|\+QNVW|\+SPIMEI|\+IMEI ?=/i;

export function changesIdentity(command: string): boolean {
  return IDENTITY.test(command);
}
