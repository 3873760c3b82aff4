/** The message commands of 27.005 but for sending: PDU mode whole, text mode as far as reading a text. */
import type { Command } from './commands.ts';
import type { Device } from './device.ts';
import { cms, ERROR, OK, type Reply } from './reply.ts';
import type { MessageStore, StoredMessage } from './store.ts';
import { concatenationOf } from './submit.ts';
import { splitArguments } from './syntax.ts';
import { readTpdu, SMSC_FIELD } from './tpdu.ts';

const STAT_NAMES = ['REC UNREAD', 'REC READ', 'STO UNSENT', 'STO SENT', 'ALL'] as const;

/** A command that needs a usable SIM; its test form does not. */
function withSim(command: Command): Command {
  return (device, call) => (call.form === 'test' ? null : device.refuseMessages()) ?? command(device, call);
}

/** The memory that reading and deleting uses now. */
function readMemory(device: Device): { name: string; store: MessageStore } {
  const name = device.settings.memories[0];
  // With SIM trouble every command here is refused before, so SM is there.
  return { name, store: device.store(name)! };
}

const memories: Command = (device, call) => {
  const { settings, persona } = device;
  if (call.form === 'test') return persona.cpms.test;
  const usage = (name: string) => {
    const store = device.store(name);
    return `${store?.used ?? 0},${store?.capacity ?? 0}`;
  };
  const shown = settings.memories.slice(0, Math.max(...persona.named));
  if (call.form === 'read') {
    return [`+CPMS: ${shown.map((name) => `"${name}",${usage(name)}`).join(',')}`];
  }
  if (call.form !== 'set') return ERROR;
  const wanted = splitArguments(call.args).map((name) => name.toUpperCase());
  if (!persona.named.includes(wanted.length)) return cms(302);
  if (!wanted.every((name, i) => persona.cpms.names[i]?.includes(name))) return cms(302);
  for (const [i, name] of wanted.entries()) settings.memories[i] = name;
  // Where only two can be named, received messages go to the second (27.005 §3.2.2 of phase 1).
  if (shown.length < 3) settings.memories[2] = settings.memories[shown.length - 1] ?? persona.memory;
  device.line.afterwards(() => device.memoryAvailable());
  return [`+CPMS: ${settings.memories.slice(0, shown.length).map(usage).join(',')}`];
};

const newMessages: Command = (device, call) => {
  const { settings, persona } = device;
  if (call.form === 'test') return [`+CNMI: ${persona.cnmiRange}`];
  if (call.form === 'read') return [`+CNMI: ${settings.cnmi.join(',')}`];
  if (call.form !== 'set') return ERROR;
  const ranges = persona.cnmiRange.match(/\([^)]*\)/g) ?? [];
  const wanted = splitArguments(call.args);
  if (wanted.length < 1 || wanted.length > ranges.length) return cms(302);
  // A parameter left out, between commas or at the end, keeps its value (27.007 §4.1).
  for (const [i, value] of wanted.entries()) {
    if (value !== '' && !inRange(value, ranges[i] ?? '')) return cms(302);
  }
  const values = settings.cnmi.map((kept, i) => (wanted[i] ? Number(wanted[i]) : kept));
  if (persona.cnmiRefused?.test(values.join(','))) return cms(303);
  settings.cnmi = values;
  return OK;
};

/** Whether a number is in a list such as `(0-2,4)`. */
function inRange(value: string, range: string): boolean {
  if (!/^\d+$/.test(value)) return false;
  return range
    .slice(1, -1)
    .split(',')
    .some((part) => {
      const [low = '', high = low] = part.split('-');
      return Number(value) >= Number(low) && Number(value) <= Number(high);
    });
}

const format: Command = (device, call) => {
  if (call.form === 'test') return ['+CMGF: (0,1)'];
  if (call.form === 'read') return [`+CMGF: ${device.settings.textMode ? 1 : 0}`];
  if (call.form !== 'set' || !['', '0', '1'].includes(call.args)) return cms(302);
  device.settings.textMode = call.args === '1';
  return OK;
};

const list: Command = (device, call) => {
  const { textMode } = device.settings;
  if (call.form === 'test') return [textMode ? `+CMGL: ("${STAT_NAMES.join('","')}")` : '+CMGL: (0-4)'];
  if (call.form === 'read') return ERROR;
  const wanted = call.form === 'run' ? 0 : statOf(splitArguments(call.args)[0] ?? '', textMode);
  if (wanted === null) return cms(textMode ? 305 : 304);
  const { name, store } = readMemory(device);
  const lines: string[] = [];
  for (const message of store.list()) {
    if (wanted !== 4 && message.stat !== wanted) continue;
    lines.push(...show(device, message, true));
    device.markRead(name, message);
  }
  device.reception.listed();
  return lines;
};

function statOf(argument: string, textMode: boolean): number | null {
  if (!textMode) return /^[0-4]$/.test(argument) ? Number(argument) : null;
  const stat = (STAT_NAMES as readonly string[]).indexOf(argument.toUpperCase());
  return stat < 0 ? null : stat;
}

const read: Command = (device, call) => {
  if (call.form === 'test') return OK;
  if (call.form !== 'set') return ERROR;
  const { name, store } = readMemory(device);
  const place = device.placeOf(numberOf(call.args));
  if (!store.has(place)) return cms(321);
  const message = store.get(place);
  if (message === undefined) return empty(device);
  const lines = show(device, message, false);
  device.markRead(name, message);
  return lines;
};

function numberOf(argument: string): number {
  return /^\d{1,5}$/.test(argument) ? Number(argument) : Number.NaN;
}

function empty(device: Device): Reply {
  switch (device.faults.emptySlot ?? device.persona.emptySlot) {
    case 'ok':
      return OK;
    case 'refused':
      return cms(321);
    case 'zero':
      return ['+CMGR: 0,,0'];
    case '00':
      return ['+CMGR: 0,,0', '00'];
  }
}

/** The header and body lines of +CMGL (with the index) or +CMGR. */
function show(device: Device, message: StoredMessage, listed: boolean): string[] {
  const head = listed ? `+CMGL: ${device.shown(message.index)},` : '+CMGR: ';
  if (!device.settings.textMode) {
    // 27.005 §4.1: the length counts the TPDU alone.
    return [
      `${head}${message.stat},,${message.tpdu.length / 2}`,
      SMSC_FIELD + message.tpdu + (device.faults.pduTail ?? device.persona.pduTail),
    ];
  }
  const tpdu = readTpdu(message.tpdu);
  const stat = `"${STAT_NAMES[message.stat]}"`;
  const from = device.write(tpdu?.address ?? '');
  const century = device.persona.yearDigits === 4 ? '20' : '';
  const scts = tpdu?.scts ? `,"${century}${tpdu.scts}"` : '';
  // 27.005 §3.1 <data>: hex for UCS-2 and 8-bit whatever the character set.
  const body =
    tpdu === null || tpdu.text === null || (tpdu.dcs & 0x0c) === 8
      ? (tpdu?.dataHex ?? message.tpdu)
      : device.write(tpdu.text);
  return [`${head}${stat},"${from}",${scts}`, body];
}

const erase: Command = (device, call) => {
  const { name, store } = readMemory(device);
  if (call.form === 'test') {
    const indices = store.list().map((message) => device.shown(message.index));
    return [`+CMGD: (${indices.join(',')}),(0-4)`];
  }
  if (call.form !== 'set') return ERROR;
  const [index = '', flag = '0'] = splitArguments(call.args);
  if (!/^[0-4]$/.test(flag)) return cms(302);
  if (flag === '0') {
    const place = device.placeOf(numberOf(index));
    if (!store.has(place)) return cms(321);
    if (device.faults.deletesSiblings || device.persona.deletesSiblings) {
      deleteSiblings(device, name, store.get(place));
    }
    device.deleteMessage(name, place);
  } else {
    // 27.005 §3.5.4 <delflag>: 1 read, 2 and sent, 3 and unsent, 4 all.
    const stats = [[], [1], [1, 3], [1, 2, 3], [0, 1, 2, 3]][Number(flag)] ?? [];
    for (const message of store.list()) {
      if (stats.includes(message.stat)) device.deleteMessage(name, message.index);
    }
  }
  device.line.afterwards(() => device.memoryAvailable());
  return OK;
};

/** The other parts of a long message go, too (SIM600 class). */
function deleteSiblings(device: Device, name: string, message: StoredMessage | undefined): void {
  const keyOf = (tpdu: string): string | null => {
    const read = readTpdu(tpdu);
    return read === null ? null : concatenationOf(read);
  };
  const key = keyOf(message?.tpdu ?? '');
  for (const other of key === null ? [] : (device.store(name)?.list() ?? [])) {
    if (other !== message && keyOf(other.tpdu) === key) device.deleteMessage(name, other.index);
  }
}

const serviceCentre: Command = (device, call) => {
  if (call.form === 'test') return OK;
  const { settings } = device;
  if (call.form === 'read') {
    return [`+CSCA: "${device.write(settings.smsc)}",${settings.smsc.startsWith('+') ? 145 : 129}`];
  }
  const smsc = device.read(splitArguments(call.args)[0] ?? '');
  if (call.form !== 'set' || !/^\+?\d{0,20}$/.test(smsc)) return cms(302);
  settings.smsc = smsc;
  return OK;
};

const service: Command = (device, call) => {
  if (call.form === 'test') return ['+CSMS: (0,1)'];
  if (call.form === 'read') return [`+CSMS: ${device.settings.csms},1,1,1`];
  if (call.form !== 'set' || !['0', '1'].includes(call.args)) return cms(302);
  device.settings.csms = Number(call.args);
  return ['+CSMS: 1,1,1'];
};

const textParameters: Command = (device, call) => {
  if (call.form === 'test') return OK;
  if (call.form === 'read') return [`+CSMP: ${device.settings.csmp}`];
  if (call.form !== 'set') return ERROR;
  device.settings.csmp = call.args;
  return OK;
};

const headerDetails: Command = (device, call) => {
  if (call.form === 'test') return ['+CSDH: (0,1)'];
  if (call.form === 'read') return [`+CSDH: ${device.settings.csdh}`];
  if (call.form !== 'set' || !['0', '1'].includes(call.args)) return cms(302);
  device.settings.csdh = Number(call.args);
  return OK;
};

/** 27.005 §3.4.4: needs +CSMS=1, and a message that came over the line. */
const acknowledge: Command = (device, call) => {
  if (call.form === 'test') return ['+CNMA: (0-2)'];
  return device.reception.acknowledge() ? OK : cms(340);
};

export const messageCommands: Readonly<Record<string, Command>> = {
  '+CPMS': withSim(memories),
  '+CNMI': newMessages,
  '+CMGF': format,
  '+CMGL': withSim(list),
  '+CMGR': withSim(read),
  '+CMGD': withSim(erase),
  '+CSCA': withSim(serviceCentre),
  '+CSMS': service,
  '+CSMP': textParameters,
  '+CSDH': headerDetails,
  '+CNMA': acknowledge,
};
