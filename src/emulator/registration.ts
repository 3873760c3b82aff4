/** Registration, operator and signal (27.007 clauses 7.2, 7.3, 8.5, 10.1). */
import { inCharset } from './charset.ts';
import type { Command } from './commands.ts';
import type { Device } from './device.ts';
import { cme, ERROR, OK } from './reply.ts';
import { splitArguments } from './syntax.ts';

/** 27.007 §7.3 <format>: long and short name, and the test network's code. */
const OPERATOR = ['Emulated Network', 'EMU', '00101'] as const;
/** 27.007 §7.3 <AcT>: 7 is E-UTRAN. */
const ACCESS = 7;

const registration: Command = (device, call) => {
  const n = device.settings.registration.get(call.name) ?? 0;
  switch (call.form) {
    case 'read': {
      const stat = device.registered ? 1 : 0;
      const place = n === 2 && device.registered ? `,"0001","${cellOf(device)}",${ACCESS}` : '';
      return [`${call.name}: ${n},${stat}${place}`];
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

function cellOf(device: Device): string {
  return (0xa0000 + device.index).toString(16).toUpperCase().padStart(8, '0');
}

const operator: Command = (device, call) => {
  const name = (format: number) =>
    `"${format === 2 ? OPERATOR[2] : inCharset.write(device, OPERATOR[format] ?? '')}"`;
  switch (call.form) {
    case 'read': {
      const { copsFormat } = device.settings;
      if (!device.registered) return [`+COPS: ${device.deregistered ? 2 : 0}`];
      return [`+COPS: 0,${copsFormat},${name(copsFormat)},${ACCESS}`];
    }
    case 'test':
      return [`+COPS: (2,${name(0)},${name(1)},${name(2)},${ACCESS}),,(0-4),(0-2)`];
    case 'set': {
      const [mode, format] = splitArguments(call.args);
      if (mode === '3') {
        if (!['0', '1', '2'].includes(format ?? '')) return cme(50);
        device.settings.copsFormat = Number(format);
        return OK;
      }
      if (!['0', '1', '2', '4'].includes(mode ?? '')) return cme(50);
      device.deregistered = mode === '2';
      device.line.afterwards(() => device.updateRegistration());
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
  if (call.form === 'read') return [`+CGATT: ${device.registered ? 1 : 0}`];
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
