/** V.250 and the identity and control commands of 27.007 clauses 5, 8 and 9. */

import type { Command } from './commands.ts';
import type { Device } from './device.ts';
import { cme, ERROR, OK, type Reply } from './reply.ts';
import { defaultSettings } from './settings.ts';
import { spelled } from './spelling.ts';
import { splitArguments } from './syntax.ts';

const accept: Command = () => OK;

/** A numeric parameter with a range; the setter gets the number. */
function parameter(
  range: readonly number[],
  get: (device: Device) => number,
  set: (device: Device, value: number) => void,
): Command {
  return (device, call) => {
    switch (call.form) {
      case 'read':
        return [`${call.name}: ${get(device)}`];
      case 'test':
        return [`${call.name}: (${range.join(',')})`];
      case 'set': {
        const value = Number(splitArguments(call.args)[0] ?? '');
        if (call.args === '' || !range.includes(value)) return cme(50);
        set(device, value);
        return OK;
      }
      case 'run':
        return ERROR;
    }
  };
}

/** A basic command with the digits 0 and 1. */
function basic(set: (device: Device, on: boolean) => void): Command {
  return (device, call) => {
    if (call.args !== '' && call.args !== '0' && call.args !== '1') return ERROR;
    set(device, call.args === '1');
    return OK;
  };
}

/** Fixed information; the test form of such a command just says OK. */
function information(lines: (device: Device) => readonly string[]): Command {
  return (device, call) => {
    if (call.form === 'test') return OK;
    return call.form === 'run' ? lines(device) : ERROR;
  };
}

/** What the family's transcript shows for an identity command, under either of its names. */
function worn(name: string): Command {
  return information((device) => device.persona.transcript.exchanges.get(name)?.lines ?? []);
}

const manufacturer = worn('+CGMI');
const model = worn('+CGMM');
const revision = worn('+CGMR');
const serialNumber = (device: Device): Reply =>
  spelled(device, device.persona.spellings.get('+CGSN') ?? ['{imei}']);

const serial: Command = (device, call) => {
  if (call.form === 'test') return call.name === '+CGSN' ? ['+CGSN: (0,1)'] : OK;
  // 27.007 §5.4: <snt> 1 is the IMEI with its prefix.
  if (call.form === 'set') return call.args === '1' ? [`+CGSN: "${device.imei}"`] : cme(50);
  return call.form === 'run' ? serialNumber(device) : ERROR;
};

const functionality: Command = (device, call) => {
  if (call.form === 'read') return [`+CFUN: ${device.functionality}`];
  const { functionalities, obeysCfun } = device.persona;
  if (call.form === 'test') return [`+CFUN: (${functionalities.join(',')}),(0,1)`];
  if (call.form !== 'set') return ERROR;
  const [fun = ''] = splitArguments(call.args);
  if (!/^\d+$/.test(fun) || !functionalities.includes(Number(fun))) return cme(50);
  if (obeysCfun) device.setFunctionality(Number(fun));
  return OK;
};

const characterSet: Command = (device, call) => {
  if (call.form === 'read') return [`+CSCS: "${device.settings.cscs}"`];
  if (call.form === 'test') return ['+CSCS: ("IRA","GSM","UCS2")'];
  const wanted = splitArguments(call.args)[0]?.toUpperCase() ?? '';
  if (call.form !== 'set' || !['IRA', 'GSM', 'UCS2'].includes(wanted)) return cme(50);
  device.settings.cscs = wanted;
  return OK;
};

const clock: Command = (_device, call) => {
  if (call.form !== 'read') return OK;
  const now = new Date().toISOString();
  return [`+CCLK: "${now.slice(2, 10).replaceAll('-', '/')},${now.slice(11, 19)}+00"`];
};

function factoryReset(device: Device): void {
  device.settings = defaultSettings(device.persona, device.settings.smsc);
}

export const generalCommands: Readonly<Record<string, Command>> = {
  E: basic((device, on) => {
    device.settings.echo = on;
  }),
  V: basic((device, on) => {
    device.settings.verbose = on;
  }),
  Q: basic((device, on) => {
    device.settings.quiet = on;
  }),
  Z: (device) => {
    // V.250 §6.1.1: back to the stored profile, which is the factory's here.
    Object.assign(device.settings, { echo: true, verbose: true, quiet: false });
    return OK;
  },
  '&F': (device) => {
    factoryReset(device);
    return OK;
  },
  I: information(({ persona }) =>
    ['+CGMI', '+CGMM', '+CGMR'].flatMap((name) => persona.transcript.exchanges.get(name)?.lines ?? []),
  ),
  X: accept,
  L: accept,
  M: accept,
  D: () => ERROR,
  '&C': accept,
  '&D': accept,
  '&K': accept,
  '&S': accept,
  '&W': accept,
  '&V': accept,
  S0: (_device, call) => (call.form === 'read' ? ['000'] : OK),
  S3: (_device, call) => (call.form === 'read' ? ['013'] : OK),
  S4: (_device, call) => (call.form === 'read' ? ['010'] : OK),
  S7: accept,
  '+CGMI': manufacturer,
  '+GMI': manufacturer,
  '+CGMM': model,
  '+GMM': model,
  '+CGMR': revision,
  '+GMR': revision,
  '+CGSN': serial,
  '+GSN': serial,
  '+GCAP': information(() => ['+GCAP: +CGSM']),
  '+CMEE': parameter(
    [0, 1, 2],
    (device) => device.settings.cmee,
    (device, value) => {
      device.settings.cmee = value;
    },
  ),
  '+CFUN': functionality,
  '+CSCS': characterSet,
  '+CCLK': clock,
  '+CPAS': information(() => ['+CPAS: 0']),
  '+IPR': (_device, call) => (call.form === 'read' ? ['+IPR: 115200'] : OK),
  '+IFC': (_device, call) => (call.form === 'read' ? ['+IFC: 0,0'] : OK),
  '+ICF': (_device, call) => (call.form === 'read' ? ['+ICF: 3,3'] : OK),
};
