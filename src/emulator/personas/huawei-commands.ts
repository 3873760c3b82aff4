/** What Huawei's sticks and modules have in common (ModemManager's and oFono's huawei plugins). */
import type { Command } from '../commands.ts';
import { cme, ERROR, OK } from '../reply.ts';

export const huaweiCommands: Readonly<Record<string, Command>> = {
  // State, tries of what is asked for, PUK1, PIN1, PUK2, PIN2.
  '^CPIN': (device, call) => {
    if (call.form !== 'read') return ERROR;
    const refusal = device.refuseCard();
    const { sim } = device;
    if (refusal !== null || sim === null) return refusal ?? cme(10);
    const [state, asked] =
      device.simTrouble === null
        ? ['READY', '']
        : sim.pinTries === 0
          ? ['SIM PUK', sim.pukTries]
          : ['SIM PIN', sim.pinTries];
    return [`^CPIN: ${state},${asked},${sim.pukTries},${sim.pinTries},10,3`];
  },
  // 1 brings notices to this port; forgotten with the power.
  '^PORTSEL': (device, call) => {
    if (call.form !== 'set' || !['0', '1'].includes(call.args)) return ERROR;
    device.settings.kept.set('urcport', call.args === '1' ? 'usbat' : 'usbmodem');
    return OK;
  },
  '^SYSINFO': (device) => [
    `^SYSINFO: ${device.radio.registered ? '2,3' : '0,0'},0,5,${device.sim === null ? 255 : 1}`,
  ],
};

/** <fun> of +CFUN: 5 is a factory's test mode, 6 a reset without OK, 7 offline. */
export const HUAWEI_FUNCTIONALITIES = [0, 1, 4, 5, 7];
