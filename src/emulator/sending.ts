/** Sending (27.005 clause 3.5): what a client gives to the modem, and what becomes of it. */
import type { Command } from './commands.ts';
import type { Device } from './device.ts';
import { cms, ERROR, OK, type Reply, SILENCE } from './reply.ts';
import { splitArguments } from './syntax.ts';
import { draftDeliver, finishDraft, readTpdu } from './tpdu.ts';

export interface SentMessage {
  readonly to: string;
  /** Null for 8-bit data. */
  readonly text: string | null;
  readonly reference: number;
  readonly report: boolean;
  /** Null when it was given in text mode. */
  readonly tpdu: string | null;
}

const SENT_KEPT = 64;
const MAX_TPDU_OCTETS = 176;

const send: Command = (device, call): Reply => {
  if (call.form === 'test') return OK;
  const refusal = device.refuseMessages();
  if (refusal !== null) return refusal;
  if (call.form !== 'set') return ERROR;
  if (!device.radio.registered) return cms(331);
  if (device.settings.smsc === '') return cms(330);
  const [first = ''] = splitArguments(call.args);
  if (device.settings.textMode) {
    const to = device.read(first);
    if (!/^\+?[0-9*#]{1,20}$/.test(to)) return cms(305);
    return { onText: (text) => give(device, { to, text: device.read(text), report: false, tpdu: null }) };
  }
  const length = /^\d{1,3}$/.test(first) ? Number(first) : 0;
  if (length < 1 || length > MAX_TPDU_OCTETS) return cms(304);
  return { onText: (text) => sendPdu(device, text.trim().toUpperCase(), length) };
};

function sendPdu(device: Device, pdu: string, length: number): Reply {
  if (!/^([0-9A-F]{2})+$/.test(pdu)) return cms(304);
  const smscOctets = 1 + Number.parseInt(pdu.slice(0, 2), 16);
  const tpdu = pdu.slice(smscOctets * 2);
  // Only a SUBMIT (MTI 1) goes this way; the length must be the one announced (27.005 §4.3).
  if (tpdu.length !== length * 2 || (Number.parseInt(tpdu.slice(0, 2), 16) & 3) !== 1) return cms(304);
  const read = readTpdu(tpdu);
  return give(device, {
    to: read?.address ?? '',
    text: read?.text ?? null,
    report: read?.report ?? false,
    tpdu,
  });
}

/** Gives it to the network, or does what a fault wants instead. */
function give(device: Device, message: Omit<SentMessage, 'reference'>): Reply {
  const { faults } = device;
  const { sending } = faults;
  if (sending === 'hang') return SILENCE;
  if (sending !== null && sending !== 'lost') {
    const { error, times = 1 } = sending;
    faults.sending = times > 1 ? { error, times: times - 1 } : null;
    return cms(error);
  }
  const reference = taken(device, message);
  if (sending === null) return [`+CMGS: ${reference}`];
  faults.sending = null;
  device.restart('crash');
  return SILENCE;
}

/** The network has it; its reference (23.040 §9.2.3.6). */
function taken(device: Device, message: Omit<SentMessage, 'reference'>): number {
  const { journal, network, sent, sim } = device;
  const reference = journal.counters.sent & 0xff;
  journal.add('sent', '', reference, message.tpdu ?? '');
  sent.push({ ...message, reference });
  if (sent.length > SENT_KEPT) sent.shift();
  if (sim === null) return reference;
  const submit = message.tpdu === null ? null : readTpdu(message.tpdu);
  if (submit !== null) network.submit(sim, submit, reference);
  // Text mode: the modem writes the TPDU, and a DELIVER of the same text says as much.
  else if (message.text !== null) {
    const draft = draftDeliver({ from: message.to, text: message.text }, 0);
    const plain = readTpdu(finishDraft(draft, 0)[0] ?? '');
    if (plain !== null) network.submit(sim, plain, reference);
  }
  return reference;
}

export const sendingCommands: Readonly<Record<string, Command>> = { '+CMGS': send };
