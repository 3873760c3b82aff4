/** Telit LE910C1: says READY before its stores are loaded; #QSS tells how far it is. */
import { transcript } from '../../../drivers/telit-le910.ts';
import type { Command } from '../commands.ts';
import type { Device } from '../device.ts';
import { definePersona } from '../persona.ts';
import { ERROR, OK } from '../reply.ts';

/** 0 no card, 1 in, 2 PIN done, 3 stores loaded. */
function status(device: Device): number {
  if (device.smsReady) return 3;
  if (device.simTrouble === 10) return 0;
  return device.simTrouble === null ? 2 : 1;
}

const querySim: Command = (device, call) => {
  if (call.form === 'test') return ['#QSS: (0-2)'];
  if (call.form === 'set') {
    if (!['0', '1', '2'].includes(call.args)) return ERROR;
    device.settings.kept.set('#QSS', call.args);
    return OK;
  }
  return [`#QSS: ${device.settings.kept.get('#QSS')},${status(device)}`];
};

export const telitLe910 = definePersona('telit-le910', transcript, {
  capacity: { SM: 40, ME: 100, SR: 0 },
  lacks: ['+CPINR', '+CCID'],
  bootMs: 250,
  bootLines: { card: '#QSS: 2', sms: '#QSS: 3' },
  cardMs: 40,
  smsMs: 200,
  simRemoved: ['#QSS: 0'],
  dropsCard: true,
  resets: ['#REBOOT', '+CFUN=1,1'],
  onUart: false,
  parameters: { '#QSS': '2' },
  commands: { '#QSS': querySim },
});
