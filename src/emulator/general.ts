/** V.250 and the identity and control commands of 27.007 clauses 5, 8 and 9. */

import { inCharset } from './charset.ts';
import type { Command } from './commands.ts';
import type { Device } from './device.ts';
import { cme, ERROR, OK } from './reply.ts';
import { defaultSettings } from './settings.ts';
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

const manufacturer = information((device) => [device.persona.manufacturer]);
const model = information((device) => [device.persona.model]);
const revision = information((device) => [device.persona.revision]);

const serial: Command = (device, call) => {
  if (call.form === 'test') return call.name === '+CGSN' ? ['+CGSN: (0,1)'] : OK;
  // 27.007 §5.4: <snt> 1 is the IMEI with its prefix.
  if (call.form === 'set') return call.args === '1' ? [`+CGSN: "${device.imei}"`] : cme(50);
  return call.form === 'run' ? [device.imei] : ERROR;
};

const functionality: Command = (device, call) => {
  if (call.form === 'read') return [`+CFUN: ${device.functionality}`];
  if (call.form === 'test') return ['+CFUN: (0,1,4),(0,1)'];
  if (call.form !== 'set') return ERROR;
  const [fun = '', reset = '0'] = splitArguments(call.args);
  if (!['0', '1', '4'].includes(fun)) return cme(50);
  if (fun === '1' && reset === '1') {
    device.line.afterwards(() => device.onReset());
    return OK;
  }
  device.functionality = Number(fun);
  device.line.afterwards(() => device.updateRegistration());
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

const ussd: Command = (device, call) => {
  if (call.form === 'test') return ['+CUSD: (0-2)'];
  if (call.form === 'read') return ['+CUSD: 0'];
  const [, code] = splitArguments(call.args);
  if (call.form !== 'set') return ERROR;
  if (code === undefined || code === '') return OK;
  if (!device.registered) return cme(30);
  const asked = device.settings.cscs === 'UCS2' ? inCharset.read(device, code) : code;
  const answer =
    asked === '*100#'
      ? 'Balance: 5.00'
      : asked === '*101#'
        ? `Number: ${device.sim?.msisdn ?? 'unknown'}`
        : `Unknown code ${asked}`;
  // 27.007 §7.15: the network answers after OK; 0 = nothing more is asked, 15 = default alphabet.
  device.line.afterwards(() => device.urc(`+CUSD: 0,"${inCharset.write(device, answer)}",15`));
  return OK;
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
  I: information((device) => device.persona.about),
  X: accept,
  L: accept,
  M: accept,
  H: accept,
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
  '+CUSD': ussd,
  '+CPAS': information(() => ['+CPAS: 0']),
  '+IPR': (_device, call) => (call.form === 'read' ? ['+IPR: 115200'] : OK),
  '+IFC': (_device, call) => (call.form === 'read' ? ['+IFC: 0,0'] : OK),
  '+ICF': (_device, call) => (call.form === 'read' ? ['+ICF: 3,3'] : OK),
  '+CLIP': (_device, call) =>
    call.form === 'read' ? ['+CLIP: 0,1'] : call.form === 'test' ? ['+CLIP: (0,1)'] : OK,
  '+CRC': (_device, call) =>
    call.form === 'read' ? ['+CRC: 0'] : call.form === 'test' ? ['+CRC: (0,1)'] : OK,
};
