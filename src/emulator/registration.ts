/** Registration, operator and signal (27.007 clauses 7.2, 7.3, 8.5, 10.1). */
import type { Command } from './commands.ts';
import type { Device } from './device.ts';
import { cme, ERROR, OK } from './reply.ts';
import { splitArguments } from './syntax.ts';

/** 27.007 §7.3 <format>: long and short name, and the test network's code. */
const OPERATOR = ['Emulated Network', 'EMU', '00101'] as const;
const registration: Command = (device, call) => {
  const n = device.settings.registration.get(call.name) ?? 0;
  switch (call.form) {
    case 'read': {
      const stat = device.radio.stat(call.name);
      return [`${call.name}: ${n},${stat}${n === 2 ? placeOf(device, stat) : ''}`];
    }
    case 'test':
      return [`${call.name}: (0-2)`];
    case 'set': {
      if (!['0', '1', '2'].includes(call.args)) return cme(50);
      device.settings.registration.set(call.name, Number(call.args));
      return OK;
    }
    case 'run':
      return ERROR;
  }
};

/** Area, cell and <AcT>; bare hex on some, which show zeros when there is no network. */
function placeOf(device: Device, stat: number): string {
  const { cells, access } = device.persona;
  const isOn = stat === 1 || stat === 5;
  const cell = (0xa0000 + device.index).toString(16).toUpperCase();
  if (cells === 'bare') return isOn ? `,1,${cell}` : ',0,0';
  if (!isOn) return '';
  return `,"0001","${cell.padStart(8, '0')}"${access === null ? '' : `,${access}`}`;
}

const operator: Command = (device, call) => {
  const name = (format: number) => `"${format === 2 ? OPERATOR[2] : device.write(OPERATOR[format] ?? '')}"`;
  const access = device.persona.access === null ? '' : `,${device.persona.access}`;
  switch (call.form) {
    case 'read': {
      const { copsFormat } = device.settings;
      if (!device.radio.registered) return [`+COPS: ${device.radio.deregistered ? 2 : 0}`];
      return [`+COPS: 0,${copsFormat},${name(copsFormat)}${access}`];
    }
    case 'test':
      return [`+COPS: (2,${name(0)},${name(1)},${name(2)}${access}),,(0-4),(0-2)`];
    case 'set': {
      const [mode, format] = splitArguments(call.args);
      if (mode === '3') {
        if (!['0', '1', '2'].includes(format ?? '')) return cme(50);
        device.settings.copsFormat = Number(format);
        return OK;
      }
      if (!['0', '1', '2', '4'].includes(mode ?? '')) return cme(50);
      const before = device.radio.deregistered;
      device.radio.deregistered = mode === '2';
      device.line.afterwards(() => {
        if (before && mode !== '2') device.faults.cure('cfun');
        device.radio.update();
      });
      return OK;
    }
    case 'run':
      return ERROR;
  }
};

/** 27.007 §8.5: 0 to 31, 99 when unknown; each modem has its own, so that a table of them looks alive. */
const signal: Command = (device, call) => {
  if (call.form === 'test') return ['+CSQ: (0-31,99),(0-7,99)'];
  if (call.form !== 'run') return ERROR;
  return [`+CSQ: ${device.functionality === 1 ? 12 + ((device.index * 7) % 18) : 99},99`];
};

const attach: Command = (device, call) => {
  if (call.form === 'read') return [`+CGATT: ${[1, 5].includes(device.radio.stat('+CGREG')) ? 1 : 0}`];
  return call.form === 'test' ? ['+CGATT: (0,1)'] : OK;
};

export const networkCommands: Readonly<Record<string, Command>> = {
  '+CREG': registration,
  '+CGREG': registration,
  '+CEREG': registration,
  '+COPS': operator,
  '+CSQ': signal,
  '+CGATT': attach,
};
