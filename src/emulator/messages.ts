/** The message commands of 27.005: PDU mode whole, text mode as far as reading and sending a text. */
import { inCharset } from './charset.ts';
import type { Command } from './commands.ts';
import type { Device } from './device.ts';
import { cms, ERROR, OK, type Reply } from './reply.ts';
import type { StoreName } from './settings.ts';
import type { MessageStore, StoredMessage } from './store.ts';
import { splitArguments } from './syntax.ts';
import { readTpdu, SMSC_FIELD } from './tpdu.ts';

const STAT_NAMES = ['REC UNREAD', 'REC READ', 'STO UNSENT', 'STO SENT', 'ALL'] as const;
const MAX_TPDU_OCTETS = 176;

/** A command that needs a usable SIM; its test form does not. */
function withSim(command: Command): Command {
  return (device, call) => (call.form === 'test' ? null : device.refuseMessages()) ?? command(device, call);
}

/** The memory that reading and deleting uses now. */
function readMemory(device: Device): { name: StoreName; store: MessageStore } {
  const name = device.settings.memories[0];
  // With SIM trouble every command here is refused before, so SM is there.
  return { name, store: device.store(name) ?? device.memory };
}

const memories: Command = (device, call) => {
  const { settings } = device;
  if (call.form === 'test') return ['+CPMS: ("SM","ME"),("SM","ME"),("SM","ME")'];
  const usage = (name: StoreName) => {
    const store = device.store(name);
    return `${store?.used ?? 0},${store?.capacity ?? 0}`;
  };
  if (call.form === 'read') {
    return [`+CPMS: ${settings.memories.map((name) => `"${name}",${usage(name)}`).join(',')}`];
  }
  if (call.form !== 'set') return ERROR;
  const wanted = splitArguments(call.args).map((name) => name.toUpperCase());
  if (wanted.length < 1 || wanted.length > 3 || !wanted.every(isStoreName)) return cms(302);
  for (const [i, name] of wanted.entries()) settings.memories[i] = name;
  device.line.afterwards(() => device.memoryAvailable());
  return [`+CPMS: ${settings.memories.map(usage).join(',')}`];
};

function isStoreName(name: string): name is StoreName {
  return name === 'SM' || name === 'ME';
}

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
  for (const [i, value] of wanted.entries()) if (value !== '') settings.cnmi[i] = Number(value);
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
  const index = indexOf(call.args);
  if (!store.has(index)) return cms(321);
  const message = store.get(index);
  if (message === undefined) return device.persona.emptySlot === 'ok' ? OK : cms(321);
  const lines = show(device, message, false);
  device.markRead(name, message);
  return lines;
};

function indexOf(argument: string): number {
  return /^\d{1,5}$/.test(argument) ? Number(argument) : -1;
}

/** The header and body lines of +CMGL (with the index) or +CMGR. */
function show(device: Device, message: StoredMessage, listed: boolean): string[] {
  const head = listed ? `+CMGL: ${message.index},` : '+CMGR: ';
  if (!device.settings.textMode) {
    // 27.005 §4.1: the length counts the TPDU alone.
    return [`${head}${message.stat},,${message.tpdu.length / 2}`, SMSC_FIELD + message.tpdu];
  }
  const tpdu = readTpdu(message.tpdu);
  const stat = `"${STAT_NAMES[message.stat]}"`;
  const from = inCharset.write(device, tpdu?.address ?? '');
  const scts = tpdu?.scts ? `,"${tpdu.scts}"` : '';
  // 27.005 §3.1 <data>: hex for UCS-2 and 8-bit whatever the character set.
  const body =
    tpdu === null || tpdu.text === null || (tpdu.dcs & 0x0c) === 8
      ? (tpdu?.dataHex ?? message.tpdu)
      : inCharset.write(device, tpdu.text);
  return [`${head}${stat},"${from}",${scts}`, body];
}

const erase: Command = (device, call) => {
  const { name, store } = readMemory(device);
  if (call.form === 'test') {
    const indices = store.list().map((message) => message.index);
    return [`+CMGD: (${indices.join(',')}),(0-4)`];
  }
  if (call.form !== 'set') return ERROR;
  const [index = '', flag = '0'] = splitArguments(call.args);
  if (!/^[0-4]$/.test(flag)) return cms(302);
  if (flag === '0') {
    if (!store.has(indexOf(index))) return cms(321);
    device.deleteMessage(name, indexOf(index));
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

const send: Command = (device, call): Reply => {
  if (call.form === 'test') return OK;
  if (call.form !== 'set') return ERROR;
  if (!device.registered) return cms(331);
  if (device.settings.smsc === '') return cms(330);
  if (device.settings.textMode) {
    const to = inCharset.read(device, splitArguments(call.args)[0] ?? '');
    if (!/^\+?[0-9*#]{1,20}$/.test(to)) return cms(305);
    return { onText: (text) => [`+CMGS: ${device.sendText(to, inCharset.read(device, text))}`] };
  }
  const length = indexOf(call.args);
  if (length < 1 || length > MAX_TPDU_OCTETS) return cms(304);
  return { onText: (text) => sendPdu(device, text.trim().toUpperCase(), length) };
};

function sendPdu(device: Device, pdu: string, length: number): Reply {
  if (!/^([0-9A-F]{2})+$/.test(pdu)) return cms(304);
  const smscOctets = 1 + Number.parseInt(pdu.slice(0, 2), 16);
  const tpdu = pdu.slice(smscOctets * 2);
  // Only a SUBMIT (MTI 1) goes this way; the length must be the one announced (27.005 §4.3).
  if (tpdu.length !== length * 2 || (Number.parseInt(tpdu.slice(0, 2), 16) & 3) !== 1) return cms(304);
  return [`+CMGS: ${device.sendTpdu(tpdu)}`];
}

const serviceCentre: Command = (device, call) => {
  if (call.form === 'test') return OK;
  const { settings } = device;
  if (call.form === 'read') {
    return [
      `+CSCA: "${inCharset.write(device, settings.smsc)}",${settings.smsc.startsWith('+') ? 145 : 129}`,
    ];
  }
  const smsc = inCharset.read(device, splitArguments(call.args)[0] ?? '');
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

export const messageCommands: Readonly<Record<string, Command>> = {
  '+CPMS': withSim(memories),
  '+CNMI': newMessages,
  '+CMGF': format,
  '+CMGL': withSim(list),
  '+CMGR': withSim(read),
  '+CMGD': withSim(erase),
  '+CMGS': withSim(send),
  '+CSCA': withSim(serviceCentre),
  '+CSMS': service,
  '+CSMP': textParameters,
  '+CSDH': headerDetails,
  '+CNMA': () => OK,
};
