/** Cinterion PLS8: only bfr=1, received messages never to ME, card states by ^SCKS and ^SIND. */
import { transcript } from '../../../drivers/cinterion.ts';
import type { Command } from '../commands.ts';
import { definePersona } from '../persona.ts';
import { cme, ERROR, OK } from '../reply.ts';
import { splitArguments } from '../syntax.ts';

/** 0 no card, 1 in. */
const cardState: Command = (device, call) => {
  if (call.form === 'test') return ['^SCKS: (0,1)'];
  if (call.form === 'set') {
    if (call.args !== '0' && call.args !== '1') return ERROR;
    device.settings.kept.set('^SCKS', call.args);
    return OK;
  }
  return [`^SCKS: ${device.settings.kept.get('^SCKS')},${device.sim === null ? 0 : 1}`];
};

/** The indicator: 0 no card, 1 PIN wanted, 2 PUK wanted, 5 loaded. */
const indicator: Command = (device, call) => {
  if (call.form !== 'set') return ERROR;
  const [name] = splitArguments(call.args);
  if (name !== 'simstatus') return cme(50);
  const trouble = device.simTrouble;
  const value = device.smsReady ? 5 : trouble === 11 ? 1 : trouble === 12 ? 2 : trouble === null ? 3 : 0;
  return [`^SIND: simstatus,0,${value}`];
};

export const cinterion = definePersona('cinterion', transcript, {
  capacity: { SM: 30, ME: 25, SR: 0 },
  cnmi: [0, 0, 0, 0, 1],
  // gammu's table of quirks.
  emptySlot: '00',
  lacks: ['+CCID', '+CPINR'],
  bootMs: 250,
  bootLines: { card: null, sms: '+CIEV: simstatus' },
  cardMs: 40,
  smsMs: 100,
  simRemoved: ['+CIEV: simstatus,0'],
  dropsCard: true,
  onUart: false,
  parameters: { '^SCKS': '0', '^SMGO': '0', '^SSMSS': '0' },
  commands: { '^SCKS': cardState, '^SIND': indicator },
});
