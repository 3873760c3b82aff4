/** Quectel M95 and kin on a UART: 2G only, its readiness is a level and no bit sum, its ICCID is in quotes. */
import { transcript } from '../../../drivers/quectel-m-uc.ts';
import { definePersona } from '../persona.ts';

export const quectelMUc = definePersona('quectel-m-uc', transcript, {
  capacity: { SM: 30, ME: 20, SR: 0 },
  cmee: 1,
  cscs: 'GSM',
  cnmi: [2, 1, 0, 0, 0],
  lacks: ['+CEREG', '+CCID'],
  bootMs: 150,
  bootLines: { card: '+CPIN: READY', sms: 'Call Ready' },
  cardMs: 20,
  smsMs: 80,
  simRemoved: ['+CPIN: NOT INSERTED'],
  noise: { everyMs: 90_000, lines: ['+QNITZ: "26/11/21,12:00:00+00,0"'] },
  access: null,
  parameters: { '+QNITZ': '0', '+QCLIP': '0' },
  commands: {
    // 0 no card, 1 read, 2 being loaded, 3 all loaded.
    '+QINISTAT': (device, call) => {
      if (call.form === 'test') return ['+QINISTAT: (0-3)'];
      return [`+QINISTAT: ${device.smsReady ? 3 : device.simTrouble === null ? 1 : 0}`];
    },
  },
});
